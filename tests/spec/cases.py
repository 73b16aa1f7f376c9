"""What a spec is made of: chapters of cases, each a drawn table and what comes of it on every engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sharewell.depersonalise import RULES
from sharewell.engines.duckdb import DuckDB
from sharewell.errors import PlanError
from sharewell.plan import forms, steps
from sharewell.plan.expressions import Expression
from sharewell.plan.parameters import Parameters
from sharewell.plan.schema import Schema
from sharewell.plan.sql import parse_expression
from sharewell.plan.steps import Coarsen, Step

from ..property import agreement
from ..property.plans import Case as Plan
from .tables import Rows, lines, of_cells, table, value


@dataclass(frozen=True)
class Table:
    """A table that a case starts from: who holds it, and whether its rows are about people."""

    drawn: str
    at: str = "host"
    people: bool = True


@dataclass(frozen=True)
class Means:
    """Columns, then `=>`, then expressions over them, with what each gives for each row."""

    says: str
    drawn: str

    def check(self, engine: DuckDB) -> None:
        cells = lines(self.drawn.replace("=>", "| => |"))
        at = cells[0].index("=>")
        given, wanted = of_cells([row[:at] for row in cells]), [row[at + 1 :] for row in cells]
        made = [(f"e{i}", parse_expression(text, given.schema)) for i, text in enumerate(wanted[0])]
        expected = [
            row | {name: value(cell, e.type) for cell, (name, e) in zip(cells, made, strict=True)}
            for row, cells in zip(given.rows, wanted[1:], strict=True)
        ]
        step = steps.Derive(given.read("t"), tuple(made))
        check_rows(step, {"t": given.rows}, expected, engine)


@dataclass(frozen=True)
class Gives:
    """Tables, a step over them (as its constructor is written), and the rows that it gives."""

    says: str
    tables: Mapping[str, Table | str]
    step: str
    gives: str

    def check(self, engine: DuckDB) -> None:
        step = build(self.step, self.tables)
        wanted = table(self.gives)
        assert [(c.name, c.type) for c in step.shape.schema] == [(c.name, c.type) for c in wanted.schema]
        rows = {name: table(_drawn(drawn)).rows for name, drawn in self.tables.items()}
        check_rows(step, rows, wanted.rows, engine)


@dataclass(frozen=True)
class Has:
    """A table, and the form of it: who its rows are about, and what they tell."""

    says: str
    tables: Mapping[str, Table | str]
    step: str
    form: str

    def check(self, engine: DuckDB) -> None:
        assert str(build(self.step, self.tables).shape.form) == self.form


@dataclass(frozen=True)
class Refuses:
    """A step that cannot be built, and the code of its refusal."""

    says: str
    tables: Mapping[str, Table | str]
    step: str
    code: str

    def check(self, engine: DuckDB) -> None:
        with pytest.raises(PlanError) as caught:
            build(self.step, self.tables)
        assert [problem.code for problem in caught.value.problems] == [self.code]


Case = Means | Gives | Has | Refuses


@dataclass(frozen=True)
class Chapter:
    """A heading, what a reader should know first, and the cases."""

    title: str
    says: str
    cases: tuple[Case, ...] = field(default_factory=tuple)


def build(written: str, tables: Mapping[str, Table | str]) -> Step:
    """The step that its constructor, as written, makes of the tables, or what the constructor raises."""
    reads = {name: _read(name, drawn) for name, drawn in tables.items()}
    step: Step = eval(written, dict(_NAMES), reads)
    return step


def _read(name: str, drawn: Table | str) -> Step:
    given = drawn if isinstance(drawn, Table) else Table(drawn)
    return table(given.drawn).read(name, given.at, given.people)


def _drawn(drawn: Table | str) -> str:
    return drawn.drawn if isinstance(drawn, Table) else drawn


def _sql(of: Step, text: str) -> Expression:
    return parse_expression(text, of.shape.schema)


def _coarsen(of: Step, column: str, name: str, rule: str, **settings: Any) -> Coarsen:
    found, old = RULES[rule], of.shape.schema[column]
    found.check(old.type, settings)
    return Coarsen(of, column, rule, name, (found.gives, found.becomes(old.kind)), Parameters.of(settings))


_STEPS = "Keep Derive Filter Join Stack Pick Group Aggregate Key Check Transfer"
_NAMES: dict[str, Any] = {
    **{name: getattr(steps, name) for name in _STEPS.split()},
    **{name: getattr(forms, name) for name in ("AGGREGATE", "DEPERSONALISED", "YES_NO", "IDENTIFIABLE")},
    "sql": _sql,
    "coarsen": _coarsen,
}


def check_rows(step: Step, tables: Mapping[str, Rows], expected: Rows, engine: DuckDB) -> None:
    """Both engines give these rows, in whatever order, under the names that the step's shape says."""
    plan = Plan(step, tables)
    names = step.shape.schema.names
    wanted = Counter(
        _cells(dict(zip(names, row.values(), strict=True)), step.shape.schema) for row in expected
    )
    for rows in (agreement.on_reference(plan), agreement.on_duckdb(plan, engine)):
        assert Counter(_cells(row, step.shape.schema) for row in rows) == wanted


def _cells(row: Mapping[str, Any], schema: Schema) -> tuple[str, ...]:
    return tuple(repr(row[name]) for name in schema.names)
