"""The reference engine: plain Python over lists of rows, slow and obvious. It is the judge of the others.

A table is a list of dicts. Nothing here is optimised, so that it can be read against the rules in
`plan.expressions` and `plan.steps` line by line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plan.expressions import LARGEST_INTEGER, Call, Col, Expression, Lit
from ..plan.schema import Schema, Type
from ..plan.steps import Aggregate, Coarsen, Derive, Filter, Group, Join, Keep, Pick, Rank, Stack, Step

Row = dict[str, Any]
Table = list[Row]

CoarsenRule = Callable[[Any, Mapping[str, Any]], Any]


def evaluate(expression: Expression, row: Row) -> Any:
    """The value of an expression on one row; None is null."""
    if isinstance(expression, Lit):
        return expression.value
    if isinstance(expression, Col):
        return row[expression.name]
    assert isinstance(expression, Call)
    values = [evaluate(arg, row) for arg in expression.args]
    if expression.op in _WITH_NULLS:
        result = _WITH_NULLS[expression.op](values)
    elif any(value is None for value in values):
        return None
    else:
        result = PYTHON[expression.op](*values)
    return bounded(result, expression.type)


def bounded(value: Any, kind: Type) -> Any:
    """Null for what lies outside the type: an integer from 2**53, a number that is not finite."""
    if value is None or kind not in (Type.INTEGER, Type.NUMBER):
        return value
    if kind is Type.INTEGER:
        return int(value) if abs(value) <= LARGEST_INTEGER else None
    return float(value) + 0.0 if math.isfinite(value) else None  # -0.0 + 0.0 is 0.0


def _and(values: Sequence[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _or(values: Sequence[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _case(values: Sequence[Any]) -> Any:
    for i in range(0, len(values) - 1, 2):
        if values[i] is True:
            return values[i + 1]
    return values[-1] if len(values) % 2 else None


_WITH_NULLS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "and": _and,
    "or": _or,
    "case": _case,
    "is_null": lambda values: values[0] is None,
    "coalesce": lambda values: next((v for v in values if v is not None), None),
}


def _finite(operation: Callable[[], Any]) -> Any:
    try:
        return operation()
    except (ZeroDivisionError, OverflowError):
        return None


_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

PYTHON: dict[str, Callable[..., Any]] = {
    "not": lambda a: not a,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "in": lambda a, *options: a in options,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: _finite(lambda: a / b),
    "//": lambda a, b: _finite(lambda: a // b),
    "%": lambda a, b: _finite(lambda: a % b),
    "abs": abs,
    "floor": math.floor,
    "number": float,
    "lower": lambda text: text.translate(_LOWER),
    "upper": lambda text: text.translate(_UPPER),
    "trim": lambda text: text.strip(" "),
    "length": len,
    "left": lambda text, n: text[: max(n, 0)],
    "starts_with": lambda text, part: text.startswith(part),
    "contains": lambda text, part: part in text,
    "||": lambda *texts: "".join(texts),
    "year": lambda moment: moment.year,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
    "hour": lambda moment: moment.hour,
    "weekday": lambda moment: moment.isoweekday(),
    "day_of": lambda moment: moment.date(),
    "days_between": lambda start, end: (end - start).days,
}


def run(step: Step, inputs: Sequence[Table], rules: Mapping[str, CoarsenRule] | None = None) -> Table:
    """The rows of one relational step. `rules` are the coarsenings by name."""
    if isinstance(step, Coarsen):
        rule, settings = (rules or {})[step.rule], step.parameters.plain()
        return [
            {
                step.name if n == step.column else n: rule(v, settings) if n == step.column else v
                for n, v in row.items()
            }
            for row in inputs[0]
        ]
    return _RELATIONAL[type(step)](step, *inputs)


def _keep(step: Keep, rows: Table) -> Table:
    return [{name: row[name] for name in step.columns} for row in rows]


def _derive(step: Derive, rows: Table) -> Table:
    return [{**row, **{name: evaluate(e, row) for name, e in step.columns}} for row in rows]


def _filter(step: Filter, rows: Table) -> Table:
    return [row for row in rows if evaluate(step.condition, row) is True]


def _join(step: Join, left: Table, right: Table) -> Table:
    """Nulls never match: a key with a null is in no index, so it is never found."""
    mine, theirs = [a for a, _ in step.on], [b for _, b in step.on]
    index = {key: row for row in right if None not in (key := tuple(row[name] for name in theirs))}
    added = [name for name in step.right.shape.schema.names if name not in theirs]
    result: Table = []
    for row in left:
        match = index.get(tuple(row[name] for name in mine))
        if step.how in ("semi", "anti"):
            result += [row] if (match is not None) == (step.how == "semi") else []
        elif match is not None or step.how == "left":
            result.append({**row, **{name: match[name] if match is not None else None for name in added}})
    return result


def _stack(step: Stack, *tables: Table) -> Table:
    return [row for table in tables for row in table]


def _order(row: Row, schema: Schema) -> tuple[Any, ...]:
    """Ascending by every column in turn, nulls last."""
    return tuple((row[name] is None, 0 if row[name] is None else row[name]) for name in schema.names)


def _pick(step: Pick, rows: Table) -> Table:
    first: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda r: _order(r, step.of.shape.schema)):
        first.setdefault(tuple(row[name] for name in step.by), row)
    return list(first.values())


def _rank(step: Rank, rows: Table) -> Table:
    def order(row: Row) -> tuple[Any, ...]:
        figure = row[step.by]
        return (figure is None, 0 if figure is None else -figure, _order(row, step.of.shape.schema))

    first = sorted(rows, key=order)[: step.most]
    return [{**row, step.place: number} for number, row in enumerate(first, start=1)]


def _group(step: Group, rows: Table) -> Table:
    groups: dict[tuple[Any, ...], Table] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in step.by), []).append(row)
    if not step.by:
        groups.setdefault((), [])
    return [
        {**dict(zip(step.by, key, strict=True)), **{a.name: aggregate(a, members) for a in step.aggregates}}
        for key, members in groups.items()
    ]


def aggregate(figure: Aggregate, rows: Table) -> Any:
    """One figure over the rows of a group."""
    rows = [row for row in rows if figure.where is None or evaluate(figure.where, row) is True]
    if figure.how == "rows":
        return len(rows)
    assert figure.of is not None
    values = [value for value in (evaluate(figure.of, row) for row in rows) if value is not None]
    return bounded(_AGGREGATE[figure.how](values), figure.type)


def _sum(values: list[Any]) -> Any:
    """Exact for integers; for numbers the exact sum rounded once, and an engine need only come close."""
    if all(isinstance(value, int) for value in values):
        return sum(values)
    return _finite(lambda: math.fsum(values))


def _mean(values: list[Any]) -> Any:
    total = _sum(values)
    return None if total is None else float(total) / len(values)


_AGGREGATE: dict[str, Callable[[list[Any]], Any]] = {
    "distinct": lambda values: len(set(values)),
    "any": lambda values: True in values,
    "sum": lambda values: _sum(values) if values else None,
    "mean": lambda values: _mean(values) if values else None,
    "least": lambda values: min(values, default=None),
    "most": lambda values: max(values, default=None),
}

_RELATIONAL: dict[type[Step], Callable[..., Table]] = {
    Keep: _keep,
    Derive: _derive,
    Filter: _filter,
    Join: _join,
    Stack: _stack,
    Pick: _pick,
    Rank: _rank,
    Group: _group,
}
