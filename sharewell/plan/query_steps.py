"""A question as steps: the same few that every product is made of, so that nothing else can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .expressions import Col, Expression, call
from .query import Base, Question, Select, Side, inner_name
from .schema import Schema
from .steps import Derive, Filter, Group, Join, Keep, Pick, Step


@dataclass(frozen=True)
class Compiled:
    """The rows that the recipe `question` is given, and its settings."""

    rows: Step
    settings: Mapping[str, Any]


def compile_question(question: Question) -> Compiled:
    """One row a record: the grouping columns, the unit's key, and what each figure reads.

    PlanError CARDINALITY where a join could repeat rows; whatever else a step refuses.
    """
    table = _select(question.rows)
    made: dict[str, Expression] = {f"by_{i}": e for i, (_, e) in enumerate(question.by)}
    made["unit"] = Col(question.unit, question.rows.schema[question.unit].type)
    figures: dict[str, dict[str, str]] = {}
    for i, figure in enumerate(question.figures):
        told = {"how": figure.how}
        if figure.of is not None and figure.how != "people":
            made[f"of_{i}"], told["of"] = figure.of, f"of_{i}"
        if figure.where is not None:
            made[f"where_{i}"], told["where"] = figure.where, f"where_{i}"
        figures[figure.name] = told
    known = Filter(table, _is_known(made["unit"]))
    rows = Keep(Derive(known, tuple(made.items())), tuple(made))
    settings = {
        "unit": "unit",
        "unit_as": question.counted,
        "groups": [f"by_{i}" for i in range(len(question.by))],
        "groups_as": [name for name, _ in question.by],
        "figures": figures,
        "figures_as": list(figures),
        "people_as": question.people_as,
    }
    return Compiled(rows, settings)


def _is_known(key: Expression) -> Expression:
    return call("not", call("is_null", key))


def _relation(of: Base | Select) -> Step:
    return of.table.step if isinstance(of, Base) else _select(of)


def _select(select: Select) -> Step:
    table = _sides(select.sides)
    if select.where is not None:
        table = Filter(table, select.where)
    if select.pick:
        table = Pick(
            Filter(table, _is_known(Col(select.pick, select.inner[select.pick].type))), (select.pick,)
        )
    if select.by:
        table = _grouped(table, select)
    if select.having is not None:
        table = Filter(table, select.having)
    return _named(table, select.columns)


def _grouped(table: Step, select: Select) -> Step:
    changed = tuple((n, e) for n, e in select.by if not (isinstance(e, Col) and e.name == n))
    return Group(
        Derive(table, changed) if changed else table, tuple(n for n, _ in select.by), select.figures
    )


def _named(table: Step, columns: tuple[tuple[str, Expression], ...]) -> Step:
    """The columns by their names; those that keep theirs stay what tells rows apart."""
    changed = tuple((n, e) for n, e in columns if not (isinstance(e, Col) and e.name == n))
    if changed:
        table = _renamed(table, columns, changed)
    return Keep(table, tuple(name for name, _ in columns))


def _renamed(
    table: Step, columns: tuple[tuple[str, Expression], ...], changed: tuple[tuple[str, Expression], ...]
) -> Step:
    """Only what is read is kept first, so that a new name may be that of a column that is let go."""
    read = frozenset[str]().union(*(e.columns() for _, e in columns))
    kept = tuple(name for name in table.shape.schema.names if name in read)
    return Derive(Keep(table, kept), changed)


def _sides(sides: tuple[Side, ...]) -> Step:
    first, *others = sides
    table = _relation(first.of)
    if not others:
        return table
    table = _aliased(table, first, len(sides), ())
    for side in others:
        on = tuple(dict.fromkeys(theirs for _, theirs in side.on))
        bare = side.how in ("semi", "anti")
        right = _relation(side.of)
        right = Keep(right, on) if bare else _aliased(right, side, len(sides), on)
        table = Join(table, right, side.on, side.how)
    return table


def _aliased(table: Step, side: Side, sides: int, on: tuple[str, ...]) -> Step:
    """A side's columns by their inner names, beside those that it is joined on, which the join drops.

    So `b.person` of a left join is null where there is no `b`.
    """
    schema: Schema = side.of.schema
    made = tuple((inner_name(side.alias, c.name, sides), Col(c.name, c.type)) for c in schema)
    return Keep(Derive(table, made), (*on, *(name for name, _ in made)))
