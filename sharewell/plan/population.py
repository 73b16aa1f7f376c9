"""Who a table counts and what its columns mean, in words that every agreement over the same assets shares.

Two figures of different agreements can be subtracted from one another if they count the same people by the
same columns, whatever the agreements call them. So a column is told by the asset's column that it comes
from and what was done to it, and the rows of a table by the assets they come from and the conditions that
they passed. What this cannot follow (an aggregate, a stack of unlike tables) gets a name of its own, which
equals only itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from .canonical import digest, plain, written
from .expressions import Call, Col, Expression, Lit
from .personal import Coarsen, Key
from .recognise import Recognise
from .relational import Derive, Filter, Group, Join, Read, Stack
from .step import Step


@dataclass(frozen=True)
class Population:
    """The rows that are counted: of which assets, and under which conditions (names that equal only where
    the conditions do)."""

    sources: tuple[str, ...]
    conditions: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return "+".join(self.sources)


@dataclass(frozen=True)
class Meaning:
    """A column: `asset.column`, or a name that equals only itself; and the coarsenings done since."""

    base: str
    coarsened: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "|".join([self.base, *(f"{rule} {settings}" for rule, settings in self.coarsened)])


@singledispatch
def population(step: Step) -> Population:
    """Whom a step's rows come from. Joins that add columns, keys and coarsening change nobody."""
    return population(step.inputs[0])


@population.register
def _(step: Read) -> Population:
    return Population((step.asset.name,))


@population.register
def _(step: Filter) -> Population:
    return _under(population(step.of), f"where {_said(step.of, step.condition)}")


@population.register
def _(step: Join) -> Population:
    held = population(step.left)
    if step.how == "left":
        return held
    other, on = (
        population(step.right),
        [[str(meaning(step.left, a)), str(meaning(step.right, b))] for a, b in step.on],
    )
    return _under(held, f"{step.how} {digest([other.name, sorted(other.conditions), on])}")


@population.register
def _(step: Stack) -> Population:
    parts = [population(table) for table in step.tables]
    sources = tuple(sorted({name for part in parts for name in part.sources}))
    if not any(part.conditions for part in parts):
        return Population(sources)
    told = sorted([part.name, sorted(part.conditions)] for part in parts)
    return Population(sources, frozenset({f"stack {digest(told)}"}))


def _under(held: Population, condition: str) -> Population:
    return Population(held.sources, held.conditions | {condition})


@singledispatch
def meaning(step: Step, column: str) -> Meaning:
    """What a column of a step's table is. The column must be there."""
    return meaning(step.inputs[0], column)


@meaning.register
def _(step: Read, column: str) -> Meaning:
    return Meaning(f"{step.asset.name}.{column}")


@meaning.register
def _(step: Derive, column: str) -> Meaning:
    made = dict(step.columns)
    if column not in made:
        return meaning(step.of, column)
    expression = _named(made[column])
    if isinstance(expression, Col):
        return meaning(step.of, expression.name)
    return Meaning(f"made {_said(step.of, expression)}")


def _named(expression: Expression) -> Expression:
    """A column whose nulls were given a name is that column still."""
    if isinstance(expression, Call) and expression.op == "coalesce":
        first, *others = expression.args
        if all(isinstance(other, Lit) for other in others):
            return first
    return expression


@meaning.register
def _(step: Coarsen, column: str) -> Meaning:
    if column != step.name:
        return meaning(step.of, column)
    old = meaning(step.of, step.column)
    settings = written(plain(dict(step.parameters.plain()), lambda _: None)).decode()
    return Meaning(old.base, (*old.coarsened, (step.rule, settings)))


@meaning.register
def _(step: Key, column: str) -> Meaning:
    if column != step.name:
        return meaning(step.of, column)
    old = meaning(step.of, step.column)
    return Meaning(old.base, (*old.coarsened, ("key", step.unit)))


@meaning.register
def _(step: Join, column: str) -> Meaning:
    return meaning(step.left if column in step.left.shape.schema else step.right, column)


@meaning.register
def _(step: Group, column: str) -> Meaning:
    if column in step.by:
        return meaning(step.of, column)
    figure = next(aggregate for aggregate in step.aggregates if aggregate.name == column)
    said = [figure.how, *(_said(step.of, part) for part in (figure.of, figure.where) if part is not None)]
    by = [str(meaning(step.of, name)) for name in step.by]
    rows = population(step.of)
    return Meaning(f"figure {digest([said, by, rows.name, sorted(rows.conditions)])}")


@meaning.register
def _(step: Recognise, column: str) -> Meaning:
    made = {mine: theirs for theirs, mine in step.adds}
    if column not in made:
        return meaning(step.of, column)
    said = [str(meaning(step.of, step.column)), str(meaning(step.places, made[column]))]
    return Meaning(f"recognised {digest(said)}")


@meaning.register
def _(step: Stack, column: str) -> Meaning:
    found = {meaning(table, column) for table in step.tables}
    return found.pop() if len(found) == 1 else Meaning(f"stack {digest(sorted(map(str, found)))}")


def _said(table: Step, expression: Expression) -> str:
    """An expression by what its columns mean, so that it is the same whatever they are called."""

    def refer(value: Any) -> Any:
        return {"column": str(meaning(table, value.name))} if isinstance(value, Col) else None

    return digest(plain(expression, refer))
