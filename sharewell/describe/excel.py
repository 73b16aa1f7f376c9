"""Excel workbooks, through fastexcel (calamine). The first row with any text is the header.

A date may be a date or a bare number of days: both become a date here, counted from the workbook's own
epoch (ECMA-376 part 1, 18.17.4). Day 60 of the 1900 system is 29 February 1900, which never was: it stays a
number, and so goes to quarantine. A cell that holds an error (#DIV/0!) faults its row.
"""

from __future__ import annotations

import re
import zipfile
from typing import Any

import duckdb
import pyarrow as pa

from ..errors import DataError, Problem
from ..plan.schema import Type
from .contract import Property
from .judge import date_format
from .readers import READERS, Progress, Reason, check_header
from .source import Source
from .sql import literal, name, run

_DAYS = "'^[0-9]{1,7}([.]0+)?$'"
_DAYS_AND_TIME = "'^[0-9]{1,7}([.][0-9]+)?$'"
_LAST = 2_958_465
"""31 December 9999 in the 1900 system."""


def read(con: duckdb.DuckDBPyConnection, source: Source, relation: str, progress: Progress) -> None:
    """Stage one sheet. Raises DataError FILE, SHEET, EMPTY or COLUMNS."""
    progress("reading Excel", 0.0)
    batch, faulty = _load(source)
    held = [index for index, empty in enumerate(_blank(batch)) if not empty]
    if not held:
        raise DataError(Problem("EMPTY", f"{source.contract.id} has no rows", where=source.where))
    top, bottom = held[0], held[-1]
    header = [str(value or "").strip() for value in batch.slice(top, 1).to_pylist()[0].values()]
    while header and not header[-1]:
        header.pop()
    check_header(header, source.contract, source.where)
    table = f"{relation}_text"
    con.register("_sheet", _numbered(batch, top, bottom, set(held), faulty))
    run(con, f"CREATE OR REPLACE TEMP TABLE {name(table)} AS SELECT * FROM _sheet", doing="staging")
    con.unregister("_sheet")
    epoch = _epoch(source)
    fields = ", ".join(
        f"{_dated(p, f'f{header.index(p.header)}', epoch)} AS {name(p.name)}"
        for p in source.contract.properties
    )
    view = f"SELECT _line, _fault, NULL::VARCHAR AS _original, {fields} FROM {name(table)}"
    run(con, f"CREATE OR REPLACE TEMP VIEW {name(relation)} AS {view}", doing="staging")


def _load(source: Source) -> tuple[Any, set[int]]:
    """The sheet as text, and the rows that hold an error in a cell."""
    import fastexcel

    problem = Problem(
        "FILE", "the file is not a readable workbook", "", "save it again as .xlsx", source.where
    )
    sheet = source.contract.server.sheet
    try:
        book = fastexcel.read_excel(source.path)
        known = book.sheet_names
        if not sheet or sheet in known:
            loaded = book.load_sheet(sheet or 0, header_row=None, skip_rows=0, dtypes="string")
            batch, errors = loaded.to_arrow_with_errors()
            return batch, {error.position[0] for error in errors.errors} if errors else set()
        problem = Problem(
            "SHEET", f"there is no sheet {sheet!r}", "", f"it has: {', '.join(known)}", source.where
        )
    except Exception:  # the library's own text may quote a cell
        pass
    raise DataError(problem)


def _blank(batch: Any) -> list[bool]:
    """Whether each row has no text at all."""
    import pyarrow.compute as pc

    empty = pa.array([True] * batch.num_rows)
    for column in batch.columns:
        empty = pc.and_(empty, pc.is_null(column))
    held: list[bool] = empty.to_pylist()
    return held


def _numbered(batch: Any, top: int, bottom: int, held: set[int], faulty: set[int]) -> pa.Table:
    """The rows under the header with their numbers as Excel shows them, and their faults."""
    places = range(top + 1, bottom + 1)
    faults = [
        Reason.CELL.name if i in faulty else None if i in held else Reason.FIELDS.name for i in places
    ]
    under = batch.slice(top + 1, bottom - top)
    columns = [pa.array([i + 1 for i in places], pa.int64()), pa.array(faults, pa.string()), *under.columns]
    return pa.Table.from_arrays(columns, ["_line", "_fault", *(f"f{i}" for i in range(under.num_columns))])


def _epoch(source: Source) -> int:
    """1900 or 1904: from which year the workbook counts days."""
    try:
        with zipfile.ZipFile(source.path) as book, book.open("xl/workbook.xml") as part:
            head = part.read(100_000)
    except (zipfile.BadZipFile, KeyError, OSError):
        return 1900
    return 1904 if re.search(rb'date1904="(1|true)"', head) else 1900


def _dated(of: Property, field: str, epoch: int) -> str:
    """The text of a field, with dates and bare numbers of days written in the contract's format."""
    if of.type not in (Type.DATE, Type.MOMENT):
        return field
    date = of.type is Type.DATE
    days = f"try_cast({field} AS DOUBLE)"
    start = (
        "TIMESTAMP '1904-01-01'"
        if epoch == 1904
        else f"CASE WHEN {days} < 60 THEN TIMESTAMP '1899-12-31' ELSE TIMESTAMP '1899-12-30' END"
    )
    real = "true" if epoch == 1904 else f"floor({days}) <> 60"
    moment = f"({start} + to_seconds(CAST(round({days} * 86400) AS BIGINT)))"
    shape = literal(date_format(of)[0])
    serial = f"regexp_full_match({field}, {_DAYS if date else _DAYS_AND_TIME})"
    midnight = " 00:00:00" if date else " [0-9:]{8}"
    typed = f"regexp_full_match({field}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{midnight}')"
    return (
        f"CASE WHEN {serial} AND {days} BETWEEN 1 AND {_LAST} AND {real} THEN strftime({moment}, {shape}) "
        f"WHEN {typed} THEN strftime(try_cast({field} AS TIMESTAMP), {shape}) ELSE {field} END"
    )


READERS.add("xlsx", read)
