"""Workshops in a workspace: the day in `workshops/NAME.yaml`, and a folder beside it for all the rest.

In the folder lie the typed sheets, `record.jsonl`, `pack/` and `report/`; and in `held.jsonl`, which its
owner alone can read, the comments that may say who somebody is. What is written is written whole, or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from ..agree.chapter import Name
from ..errors import DocumentError, Problem, SharewellError, StorageError, among
from ..workshop.day import WorkshopDay, load_day
from .papers import store

if TYPE_CHECKING:
    from ..papers.clauses import Clauses
    from ..workshop.cards import Card
    from ..workspace import Workspace

EXAMPLE = "essex"
SHIPPED = Path(__file__).parents[1] / "workshop" / EXAMPLE


@dataclass(frozen=True)
class Place:
    """Where the files of one workshop lie."""

    space: Workspace
    name: str

    @property
    def day(self) -> Path:
        return self.space.folder / "workshops" / f"{self.name}.yaml"

    @property
    def folder(self) -> Path:
        return self.space.folder / "workshops" / self.name

    @property
    def record(self) -> Path:
        return self.folder / "record.jsonl"

    @property
    def held(self) -> Path:
        return self.folder / "held.jsonl"


def names(space: Workspace) -> list[str]:
    """The workshops of a workspace."""
    return [path.stem for path in sorted((space.folder / "workshops").glob("*.yaml"))]


def place_of(space: Workspace, name: str) -> Place:
    """A workshop that is there. DocumentError WORKSHOP where it is not."""
    place = Place(space, name)
    known = names(space)
    if name not in known:
        what = f"there is no workshop {name[:80]!r}"
        fix = f"{among(name, known)}; make one: sharewell workshop new NAME"
        raise DocumentError(Problem("WORKSHOP", what, fix=fix))
    return place


def load(place: Place) -> WorkshopDay:
    """The day. DocumentError with every fault, among them that it calls itself otherwise than its file."""
    day = load_day(place.day, f"workshops/{place.name}.yaml")
    if day.text.workshop != place.name:
        what, why = f"it calls itself {day.text.workshop!r}", "it would be taken for another workshop"
        fix = f"call the file {day.text.workshop}.yaml, or correct `workshop:`"
        raise DocumentError(Problem("NAME", what, why, fix, day.at("workshop")))
    return day


def new(space: Workspace, name: str, like: str = "", tables: int = 4) -> tuple[Path, ...]:
    """Write the first draft of a day, or a copy of another with its sheets and record; where it lies.

    like: a workshop of the workspace, or `essex`, which ships. DocumentError NAME, EXISTS, WORKSHOP.
    """
    from ..workshop.starting import first_draft

    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        what = f"{name[:80]!r} cannot be the name of a workshop"
        raise DocumentError(Problem("NAME", what, fix="use lower-case words joined by -")) from None
    place = Place(space, name)
    if place.day.exists():
        what, why = f"there is a workshop {name!r} already", "a draft overwrites nothing"
        raise DocumentError(Problem("EXISTS", what, why, "choose another name"))
    if like:
        files = _copied(space, like, place)
    else:
        if not 1 <= tables <= 60:
            raise DocumentError(Problem("TABLES", f"{tables} tables", fix="say from 1 to 60"))
        held = space.agreements()
        if len(held) < 2:
            what = "the workspace has fewer than two agreements"
            raise DocumentError(
                Problem("AGREEMENT", what, "there is nothing to weigh", "add some: sharewell new")
            )
        files = {place.day: first_draft(name, held, tables, space.now.date()).encode()}
    # The folder is written first: one without its day is a draft that was stopped, and is finished here.
    if any(path not in files or path.read_bytes() != files[path] for path in _there(place.folder)):
        what, why = f"there is a folder {name!r} already, without its day", "a draft overwrites nothing"
        raise DocumentError(Problem("EXISTS", what, why, "choose another name, or move the folder away"))
    for folder in sorted({path.parent for path in files}, reverse=True):
        store(folder, {path: content for path, content in files.items() if path.parent == folder})
    return tuple(files)


def _there(folder: Path) -> list[Path]:
    """The files in a folder, but for those that a writer was stopped at."""
    return [path for path in folder.glob("*") if path.is_dir() or not path.name.endswith(".writing")]


def _copied(space: Workspace, like: str, place: Place) -> dict[Path, bytes]:
    """The files of another workshop under this one's name; words that are held stay behind."""
    from ..workshop.sheet_columns import FILES
    from ..workshop.starting import as_text

    known = names(space)
    if like in known:
        source, day = space.folder / "workshops" / like, space.folder / "workshops" / f"{like}.yaml"
    elif like == EXAMPLE:
        source, day = SHIPPED, SHIPPED / "day.yaml"
    else:
        what = f"there is no workshop {like[:80]!r}"
        raise DocumentError(Problem("WORKSHOP", what, fix=among(like, (*known, EXAMPLE))))
    try:
        text = day.read_text(encoding="utf-8")
        kept = {*FILES, "record.jsonl"}
        held = {path.name: path.read_bytes() for path in sorted(source.glob("*")) if path.name in kept}
    except (OSError, UnicodeDecodeError):
        raise StorageError(Problem("FILE", f"{like} cannot be read", fix="check its files")) from None
    lines = [
        f"workshop: {as_text(place.name)}" if line.startswith("workshop:") else line
        for line in text.split("\n")
    ]
    files = {place.folder / name: content for name, content in held.items()}
    return {**files, place.day: "\n".join(lines).encode()}


def cards_of(space: Workspace, day: WorkshopDay) -> tuple[tuple[Card, ...], dict[str, Clauses]]:
    """The cards of a day, and the agreements of the workspace that could be quoted."""
    from ..papers.clauses import Clauses
    from ..workshop.cards import cards

    quoted: dict[str, Clauses] = {}
    for example in day.text.examples.values():
        if example.agreement in space.agreements():
            try:
                live = space.agreement(example.agreement)
                named = (live.agreement.text.framework or "").partition("@")[0]
                quoted[live.name] = Clauses(live.agreement, live.plan(), space.frameworks.get(named))
            except SharewellError:
                continue  # told as an agreement that cannot be quoted
    return cards(day.text, quoted, _titles(space, quoted)), quoted


def _titles(space: Workspace, quoted: Mapping[str, Clauses]) -> dict[str, str]:
    """What the data sets of these agreements are called in the catalogue."""
    found: dict[str, str] = {}
    for clauses in quoted.values():
        for place in clauses.places("describe.*.asset"):
            name = str(clauses.at(place))
            if name in space.contracts and space.contracts[name].name:
                found[name] = space.contracts[name].name
    return found


def check(space: Workspace, name: str) -> tuple[Problem, ...]:
    """What would go wrong in the room. DocumentError with every fault of the file."""
    from ..workshop.checking import warnings

    day = load(place_of(space, name))
    cards, quoted = cards_of(space, day)
    return warnings(day, cards, quoted)


def pack(
    space: Workspace, name: str, people: int | None = None, out: Path | None = None
) -> tuple[Path, ...]:
    """Print the pack into a folder: cards, sheets for people and tables, script, how to type, and empty
    files to type into; where they lie."""
    from ..workshop.pack import card_pages, people_of, person_pages, table_pages, typing_page
    from ..workshop.printing import print_book
    from ..workshop.script import script
    from ..workshop.sheet_columns import FILES, template

    place = place_of(space, name)
    day = load(place)
    many = people_of(day.text, people)
    books = {
        "cards.pdf": card_pages(day.text, cards_of(space, day)[0]),
        "sheets-people.pdf": person_pages(day.text, many),
        "sheets-tables.pdf": table_pages(day.text),
        "script.pdf": (script(day.text),),
        "how-to-type.pdf": (typing_page(day.text),),
    }
    folder = out or place.folder / "pack"
    files = {folder / book: print_book(pages) for book, pages in books.items() if pages}
    store(folder, files)
    empty = {folder / "type-into" / each: template(each).encode() for each in FILES}
    typing = {path: content for path, content in empty.items() if not _is_typed(path)}
    store(folder / "type-into", typing)
    return (*files, *typing)


def _is_typed(path: Path) -> bool:
    """Whether something was typed below the first line of a file: a pack printed again leaves it."""
    return path.is_file() and bool(path.read_bytes().partition(b"\n")[2].strip())
