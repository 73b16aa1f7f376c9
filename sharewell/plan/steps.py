"""The steps that a plan is made of: frozen nodes of a graph, each with a shape known before any data.

Constructors refuse what may not be: columns that do not fit, tables at different places, a form more
identifying than was agreed, a transfer of anything unchecked. A step that exists is a step that may run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from ..errors import PlanError, Problem
from .expressions import Expression
from .forms import AGGREGATE, Form, What, Who
from .parameters import Parameters
from .schema import Asset, Column, Kind, Schema, Type


class About(StrEnum):
    """Whom the rows of a table are about."""

    PEOPLE = "people"
    PLACES = "places"
    GROUPS = "groups"


@dataclass(frozen=True)
class Shape:
    """What is known of a step's table: columns, place, whom it is about, and columns that tell rows apart."""

    schema: Schema
    place: str
    about: About
    unique: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        """Who and what the rows expose, computed from the columns' kinds."""
        if self.about is not About.PEOPLE:
            return AGGREGATE
        kinds = {column.kind for column in self.schema}
        told = [c for c in self.schema if c.kind not in (Kind.IDENTIFIER, Kind.KEY)]
        flag = not told or (len(told) == 1 and told[0].type is Type.BOOLEAN)
        return Form(
            Who.NAMED if Kind.IDENTIFIER in kinds else Who.CODED, What.FLAG if flag else What.FIELDS
        )


@dataclass(frozen=True)
class Step:
    """A node of the plan. Subclasses give `_shape`, called once, which raises PlanError."""

    stage: ClassVar[str] = "analyse"

    def __post_init__(self) -> None:
        if len({step.shape.place for step in self.inputs}) > 1:
            places = ", ".join(sorted({step.shape.place for step in self.inputs}))
            raise PlanError(
                Problem(
                    "PLACE", f"{self.verb} joins tables at {places}", fix="transfer them to one place first"
                )
            )
        _ = self.shape

    @cached_property
    def shape(self) -> Shape:
        return self._shape()

    def _shape(self) -> Shape:
        raise TypeError(f"{type(self).__name__} has no shape")

    @property
    def verb(self) -> str:
        return type(self).__name__.lower()

    @property
    def inputs(self) -> tuple[Step, ...]:
        """The steps that it reads, in the order of its fields."""
        found: list[Step] = []
        for entry in fields(self):
            value = getattr(self, entry.name)
            parts = value if isinstance(value, tuple) else (value,)
            found += [part for part in parts if isinstance(part, Step)]
        return tuple(found)

    def walk(self) -> Iterator[Step]:
        """Every step that this one rests on, itself last, each once, inputs first."""
        seen: set[Step] = set()
        stack: list[tuple[Step, bool]] = [(self, False)]
        while stack:
            step, ready = stack.pop()
            if step in seen:
                continue
            if ready:
                seen.add(step)
                yield step
            else:
                stack.append((step, True))
                stack += [(part, False) for part in reversed(step.inputs)]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Computed once: a graph shares its inputs, and hashing them anew at each level would grow with depth."""
        return hash((type(self), *(getattr(self, entry.name) for entry in fields(self))))


@dataclass(frozen=True)
class Read(Step):
    """An asset's admitted rows, at its holder's place."""

    asset: Asset
    stage: ClassVar[str] = "describe"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        about = About.PEOPLE if self.asset.about_people else About.PLACES
        return Shape(self.asset.schema, self.asset.holder, about, self.asset.unique)


@dataclass(frozen=True)
class Keep(Step):
    """These columns and no others."""

    of: Step
    columns: tuple[str, ...]
    stage: ClassVar[str] = "describe"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        shape = self.of.shape
        unique = shape.unique if set(shape.unique) <= set(self.columns) else ()
        return Shape(shape.schema.keep(self.columns), shape.place, shape.about, unique)


@dataclass(frozen=True)
class Derive(Step):
    """New columns, each from an expression over the columns of `of` (not of one another).

    A derived column is as exposing as the most exposing it reads, but a yes/no about an identifier is
    `sensitive`: it tells something of a person without naming them. Only Coarsen and Key lower a kind otherwise.
    """

    of: Step
    columns: tuple[tuple[str, Expression], ...]
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        shape = self.of.shape
        made = tuple(derived(name, expression, shape.schema) for name, expression in self.columns)
        kept = set(shape.unique).isdisjoint(name for name, _ in self.columns)
        unique = shape.unique if kept else ()
        return Shape(shape.schema.add(*made), shape.place, shape.about, unique)


@dataclass(frozen=True)
class Filter(Step):
    """The rows where `condition` is true (null is not)."""

    of: Step
    condition: Expression
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        if self.condition.type is not Type.BOOLEAN:
            raise PlanError(
                Problem("TYPE", f"{self.condition} is not a yes/no", fix="compare it with something")
            )
        self.of.shape.schema.keep(sorted(self.condition.columns()))
        return self.of.shape


@dataclass(frozen=True)
class Join(Step):
    """Each row of `left` with at most one of `right`: `on` pairs must cover what tells right's rows apart.

    `how`: left (unmatched get nulls), inner, semi (keep left rows with a match), anti (without). Nulls never match.
    """

    left: Step
    right: Step
    on: tuple[tuple[str, str], ...]
    how: str = "left"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        left, right = self.left.shape, self.right.shape
        for mine, theirs in self.on:
            if left.schema[mine].type is not right.schema[theirs].type:
                raise PlanError(
                    Problem("TYPE", f"{mine} and {theirs} differ in type and cannot be joined on")
                )
        about = About.PEOPLE if About.PEOPLE in (left.about, right.about) else left.about
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
            raise PlanError(
                Problem("TWICE", f"both sides have {', '.join(clash)}", fix="keep or rename one")
            )
        return Shape(Schema(left.schema.columns + added), left.place, about, left.unique)


@dataclass(frozen=True)
class Stack(Step):
    """The rows of several tables with the same columns, one after another. Labels are joined."""

    tables: tuple[Step, ...]
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        shapes = [table.shape for table in self.tables]
        first = shapes[0]
        if any(
            [(c.name, c.type) for c in s.schema] != [(c.name, c.type) for c in first.schema] for s in shapes
        ):
            raise PlanError(
                Problem("COLUMNS", "stacked tables must have the same columns, types and order")
            )
        columns = tuple(_merged(tuple(s.schema[c.name] for s in shapes)) for c in first.schema)
        about = About.PEOPLE if any(s.about is About.PEOPLE for s in shapes) else first.about
        return Shape(Schema(columns), first.place, about)


@dataclass(frozen=True)
class Pick(Step):
    """One row for each value of `by`: the first in the order of all columns, nulls last (so it is repeatable)."""

    of: Step
    by: tuple[str, ...]
    __hash__ = Step.__hash__

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
    """One figure of a Group: `how` of AGGREGATES over `of` (none for rows), among rows where `where` is true."""

    name: str
    how: str
    of: Expression | None = None
    where: Expression | None = None

    @property
    def type(self) -> Type:
        if self.how in ("rows", "distinct"):
            return Type.INTEGER
        if self.of is None or self.how not in AGGREGATES:
            raise PlanError(
                Problem("AGGREGATE", f"{self.how} of nothing", fix=f"use {', '.join(AGGREGATES)}")
            )
        numeric = self.of.type in (Type.INTEGER, Type.NUMBER)
        fits = {"any": self.of.type is Type.BOOLEAN, "sum": numeric, "mean": numeric}
        if not fits.get(self.how, self.of.type is not Type.BOOLEAN):
            raise PlanError(Problem("TYPE", f"{self.how} does not take {self.of.type}"))
        return Type.NUMBER if self.how == "mean" else self.of.type


@dataclass(frozen=True)
class Group(Step):
    """One row for each value of `by`, with aggregates. Rows stay about people while `by` holds a key or identifier."""

    of: Step
    by: tuple[str, ...]
    aggregates: tuple[Aggregate, ...]
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        shape = self.of.shape
        by = shape.schema.keep(self.by)
        made = tuple(self._column(a, shape.schema) for a in self.aggregates)
        personal = any(c.kind in (Kind.KEY, Kind.IDENTIFIER) for c in by)
        about = About.GROUPS if shape.about is About.PEOPLE and not personal else shape.about
        return Shape(Schema(by.columns + made), shape.place, about, self.by)

    @staticmethod
    def _column(aggregate: Aggregate, schema: Schema) -> Column:
        read = aggregate.of.columns() if aggregate.of else frozenset[str]()
        read |= aggregate.where.columns() if aggregate.where else frozenset[str]()
        column = _merged(tuple(schema[name] for name in sorted(read)), aggregate.name, aggregate.type)
        exposing = aggregate.how in ("least", "most", "sum", "mean")
        return column if exposing else _no_more_than(column, Kind.SENSITIVE)


@dataclass(frozen=True)
class Link(Step):
    """Which records are the same `unit` (person, home): `record` to an index id that never leaves `link` unkeyed."""

    tables: tuple[Step, ...]
    names: tuple[str, ...]
    unit: str
    linker: str
    parameters: Parameters = Parameters()
    stage: ClassVar[str] = "link"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        for table in self.tables:
            if table.shape.schema["record"].kind is not Kind.KEY:
                raise PlanError(
                    Problem("RECORD", "a table to link needs a keyed `record`", fix="key it first")
                )
        columns = (
            Column("record", Type.TEXT, Kind.KEY, "", frozenset()),
            Column(self.unit, Type.TEXT, Kind.IDENTIFIER, "", frozenset()),
        )
        return Shape(Schema(columns), self.tables[0].shape.place, About.PEOPLE, ("record",))


@dataclass(frozen=True)
class Key(Step):
    """`column` replaced by its keyed hash, named `name`: HMAC under the agreement's secret and `unit`.

    An integer is keyed by its decimal digits.
    """

    of: Step
    column: str
    unit: str
    name: str
    stage: ClassVar[str] = "depersonalise"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        shape = self.of.shape
        old = shape.schema[self.column]
        if old.type not in (Type.TEXT, Type.INTEGER):
            raise PlanError(
                Problem("TYPE", f"{self.column} is {old.type}; only text and integers can be keyed")
            )
        new = Column(self.name, Type.TEXT, Kind.KEY, old.party, old.origins)
        columns = tuple(new if c.name == self.column else c for c in shape.schema)
        unique = tuple(self.name if name == self.column else name for name in shape.unique)
        return Shape(Schema(columns), shape.place, shape.about, unique)


@dataclass(frozen=True)
class Coarsen(Step):
    """`column` replaced by a less exposing value, by a rule of `depersonalise`; `gives` is the rule's type and kind."""

    of: Step
    column: str
    rule: str
    name: str
    gives: tuple[Type, Kind]
    parameters: Parameters = Parameters()
    stage: ClassVar[str] = "depersonalise"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        shape = self.of.shape
        old = shape.schema[self.column]
        new = Column(self.name, self.gives[0], self.gives[1], old.party, old.origins)
        columns = tuple(new if c.name == self.column else c for c in shape.schema)
        return Shape(
            Schema(columns), shape.place, shape.about, () if self.column in shape.unique else shape.unique
        )


@dataclass(frozen=True)
class Fit(Step):
    """A recipe's body over one bounded table; its finding is about groups, and still unchecked."""

    of: Step
    recipe: str
    parameters: Parameters = Parameters()
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        return Shape(Schema(()), self.of.shape.place, About.GROUPS)


RECORDS = "records"
"""The policy for rows about people: exactly the fields agreed, one row a subject, objections kept out."""

REFERENCE = "reference"
"""The policy for tables about nobody."""


@dataclass(frozen=True)
class Check(Step):
    """The gate: a disclosure policy for findings, RECORDS for rows about people, REFERENCE for places."""

    of: Step
    policy: str
    parameters: Parameters = Parameters()
    stage: ClassVar[str] = "check"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        shape = self.of.shape
        special = {About.PEOPLE: RECORDS, About.PLACES: REFERENCE}.get(shape.about)
        if (special or self.policy) != self.policy or (
            special is None and self.policy in (RECORDS, REFERENCE)
        ):
            raise PlanError(
                Problem(
                    "POLICY",
                    f"a table about {shape.about} cannot be checked by {self.policy!r}",
                    fix=f"use {special!r}" if special else "use a disclosure policy",
                )
            )
        return shape


@dataclass(frozen=True)
class Transfer(Step):
    """The one step that crosses places. Only a checked table can be transferred, in no more than the form agreed."""

    of: Check
    to: str
    purpose: str
    form: Form
    what: str = ""
    stage: ClassVar[str] = "release"
    __hash__ = Step.__hash__

    def _shape(self) -> Shape:
        if not isinstance(self.of, Check):
            raise PlanError(
                Problem("UNCHECKED", "only a checked table can be transferred", fix="check it first")
            )
        shape = self.of.shape
        if not shape.form <= self.form:
            raise PlanError(
                Problem(
                    "FORM",
                    f"{self.what or 'the table'} is {shape.form}, more than {self.form} allows",
                    fix="key, coarsen or drop columns before it is transferred",
                )
            )
        return Shape(shape.schema, self.to, shape.about, shape.unique)


def derived(name: str, expression: Expression, schema: Schema) -> Column:
    """The column that an expression makes: its labels are those of all that it reads."""
    column = _merged(tuple(schema[read] for read in sorted(expression.columns())), name, expression.type)
    return _no_more_than(column, Kind.SENSITIVE) if expression.type is Type.BOOLEAN else column


def _merged(columns: tuple[Column, ...], name: str = "", type_: Type | None = None) -> Column:
    kind = max((c.kind for c in columns), key=lambda k: k.rank, default=Kind.PLAIN)
    parties = {c.party for c in columns if c.party}
    origins = frozenset[str]().union(*(c.origins for c in columns))
    party = parties.pop() if len(parties) == 1 else ""
    return Column(name or columns[0].name, type_ or columns[0].type, kind, party, origins)


def _no_more_than(column: Column, kind: Kind) -> Column:
    least = min(column.kind, kind, key=lambda k: k.rank)
    return Column(column.name, column.type, least, column.party, column.origins)
