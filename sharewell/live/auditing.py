"""A release checked again by the independent program, and attacked anew, from its folder alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..errors import DocumentError, Problem, among
from .releases import Release, read_release

if TYPE_CHECKING:
    from ..check.intruder.played import Played
    from ..plan.released import CheckedTable
    from ..workspace import Workspace


@dataclass(frozen=True)
class Audited:
    """What the auditor found of one product: how many withheld figures it looked at, and every fault."""

    product: str
    tables: int
    cells: int
    faults: tuple[str, ...]


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


def find_folder(space: Workspace, named: str) -> Path:
    """A release's folder: a path as it stands, or AGREEMENT/RUN of this workspace (any recipient's: they
    hold the same figures). DocumentError where there is none."""
    if Path(named).is_dir():
        return Path(named)
    folder = space.kept / "releases"
    for found in sorted(folder.glob(f"*/{named}")) if ".." not in named and named.count("/") == 1 else ():
        return found
    known = sorted({f"{path.parent.name}/{path.name}" for path in folder.glob("*/*/*") if path.is_dir()})
    what, why = f"there is no release {named!r}", "a release is its folder, or AGREEMENT/RUN"
    raise DocumentError(Problem("RELEASE", what, why, among(named, known)))


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

    tables = release.tables.get(product, ())
    told = release.certificates.get(product)
    if told is None:
        return Audited(product, len(tables), 0, ())  # a list's counts: judged with the figures on data
    try:
        certificate = Certificate.from_mapping(told)
    except (KeyError, TypeError, AttributeError):
        return Audited(product, len(tables), 0, ("its certificate cannot be read",))
    verdict = audit(tables, certificate)
    return Audited(product, len(tables), sum(t.cells for t in verdict.tables), verdict.faults)


def _audited_rows(release: Release) -> Iterator[Audited]:
    """Rows about coded people are counted again; of rows about named people there is nothing to count."""
    from ..check.auditor.rows import audit_rows

    for name, rows in release.rows.items():
        alike = release.certificates.get(name, {}).get("alike")
        faults = audit_rows(rows, alike).faults if alike else ()
        yield Audited(name, 1, 0, tuple(faults))


def _in_account(release: Release, space: Workspace) -> tuple[bool, str]:
    """Whether the account knows these very bytes as released, and whether they still stand."""
    events = list(space.account.events(agreement=release.agreement, run=release.run))
    mine = [
        e for e in events if e.kind is EventKind.RELEASE_RELEASED and e.facts["digest"] == release.digest
    ]
    if not mine:
        return False, "The account knows of no release with this content."
    ended = {EventKind.RELEASE_WITHDRAWN, EventKind.RELEASE_RECALLED}
    after = [e for e in events if e.kind in ended and e.index > mine[0].index]
    since = f", and was ended by event {after[0].index}" if after else ""
    return True, f"The account holds it as event {mine[0].index}{since}."


def attack_release(folder: Path, on: date) -> dict[str, Played]:
    """Attack every product's tables with what its folder alone tells. Raises as `audit_release`."""
    from ..check.intruder.play import play_tables
    from ..run.attacking import making_of, within_of

    release = read_release(folder)
    found = {}
    for product, told in release.certificates.items():
        if product not in release.tables:
            continue
        policy: Mapping[str, Any] = told["policy"]
        within = within_of(policy)
        tables: tuple[CheckedTable, ...] = release.tables[product]
        if within is None:
            continue
        width = policy["minimum"] if policy["width"] is None else policy["width"]
        making = {entry["table"]: making_of(entry, within) for entry in told["tables"]}
        name = f"{product} of {release.agreement}, run {release.run}"
        found[product] = play_tables(tables, name=name, on=on, width=width, making=making)
    return found
