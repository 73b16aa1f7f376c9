"""Paper sheets, typed into CSV files, become events; what cannot be one is set aside with its reason.

A file whose first line cannot be understood stops everything, with all such faults at once. A row that
says what nothing here bears is set aside whole, as typed, and the others are entered: nothing is guessed
and nothing is lost. For the columns see `sheet_columns`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..errors import DataError, Problem, among
from .day import DayText
from .events import Event, Record, event
from .row_bodies import RowFault, body_of
from .sheet_columns import FILES, SheetFile

SETTLED = 3
"""The entry of a sheet that was looked at again."""
_ENTRIES = {"": 1, "1": 1, "2": 2, "settled": SETTLED, "3": SETTLED}


class Row(NamedTuple):
    """A row as typed: where it stands, its cells by column and in their order, and how many are beyond the
    last column."""

    file: str
    where: str
    cells: Mapping[str, str]
    typed: tuple[str, ...]
    beyond: int


@dataclass(frozen=True)
class Aside:
    """A row that was not entered, and why."""

    problem: Problem
    row: Row


@dataclass(frozen=True)
class Sheets:
    """What a folder of sheets holds. repeated: rows that say what a row before them said on the same sheet,
    which is entered once."""

    events: tuple[Event, ...]
    aside: tuple[Aside, ...]
    repeated: tuple[Problem, ...]


def read_sheets(text: DayText, files: Mapping[str, bytes], known: Record | None = None) -> Sheets:
    """The events of the files of a workshop, by file name.

    known: what was entered before, of which a sheet that is `settled` takes the place. DataError ENCODING,
    COLUMN, FILE with every file that cannot be read at all.
    """
    rows = _rows(files)
    events: dict[str, Event] = {}
    aside: list[Aside] = []
    repeated: list[Problem] = []
    for row in rows:
        try:
            made = list(_events(text, row))
        except RowFault as fault:
            aside.append(Aside(replace(fault.problem, where=row.where), row))
            continue
        for each in made:
            if each.id in events:
                what = "this says what a row before it said, on the same sheet"
                fix = "nothing, if it was typed twice; else give it a `sheet` of its own"
                repeated.append(Problem("REPEATED", what, "it is entered once", fix, row.where))
            events[each.id] = each
    return Sheets(_settled(events.values(), known or Record()), tuple(aside), tuple(repeated))


def _rows(files: Mapping[str, bytes]) -> list[Row]:
    """Every row of every file. DataError with all that stops the reading."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for name, content in files.items():
        try:
            rows += _read(name, content)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return rows


def _read(name: str, content: bytes) -> list[Row]:
    if name not in FILES:
        what, why = f"nothing is read from {name}", "no kind of sheet is called so"
        raise DataError(Problem("FILE", what, why, among(name, FILES), name))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        fix = "save it again as CSV UTF-8"
        raise DataError(
            Problem("ENCODING", "it is not UTF-8", "letters would be lost", fix, name)
        ) from None
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        heads = [head.casefold() for head in _typed(next(reader, []))]
        if problems := list(_head_faults(name, FILES[name], heads)):
            raise DataError(problems)
        found, start = [], 2
        for line in reader:
            if cells := _typed(line):
                told = dict(zip(heads, cells, strict=False))
                found.append(Row(name, f"{name}:{start}", told, cells, len(cells) - len(heads)))
            start = reader.line_num + 1
        return found
    except csv.Error:
        what, fix = "a quotation mark is open or out of its place", "put each text in one pair of them"
        raise DataError(Problem("CSV", what, fix=fix, where=f"{name}:{reader.line_num}")) from None


def _typed(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells without spaces about them, and without the empty ones at the end."""
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return tuple(stripped)


def _head_faults(name: str, sheet: SheetFile, heads: Sequence[str]) -> Iterator[Problem]:
    where = f"{name}:1"
    for head in dict.fromkeys(heads):
        if head not in sheet.heads:
            what, fix = f"there is no column {head[:60]!r}", among(head, sheet.heads)
            yield Problem("COLUMN", what, "what stands in it would be lost", fix, where)
        elif heads.count(head) > 1:
            what, fix = f"column {head!r} stands twice", "keep one"
            yield Problem("COLUMN", what, "which of the two is meant?", fix, where)
    for head in sheet.needed:
        if head not in heads:
            fix = "copy the first line of the template: sharewell workshop pack"
            yield Problem(
                "COLUMN", f"column {head!r} is missing", "no row says anything without", fix, where
            )


def _events(text: DayText, row: Row) -> Iterator[Event]:
    """The event of a row; several where it is a tally without codes. RowFault where it is none."""
    sheet = FILES[row.file]
    if row.beyond > 0:
        fix = "put text that holds a comma between quotation marks"
        raise RowFault("LENGTH", f"it has {row.beyond} more cells than there are columns", fix=fix)
    for head in sheet.needed:
        if not row.cells.get(head):
            raise RowFault(
                "EMPTY", f"column {head!r} is empty", "it says nothing without", "look at the sheet"
            )
    made = body_of(text, row.file, row.cells)
    session = _session(text, sheet, row.cells.get("session", ""))
    table, voice = row.cells.get("table", ""), row.cells.get("code", "").upper()
    entry = _ENTRIES.get(row.cells.get("entry", "").casefold())
    if entry is None:
        raise RowFault("ENTRY", "the entry is none of 1, 2 and settled", fix="leave it empty, or put 1")
    paper = row.cells.get("sheet") or _sheet(row, sheet, session, table, voice)
    for number in range(1, made.people + 1):
        tallied = f"{paper}#{number}" if made.people > 1 else paper
        yield event(session, sheet.kind, made.said, table=table, voice=voice, sheet=tallied, entry=entry)


def _session(text: DayText, sheet: SheetFile, name: str) -> str:
    """The session that a row is of: as written, or the only one that it can be of."""
    if name:
        if name not in text.sessions:
            raise RowFault("SESSION", f"there is no session {name!r}", fix=among(name, text.sessions))
        exercise = text.sessions[name].exercise
        if sheet.exercises and exercise not in sheet.exercises:
            fits = [key for key, each in text.sessions.items() if each.exercise in sheet.exercises]
            what = f"session {name!r} is {exercise}, of which no such sheet can be"
            raise RowFault("SESSION", what, fix=among(name, fits))
        return name
    fits = [key for key, each in text.sessions.items() if each.exercise in sheet.exercises]
    if len(fits) > 1:
        raise RowFault("SESSION", "it could be of several sessions", fix=f"name one of {', '.join(fits)}")
    return fits[0] if fits else ""


def _sheet(row: Row, sheet: SheetFile, session: str, table: str, voice: str) -> str:
    """What a sheet is known by that has no name of its own: its kind, session, table and code."""
    if sheet.personal and not voice:
        fix = "type the code on its corner, or a name of your own in `sheet`"
        raise RowFault("CODE", "nothing says whose sheet it is", "it could be counted twice", fix)
    kind = row.file.removesuffix(".csv")
    return "/".join(part for part in (kind, row.cells.get("when", ""), session, table, voice) if part)


def _settled(events: Iterable[Event], known: Record) -> tuple[Event, ...]:
    """The events, those of a sheet looked at again in the place of all its earlier typings.

    Entered a second time, they are the events that were entered the first time.
    """
    held = list(events)
    recorded = {each.id: each for each in known.events.values() if each.entry == SETTLED}
    older: dict[tuple[str, str], list[str]] = {}
    for each in (*known.events.values(), *held):
        if each.entry < SETTLED:
            older.setdefault((each.kind, each.sheet), []).append(each.id)
    made = []
    for each in held:
        if each.entry == SETTLED:
            gone = " ".join(sorted(set(older.pop((each.kind, each.sheet), ()))))
            each = recorded.get(each.id) or replace(each, replaces=gone)
        made.append(each)
    return tuple(made)
