"""Expressions lowered to Ibis values that give on DuckDB exactly what `plan.expressions` says.

Arithmetic runs in doubles and lets infinity and NaN stand for null until a value leaves it. That is exact:
integers lie below 2**53, so a sum, difference or product inside that range has no rounding, and one outside
is turned into infinity by scaling (`within`), which arithmetic then carries along. Each argument is thus
named once in the SQL, whatever the depth; nothing can raise, nor depend on DuckDB's integer habits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import ibis
from ibis.expr import datatypes as dt

from ..plan.expressions import Call, Col, Expression, Lit
from ..plan.schema import Type

IBIS_TYPE: dict[Type, dt.DataType] = {
    Type.TEXT: dt.string,
    Type.INTEGER: dt.int64,
    Type.NUMBER: dt.float64,
    Type.BOOLEAN: dt.boolean,
    Type.DATE: dt.date,
    Type.MOMENT: dt.Timestamp(scale=6),
}

_SCALE = (
    2.0**971
)  # 2**53 times this is the least double that overflows; smaller integers scale without loss
_LONGEST = 2**32 - 1  # the most code points that DuckDB will take from the left


@ibis.udf.scalar.builtin(name="isfinite")  # type: ignore[untyped-decorator]
def _isfinite(value: float) -> bool:  # type: ignore[empty-body]
    """DuckDB's own."""


@ibis.udf.scalar.builtin(name="trim")  # type: ignore[untyped-decorator]
def _trim(text: str, characters: str) -> str:  # type: ignore[empty-body]
    """DuckDB's own; with one argument it would remove every Unicode space."""


@ibis.udf.scalar.builtin(name="left")  # type: ignore[untyped-decorator]
def _left_of(text: str, count: int) -> str:  # type: ignore[empty-body]
    """DuckDB's own; a negative count would cut from the right."""


@ibis.udf.scalar.builtin(name="mod")  # type: ignore[untyped-decorator]
def _mod(value: int, divisor: int) -> int:  # type: ignore[empty-body]
    """DuckDB's own, null for a divisor of 0; Ibis's `%` computes on constants itself and raises for 0."""


@ibis.udf.scalar.builtin(name="floor")  # type: ignore[untyped-decorator]
def _floor(value: float) -> float:  # type: ignore[empty-body]
    """DuckDB's own, staying a double; Ibis's casts to an integer, which raises for infinity."""


def lower(expression: Expression, table: Any) -> Any:
    """The Ibis value of an expression over an Ibis table."""
    if isinstance(expression, Lit):
        return _literal(expression)
    if isinstance(expression, Col):
        return table[expression.name]
    assert isinstance(expression, Call)
    if expression.op in ARITHMETIC:
        return leave(_raw(expression, table), expression.type)
    return OPERATORS[expression.op](*_aligned(expression, table))


def leave(raw: Any, kind: Type) -> Any:
    """A double out of arithmetic as a value of its type, null where it is not finite."""
    if kind is Type.INTEGER:
        return raw.try_cast(dt.int64)
    return ibis.ifelse(_isfinite(raw), raw + 0.0, ibis.null(dt.float64))  # -0.0 + 0.0 is 0.0


def within(raw: Any) -> Any:
    """An integer held as a double, infinite where it reaches 2**53."""
    return raw * _SCALE / _SCALE


def _literal(expression: Lit) -> Any:
    kind = IBIS_TYPE[expression.type]
    if expression.type in (Type.NUMBER, Type.MOMENT):
        return ibis.literal(str(expression.value)).cast(kind)  # DuckDB would read 0.1 as a decimal
    return ibis.literal(expression.value, kind)


def _raw(expression: Expression, table: Any) -> Any:
    """A numeric expression as a double, not finite where it is null for want of an answer."""
    if not isinstance(expression, Call) or expression.op not in ARITHMETIC:
        return lower(expression, table).cast(dt.float64)
    first, *others = expression.args
    guard = expression.op in ("/", "//")  # x / infinity is 0: a divisor must be null, not infinite
    rest = [lower(e, table).cast(dt.float64) if guard else _raw(e, table) for e in others]
    value = ARITHMETIC[expression.op](_raw(first, table), *rest)
    return within(value) if expression.type is Type.INTEGER else value


def _aligned(node: Call, table: Any) -> list[Any]:
    """The arguments, an integer beside a number as a number: the engine must not choose a common type."""
    mixed = {Type.INTEGER, Type.NUMBER} <= {arg.type for arg in node.args}
    values = [(arg.type, lower(arg, table)) for arg in node.args]
    return [v.cast(dt.float64) if mixed and kind is Type.INTEGER else v for kind, v in values]


def _whole(value: Any) -> Any:
    """The value in brackets of its own: Ibis writes `a < b IN (c)`, which SQL reads as `a < (b IN (c))`."""
    return ibis.coalesce(value) if value.type().is_boolean() else value


def _floored_remainder(a: Any, b: Any) -> Any:
    """The remainder with the divisor's sign (DuckDB's takes the dividend's); null for a divisor of 0."""
    return _mod(_mod(a, b) + b, b)


def _case(*args: Any) -> Any:
    otherwise = args[-1] if len(args) % 2 else ibis.null(args[1].type())
    branches = [(args[i], args[i + 1]) for i in range(0, len(args) - 1, 2)]
    return ibis.cases(*branches, else_=otherwise)


def _left(text: Any, count: Any) -> Any:
    return _left_of(text, ibis.cases((count < 0, 0), (count > _LONGEST, _LONGEST), else_=count))


def _part(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda moment: read(moment).cast(dt.int64)


_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: _floor(a / b),  # exact below 2**53: a quotient is never rounded up to an integer
    "abs": lambda a: a.abs(),
    "floor": lambda a: _floor(a),
    "number": lambda a: a,
}


OPERATORS: dict[str, Callable[..., Any]] = {
    "and": lambda *args: reduce(lambda a, b: a & b, args),
    "or": lambda *args: reduce(lambda a, b: a | b, args),
    "not": lambda a: ~a,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "is_null": lambda a: _whole(a).isnull(),
    "in": lambda a, *options: _whole(a).isin(options),
    "coalesce": lambda *args: ibis.coalesce(*args),
    "case": _case,
    "%": _floored_remainder,
    "lower": lambda text: text.translate(_UPPER, _LOWER),
    "upper": lambda text: text.translate(_LOWER, _UPPER),
    "trim": lambda text: _trim(text, " "),
    "length": lambda text: text.length().cast(dt.int64),
    "left": _left,
    "starts_with": lambda text, part: text.startswith(part),
    "contains": lambda text, part: text.contains(part),
    "||": lambda *texts: reduce(lambda a, b: a + b, texts),
    "year": _part(lambda moment: moment.year()),
    "month": _part(lambda moment: moment.month()),
    "day": _part(lambda moment: moment.day()),
    "hour": _part(lambda moment: moment.hour()),
    "weekday": _part(lambda moment: moment.day_of_week.index() + 1),
    "day_of": lambda moment: moment.date(),
    "days_between": lambda start, end: end.delta(start, unit="day"),
}
