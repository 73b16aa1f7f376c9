"""Steps on tables at one place, for every engine: read, keep, derive, filter, join, stack, pick, group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import PlanError, Problem
from .expressions import Expression
from .labels import derived, merged, no_more_than, read
from .schema import Asset, Column, Kind, Schema, Type
from .step import About, Shape, Step, most_about


@dataclass(frozen=True, eq=False)
class Read(Step):
    """An asset's admitted rows, at its holder's place."""

    asset: Asset
    stage: ClassVar[str] = "describe"

    def _shape(self) -> Shape:
        about = About.PEOPLE if self.asset.about_people else About.PLACES
        return Shape(self.asset.schema, self.asset.holder, about, self.asset.unique)


@dataclass(frozen=True, eq=False)
class Keep(Step):
    """These columns and no others."""

    of: Step
    columns: tuple[str, ...]
    stage: ClassVar[str] = "describe"

    def _shape(self) -> Shape:
        shape = self.of.shape
        unique = shape.unique if set(shape.unique) <= set(self.columns) else ()
        return Shape(shape.schema.keep(self.columns), shape.place, shape.about, unique)


@dataclass(frozen=True, eq=False)
class Derive(Step):
    """New columns, each from an expression over the columns of `of` (not of one another).

    A derived column is as exposing as the most exposing it reads, but a yes/no about an identifier is
    `sensitive`: it tells something of a person without naming them. Only Coarsen and Key lower a kind
    otherwise.
    """

    of: Step
    columns: tuple[tuple[str, Expression], ...]

    def _shape(self) -> Shape:
        shape, names = self.of.shape, [name for name, _ in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PlanError(
                Problem("TWICE", f"columns derived twice: {', '.join(twice)}", fix="rename one")
            )
        made = tuple(derived(name, expression, shape.schema) for name, expression in self.columns)
        unique = shape.unique if set(shape.unique).isdisjoint(names) else ()
        return Shape(shape.schema.add(*made), shape.place, shape.about, unique)


@dataclass(frozen=True, eq=False)
class Filter(Step):
    """The rows where `condition` is true (null is not)."""

    of: Step
    condition: Expression

    def _shape(self) -> Shape:
        _check_condition(self.condition, self.of.shape.schema)
        return self.of.shape


def _check_condition(condition: Expression, schema: Schema) -> None:
    if condition.type is not Type.BOOLEAN:
        what = f"{condition} is {condition.type}, not a yes/no"
        raise PlanError(Problem("TYPE", what, "it decides which rows count", "compare it with something"))
    read(condition, schema)


HOWS = ("left", "inner", "semi", "anti")
"""How a Join treats rows without a match: with nulls, dropped; or only tells those with from those without.
"""


@dataclass(frozen=True, eq=False)
class Join(Step):
    """Each row of `left` with at most one of `right`: `on` pairs must cover what tells right's rows apart.

    `how`: left (unmatched get nulls), inner, semi (keep left rows with a match), anti (without). Nulls
    never match.
    """

    left: Step
    right: Step
    on: tuple[tuple[str, str], ...]
    how: str = "left"

    def _shape(self) -> Shape:
        left, right = self.left.shape, self.right.shape
        self._check_on(left.schema, right.schema)
        if self.how in ("semi", "anti"):
            return left
        on = {theirs for _, theirs in self.on}
        if not right.unique or not set(right.unique) <= on:
            raise PlanError(
                Problem(
                    "CARDINALITY",
                    f"a join on {', '.join(sorted(on))} could repeat rows",
                    "the right side may hold several rows for one key",
                    "group it, or pick one row, by that key first",
                )
            )
        added = right.schema.drop(on).columns
        clash = sorted({c.name for c in added} & set(left.schema.names))
        if clash:
            what = f"both sides have {', '.join(clash)}"
            raise PlanError(Problem("TWICE", what, "one would hide the other", "keep or rename one"))
        about = most_about((left.about, right.about))
        return Shape(Schema(left.schema.columns + added), left.place, about, left.unique)

    def _check_on(self, left: Schema, right: Schema) -> None:
        if self.how not in HOWS or not self.on:
            what = f"a join {self.how!r} on {len(self.on)} columns"
            raise PlanError(
                Problem("JOIN", what, fix=f"name a column to join on, and one of {', '.join(HOWS)}")
            )
        for mine, theirs in self.on:
            if left[mine].type is not right[theirs].type:
                what = f"{mine} is {left[mine].type} and {theirs} is {right[theirs].type}"
                raise PlanError(Problem("TYPE", what, "they never match", "join on columns of one type"))


@dataclass(frozen=True, eq=False)
class Stack(Step):
    """The rows of several tables with the same columns, one after another. Labels are joined."""

    tables: tuple[Step, ...]

    def _shape(self) -> Shape:
        shapes = [table.shape for table in self.tables]
        columns = [[(c.name, c.type) for c in shape.schema] for shape in shapes]
        if not shapes or any(other != columns[0] for other in columns):
            what = "stacked tables must have the same columns, types and order"
            raise PlanError(Problem("COLUMNS", what, fix="keep or derive the same columns of each first"))
        made = tuple(merged(s.schema[name] for s in shapes) for name in shapes[0].schema.names)
        return Shape(Schema(made), shapes[0].place, most_about(s.about for s in shapes))


@dataclass(frozen=True, eq=False)
class Pick(Step):
    """One row for each value of `by`: the first in the order of all columns, nulls last, so repeatable."""

    of: Step
    by: tuple[str, ...]

    def _shape(self) -> Shape:
        shape = self.of.shape
        shape.schema.keep(self.by)
        return Shape(shape.schema, shape.place, shape.about, self.by)


AGGREGATES: dict[str, str] = {
    "rows": "how many rows",
    "distinct": "how many different values, nulls apart",
    "any": "whether it is true for some row; false where it never is",
    "sum": "the total; null where there is no value",
    "mean": "the mean as a number; null where there is no value",
    "least": "the least; null where there is no value",
    "most": "the greatest; null where there is no value",
}


@dataclass(frozen=True)
class Aggregate:
    """One figure of a Group: `how` of AGGREGATES over `of` (none for rows), where `where` is true."""

    name: str
    how: str
    of: Expression | None = None
    where: Expression | None = None

    @property
    def type(self) -> Type:
        """The type of the figure; PlanError AGGREGATE or TYPE where it cannot be computed."""
        if self.how not in AGGREGATES or (self.of is None) is not (self.how == "rows"):
            what = f"{self.name} is {self.how!r} of {'nothing' if self.of is None else self.of}"
            fix = f"use one of {', '.join(AGGREGATES)}; all but rows are of something"
            raise PlanError(Problem("AGGREGATE", what, fix=fix))
        if self.of is None or self.how == "distinct":
            return Type.INTEGER
        numeric = self.of.type in (Type.INTEGER, Type.NUMBER)
        fits = {"any": self.of.type is Type.BOOLEAN, "sum": numeric, "mean": numeric}
        if not fits.get(self.how, self.of.type is not Type.BOOLEAN):
            what = f"{self.name}: {self.how} does not take {self.of.type}"
            raise PlanError(Problem("TYPE", what, fix=f"{self.how} is {AGGREGATES[self.how]}"))
        return Type.NUMBER if self.how == "mean" else self.of.type

    def column(self, schema: Schema) -> Column:
        """The figure's column with the labels of all that it reads."""
        parts = [part for part in (self.of, self.where) if part is not None]
        if self.where is not None:
            _check_condition(self.where, schema)
        column = merged((c for part in parts for c in read(part, schema)), self.name, self.type)
        exposing = self.how in ("least", "most", "sum", "mean")
        return column if exposing else no_more_than(column, Kind.SENSITIVE)


@dataclass(frozen=True, eq=False)
class Group(Step):
    """One row for each value of `by`, with aggregates.

    Rows stay about people while `by` holds a key or identifier.
    """

    of: Step
    by: tuple[str, ...]
    aggregates: tuple[Aggregate, ...]

    def _shape(self) -> Shape:
        shape = self.of.shape
        by = shape.schema.keep(self.by)
        made = tuple(aggregate.column(shape.schema) for aggregate in self.aggregates)
        personal = any(c.kind in (Kind.KEY, Kind.IDENTIFIER) for c in by)
        about = About.GROUPS if shape.about is About.PEOPLE and not personal else shape.about
        return Shape(Schema(by.columns + made), shape.place, about, self.by)
