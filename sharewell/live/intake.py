"""Contracts in and out of a workspace: other people's documents and lists in, this catalogue's out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DocumentError, Problem, UnknownName, among

if TYPE_CHECKING:
    from ..describe.intake import Intake
    from ..workspace import Workspace

FORMS = ("ropa", "assets", "odcs")
"""What can be brought in: a record of processing, an asset list, a data contract."""


@dataclass(frozen=True)
class Brought:
    """What was understood of a file, what was written, and what was not taken."""

    mapping: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    held: tuple[tuple[int, str], ...] = ()
    noted: tuple[Problem, ...] = ()
    written: tuple[str, ...] = ()

    def as_mapping(self) -> dict[str, Any]:
        """As JSON has it."""
        held = [{"line": line, "reason": reason} for line, reason in self.held]
        noted = [vars(note) for note in self.noted]
        written, unused = list(self.written), list(self.unused)
        return {"mapping": self.mapping, "unused": unused, "held": held, "noted": noted, "written": written}


def bring(file: Path, out: Path, form: str = "", holder: str = "", sheet: str = "") -> Brought:
    """Make drafts of a file below the folder `out`; nothing there is overwritten.

    DocumentError FORMAT for an unknown form; what `describe.inventory` and `describe.intake` raise.
    """
    if form and form not in FORMS:
        raise DocumentError(Problem("FORMAT", f"there is no form {form!r}", fix=among(form, FORMS)))
    if form == "odcs" or (not form and file.suffix.lower() in (".yaml", ".yml", ".json")):
        return _contracts(file, out)
    from ..describe.drafting import drafts, write_drafts
    from ..describe.headings import Listing
    from ..describe.inventory import read_inventory

    inventory = read_inventory(file, Listing(form) if form else None, sheet)
    made, held = drafts(inventory, holder)
    written = write_drafts(made, out)
    shown = tuple(path.relative_to(out).as_posix() for path in written)
    return Brought(inventory.mapping, inventory.unused, tuple((h.line, h.reason) for h in held), (), shown)


def _contracts(file: Path, out: Path) -> Brought:
    from ..describe.intake import read_odcs

    taken = read_odcs(file, file.name)
    noted = tuple(dict.fromkeys(note for intake in taken for note in intake.noted))
    return Brought(noted=noted, written=tuple(_written(taken, out)))


def _written(taken: Sequence[Intake], out: Path) -> list[str]:
    from ..describe.drafting import write_files
    from ..describe.export import write_yaml

    files = []
    for intake in taken:
        held = intake.contract.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        files.append((f"catalogue/{intake.contract.id}.yaml", write_yaml({**held, "status": "draft"})))
    return [path.relative_to(out).as_posix() for path in write_files(files, out)]


def asset_text(space: Workspace, name: str, form: str, as_json: bool = False) -> str:
    """An asset's contract as `odcs` (YAML, or JSON) or `dcat` (JSON-LD).

    UnknownName for an asset of no contract; DocumentError FORMAT for another form.
    """
    if name not in space.contracts:
        what = f"{name!r} is not in the catalogue"
        raise UnknownName(Problem("ASSET", what, fix=among(name, space.contracts)))
    contract = space.contracts[name]
    if form == "odcs":
        from ..describe.export import write_odcs

        return write_odcs(contract, "json" if as_json else "yaml")
    if form != "dcat":
        raise DocumentError(
            Problem("FORMAT", f"there is no form {form!r}", fix=among(form, ("odcs", "dcat")))
        )
    from ..standards.dataset_graph import dataset_document
    from ..standards.nodes import written
    from .standards import dataset_of

    return written(dataset_document(dataset_of(contract)))
