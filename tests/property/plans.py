"""Strategies for plans: random tables, and random relational steps over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import count
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from sharewell.depersonalise import RULES
from sharewell.engines.arrow import arrow_schema
from sharewell.plan.expressions import OPERATORS, Col, Expression, Lit, call
from sharewell.plan.parameters import Parameters
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import (
    AGGREGATES,
    Aggregate,
    Coarsen,
    Derive,
    Filter,
    Group,
    Join,
    Keep,
    Pick,
    Read,
    Stack,
    Step,
)

from .expressions import NUMERIC, Draw, expressions, rooted
from .values import common, dyadic

# fmt: off
NAMES = [
    "id", "Ward", "select", "group", "a b", 'q"uote', "it's", "count", "by", "having", "metrics", "r0",
    "naïve", "left", "table", "index", "x.y", "%", "rank", "order", "self", "name",
]
# fmt: on
PLACE = "host"
SETTINGS: dict[str, dict[str, Any]] = {
    "age": {"at": "2024-04-01"},
    "age-band": {"at": "2024-04-01", "width": 5, "top": 85},
    "band": {"width": 10},
}

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A plan and the rows of each table it reads. `rough`: columns compared within rounding."""

    step: Step
    tables: Mapping[str, Rows]
    rough: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """The plan and the rows, short enough to read in a failure."""
        return "\n".join([*(show(step) for step in self.step.walk()), *map(str, self.tables.items())])


def show(step: Step) -> str:
    """A step and its settings, without the steps that it rests on."""
    if isinstance(step, Read):
        return f"Read {step.asset.name} {[(c.name, c.type.value) for c in step.asset.schema]}"
    settings = [getattr(step, field.name) for field in fields(step)]
    own = [value for value in settings if not isinstance(value, Step)]
    return f"{type(step).__name__} {step.shape.schema.names} {[str(part) for part in own]}"


def to_arrow(rows: Rows, schema: Schema) -> pa.Table:
    """The rows as the engine is given them."""
    return pa.Table.from_pylist(rows, schema=arrow_schema(schema))


@st.composite
def tables(draw: Draw, number: int) -> tuple[Asset, Rows]:
    """A table whose first column tells its rows apart, and whose values repeat often enough to meet."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=3, max_size=5, unique=True))
    kinds = [draw(st.sampled_from((Type.TEXT, Type.INTEGER, Type.DATE)))]
    kinds += [draw(st.sampled_from(list(Type))) for _ in names[1:]]
    schema = Schema(tuple(Column(n, k, Kind.PLAIN, PLACE) for n, k in zip(names, kinds, strict=True)))
    least = draw(st.sampled_from((3, 2, 0)))
    keys = draw(st.lists(st.one_of(common(kinds[0]), st.none()), min_size=least, max_size=6, unique=True))
    pools = [draw(st.lists(common(kind), min_size=2, max_size=3)) for kind in kinds[1:]]
    cells = [st.sampled_from([*pool, None]) for pool in pools]
    rows = [dict(zip(names, (key, *(draw(cell) for cell in cells)), strict=True)) for key in keys]
    return Asset(f"t.{number}", PLACE, schema, (names[0],)), rows


@st.composite
def operations(draw: Draw, ops: tuple[str, ...] = tuple(OPERATORS)) -> Case:
    """A Derive of several expressions, each with one of `ops` at its root: every operator is met often."""
    asset, rows = draw(tables(0))
    columns = asset.schema.columns
    chosen = draw(st.lists(st.sampled_from(ops), min_size=3, max_size=5))
    made = tuple((f"e{i}", draw(rooted(columns, op, 3))) for i, op in enumerate(chosen))
    return Case(Derive(Read(asset), made), {asset.name: rows})


@st.composite
def plans(draw: Draw, depth: int = 5) -> Case:
    """A chain of steps over up to three tables, with joins and stacks of earlier ones."""
    made = [draw(tables(number)) for number in range(draw(st.integers(1, 3)))]
    held: list[Step] = [Read(asset) for asset, _ in made]
    fresh = (f"n{i}" for i in count())
    for _ in range(draw(st.integers(2, depth))):
        grown = draw(st.sampled_from(_STEPS))(draw, held, fresh)
        held += [grown] if grown is not None else []
    rows = {asset.name: rows for asset, rows in made}
    if draw(st.integers(0, 7)) == 7:
        return replace(_rough_group(draw, held[-1]), tables=rows)
    return Case(held[-1], rows)


@st.composite
def figures(draw: Draw, how: str, where: bool) -> Case:
    """One figure over a table: chance alone leaves some kind of it out of a few hundred plans."""
    asset, rows = draw(tables(0))
    figure = _figure(draw, asset.schema, "figure", how, where)
    by = _some(draw, asset.schema.names, 0, 2)
    return Case(Group(Read(asset), by, (figure,)), {asset.name: rows})


def _any(draw: Draw, held: list[Step]) -> Step:
    """A table, the latest more often."""
    return draw(st.sampled_from([*held, held[-1], held[-1]]))


def _some(draw: Draw, names: tuple[str, ...], least: int = 1, most: int = 3) -> tuple[str, ...]:
    return tuple(draw(st.lists(st.sampled_from(names), min_size=least, max_size=most, unique=True)))


def _expression(draw: Draw, schema: Schema, kind: Type | None = None) -> Expression:
    return draw(expressions(schema.columns, kind or draw(st.sampled_from(list(Type))), 2))


def _keep(draw: Draw, held: list[Step], _: Any) -> Step:
    of = _any(draw, held)
    return Keep(of, _some(draw, of.shape.schema.names, most=9))


def _derive(draw: Draw, held: list[Step], fresh: Any) -> Step:
    """New columns, and sometimes an old one anew."""
    of = _any(draw, held)
    schema = of.shape.schema
    named = [next(fresh), draw(st.sampled_from([next(fresh), *schema.names]))]
    return Derive(of, tuple((name, _expression(draw, schema)) for name in named))


def _filter(draw: Draw, held: list[Step], _: Any) -> Step:
    of = _any(draw, held)
    return Filter(of, _expression(draw, of.shape.schema, Type.BOOLEAN))


def _pick(draw: Draw, held: list[Step], _: Any) -> Step:
    of = _any(draw, held)
    return Pick(of, _some(draw, of.shape.schema.names, most=2))


def _group(draw: Draw, held: list[Step], fresh: Any) -> Step:
    of = _any(draw, held)
    by = _some(draw, of.shape.schema.names, 0, 2)
    figures = tuple(_aggregate(draw, of.shape.schema, next(fresh)) for _ in range(draw(st.integers(1, 3))))
    return Group(of, by, figures)


def _aggregate(draw: Draw, schema: Schema, name: str) -> Aggregate:
    return _figure(draw, schema, name, draw(st.sampled_from(sorted(AGGREGATES))), draw(st.booleans()))


def _figure(draw: Draw, schema: Schema, name: str, how: str, where: bool) -> Aggregate:
    kind = {
        "any": st.just(Type.BOOLEAN), "sum": st.sampled_from(NUMERIC), "mean": st.sampled_from(NUMERIC),
        "distinct": st.sampled_from(list(Type)),
    }.get(how, st.sampled_from([kind for kind in Type if kind is not Type.BOOLEAN]))  # fmt: skip
    of = None if how == "rows" else _summable(draw, schema, how, draw(kind))
    return Aggregate(name, how, of, _expression(draw, schema, Type.BOOLEAN) if where else None)


def _summable(draw: Draw, schema: Schema, how: str, kind: Type) -> Expression:
    """Sums of numbers are compared exactly, so they are of dyadic constants chosen by a condition."""
    if how not in ("sum", "mean") or kind is Type.INTEGER:
        return _expression(draw, schema, kind)
    condition = _expression(draw, schema, Type.BOOLEAN)
    parts = [Lit(draw(dyadic()), Type.NUMBER) for _ in range(draw(st.integers(1, 2)))]
    return call("case", condition, *parts)


def _rough_group(draw: Draw, of: Step) -> Case:
    """Sums and means of any numbers, which engines may add in any order; kept from overflow."""
    number = _expression(draw, of.shape.schema, Type.NUMBER)
    small = call("<=", call("abs", number), Lit(1e6, Type.NUMBER))
    bounded = call("case", small, number)
    figures = (Aggregate("rough_sum", "sum", bounded), Aggregate("rough_mean", "mean", bounded))
    by = _some(draw, of.shape.schema.names, 0, 1)
    return Case(Group(of, by, figures), {}, frozenset({"rough_sum", "rough_mean"}))


def _stack(draw: Draw, held: list[Step], _: Any) -> Step:
    """Tables with the columns of one: itself, filtered, and any other that fits."""
    of = _any(draw, held)
    like = [(c.name, c.type) for c in of.shape.schema]
    fitting = [step for step in held if [(c.name, c.type) for c in step.shape.schema] == like]
    others = draw(st.lists(st.sampled_from(fitting), min_size=0, max_size=2))
    return Stack((of, *others))


def _join(draw: Draw, held: list[Step], fresh: Any) -> Step | None:
    left, right = _any(draw, held), _any(draw, held)
    pairs = [(a.name, b.name) for a in left.shape.schema for b in right.shape.schema if a.type is b.type]
    if not pairs:
        return None
    on = tuple(
        {b: (a, b) for a, b in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=2))}.values()
    )
    how = draw(st.sampled_from(("left", "inner", "semi", "anti")))
    if how in ("semi", "anti"):
        return Join(left, right, on, how)
    keys = tuple(b for _, b in on)
    unique = right if set(right.shape.unique) <= set(keys) and right.shape.unique else Pick(right, keys)
    return Join(left, _renamed(unique, left, keys, fresh), on, how)


def _renamed(right: Step, left: Step, keys: tuple[str, ...], fresh: Any) -> Step:
    """`right` with new names for the columns that `left` has too."""
    taken = set(left.shape.schema.names)
    clashing = [c for c in right.shape.schema if c.name in taken and c.name not in keys]
    if not clashing:
        return right
    moved = Derive(right, tuple((next(fresh), Col(c.name, c.type)) for c in clashing))
    gone = {c.name for c in clashing}
    return Keep(moved, tuple(name for name in moved.shape.schema.names if name not in gone))


def _coarsen(draw: Draw, held: list[Step], fresh: Any) -> Step | None:
    of = _any(draw, held)
    fitting = [(c, name) for c in of.shape.schema for name in RULES if c.type in RULES[name].takes]
    if not fitting:
        return None
    column, name = draw(st.sampled_from(fitting))
    rule, settings = RULES[name], SETTINGS.get(name, {})
    rule.check(column.type, settings)
    gives = (rule.gives, rule.becomes(column.kind))
    return Coarsen(of, column.name, name, next(fresh), gives, Parameters.of(settings))


_STEPS = (
    _keep,
    _derive,
    _derive,
    _filter,
    _filter,
    _pick,
    _group,
    _group,
    _stack,
    _join,
    _join,
    _join,
    _coarsen,
)
