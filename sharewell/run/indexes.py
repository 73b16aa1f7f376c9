"""Standing indexes in a workspace: where each lies, how it is opened, and the keys by which it is read.

    .sharewell/places/LINKER/AGREEMENT/index/UNIT.duckdb      the index, at the linker that keeps it
    .sharewell/places/LINKER/AGREEMENT/index/superseded-*     for each who reads it: keys that now forward

All of it lies under the agreement's own keys, so that destroying the agreement destroys its index. An id
of an index leaves this module only as a key of the agreement that asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..agree.flow import Unit
from ..errors import LinkError, Problem
from ..plan.steps import Link

if TYPE_CHECKING:
    import pyarrow as pa

    from ..agree.document import Agreement
    from ..link import Settings
    from ..link.index import PersonIndex
    from ..workspace import Workspace

FOLDER = "index"
"""Beside the folders of the runs, and of no run: what ends with a run leaves it alone."""


def kept_units(agreement: Agreement) -> dict[str, Unit]:
    """The units of which an agreement keeps an index."""
    return {name: unit for name, unit in agreement.text.link.items() if unit.standing}


def index_path(space: Workspace, agreement: str, unit: str, place: str) -> Path:
    """Where an index lies, built or not."""
    return space.kept / "places" / place / agreement / FOLDER / f"{unit}.duckdb"


def is_built(space: Workspace, agreement: Agreement, unit: str) -> bool:
    """Whether there is an index to read: it was built to the end, and its key was not destroyed since."""
    told = agreement.text.link.get(unit)
    if told is None or not told.standing or not space.keyring.holds(agreement.name):
        return False
    linked = space.account.events(agreement=agreement.name, kind=EventKind.LINK_FINISHED)
    built = any(event.facts["unit"] == unit and "index" in event.facts for event in linked)
    return built and index_path(space, agreement.name, unit, told.at).exists()


@contextmanager
def opened(
    space: Workspace, agreement: str, unit: str, place: str, *, create: bool = False
) -> Iterator[PersonIndex]:
    """The index of a unit, open until the block ends.

    Raises LinkError UNBUILT where there is none (unless `create`), BUSY where another process has it, and
    SecretError where the agreement's secret was destroyed.
    """
    from ..depersonalise import Use
    from ..link.index import PersonIndex

    path = index_path(space, agreement, unit, place)
    if not create and not path.exists():
        what, fix = f"{agreement} has no index of {unit} yet", f"sharewell link run {agreement}"
        raise LinkError(Problem("UNBUILT", what, "there is nothing to read", fix))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, secret = (space.keyring.secret(agreement, use) for use in (Use.INDEX, Use.LINK))
    with PersonIndex.open(path, key=key, secret=secret) as index:
        yield index


@contextmanager
def copied(space: Workspace, agreement: str, unit: str, place: str, to: Path) -> Iterator[PersonIndex]:
    """A copy of an index under its own key, to be told what the index must not keep; gone at the end.

    Raises as `opened` does.
    """
    import shutil

    from ..depersonalise import Use
    from ..link.index import PersonIndex

    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, secret = (space.keyring.secret(agreement, use) for use in (Use.INDEX, Use.LINK))
    with opened(space, agreement, unit, place):
        pass  # as it closes, its journal is written into its file
    try:
        with opened(space, agreement, unit, place):  # while it is held, nobody else writes to it
            shutil.copyfile(index_path(space, agreement, unit, place), to)
        with PersonIndex.open(to, key=key, secret=secret) as index:
            yield index
    finally:
        for path in (to, to.with_name(f"{to.name}.wal")):
            path.unlink(missing_ok=True)


def settings_of(step: Link, secret: bytes) -> Settings:
    """The settings that an agreement writes for a unit."""
    from ..link import Settings

    return Settings.of(secret, step.linker, step.parameters.plain())


def linked_keys(space: Workspace, agreement: str, unit: str, persons: pa.ChunkedArray) -> pa.ChunkedArray:
    """What one agreement calls persons of an index outside `link`: HMAC under its linking secret.

    It is keyed once more before it reaches the host, as every linked record is.
    """
    from ..depersonalise import Use, key_column

    return key_column(persons.cast("string"), space.keyring.secret(agreement, Use.LINK), f"index:{unit}")


def host_keys(space: Workspace, agreement: str, unit: str, persons: pa.ChunkedArray) -> pa.ChunkedArray:
    """The keys by which the host of one agreement knows persons of an index."""
    from ..depersonalise import Use, key_column

    linked = linked_keys(space, agreement, unit, persons)
    return key_column(linked, space.keyring.secret(agreement, Use.PERSON_KEY), unit)


def by_source(table: pa.Table) -> dict[str, dict[str, int]]:
    """For each source of (source, person): its records, and how many are of somebody in another source."""
    import pyarrow.compute as pc

    wide = table.group_by("person").aggregate([("source", "count_distinct")])
    shared = wide.filter(pc.greater(wide["source_count_distinct"], 1))["person"].combine_chunks()
    both = table.append_column("elsewhere", pc.is_in(table["person"], shared))
    counts = both.group_by("source").aggregate([([], "count_all"), ("elsewhere", "sum")]).sort_by("source")
    return {
        row["source"]: {"records": row["count_all"], "linked_elsewhere": int(row["elsewhere_sum"] or 0)}
        for row in counts.to_pylist()
    }
