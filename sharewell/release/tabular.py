"""Checked tables as CSV and Parquet.

CSV is for people: UTF-8, RFC 4180, withheld figures as [c] (the GSS symbol for confidential data), and
text that a spreadsheet would run as a formula made harmless. Parquet is for programs: exact values,
withheld figures null with a column beside them that says so.
"""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import DataError, Problem
from ..plan.finding import Measure, Output
from ..plan.released import WITHHELD, CheckedTable, Mark

WITHHELD_SIGN = "[c]"
DESCRIBED = "sharewell"
"""The key of a Parquet file's metadata under which its columns are described."""

# What a spreadsheet takes for the start of a formula (OWASP, CSV injection).
_FORMULA = r"^[=+\-@\t\r]"


def csv(table: CheckedTable) -> bytes:
    """The table as CSV bytes. An empty cell is a figure that does not exist."""
    columns = [
        pc.if_else(withheld(table, name), WITHHELD_SIGN, _text(table.data[name]))
        for name in table.data.column_names
    ]
    return _csv(pa.table(columns, names=table.data.column_names))


def parquet(table: CheckedTable) -> bytes:
    """The table as Parquet bytes, with a text column `NAME__mark` after each column that holds a mark.

    The file says what its columns are under `sharewell` in its metadata, so that `read_parquet` gives the
    table back to whoever audits it.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    for name in table.data.column_names:
        columns[name] = table.data[name]
        if pc.any(pc.not_equal(table.marks[name], Mark.PLAIN.value)).as_py():
            columns[f"{name}__mark"] = _said(table, name)
    told = {DESCRIBED: json.dumps(_described(table), sort_keys=True)}
    return _parquet(pa.table(columns).replace_schema_metadata(told))


def read_parquet(content: bytes) -> CheckedTable:
    """A table as a reader has it, from what `parquet` wrote: which withheld figure was small is not told.

    DataError where the bytes are no such file.
    """
    import pyarrow.parquet as pq

    try:
        held = pq.read_table(io.BytesIO(content))
        told = json.loads((held.schema.metadata or {})[DESCRIBED.encode()])
        names = [name for name in held.column_names if name in told["columns"]]
        marks = {name: _read_marks(held, name) for name in names}
        measures = tuple(Measure(**measure) for measure in told["measures"])
        by, counts, notes = (tuple(told[part]) for part in ("by", "counts", "notes"))
        output, data = Output(told["output"]), held.select(names).replace_schema_metadata()
        name, title = str(told["name"]), str(told["title"])
        return CheckedTable(name, title, output, data, pa.table(marks), by, counts, measures, notes)
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError):
        what = "a table is not as it was released"
        raise DataError(Problem("TABLE", what, "it was changed, or cut short", "fetch it again")) from None


def _described(table: CheckedTable) -> dict[str, Any]:
    """What a reader is told of the columns; evidence that only the gate saw has no place in it."""
    measures = [
        {"column": m.column, "count": m.count, "additive": m.additive, "share": m.share}
        for m in table.measures
    ]
    parts = {part: list(getattr(table, part)) for part in ("by", "counts", "notes")}
    named = {"name": table.name, "title": table.title, "output": str(table.output)}
    return {**named, **parts, "measures": measures, "columns": table.data.column_names}


def _read_marks(held: pa.Table, name: str) -> pa.ChunkedArray:
    if f"{name}__mark" not in held.column_names:
        return pa.chunked_array([pa.repeat(pa.scalar(""), held.num_rows)])
    words = held[f"{name}__mark"]
    rounded = pc.if_else(pc.equal(words, "rounded"), Mark.ROUNDED.value, Mark.PLAIN.value)
    return pc.if_else(pc.equal(words, "withheld"), Mark.PROTECTING.value, rounded)


def csv_of_rows(data: pa.Table) -> bytes:
    """Rows for a named recipient as CSV, with the same care for formulas."""
    names = data.column_names
    return _csv(pa.table([_text(data[name]) for name in names], names=names))


def parquet_of_rows(data: pa.Table) -> bytes:
    """Rows for a named recipient as Parquet, values exactly as they are."""
    return _parquet(data)


def withheld(table: CheckedTable, name: str) -> pa.ChunkedArray:
    """Which cells of a column did not leave, as booleans."""
    return pc.is_in(table.marks[name], value_set=pa.array(WITHHELD))


def _said(table: CheckedTable, name: str) -> pa.ChunkedArray:
    """The marks as words. Primary and secondary look alike: to tell them apart would be to tell sizes."""
    rounded = pc.if_else(pc.equal(table.marks[name], Mark.ROUNDED.value), "rounded", "")
    return pc.if_else(withheld(table, name), "withheld", rounded)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if pa.types.is_dictionary(column.type):
        column, is_text = column.cast(column.type.value_type), True
    text = column.cast(pa.string())
    if not is_text:
        return text
    danger = pc.match_substring_regex(text, _FORMULA)
    return pc.if_else(danger, pc.binary_join_element_wise("'", text, ""), text)


def _csv(table: pa.Table) -> bytes:
    from pyarrow import csv as arrow_csv

    table = table.rename_columns(_text(pa.chunked_array([table.column_names])).to_pylist())
    sink = io.BytesIO()
    arrow_csv.write_csv(table, sink, arrow_csv.WriteOptions(eol="\r\n"))
    return sink.getvalue()


def _parquet(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
