"""The sheets of a workshop entered into its record, and the comments that wait for its facilitator.

The record only grows, and holds no words that may say who somebody is: those lie in a file of their own,
which its owner alone can read, until they are released into the record or left out for good.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..depersonalise.files import locked, read_private, replace_private, sweep
from ..errors import DataError, Problem, StorageError
from ..workshop.events import Event, Record, append, read_record
from ..workshop.holding import dropped, hold, released
from ..workshop.holding import waiting as undecided
from ..workshop.sheet_columns import FILES
from .workshops import Place, load, place_of

if TYPE_CHECKING:
    from ..workshop.sheets import Aside
    from ..workspace import Workspace

ASIDE = "set-aside.csv"
_SPREADSHEETS = {".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".numbers"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Entered:
    """What came of entering sheets: events that are new, rows set aside, rows that repeat another, sheets
    whose rows have changed, and everything odd in the whole record."""

    fresh: int
    aside: tuple[Aside, ...]
    repeated: tuple[Problem, ...]
    changed: tuple[Problem, ...]
    doubts: tuple[Problem, ...]


def enter(space: Workspace, name: str, source: Path | None = None) -> Entered:
    """Enter the sheets in a folder (the workshop's own, unless named). Done again, it adds what is new.

    DataError where a file cannot be read at all; then nothing is entered. StorageError where the workshop's
    folder cannot be written.
    """
    from ..workshop.doubts import doubts
    from ..workshop.sheets import read_sheets

    place = place_of(space, name)
    day = load(place)
    files = _files(source or place.folder)
    with _alone(place):
        record = read_record(place.record)
        sheets = read_sheets(day.text, files, record)
        kept, words = hold(sheets.events)
        # One that is there stays as it was entered, whatever is held back by now.
        fresh = [each for each in kept if each.id not in record.events]
        joined = record.joined(fresh)
        # Words before the record: were it stopped between the two, they would be entered the next time.
        _keep(place, {**_held(place), **words}, joined)
        append(place.record, fresh)
        replace_private(place.folder / ASIDE, _set_aside(sheets.aside))
    odd = doubts(day.text, joined)
    return Entered(len(fresh), sheets.aside, sheets.repeated, sheets.changed, odd)


def waiting(space: Workspace, name: str) -> list[tuple[Event, Mapping[str, Any]]]:
    """The comments that wait for the facilitator, each with its words."""
    place = place_of(space, name)
    held = _held(place)
    return [(each, held.get(each.id, {})) for each in undecided(read_record(place.record))]


def settle(space: Workspace, name: str, id: str, *, release: bool, instead: str = "") -> list[Event]:
    """Let a comment into the record, as said or with other words, or leave it out for good.

    A second typing of the same sheet that says the same is decided with it. DataError HELD where no such
    comment waits, its words are not here, or the other words may identify somebody too.
    """
    place = place_of(space, name)
    with _alone(place):
        record, held = read_record(place.record), _held(place)
        whole = next((each.id for each in undecided(record) if each.id.startswith(id)), id)
        if release and not instead and whole in record.events and whole not in held:
            what, why = "its words are not here", "whoever entered the sheet holds them"
            raise DataError(Problem("HELD", what, why, "give the words to print: --words"))
        made = [_decided(record, id, held.get(whole, {}), release, instead)]
        for twin in _twins(record, made[0].replaces, held):
            made.append(_decided(record, twin, held[twin], release, instead))
        append(place.record, made)
        _keep(place, held, record.joined(made))
    return made


def _decided(record: Record, id: str, words: Mapping[str, Any], release: bool, instead: str) -> Event:
    return released(record, id, words, instead) if release else dropped(record, id)


def _twins(record: Record, id: str, held: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Other typings of the sheet that say the same as a comment that waits."""

    def told(each: Event) -> tuple[object, ...]:
        where = (each.kind, each.session, each.table, each.voice, each.sheet)
        return (*where, each.held, sorted(each.body.items()), held.get(each.id))

    one = record.events[id]
    return [
        each.id
        for each in undecided(record)
        if each.id in held and each.id != id and told(each) == told(one)
    ]


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Two who enter or decide at once do so in turn, and one that was killed leaves no words behind."""
    try:
        with locked(place.folder):
            sweep(place.folder, place.held.name)
            sweep(place.folder, ASIDE)
            yield
    except StorageError as error:
        if any(problem.code == "PLACE" for problem in error.problems):
            what, fix = "the workshop's folder cannot be written", "make room, or check its permissions"
            raise StorageError(Problem("WRITE", what, fix=fix, where=place.folder.name)) from None
        raise


def _files(folder: Path) -> dict[str, bytes]:
    """The sheets in a folder. DataError SHEETS where there is none, FILE for each that is of another kind;
    StorageError FILE."""
    try:
        there = sorted(
            path
            for path in folder.glob("*")
            if path.suffix.casefold() in _SPREADSHEETS and path.name != ASIDE
        )
        found = {path.name: path.read_bytes() for path in there if not path.name.startswith((".", "~"))}
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise StorageError(
            Problem("FILE", f"{folder.name}: {reason}", fix="check its permissions")
        ) from None
    if others := [name for name in found if not name.casefold().endswith(".csv")]:
        what, why = "it is no CSV file", "nothing of it would be entered"
        fix = f"save each of its sheets as CSV UTF-8: {', '.join(FILES)}"
        raise DataError([Problem("FILE", what, why, fix, name) for name in others])
    if not found:
        what = f"there is no {'sheet in' if folder.is_dir() else 'folder'} {folder.name}"
        raise DataError(Problem("SHEETS", what, "nothing was entered", f"type some: {', '.join(FILES)}"))
    return found


def _held(place: Place) -> dict[str, Mapping[str, Any]]:
    """The words that wait, by event. DataError HELD where the file is none of ours."""
    content = read_private(place.held) or b""
    try:
        lines = [json.loads(line) for line in content.splitlines() if line.strip()]
        return {line["id"]: line["words"] for line in lines}
    except (ValueError, TypeError, KeyError):
        what = f"{place.held.name} cannot be read"
        raise DataError(
            Problem("HELD", what, fix="restore it from its copy", where=place.held.name)
        ) from None


def _keep(place: Place, held: Mapping[str, Mapping[str, Any]], record: Record) -> None:
    """The words that wait, in a file that its owner alone can read; those that were decided on are gone."""
    wait = {each.id for each in undecided(record)}
    told = {id: dict(words) for id, words in held.items() if id in wait}
    lines = [json.dumps({"id": id, "words": words}, ensure_ascii=False) for id, words in told.items()]
    if lines or place.held.exists():
        replace_private(place.held, "".join(f"{line}\n" for line in lines).encode())


def _set_aside(rows: Iterable[Aside]) -> bytes:
    """The rows that were not entered, with their reasons, as typed; for their owner alone, because nothing
    in them was held back. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(("where", "code", "what", "why", "what to do", "the row as typed"))
    for each in rows:
        typed = [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in each.row.typed]
        for problem in each.problems:
            reasons = (problem.where, problem.code, problem.what, problem.why, problem.fix)
            writer.writerow((*reasons, *typed))
    return told.getvalue().encode("utf-8-sig")
