"""DuckDB through Ibis: the relational steps of a plan, lowered to lazy Ibis tables.

One function an operator, each written to give exactly what `plan.expressions` says, whatever DuckDB's own
habit: `1/0`, `-3 % 2`, overflow and the order of nulls differ there. `tests/property` holds it to the
reference engine on random plans over random data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import ibis
from ibis.expr import datatypes as dt

from ..plan.expressions import Call, Col, Expression, Lit
from ..plan.schema import Schema, Type
from ..plan.steps import Aggregate, Coarsen, Derive, Filter, Group, Join, Keep, Pick, Stack, Step

LIMIT = 2**53

IBIS_TYPE: dict[Type, dt.DataType] = {
    Type.TEXT: dt.string,
    Type.INTEGER: dt.int64,
    Type.NUMBER: dt.float64,
    Type.BOOLEAN: dt.boolean,
    Type.DATE: dt.date,
    Type.MOMENT: dt.Timestamp(),
}

CoarsenRule = Callable[[Any, Mapping[str, Any]], Any]


def ibis_schema(schema: Schema) -> Any:
    """The Ibis schema of ours."""
    return ibis.schema({column.name: IBIS_TYPE[column.type] for column in schema})


def lower(expression: Expression, table: Any) -> Any:
    """The Ibis value of an expression over an Ibis table."""
    if isinstance(expression, Lit):
        return ibis.literal(expression.value, IBIS_TYPE[expression.type])
    if isinstance(expression, Col):
        return table[expression.name]
    assert isinstance(expression, Call)
    args = [lower(arg, table) for arg in expression.args]
    return OPERATORS[expression.op](*_aligned(expression, args))


def _aligned(node: Call, args: list[Any]) -> list[Any]:
    """An integer beside a number becomes a number first, so that neither engine chooses its own common type."""
    kinds = {arg.type for arg in node.args}
    if {Type.INTEGER, Type.NUMBER} <= kinds and node.op != "left":
        return [a.cast(dt.float64) if n.type is Type.INTEGER else a for a, n in zip(args, node.args, strict=True)]
    return args


def _null(kind: dt.DataType) -> Any:
    return ibis.null(kind)


def _bounded_integer(a: Any, b: Any, operation: Callable[[Any, Any], Any]) -> Any:
    """The exact result where its double lies in +-2**53 (DuckDB raises on overflow); else null.

    `case` is lazy, so the integer operation is never computed on rows that would overflow.
    """
    rough = operation(a.cast(dt.float64), b.cast(dt.float64)).abs()
    return ibis.ifelse(rough <= LIMIT, _in_limit(operation(a, b)), _null(dt.int64))


def _in_limit(value: Any) -> Any:
    return ibis.ifelse((value >= -LIMIT) & (value <= LIMIT), value, _null(dt.int64))


def finite(value: Any) -> Any:
    """Null for NaN and the infinities."""
    return ibis.ifelse(value.isnan() | value.isinf(), _null(dt.float64), value)


def _arithmetic(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(a: Any, b: Any) -> Any:
        if a.type().is_integer() and b.type().is_integer():
            return _bounded_integer(a.cast(dt.int64), b.cast(dt.int64), operation)
        return finite(operation(a, b))

    return apply


def _divide(a: Any, b: Any) -> Any:
    a, b = a.cast(dt.float64), b.cast(dt.float64)
    return finite(a / b.nullif(0.0))


def _floored_remainder(a: Any, b: Any) -> Any:
    """The remainder with the divisor's sign; DuckDB's `%` takes the dividend's."""
    b = b.nullif(0)
    rest = a % b
    return ibis.ifelse((rest != 0) & ((rest < 0) != (b < 0)), rest + b, rest)


def _floor_divide(a: Any, b: Any) -> Any:
    """Exact in integers: (a - remainder) is a multiple of b, so the cast of its quotient loses nothing."""
    b = b.nullif(0)
    return ((a - _floored_remainder(a, b)) / b).cast(dt.int64)


def _floor(value: Any) -> Any:
    if value.type().is_integer():
        return value
    low = value.floor()
    return ibis.ifelse(low.abs() <= LIMIT, low.cast(dt.int64), _null(dt.int64))


def _case(*args: Any) -> Any:
    otherwise = args[-1] if len(args) % 2 else _null(args[1].type())
    branches = [(args[i], args[i + 1]) for i in range(0, len(args) - 1, 2)]
    return ibis.cases(*branches, else_=otherwise)


def _left(text: Any, n: Any) -> Any:
    return text.left(ibis.greatest(n, 0))


def _days_between(start: Any, end: Any) -> Any:
    return end.delta(start, unit="day")


_A, _Z = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

OPERATORS: dict[str, Callable[..., Any]] = {
    "and": lambda *args: reduce(lambda a, b: a & b, args),
    "or": lambda *args: reduce(lambda a, b: a | b, args),
    "not": lambda a: ~a,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "is_null": lambda a: a.isnull(),
    "in": lambda a, *options: a.isin(options),
    "coalesce": lambda *args: ibis.coalesce(*args),
    "case": _case,
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _divide,
    "//": _floor_divide,
    "%": _floored_remainder,
    "abs": lambda a: a.abs(),
    "floor": _floor,
    "number": lambda a: a.cast(dt.float64),
    "lower": lambda text: text.translate(_Z, _A),
    "upper": lambda text: text.translate(_A, _Z),
    "trim": lambda text: text.re_replace("^ +| +$", ""),
    "length": lambda text: text.length(),
    "left": _left,
    "starts_with": lambda text, part: text.startswith(part),
    "contains": lambda text, part: text.contains(part),
    "||": lambda *texts: reduce(lambda a, b: a + b, texts),
    "year": lambda moment: moment.year().cast(dt.int64),
    "month": lambda moment: moment.month().cast(dt.int64),
    "day": lambda moment: moment.day().cast(dt.int64),
    "hour": lambda moment: moment.hour().cast(dt.int64),
    "weekday": lambda moment: moment.day_of_week.index().cast(dt.int64) + 1,
    "day_of": lambda moment: moment.date(),
    "days_between": _days_between,
}


def run(step: Step, inputs: Sequence[Any], rules: Mapping[str, CoarsenRule] | None = None) -> Any:
    """The lazy Ibis table of one relational step. `rules` are the coarsenings by name."""
    if isinstance(step, Coarsen):
        value = (rules or {})[step.rule](inputs[0][step.column], step.parameters.plain())
        table = inputs[0].mutate(**{step.name: value})
        return table.select(*step.shape.schema.names)
    return _RELATIONAL[type(step)](step, *inputs)


def _keep(step: Keep, table: Any) -> Any:
    return table.select(*step.columns)


def _derive(step: Derive, table: Any) -> Any:
    made = {name: lower(expression, table) for name, expression in step.columns}
    return table.mutate(**made).select(*step.shape.schema.names)


def _filter(step: Filter, table: Any) -> Any:
    return table.filter(lower(step.condition, table))


def _join(step: Join, left: Any, right: Any) -> Any:
    if step.how in ("semi", "anti"):
        return left.join(right.view(), _pairs(step, left, right), how=step.how).select(*left.columns)
    theirs = {b for _, b in step.on}
    added = [name for name in step.right.shape.schema.names if name not in theirs]
    renamed = right.select(**{f"__{b}": b for b in theirs}, **{name: name for name in added})
    on = [left[a] == renamed[f"__{b}"] for a, b in step.on]
    return left.join(renamed, on, how=step.how).select(*step.shape.schema.names)


def _pairs(step: Join, left: Any, right: Any) -> list[Any]:
    view = right.view()
    return [left[a] == view[b] for a, b in step.on]


def _stack(step: Stack, *tables: Any) -> Any:
    return ibis.union(*tables, distinct=False) if len(tables) > 1 else tables[0]


def _pick(step: Pick, table: Any) -> Any:
    order = [ibis.asc(table[name], nulls_first=False) for name in step.of.shape.schema.names]
    rank = ibis.row_number().over(group_by=list(step.by), order_by=order)
    ranked = table.mutate(__rank=rank)
    return ranked.filter(ranked["__rank"] == 0).drop("__rank")


def _group(step: Group, table: Any) -> Any:
    figures = {a.name: aggregate(a, table) for a in step.aggregates}
    grouped = table.aggregate(**figures) if not step.by else table.group_by(list(step.by)).aggregate(**figures)
    return grouped.select(*step.shape.schema.names)


def aggregate(figure: Aggregate, table: Any) -> Any:
    """One figure over the rows of a group, of the type that the plan says."""
    where = lower(figure.where, table).fill_null(False) if figure.where else None
    if figure.how == "rows":
        return table.count(where=where).cast(dt.int64)
    assert figure.of is not None
    value = lower(figure.of, table)
    return _AGGREGATE[figure.how](value, where, figure.type)


def _sum(value: Any, where: Any, kind: Type) -> Any:
    total = value.sum(where=where)
    return _in_limit(total).cast(dt.int64) if kind is Type.INTEGER else finite(total)


_AGGREGATE: dict[str, Callable[[Any, Any, Type], Any]] = {
    "distinct": lambda value, where, _: value.nunique(where=where).cast(dt.int64),
    "any": lambda value, where, _: value.any(where=where).fill_null(False),
    "sum": _sum,
    "mean": lambda value, where, _: finite(value.cast(dt.float64).mean(where=where)),
    "least": lambda value, where, _: value.min(where=where),
    "most": lambda value, where, _: value.max(where=where),
}

_RELATIONAL: dict[type[Step], Callable[..., Any]] = {
    Keep: _keep,
    Derive: _derive,
    Filter: _filter,
    Join: _join,
    Stack: _stack,
    Pick: _pick,
    Group: _group,
}
