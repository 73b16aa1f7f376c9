"""Paper sheets, typed into CSV files, become events; what cannot be one is set aside with its reason.

A file whose first line cannot be understood stops everything, with all such faults at once. A row that
says what nothing here bears is set aside whole, as typed, and the others are entered: nothing is guessed
and nothing is lost. For the columns see `sheet_columns`.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..errors import DataError, Problem, among
from .day import DayText, Exercise
from .events import Event, Record, event
from .identifying import identifying
from .row_bodies import body_of, no_such
from .settling import SETTLED, changed, settled, tallied
from .sheet_columns import FILES, SheetFile

_ENTRIES = {"": 1, "1": 1, "2": 2, "settled": SETTLED, "3": SETTLED}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")
"""What no keyboard types, and no paper can print; and the mark that stands for a letter already lost."""
_LONGEST_NAME = 60


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
    """A row that was not entered, and every reason why."""

    problems: tuple[Problem, ...]
    row: Row


@dataclass(frozen=True)
class Sheets:
    """What a folder of sheets holds. repeated: rows that say what a row before them said on the same sheet,
    which is entered once. changed: sheets whose rows were others when they were entered before."""

    events: tuple[Event, ...]
    aside: tuple[Aside, ...]
    repeated: tuple[Problem, ...]
    changed: tuple[Problem, ...]


def read_sheets(text: DayText, files: Mapping[str, bytes], known: Record | None = None) -> Sheets:
    """The events of the files of a workshop, by file name.

    known: what was entered before, of which a sheet that is `settled` takes the place. DataError ENCODING,
    COLUMN, CSV, FILE with every file that cannot be read at all.
    """
    events: dict[str, Event] = {}
    aside: list[Aside] = []
    repeated: list[Problem] = []
    for row in _rows(files):
        faults: list[Problem] = []
        made = list(_events(text, row, faults))
        if faults:
            aside.append(Aside(tuple(replace(each, where=row.where) for each in faults), row))
            continue
        if any(each.id in events for each in made):
            what = "this says what a row before it said, on the same sheet"
            fix = "nothing, if it was typed twice; else give it a `sheet` of its own"
            repeated.append(Problem("REPEATED", what, "it is entered once", fix, row.where))
        events |= {each.id: each for each in made}
    before, typed = known or Record(), events.values()
    return Sheets(settled(typed, before), tuple(aside), tuple(repeated), tuple(changed(typed, before)))


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
        raise DataError(Problem("FILE", what, why, among(name.casefold(), FILES), name))
    reader, start = csv.reader(io.StringIO(_decoded(name, content), newline=""), strict=True), 1
    try:
        heads = [head.casefold() for head in _typed(next(reader, []))]
        if problems := list(_head_faults(name, FILES[name], heads)):
            raise DataError(problems)
        found, start = [], reader.line_num + 1
        for line in reader:
            if cells := _typed(line):
                told = dict(zip(heads, cells, strict=False))
                found.append(Row(name, f"{name}:{start}", told, cells, len(cells) - len(heads)))
            start = reader.line_num + 1
        return found
    except csv.Error as error:
        raise DataError(_csv_fault(str(error), f"{name}:{start}")) from None


def _decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        what, why = "it is not UTF-8", "letters would be lost"
        raise DataError(Problem("ENCODING", what, why, "save it again as CSV UTF-8", name)) from None


def _csv_fault(said: str, where: str) -> Problem:
    """A row at which reading stops: what comes after it cannot be told from what is in it."""
    if "field limit" in said:
        what, why = f"a cell is longer than {csv.field_size_limit()} letters", "no sheet holds so much"
        return Problem("LENGTH", what, why, "look for a quotation mark that is not closed", where)
    what, why = "a quotation mark is open or out of its place", "the row's end cannot be found"
    return Problem("CSV", what, why, "put each text in one pair of them, and double those inside", where)


def _typed(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells without spaces about them, and without the empty ones at the end."""
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return tuple(stripped)


def _head_faults(name: str, sheet: SheetFile, heads: Sequence[str]) -> Iterator[Problem]:
    where = f"{name}:1"
    if other := _other_separator(heads):
        what, why = f"its cells are separated by {other}", "commas are what separates cells here"
        yield Problem("SEPARATOR", what, why, "save it again as CSV UTF-8 with commas", where)
        return
    for at, head in enumerate(heads, 1):
        if head not in sheet.heads:
            # A file without its first line has somebody's words here.
            near = difflib.get_close_matches(head, sheet.heads, n=1)
            what = f"there is no column {head[:40]!r}" if near else f"column {at} is none of such a sheet's"
            yield Problem(
                "COLUMN", what, "what stands in it would be lost", among(head, sheet.heads), where
            )
        elif head in heads[: at - 1]:
            what, fix = f"column {head!r} stands twice", "keep one"
            yield Problem("COLUMN", what, "which of the two is meant?", fix, where)
    for head in sheet.needed:
        if head not in heads:
            what, why = f"column {head!r} is missing", "no row says anything without"
            fix = "copy the first line of the template: sharewell workshop pack"
            yield Problem("COLUMN", what, why, fix, where)


def _other_separator(heads: Sequence[str]) -> str:
    """By what else than commas the first line is separated, if it is: spreadsheets write what their country
    uses, and call it CSV."""
    for mark, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(heads) == 1 and heads[0].count(mark) > 1:
            return called
    return ""


def _events(text: DayText, row: Row, faults: list[Problem]) -> Iterator[Event]:
    """The event of a row; several where it is a tally without codes; none where there are faults."""
    sheet, cells = FILES[row.file], row.cells
    faults += _shape_faults(sheet, row)
    if faults:
        return
    made = body_of(text, row.file, cells, faults)
    session = _session(text, sheet, cells.get("session", ""), faults)
    table, voice = cells.get("table", ""), cells.get("code", "").upper()
    entry = _ENTRIES.get(cells.get("entry", "").casefold(), 0)
    if not entry:
        what, fix = "the entry is none of 1, 2 and settled", "leave it empty, or put 1"
        faults.append(Problem("ENTRY", what, fix=fix))
    paper = _sheet(row, sheet, session, faults)
    if faults or made is None:
        return
    for number in range(1, made.people + 1):
        own = tallied(paper, made.value, number) if made.is_tally else paper
        yield event(session, sheet.kind, made.said, table=table, voice=voice, sheet=own, entry=entry)


def _shape_faults(sheet: SheetFile, row: Row) -> Iterator[Problem]:
    """What is wrong with a row before anybody asks what it says."""
    if row.beyond > 0:
        what, why = f"it has {row.beyond} more cells than there are columns", "they have no meaning"
        yield Problem("LENGTH", what, why, "put text that holds a comma between quotation marks")
    if any(_UNPRINTABLE.search(cell) for cell in row.typed):
        what, why = "a character in it cannot be printed", "a letter was lost, or it is no text"
        yield Problem("CHARACTER", what, why, "type the cell again, and save the file as CSV UTF-8")
    for head in sheet.needed:
        if not row.cells.get(head):
            what, why = f"column {head!r} is empty", "it says nothing without"
            yield Problem("EMPTY", what, why, "look at the sheet")


def _session(text: DayText, sheet: SheetFile, name: str, faults: list[Problem]) -> str:
    """The session that a row is of: as written, or the only one that it can be of."""
    fits = [key for key, each in text.sessions.items() if each.exercise in sheet.exercises]
    if name and name not in text.sessions:
        faults.append(no_such("session", name, text.sessions))
    elif name and sheet.exercises and name not in fits:
        what = f"session {name!r} is {text.sessions[name].exercise}, of which no such sheet can be"
        faults.append(Problem("SESSION", what, fix=among(name, fits)))
    elif not name and len(fits) > 1:
        what, fix = "it could be of several sessions", f"name one of {', '.join(fits)}"
        faults.append(Problem("SESSION", what, fix=fix))
    elif not name and not fits and sheet.exercises - {Exercise.WELCOME, Exercise.FEEDBACK}:
        what, why = "the day has no session that it can be of", "it would be in no figure"
        faults.append(Problem("SESSION", what, why, "put the session into the day's file"))
    return name or (fits[0] if len(fits) == 1 else "")


def _sheet(row: Row, sheet: SheetFile, session: str, faults: list[Problem]) -> str:
    """What a sheet is known by: its own name, or else its kind, session, table and code."""
    cells, named = row.cells, row.cells.get("sheet", "")
    if named and (reasons := identifying([named])):
        what = f"the sheet's name may hold {' and '.join(reasons)}"
        faults.append(Problem("SHEET", what, "it would be printed", "name it by a number"))
    if len(named) > _LONGEST_NAME:
        what = f"the sheet's name is longer than {_LONGEST_NAME} letters"
        faults.append(Problem("SHEET", what, "a note stands in the wrong column", "name it by a number"))
    if named:
        return named
    if sheet.personal and not cells.get("code"):
        fix = "type the code on its corner, or a name of your own in `sheet`"
        faults.append(Problem("CODE", "nothing says whose sheet it is", "it could be counted twice", fix))
    parts = (
        cells.get("when", "").casefold(),
        session,
        cells.get("table", ""),
        cells.get("code", "").upper(),
    )
    return "/".join(part for part in (row.file.removesuffix(".csv"), *parts) if part)
