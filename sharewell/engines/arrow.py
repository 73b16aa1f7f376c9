"""Arrow tables in the types of the language, the form in which tables enter and leave an engine."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import DataError, Problem
from ..plan.expressions import LARGEST_INTEGER
from ..plan.schema import Schema, Type

ARROW_TYPE: dict[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.BOOLEAN: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.MOMENT: pa.timestamp("us"),
}

_FIRST_DAY, _LAST_DAY = -719162, 2932896  # 0001-01-01 and 9999-12-31, in days from 1970-01-01
_DAY = 86_400_000_000


def arrow_schema(schema: Schema) -> pa.Schema:
    """The Arrow schema of ours."""
    return pa.schema([(column.name, ARROW_TYPE[column.type]) for column in schema])


def admit(table: pa.Table) -> pa.Table:
    """The same rows in the language's types, null where a value is none of theirs.

    Those are NaN and the infinities, integers from 2**53, dates and moments outside the years 1 to 9999,
    and text with U+0000. `describe` counts and reports such values before; no engine may ever meet them.
    -0.0 becomes 0.0, of which DuckDB's joins may make different keys. Raises DataError for a column whose
    Arrow type has no counterpart.
    """
    columns = [_admit(name, column) for name, column in zip(table.column_names, table.columns, strict=True)]
    return pa.table(columns, names=table.column_names)


def _admit(name: str, column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = ARROW_TYPE[_type_of(name, column.type)]
    if kind == pa.float64():
        column = pc.add(column.cast(kind), 0.0)  # -0.0 + 0.0 is 0.0
        return _where(pc.is_finite(column), column)
    if kind == pa.int64():
        if pa.types.is_uint64(column.type):
            column = _where(pc.less_equal(column, pa.scalar(LARGEST_INTEGER, pa.uint64())), column)
        return _between(column.cast(kind), -LARGEST_INTEGER, LARGEST_INTEGER, kind)
    if kind == pa.date32():
        return _between(column.cast(kind).cast(pa.int32()), _FIRST_DAY, _LAST_DAY, kind)
    if kind == pa.timestamp("us"):
        local = column.cast(kind, safe=False)
        return _between(local.cast(pa.int64()), _FIRST_DAY * _DAY, (_LAST_DAY + 1) * _DAY - 1, kind)
    column = column.cast(kind)
    return column if kind == pa.bool_() else _where(pc.invert(pc.match_substring(column, "\0")), column)


def _between(column: Any, low: int, high: int, kind: pa.DataType) -> Any:
    inside = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
    return _where(inside, column).cast(kind)


def _where(condition: Any, column: Any) -> Any:
    return pc.if_else(condition, column, pa.scalar(None, column.type))


def _type_of(name: str, kind: pa.DataType) -> Type:
    """Ours for an Arrow type; a time zone is none of ours, since a moment is local."""
    tests = (
        (pa.types.is_boolean, Type.BOOLEAN),
        (pa.types.is_integer, Type.INTEGER),
        (pa.types.is_floating, Type.NUMBER),
        (pa.types.is_decimal, Type.NUMBER),
        (pa.types.is_date, Type.DATE),
        (lambda t: pa.types.is_timestamp(t) and t.tz is None, Type.MOMENT),
        (lambda t: pa.types.is_string(t) or pa.types.is_large_string(t), Type.TEXT),
        (lambda t: pa.types.is_string_view(t) or pa.types.is_null(t), Type.TEXT),
    )
    for holds, ours in tests:
        if holds(kind):
            return ours
    raise DataError(Problem("TYPE", f"column {name} has the type {kind}, which has no counterpart"))
