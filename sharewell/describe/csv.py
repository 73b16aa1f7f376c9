"""Comma-separated text (RFC 4180), any delimiter.

A file without a fault is read by DuckDB, in parallel. Where DuckDB objects, or a value spans lines, or
bytes do not decode, the file is read again by line, so that every faulty line is kept with its number and
its reason.

A quoted value may span lines only where the record it makes is whole, and none of the lines it takes is a
whole record by itself. Otherwise its first line alone is at fault and reading goes on at the next: one
stray quote never swallows the rows after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

import duckdb

from ..errors import DataError, Problem, SharewellError
from .readers import READERS, Progress, Reason, Sheet, check_header
from .source import Encoding, Line, Source
from .sql import literal, name, number, run

_SPAN = 50
"""The most lines that a quoted value may span."""


def read(con: duckdb.DuckDBPyConnection, source: Source, relation: str, progress: Progress) -> None:
    """Stage a CSV file. Raises DataError ENCODING or COLUMNS."""
    encoding = Encoding(source)
    if source.seems:
        encoding.check()
    header = _header(source)
    if not (
        source.clean and source.contract.server.encoding == "utf-8" and _fast(con, source, relation, header)
    ):
        _slow(con, source, encoding, relation, header, progress)


def _header(source: Source) -> list[str]:
    first = next(Encoding(source).lines(), None)
    if first is None:
        raise DataError(
            Problem("EMPTY", f"{source.contract.id} holds only blank lines", where=source.where)
        )
    fields = _split(first.text, source.contract.server.delimiter) if first.sound else None
    header = [field.strip() for field in fields or []]
    check_header(header, source.contract, source.where)
    return header


def _fast(con: duckdb.DuckDBPyConnection, source: Source, relation: str, header: list[str]) -> bool:
    """Whether DuckDB could read the file, one record a line. It then is in the view `relation`."""
    table = name(f"{relation}_text")
    columns = ", ".join(f"'f{i + 1}': 'VARCHAR'" for i in range(len(header)))
    options = (
        f"header=false, skip=1, columns={{{columns}}}, delim={literal(source.contract.server.delimiter)}, "
        "quote='\"', escape='\"', auto_detect=false, strict_mode=true, null_padding=false, nullstr=''"
    )
    reading = f"read_csv({literal(str(source.path))}, {options})"
    try:
        run(con, f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {reading}", doing="reading CSV")
    except SharewellError:
        return False
    if number(con, f"SELECT count(*) FROM {table}") != source.lines - 1:
        return False
    # A table keeps the order of the file, so the row's number gives its line.
    fields = _fields(source, header, "f{}")
    found = "rowid + 2 AS _line, NULL::VARCHAR AS _fault, NULL::VARCHAR AS _original"
    view = f"SELECT {found}, {fields} FROM {table}"
    run(con, f"CREATE OR REPLACE TEMP VIEW {name(relation)} AS {view}", doing="staging")
    return True


def _fields(source: Source, header: list[str], position: str) -> str:
    """The contract's fields; `position` says how the source's are called, by number from 1."""
    places = [(position.format(header.index(p.header) + 1), p.name) for p in source.contract.properties]
    return ", ".join(f"nullif({place}, '') AS {name(field)}" for place, field in places)


def _slow(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    encoding: Encoding,
    relation: str,
    header: list[str],
    progress: Progress,
) -> None:
    table, delimiter = f"{relation}_text", source.contract.server.delimiter
    sheet = Sheet(con, table)
    lines = deque[Line]()
    coming = encoding.lines()
    next(coming)
    while lines or _pull(lines, coming):
        line = lines.popleft()
        if line.number % 100_000 == 0:
            progress("reading lines", line.number / source.lines)
        if line.sound and '"' not in line.text and line.text.count(delimiter) == len(header) - 1:
            sheet.whole(line.number, line.text)
            continue
        fields, reason, used = _record(line, lines, coming, delimiter, len(header))
        if fields is not None:
            sheet.cells(line.number, fields)
            for _ in range(used):
                lines.popleft()
        else:
            sheet.fault(line.number, reason, line.text)
    sheet.close()
    encoding.check()
    split = f"coalesce(_cells, string_split(_whole, {literal(delimiter)}))"
    cells = f"(SELECT _line, _fault, _original, {split} AS f FROM {name(table)})"
    listed = _fields(source, header, "f[{}]")
    view = f"SELECT _line, _fault, _original, {listed} FROM {cells}"
    run(con, f"CREATE OR REPLACE TEMP VIEW {name(relation)} AS {view}", doing="staging")


def _pull(lines: deque[Line], coming: Iterator[Line]) -> bool:
    line = next(coming, None)
    if line is not None:
        lines.append(line)
    return line is not None


def _record(
    line: Line, lines: deque[Line], coming: Iterator[Line], delimiter: str, width: int
) -> tuple[list[str] | None, Reason, int]:
    """The fields of the record that begins at `line`, or why none; and the further lines it took."""
    if not line.sound:
        return None, Reason.BYTES, 0
    fields = _split(line.text, delimiter)
    if fields is not None:
        return (fields, Reason.FIELDS, 0) if len(fields) == width else (None, Reason.FIELDS, 0)
    text = line.text
    for used in range(1, _SPAN):
        if len(lines) < used and not _pull(lines, coming):
            break
        further = lines[used - 1]
        if not further.sound or _is_whole(further.text, delimiter, width):
            break
        text += "\n" + further.text
        if '"' in further.text and (fields := _split(text, delimiter)) is not None:
            return (fields, Reason.QUOTES, used) if len(fields) == width else (None, Reason.QUOTES, 0)
    return None, Reason.QUOTES, 0


def _is_whole(text: str, delimiter: str, width: int) -> bool:
    fields = _split(text, delimiter)
    return fields is not None and len(fields) == width


def _split(text: str, delimiter: str) -> list[str] | None:
    """The fields of one record; None where its quotes are not whole."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        (fields,) = csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=delimiter != " ")
    except (csv.Error, ValueError):
        return None
    return fields


READERS.add("csv", read)
