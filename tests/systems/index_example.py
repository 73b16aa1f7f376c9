"""The small place again, with an index that is kept, and agreements that read it or would like to."""

from __future__ import annotations

from pathlib import Path

from workspace_example import HERE, make

from sharewell import workspace
from sharewell.live.rehearsal import rehearse
from sharewell.workspace import Workspace

INDEX, READER, SECOND = "people-index", "warm-homes", "warm-homes-again"
STEWARD, ANALYST = "j.moss@north-linker", "a.khan@north-host"
LINKER = "north-linker"
OWN = "person: {of: [patients, tenants], linker: nhs-then-splink, at: north-linker}"
READ = "person: {of: [patients, tenants], from: people-index, at: north-linker}"
KEPT = OWN.replace("}", ", standing: true}")
ONWARD = (
    "  onward: [{what: person, to: warm-homes, why: One index for all who may}, "
    "{what: person, to: warm-homes-again, for: [planning, repairs], why: One index for all who may}]\n"
)
_TENDS = (
    "    - {role: steward, who: [j.moss@north-linker], may: [link], training: [data protection, links]}\n"
)


def written() -> str:
    """The agreement of the small place, that links anew in each run."""
    return (HERE / "systems/warm-homes.yaml").read_text(encoding="utf-8")


def index_text() -> str:
    """The same as an agreement that keeps its index of people, and offers it to two others."""
    text = edited(written(), OWN, KEPT)
    text = edited(text, "agreement: warm-homes\n", f"agreement: {INDEX}\n")
    return edited(text, "  processing:\n", f"{_TENDS}{ONWARD}  processing:\n")


def reader_text(name: str = READER) -> str:
    """The same as an agreement that reads it."""
    text = edited(written(), OWN, READ)
    return edited(text, "agreement: warm-homes\n", f"agreement: {name}\n")


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def make_indexed(folder: Path) -> Workspace:
    """The small place: an index, and two agreements that read it, all signed and none of them run."""
    make(folder, signed=False)
    write(folder, INDEX, index_text())
    for name in (READER, SECOND):
        write(folder, name, reader_text(name))
    space = workspace.open(folder)
    for name in (INDEX, READER, SECOND):
        rehearse(space.agreement(name))
    return workspace.open(folder)


def write(folder: Path, name: str, text: str) -> None:
    (folder / "systems" / f"{name}.yaml").write_text(text, encoding="utf-8")
