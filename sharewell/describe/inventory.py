"""An existing record of processing, or list of assets, read from a spreadsheet.

Cells are text and nothing else: a formula is what it last showed, a macro never runs. Rows that cannot be
used are held back with their line and a reason, which never repeats a cell: such lists name people.
"""

from __future__ import annotations

import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..errors import DataError, Problem, StorageError
from .contract import Contract, Server
from .csv import _pull, _record, _split
from .excel import _load
from .headings import HEADINGS, Listing, recognise
from .readers import Reason
from .source import Encoding, Line, Source, open_source

LARGEST = 20_000_000
"""Bytes: a list that is larger is data, not a list."""

MOST = 20_000
"""Rows."""

DEEPEST = 20
"""The header is looked for among so many rows: titles and notes often stand above it."""

_DELIMITERS = ",;\t|"
_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx"}


class Held(NamedTuple):
    """A row that was held back: its line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Row:
    """A row that can be used: what it says, by known heading; what it leaves empty is not there."""

    line: int
    said: dict[str, str]


@dataclass(frozen=True)
class Inventory:
    """A spreadsheet as it was understood. `mapping` is known heading to the file's own."""

    listing: Listing
    where: str
    mapping: dict[str, str]
    unused: tuple[str, ...]
    rows: tuple[Row, ...]
    held: tuple[Held, ...]


class _Cells(NamedTuple):
    line: int
    cells: list[str]
    fault: str = ""


def read_inventory(path: Path, listing: Listing | None = None, sheet: str = "") -> Inventory:
    """Read a list from CSV or Excel, of the kind that its headings show unless `listing` says.

    StorageError where the file cannot be read or is too large; DataError FORMAT, HEADINGS, and what the
    readers raise (SHEET, EMPTY, FILE).
    """
    source = _source(path, sheet)
    rows = _sheet(source) if source.contract.server.format == "xlsx" else _text(source)
    seen = list(islice(rows, DEEPEST))
    top, listing, columns = _header(seen, listing, source.where)
    header = seen[top].cells
    used, held = list[Row](), list[Held]()
    for number, row in enumerate(_chained(seen[top + 1 :], rows, len(header))):
        if number >= MOST:
            what, fix = f"there are more than {MOST:,} rows", "split the list"
            raise DataError(Problem("ROWS", what, "it is data, not a list", fix, source.where))
        if row.fault:
            held.append(Held(row.line, row.fault))
        elif said := _said(row.cells, columns):
            used.append(Row(row.line, said))
    unused = tuple(h.strip() for n, h in enumerate(header) if h.strip() and n not in columns.values())
    mapping = {name: header[number].strip() for name, number in columns.items()}
    return Inventory(listing, source.where, mapping, unused, tuple(used), tuple(held))


def _said(cells: list[str], columns: dict[str, int]) -> dict[str, str]:
    told = {name: " ".join(cells[n].split()) for name, n in columns.items() if n < len(cells)}
    return {name: text for name, text in told.items() if text}


def _header(seen: list[_Cells], listing: Listing | None, where: str) -> tuple[int, Listing, dict[str, int]]:
    """The row with most known headings, and of which kind of list it is."""
    found = [
        (len(columns), -number, kind, columns)
        for number, row in enumerate(seen)
        for kind in ([listing] if listing else list(Listing))
        if not row.fault and (columns := recognise(row.cells, kind))
    ]
    best = max(found, key=lambda entry: entry[:2], default=None)
    if best is None or best[0] < 2:
        kinds = [listing] if listing else list(Listing)
        known = "; ".join(
            f"{kind}: {', '.join(names[0] for names in HEADINGS[kind].values())}" for kind in kinds
        )
        what = f"no row among the first {DEEPEST} has two headings that are known"
        raise DataError(Problem("HEADINGS", what, "", f"head the columns by such names as {known}", where))
    return -best[1], best[2], best[3]


def _source(path: Path, sheet: str) -> Source:
    form = _FORMATS.get(path.suffix.lower())
    if form is None:
        what = "it is neither CSV nor an Excel workbook"
        raise DataError(Problem("FORMAT", what, "", "save it as .csv or .xlsx", path.name))
    _check_size(path)
    found = open_source(_described(path.name, form, sheet, "utf-8", ","), path.parent)
    if form == "xlsx":
        return found
    encoding = "utf-16" if found.seems else "utf-8" if found.clean else "windows-1252"
    first = next(Encoding(open_source(_described(path.name, form, "", encoding, ","), path.parent)).lines())
    delimiter = max(_DELIMITERS, key=lambda mark: (first.text.count(mark), -_DELIMITERS.index(mark)))
    return open_source(_described(path.name, form, "", encoding, delimiter), path.parent)


def _check_size(path: Path) -> None:
    """Raise StorageError SIZE for a file too large to be a list, or a workbook that grows when opened."""
    size = path.stat().st_size if path.exists() else 0
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            size = max(size, sum(part.file_size for part in book.infolist()) // 10)
    if size > LARGEST:
        what = f"it is larger than {LARGEST:,} bytes, or ten times that when opened"
        raise StorageError(Problem("SIZE", what, "it is data, not a list", "split the list", path.name))


def _described(name: str, form: str, sheet: str, encoding: str, delimiter: str) -> Contract:
    """What the readers need of a contract, for a file of any name that nobody has described."""
    server = Server.model_construct(
        server="list",
        type="local",
        path=name,
        format=form,
        sheet=sheet,
        encoding=encoding,
        delimiter=delimiter,
    )
    return Contract.model_construct(id="list.rows", servers=[server], custom_properties=[])


def _sheet(source: Source) -> Iterator[_Cells]:
    batch, faulty = _load(source)
    for number, row in enumerate(batch.to_pylist()):
        cells = [str(value or "").strip() for value in row.values()]
        if number in faulty:
            yield _Cells(number + 1, cells, Reason.CELL.value)
        elif any(cells):
            yield _Cells(number + 1, cells)


def _text(source: Source) -> Iterator[_Cells]:
    """Records of a CSV file, by the width of the first line that has most fields so far."""
    delimiter, width = source.contract.server.delimiter, 0
    lines, coming = deque[Line](), Encoding(source).lines()
    while lines or _pull(lines, coming):
        line = lines.popleft()
        fields = _split(line.text, delimiter) if line.sound else None
        if fields is not None:
            width = max(width, len(fields))
            if any(field.strip() for field in fields):
                yield _Cells(line.number, fields)
            continue
        fields, reason, used = _record(line, lines, coming, delimiter, width)
        for _ in range(used):
            lines.popleft()
        if fields is None:
            yield _Cells(line.number, [], reason.value)
        else:
            width = max(width, len(fields))
            yield _Cells(line.number, fields)


def _chained(first: list[_Cells], rest: Iterator[_Cells], width: int) -> Iterator[_Cells]:
    """The rows under the header; one with text beyond the header's last column is at fault."""
    for row in (*first, *rest):
        beyond = any(cell.strip() for cell in row.cells[width:])
        yield _Cells(row.line, [], Reason.FIELDS.value) if beyond else row
