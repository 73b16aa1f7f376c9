"""DuckDB through Ibis: the relational steps of a plan, lowered to lazy Ibis tables.

Each step gives exactly the rows that `plan.steps` says, whatever DuckDB's own habit: the order of nulls,
the types of sums and a self-join's names differ there. `tests/property` holds it to the reference engine on
random plans over random data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ibis
from ibis.expr import datatypes as dt

from ..plan.expressions import Expression
from ..plan.schema import Schema, Type
from ..plan.steps import Aggregate, Coarsen, Derive, Filter, Group, Join, Keep, Pick, Rank, Stack, Step
from .duckdb_expressions import IBIS_TYPE, leave, lower, within
from .duckdb_session import DuckDB

CoarsenRule = Callable[[Any, Mapping[str, Any]], Any]

__all__ = ["CoarsenRule", "DuckDB", "ibis_schema", "lower", "run"]


def ibis_schema(schema: Schema) -> Any:
    """The Ibis schema of ours."""
    return ibis.schema({column.name: IBIS_TYPE[column.type] for column in schema})


def run(step: Step, inputs: Sequence[Any], rules: Mapping[str, CoarsenRule] | None = None) -> Any:
    """The lazy Ibis table of one relational step. `rules` are the coarsenings by name."""
    if isinstance(step, Coarsen):
        return _coarsen(step, inputs[0], (rules or {})[step.rule])
    return _RELATIONAL[type(step)](step, *inputs)


def _coarsen(step: Coarsen, table: Any, rule: CoarsenRule) -> Any:
    coarse = rule(table[step.column], step.parameters.plain()).name(step.name)
    return table.select([coarse if name == step.column else table[name] for name in table.columns])


def _keep(step: Keep, table: Any) -> Any:
    return table.select(list(step.columns))


def _derive(step: Derive, table: Any) -> Any:
    made = {name: lower(expression, table).name(name) for name, expression in step.columns}
    return table.select([made[name] if name in made else table[name] for name in step.shape.schema.names])


def _filter(step: Filter, table: Any) -> Any:
    return table.filter(lower(step.condition, table))


def _join(step: Join, left: Any, right: Any) -> Any:
    """The right side's columns are renamed first, so that a table may be joined with itself."""
    names = dict(zip(right.columns, _unused(left.columns, len(right.columns)), strict=True))
    renamed = right.select([right[name].name(new) for name, new in names.items()]).view()
    matches = [left[mine] == renamed[names[theirs]] for mine, theirs in step.on]
    joined = left.join(renamed, matches, how=step.how)
    added = () if step.how in ("semi", "anti") else step.shape.schema.names[len(left.columns) :]
    kept = [joined[name] for name in left.columns]
    return joined.select(kept + [joined[names[name]].name(name) for name in added])


def _unused(taken: Iterable[str], count: int) -> list[str]:
    """Names that none of `taken` is."""
    held = {name.casefold() for name in taken}
    stem = "r"
    while any(name.startswith(stem) for name in held):
        stem += "_"
    return [f"{stem}{i}" for i in range(count)]


def _stack(step: Stack, *tables: Any) -> Any:
    return ibis.union(*tables, distinct=False) if len(tables) > 1 else tables[0]


def _pick(step: Pick, table: Any) -> Any:
    order = [ibis.asc(table[name], nulls_first=False) for name in table.columns]
    rank = ibis.row_number().over(group_by=[table[name] for name in step.by], order_by=order)
    (name,) = _unused(table.columns, 1)
    ranked = table.select([*(table[column] for column in table.columns), rank.name(name)])
    return ranked.filter(ranked[name] == 0).select(list(table.columns))


def _rank(step: Rank, table: Any) -> Any:
    order = [ibis.desc(table[step.by], nulls_first=False)]
    # Ibis takes the last order of a column named twice.
    order += [ibis.asc(table[name], nulls_first=False) for name in table.columns if name != step.by]
    place = (ibis.row_number().over(order_by=order) + 1).cast(dt.int64)
    ranked = table.select([*(table[column] for column in table.columns), place.name(step.place)])
    return ranked if step.most is None else ranked.filter(ranked[step.place] <= step.most)


def _group(step: Group, table: Any) -> Any:
    """What the figures read is made first, so that a constant is a column too."""
    if not step.aggregates:
        return table.select([table[name] for name in step.by]).distinct()
    parts = (part for figure in step.aggregates for part in (figure.of, figure.where))
    read = list(dict.fromkeys(part for part in parts if part is not None))
    names = dict(zip(read, _unused(table.columns, len(read)), strict=True))
    made = [lower(part, table).name(name) for part, name in names.items()]
    staged = table.select([table[name] for name in table.columns] + made)
    figures = [_aggregate(figure, staged, names).name(figure.name) for figure in step.aggregates]
    grouped = staged.aggregate(figures, by=[staged[name] for name in step.by])
    return grouped.select(list(step.shape.schema.names))


def _aggregate(figure: Aggregate, staged: Any, names: Mapping[Expression, str]) -> Any:
    """One figure over the rows of a group, of the type that the plan says."""
    where = staged[names[figure.where]].fill_null(False) if figure.where is not None else None
    if figure.of is None:
        return staged.count(where=where).cast(dt.int64)
    return _AGGREGATE[figure.how](staged[names[figure.of]], where, figure.of.type)


def _sum(value: Any, where: Any, kind: Type) -> Any:
    total = value.sum(where=where).cast(dt.float64)
    return leave(within(total) if kind is Type.INTEGER else total, kind)


def _mean(value: Any, where: Any, kind: Type) -> Any:
    """Integers are added exactly (DuckDB's sum has 128 bits) and rounded once."""
    total = value.sum(where=where).cast(dt.float64) / value.count(where=where).cast(dt.float64)
    return leave(total if kind is Type.INTEGER else value.mean(where=where), Type.NUMBER)


_AGGREGATE: dict[str, Callable[[Any, Any, Type], Any]] = {
    "distinct": lambda value, where, _: value.nunique(where=where).cast(dt.int64),
    "any": lambda value, where, _: value.any(where=where).fill_null(False),
    "sum": _sum,
    "mean": _mean,
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
    Rank: _rank,
    Group: _group,
}
