"""Strategies for plans: random tables, and random relational steps over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from sharewell.engines.arrow import arrow_schema
from sharewell.plan.expressions import Col, Expression, Lit, call
from sharewell.plan.parameters import Parameters
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import Aggregate, Coarsen, Derive, Filter, Group, Join, Keep, Pick, Read, Stack, Step

from .expressions import NUMERIC, Draw, expressions
from .values import dyadic, values

NAMES = ["id", "Ward", "select", "group", "a b", 'q"uote', "it's", "count", "by", "having", "metrics", "r0", "naïve",
         "left", "table", "index", "x.y", "%", "rank", "order", "self", "name"]  # fmt: skip
PLACE = "host"

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A plan and the rows of each table it reads. `rough`: columns compared within rounding."""

    step: Step
    tables: Mapping[str, Rows]
    rough: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Case({self.step!r}, {dict(self.tables)!r})"


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
    keys = draw(st.lists(st.one_of(st.none(), values(kinds[0])), max_size=6, unique=True))
    pools = [draw(st.lists(values(kind), min_size=1, max_size=3)) for kind in kinds[1:]]
    cells = [st.sampled_from([None, *pool]) for pool in pools]
    rows = [dict(zip(names, (key, *(draw(cell) for cell in cells)), strict=True)) for key in keys]
    return Asset(f"t.{number}", PLACE, schema, (names[0],)), rows


@st.composite
def one_table_of_expressions(draw: Draw) -> Case:
    """A Derive of several expressions: the cheapest way to meet every operator often."""
    asset, rows = draw(tables(0))
    kinds = draw(st.lists(st.sampled_from(list(Type)), min_size=3, max_size=6))
    made = tuple((f"e{i}", draw(expressions(asset.schema.columns, kind, 4))) for i, kind in enumerate(kinds))
    return Case(Derive(Read(asset), made), {asset.name: rows})


@st.composite
def plans(draw: Draw, depth: int = 5) -> Case:
    """A chain of steps over up to three tables, with joins and stacks of earlier ones."""
    made = [draw(tables(number)) for number in range(draw(st.integers(1, 3)))]
    held: list[Step] = [Read(asset) for asset, _ in made]
    fresh = (f"n{i}" for i in count())
    for _ in range(draw(st.integers(1, depth))):
        grown = draw(st.sampled_from(_STEPS))(draw, held, fresh)
        held += [grown] if grown is not None else []
    rows = {asset.name: rows for asset, rows in made}
    if draw(st.integers(0, 5)) == 0:
        return replace(_rough_group(draw, held[-1]), tables=rows)
    return Case(held[-1], rows)


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
    how = draw(st.sampled_from(("rows", "distinct", "any", "sum", "mean", "least", "most")))
    kind = {
        "any": st.just(Type.BOOLEAN), "sum": st.sampled_from(NUMERIC), "mean": st.sampled_from(NUMERIC),
        "distinct": st.sampled_from(list(Type)),
    }.get(how, st.sampled_from([kind for kind in Type if kind is not Type.BOOLEAN]))  # fmt: skip
    of = None if how == "rows" else _summable(draw, schema, how, draw(kind))
    return Aggregate(name, how, of, _expression(draw, schema, Type.BOOLEAN) if draw(st.booleans()) else None)


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
    on = tuple({b: (a, b) for a, b in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=2))}.values())
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


def _coarsen(draw: Draw, held: list[Step], fresh: Any) -> Step:
    of = _any(draw, held)
    column = draw(st.sampled_from(of.shape.schema.columns))
    rule = "whole" if column.type in NUMERIC else "gone"
    gives = (Type.TEXT, Kind.PLAIN) if rule == "gone" else (Type.INTEGER, Kind.PLAIN)
    return Coarsen(of, column.name, rule, next(fresh), gives, Parameters.of({"text": "*"}))


_STEPS = (_keep, _derive, _derive, _filter, _filter, _pick, _group, _group, _stack, _join, _join, _join, _coarsen)
