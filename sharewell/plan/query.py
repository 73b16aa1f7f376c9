"""A question as a tree: what an analyst's SELECT asks of which tables, and exactly what it reads of them.

A `Question` is one grouped table of figures over a `Select`; a `Select` reads `Base` tables and other
selects through its `Side`s. Its footprint is found on this tree, before and apart from the steps that it
compiles to; `tests/property` holds the two to be the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .expressions import Expression
from .schema import Schema
from .steps import Aggregate, Step


class Use(StrEnum):
    """What a question does with a column."""

    PROJECT = "project"
    FILTER = "filter"
    JOIN = "join"
    GROUP = "group"


@dataclass(frozen=True, order=True)
class Used:
    """One line of a footprint: a column of a table of the agreement, and what it is used for.

    `asset` is the catalogue's name of the table. A unit's key (person, home) is a column like any other.
    """

    source: str
    asset: str
    column: str
    use: Use

    def __str__(self) -> str:
        return f"{self.source}.{self.column} {self.use}"


@dataclass(frozen=True)
class Askable:
    """A table as questions see it: a source at the host, coarsened, beside the keys of its units.

    `step` makes it. `units` are its key columns. `identifying` are fields of its asset that no question
    sees, `unagreed` those that the agreement does not use.
    """

    name: str
    asset: str
    step: Step
    units: tuple[str, ...]
    identifying: frozenset[str] = frozenset()
    unagreed: frozenset[str] = frozenset()
    about_people: bool = True

    @property
    def schema(self) -> Schema:
        """The columns that can be asked."""
        return self.step.shape.schema


@dataclass(frozen=True, eq=False)
class Base:
    """An askable table in a question."""

    table: Askable

    @property
    def schema(self) -> Schema:
        return self.table.schema

    @property
    def units(self) -> Mapping[str, str]:
        return {name: name for name in self.table.units}


@dataclass(frozen=True, eq=False)
class Side:
    """A relation of FROM. `on` pairs a column of the sides before it with one of its own; `how` is "from"
    for the first, then "inner" or "left"."""

    alias: str
    of: Base | Select
    on: tuple[tuple[str, str], ...] = ()
    how: str = "from"


@dataclass(frozen=True, eq=False)
class Select:
    """Sides joined, filtered, then picked or grouped, then named.

    `inner` are the columns of all sides (see `inner_name`); expressions of `where`, `by` and `figures` are
    over these. `columns` and `having` are over the grouped table where there is a `by`, else the sides.
    `units` tells which of its columns hold the key of which unit; `joined` are the units on which tables
    beneath it were joined, picked or grouped.
    """

    sides: tuple[Side, ...]
    inner: Schema
    schema: Schema
    columns: tuple[tuple[str, Expression], ...]
    units: Mapping[str, str]
    where: Expression | None = None
    pick: str = ""
    by: tuple[tuple[str, Expression], ...] = ()
    figures: tuple[Aggregate, ...] = ()
    having: Expression | None = None
    joined: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A figure of the answer: `how` is rows, people, sum or mean, over `of`, where `where` is true."""

    name: str
    how: str
    of: Expression | None = None
    where: Expression | None = None


PEOPLE = "people"
"""The column of an answer that says how many stand behind a row, where no figure asked is that number."""


@dataclass(frozen=True)
class Order:
    """A column whose values the rows of an answer are put in; `number`: its labels are integers."""

    column: str
    descending: bool = False
    nulls_first: bool = False
    number: bool = False


@dataclass(frozen=True)
class Shown:
    """How an answer that passed the gate is set out. It is no part of what is asked, and tells no more."""

    order: tuple[Order, ...] = ()
    limit: int | None = None


@dataclass(frozen=True)
class Question:
    """One grouped table of figures. `rows` is a select of everything, of which `by`, `figures` and `unit`
    (the key column whose values are counted as people) are expressions. `shown` is for whoever looks."""

    rows: Select
    by: tuple[tuple[str, Expression], ...]
    figures: tuple[Figure, ...]
    unit: str
    shown: Shown = Shown()

    @property
    def counted(self) -> str:
        """The unit whose members stand behind each figure."""
        return self.rows.units[self.unit]

    @property
    def people_as(self) -> str:
        """The column that says how many stand behind a row; with a space, where its own name is taken."""
        whole = [f.name for f in self.figures if f.how == "people" and f.where is None]
        taken = {name.casefold() for name in (*dict(self.by), *(f.name for f in self.figures))}
        return whole[0] if whole else f"{PEOPLE} behind" if PEOPLE in taken else PEOPLE

    @property
    def read(self) -> str:
        """Its footprint in one line, with what each column is for; a unit's key goes without saying."""
        told: dict[str, set[str]] = {}
        for used in self.footprint:
            if used.column != self.counted or used.use is Use.JOIN:
                told.setdefault(f"{used.source}.{used.column}", set()).add(str(used.use))
        for figure in self.figures:
            for name in columns_of(figure.of, self.rows) if figure.of is not None else ():
                if name in told:
                    told[name] = (told[name] - {str(Use.PROJECT)}) | {figure.how}
        return ", ".join(f"{name} ({', '.join(sorted(uses))})" for name, uses in sorted(told.items()))

    @property
    def footprint(self) -> frozenset[Used]:
        """Every column that it reads, and what for."""
        wanted: Wanted = {}
        for _, expression in self.by:
            _want(wanted, expression, Use.GROUP)
        for figure in self.figures:
            _want(wanted, figure.of, Use.PROJECT)
            _want(wanted, figure.where, Use.FILTER)
        wanted.setdefault(self.unit, set()).add(Use.GROUP)
        return frozenset(_of_select(self.rows, wanted))

    @property
    def shape(self) -> str:
        """What is asked, in the agreement's own words: no literal, alias or other word of the asker's."""
        figures = ", ".join(_figure_words(figure, self.rows) for figure in self.figures)
        by = ", ".join(sorted({name for _, e in self.by for name in columns_of(e, self.rows)}))
        where = sorted({f"{u.source}.{u.column}" for u in self.footprint if u.use is Use.FILTER})
        told = [figures, f"by {by}" if by else "", f"where {', '.join(where)}" if where else ""]
        return " ".join(part for part in told if part)


Wanted = dict[str, set[Use]]


def inner_name(alias: str, column: str, sides: int) -> str:
    """What a select calls a column of a side: its own name where there is one side only."""
    return column if sides == 1 else f"{alias}.{column}"


def _want(wanted: Wanted, expression: Expression | None, *uses: Use) -> None:
    for name in expression.columns() if expression is not None else ():
        wanted.setdefault(name, set()).update(uses)


def _of_select(select: Select, wanted: Wanted) -> Iterator[Used]:
    """What is read of the tables beneath, if `wanted` is read of the select's columns."""
    named: Wanted = {}
    made = dict(select.columns)
    for name, uses in wanted.items():
        _want(named, made[name], *uses)
    _want(named, select.having, Use.FILTER)
    below = _beneath_grouping(select, named) if select.by else named
    _want(below, select.where, Use.FILTER)
    if select.pick:
        below.setdefault(select.pick, set()).add(Use.GROUP)
    for side in select.sides:
        for mine, _ in side.on:
            below.setdefault(mine, set()).add(Use.JOIN)
    for side in select.sides:
        yield from _of_side(side, below, len(select.sides))


def _beneath_grouping(select: Select, named: Wanted) -> Wanted:
    below: Wanted = {}
    for _, expression in select.by:
        _want(below, expression, Use.GROUP)
    for figure in select.figures:
        if figure.name in named:
            _want(below, figure.of, *named[figure.name])
            _want(below, figure.where, Use.FILTER)
    by = dict(select.by)
    for name in named.keys() & by.keys():
        _want(below, by[name], *named[name])
    return below


def _of_side(side: Side, below: Wanted, sides: int) -> Iterator[Used]:
    wanted: Wanted = {}
    for column in side.of.schema.names:
        uses = below.get(inner_name(side.alias, column, sides))
        if uses:
            wanted[column] = set(uses)
    for _, theirs in side.on:
        wanted.setdefault(theirs, set()).add(Use.JOIN)
    if isinstance(side.of, Select):
        yield from _of_select(side.of, wanted)
        return
    table = side.of.table
    for name, uses in wanted.items():
        yield from (Used(table.name, table.asset, name, use) for use in uses)


def columns_of(expression: Expression, select: Select) -> set[str]:
    """The columns of tables that an expression over a select's columns is made of, as `source.column`."""
    wanted: Wanted = {name: {Use.PROJECT} for name in expression.columns()}
    bare = Select(select.sides, select.inner, select.schema, select.columns, select.units, by=select.by,
                  figures=select.figures)  # fmt: skip
    used = _of_select(bare, wanted)
    return {f"{u.source}.{u.column}" for u in used if Use.PROJECT is u.use}


def _figure_words(figure: Figure, rows: Select) -> str:
    every = ["*"] if figure.how == "rows" else [""]
    of = every if figure.of is None else sorted(columns_of(figure.of, rows))
    where = " filtered" if figure.where is not None else ""
    return f"{figure.how}({', '.join(of)}){where}"
