"""Building a county: base stages, then each service from its own stream, then the truth."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ..errors import DataError, Problem
from .base import County, Reference, Service, Truth, found
from .effects import Effects
from .outlines import PATH
from .planted import Ledger, link_rows, planted
from .services import SERVICES, chosen
from .streams import stream
from .writing import File, Shelf

MOST_PEOPLE = 5_000_000
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Built:
    """A county on disk: where, of which size and seed, which services, and every file in it."""

    folder: Path
    people: int
    seed: int
    services: tuple[str, ...]
    files: tuple[File, ...]

    @property
    def rows(self) -> int:
        """Rows of all assets, the truth apart."""
        return sum(file.rows for file in self.files if file.path.startswith("data/"))


def build(
    folder: Path,
    *,
    people: int = 10_000,
    seed: int = 1,
    services: Sequence[str] | None = None,
    effects: Effects | None = None,
    progress: Progress | None = None,
) -> Built:
    """Write the county of this size and seed to `folder/data` and what is true of it to `folder/truth`.

    The files are the same bytes for the same `people`, `seed` and `effects`, whichever other `services` are
    built (None: all). They replace a county that stood there; until all are ready nothing is touched.
    `progress(what, share)` is told what was finished and how much of the whole that is.

    Raises UnknownName for a service that does not exist, DataError for a size out of bounds, StorageError
    if it cannot be written.
    """
    wanted = chosen(services)
    if not 100 <= people <= MOST_PEOPLE:
        raise DataError(
            Problem("SIZE", f"a county of {people} people", fix=f"choose from 100 to {MOST_PEOPLE} people")
        )
    tell = progress or (lambda what, share: None)
    county = found(people, seed, effects or Effects())
    tell("people and places", 0.15)
    folder = Path(folder)
    with Shelf(folder) as shelf:
        ledger, links = Ledger(county), list[pa.Table]()
        for number, service in enumerate(wanted):
            _keep(county, service, shelf, ledger, links)
            tell(service.name, 0.15 + 0.75 * (number + 1) / len(wanted))
        _tell_truth(county, shelf, ledger, links)
        _clear(folder)
    tell("truth", 1.0)
    return Built(folder, people, seed, tuple(service.name for service in wanted), tuple(shelf.files))


def path_of(asset: str) -> str:
    """Where an asset lies in the county's folder, as its contract says."""
    return f"data/{asset.replace('.', '/')}.parquet"


def _keep(county: County, service: Service, shelf: Shelf, ledger: Ledger, links: list[pa.Table]) -> None:
    for part in service.keep(county, stream(service.name, county.seed)):
        if isinstance(part, Truth):
            shelf.add(f"truth/{part.name}.parquet", part.table)
            continue
        if isinstance(part, Reference):
            shelf.put(part.path, part.content)
            continue
        shelf.add(path_of(part.asset), part.table)
        if part.identity:
            links.append(link_rows(county, part.asset, part.table, part.person, part.household))
        if part.person is not None and {"point_of_care", "cost"} <= set(part.table.column_names):
            ledger.add(part.table, part.person)
    for asset in service.assets:
        shelf.close(path_of(asset))


def _tell_truth(county: County, shelf: Shelf, ledger: Ledger, links: list[pa.Table]) -> None:
    for truth in planted(county):
        shelf.add(f"truth/{truth.name}.parquet", truth.table)
    for table in links:
        shelf.add("truth/links.parquet", table)
    shelf.add("truth/ledger.parquet", ledger.table())


def _clear(folder: Path) -> None:
    """Take away what a former county left, so that two seeds never lie side by side."""
    shutil.rmtree(folder / "truth", ignore_errors=True)
    (folder / PATH).unlink(missing_ok=True)
    for service in SERVICES:
        for asset in service.assets:
            (folder / path_of(asset)).unlink(missing_ok=True)
