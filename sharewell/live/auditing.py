"""A release checked again by the independent program, and attacked anew, from its folder alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..errors import DataError, DocumentError, Problem, among
from .releases import Release, read_release

if TYPE_CHECKING:
    import pyarrow as pa

    from ..check.intruder.played import Played
    from ..plan.released import CheckedTable
    from ..workspace import Workspace

_MALFORMED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a certificate that somebody changed makes a program stumble over, which trusts its types."""


@dataclass(frozen=True)
class Audited:
    """What the auditor found of one product: how many withheld figures it looked at, and every fault.

    `certified`: whether the release says what to hold it to; where it does not, only its files were
    compared, with their sums and with one another.
    """

    product: str
    tables: int
    cells: int
    faults: tuple[str, ...]
    certified: bool = True


@dataclass(frozen=True)
class Audit:
    """A whole release. `changed`: files that are not as written; `account`: what the account says of it,
    empty where no workspace was asked; `holds`: whether there is no fault anywhere."""

    release: Release
    products: tuple[Audited, ...]
    account: str = ""
    known: bool = True

    @property
    def holds(self) -> bool:
        return self.known and not self.release.changed and not any(each.faults for each in self.products)


def find_folders(space: Workspace, named: str) -> tuple[Path, ...]:
    """The folders of a release: a path as it stands, or all of AGREEMENT/RUN of this workspace, reports
    and lists, whoever has them. DocumentError where there is none."""
    if Path(named).is_dir():
        return (Path(named),)
    held: dict[str, list[Path]] = {}
    for folder in sorted((space.kept / "releases").glob("*/*/*")):
        held.setdefault(f"{folder.parent.name}/{folder.name}", []).append(folder)
    for folder in sorted((space.kept / "outbox").glob("*/*/*/*")):
        held.setdefault(f"{folder.parents[1].name}/{folder.parent.name}", []).append(folder)
    if named in held:
        return tuple(dict.fromkeys(held[named]))
    what, why = f"there is no release {named!r}", "a release is its folder, or AGREEMENT/RUN"
    raise DocumentError(Problem("RELEASE", what, why, among(named, sorted(held))))


def audit_release(folder: Path, space: Workspace | None = None) -> Audit:
    """Hold a release to its certificate, its sums and, where a workspace is given, to the account.

    DocumentError where it is no release, DataError for a table or certificate that cannot be read.
    """
    release = read_release(folder)
    tables = sorted({*release.tables, *release.certificates} - set(release.rows))
    products = (*(_audited(release, name) for name in tables), *_audited_rows(release))
    if space is None:
        return Audit(release, products)
    known, account = _in_account(release, space)
    return Audit(release, products, account, known)


def _audited(release: Release, product: str) -> Audited:
    from ..check import Certificate, audit
    from ..release import tabular

    tables = release.tables.get(product, ())
    said = {table.name: tabular.csv(table) for table in tables}
    texts = sorted((release.folder / "tables" / product).glob("*.csv")) if product in release.tables else []
    other = tuple(f"{text.name} is not what the Parquet says" for text in texts if not _same(text, said))
    told = release.certificates.get(product)
    if told is None:  # a list's counts: judged with the figures on data
        return Audited(product, len(tables), 0, other, certified=False)
    try:
        verdict = audit(tables, Certificate.from_mapping(told))
    except _MALFORMED:
        return Audited(product, len(tables), 0, ("its certificate cannot be read", *other))
    cells = sum(table.cells for table in verdict.tables)
    return Audited(product, len(tables), cells, (*verdict.faults, *other))


def _audited_rows(release: Release) -> Iterator[Audited]:
    """Rows about coded people are counted again; of rows about named people there is nothing to count."""
    from ..check.auditor.rows import audit_rows
    from ..release import tabular

    for name, rows in release.rows.items():
        alike = release.certificates.get(name, {}).get("alike")
        try:
            faults = audit_rows(rows, alike).faults if alike else ()
        except _MALFORMED:
            faults = ("its certificate cannot be read",)
        text = release.folder / f"{name}.csv"
        if text.exists() and not _same(text, {name: tabular.csv_of_rows(rows)}):
            faults = (*faults, f"{text.name} is not what the Parquet says")
        yield Audited(name, 1, 0, tuple(faults), certified=bool(alike))


def _same(text: Path, said: Mapping[str, bytes]) -> bool:
    """Whether a CSV file, which is what people read, says what was made of the Parquet that was audited.
    Cells are compared, not bytes, so that how another version quotes them is no fault."""
    try:
        return text.stem in said and _cells(text.read_bytes()) == _cells(said[text.stem])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def _cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def _in_account(release: Release, space: Workspace) -> tuple[bool, str]:
    """Whether the account knows these very bytes as released, and whether they still stand. A list about
    named people does not say of which run it is, so that it is sought among all."""
    agreement, run = release.agreement or None, release.run or None
    released = space.account.events(agreement=agreement, run=run, kind=EventKind.RELEASE_RELEASED)
    mine = [event for event in released if event.facts["digest"] == release.digest]
    if not mine:
        return False, "The account knows of no release with this content."
    ended = {EventKind.RELEASE_WITHDRAWN, EventKind.RELEASE_RECALLED}
    held = {(event.facts["product"], event.facts["recipient"]) for event in mine}
    since = [
        f"{event.facts['product']} was {str(event.kind).rpartition('.')[2]} by event {event.index}"
        for event in space.account.events(agreement=mine[0].agreement, run=mine[0].run)
        if event.kind in ended
        and event.index > mine[0].index
        and (event.facts["product"], event.facts["recipient"]) in held
    ]
    return True, f"{'; '.join((f'The account holds it as event {mine[0].index}', *since))}."


def attack_release(folder: Path, on: date) -> dict[str, Played]:
    """Attack every product with what its folder alone tells: tables, and rows about coded people.

    Raises as `audit_release`; DataError CERTIFICATE where it does not say how the figures were made.
    """
    release = read_release(folder)
    found = {}
    for product, told in release.certificates.items():
        name = f"{product} of {release.agreement}, run {release.run}"
        try:
            if product in release.rows:
                played = _attack_rows(release.rows[product], told, name, on)
            else:
                played = _attack_tables(release.tables.get(product, ()), told, name, on)
        except _MALFORMED:
            what = f"the certificate of {product} cannot be read"
            raise DataError(
                Problem("CERTIFICATE", what, "it was changed, or cut short", "fetch the release again")
            ) from None
        if played is not None:
            found[product] = played
    return found


def _attack_tables(
    tables: tuple[CheckedTable, ...], told: Mapping[str, Any], name: str, on: date
) -> Played | None:
    """None where there is no table, or noise or cell keys answer for all."""
    from ..check.intruder.play import play_tables
    from ..run.attacking import making_of, within_of

    policy: Mapping[str, Any] = told["policy"]
    within = within_of(policy)
    if within is None or not tables:
        return None
    width = policy["minimum"] if policy["width"] is None else policy["width"]
    making = {entry["table"]: making_of(entry, within) for entry in told["tables"]}
    return play_tables(tables, name=name, on=on, width=width, making=making)


def _attack_rows(rows: pa.Table, told: Mapping[str, Any], name: str, on: date) -> Played | None:
    """None where nothing is said of anybody but their code."""
    from ..check.intruder.play import play

    codes, alike = list(told["unique_by"]), told.get("alike") or {}
    sensitive = list(alike.get("sensitive", ()))
    columns = [column for column in rows.column_names if column not in (*codes, *sensitive)]
    if not columns or not rows.num_rows:
        return None
    subject = next(iter(codes), None)
    return play(rows, name=name, on=on, columns=columns, sensitive=sensitive, subject=subject)
