"""The tables that a recipe is given, put together at the host from the sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ..errors import DocumentError, PlanError, Problem, SharewellError, among
from ..plan.expressions import Col, Expression, call
from ..plan.sql import literal, parse_expression
from ..plan.steps import Aggregate, Derive, Filter, Group, Join, Keep, Pick, Stack, Step
from .chapter import taken
from .document import Agreement
from .flow import Figure, Table
from .sources import Sources, placed

FIGURES = ("rows", "any", "sum", "least", "most")
_PARAMETER = re.compile(r":([a-z][a-z0-9_]*)")


class Tables:
    """Builds `tables:` of each analysis. PlanError at the line that is at fault."""

    def __init__(self, agreement: Agreement, sources: Sources) -> None:
        self.agreement, self.sources = agreement, sources
        self.stacked = cache(self._stacked)

    def settled(self, value: Any, where: str) -> Any:
        """A recipe's settings with `:name` replaced by the parameter, and dates taken as such."""
        if isinstance(value, dict):
            return {name: self.settled(part, where) for name, part in value.items()}
        if isinstance(value, list):
            return [self.settled(part, where) for part in value]
        named = _PARAMETER.fullmatch(value) if isinstance(value, str) else None
        if named is None:
            return _date(value, where)
        if named[1] not in self.agreement.parameters:
            fix = f"name it under `agree: parameters:`; {among(named[1], self.agreement.parameters)}"
            raise PlanError(Problem("PARAMETER", f"there is no parameter {value}", fix=fix, where=where))
        return self.agreement.parameters[named[1]]

    def build(self, product: str, role: str) -> Step:
        """The table that a recipe calls `role`."""
        told = self.agreement.text.analyse[product].tables[role]

        def at(*part: str) -> str:
            return self.agreement.at("analyse", product, "tables", role, *part)

        table = _at(at("from"), lambda: self._from(told.from_))
        table = _at(at("lookup"), lambda: self._looked_up(table, told.lookup))
        table = self._filtered(table, told.where, at("where"))
        if told.one_row is not None:
            table = _at(at("one_row"), lambda: self._one_row(table, told))
        for name, figure in told.add.items():
            table = self._added(table, name, figure, at("add", name))
        for name, text in told.derive.items():
            table = Derive(table, ((name, self._expression(text, table, at("derive", name))),))
        return self._filtered(table, told.keep, at("keep"))

    def _expression(self, text: str, step: Step, where: str) -> Expression:
        return parse_expression(text, step.shape.schema, self.agreement.parameters, where)

    def _from(self, names: str | tuple[str, ...]) -> Step:
        return self.sources.table(names) if isinstance(names, str) else self.stacked(names)

    def _stacked(self, names: tuple[str, ...]) -> Step:
        """Several sources one after another: the columns that all have, in the first one's order."""
        tables = [self.sources.table(name) for name in names]
        shared = [n for n in tables[0].shape.schema.names if all(n in t.shape.schema for t in tables)]
        return Stack(tuple(Keep(table, tuple(shared)) for table in tables))

    def _filtered(self, table: Step, text: str | None, where: str) -> Step:
        if text is None:
            return table
        condition = self._expression(text, table, where)
        return _at(where, lambda: Filter(table, condition))

    def _one_row(self, table: Step, told: Table) -> Step:
        unit = told.one_row or ""
        return Pick(self._known(table, unit), (unit,))

    def _known(self, table: Step, unit: str) -> Step:
        """The rows that were linked into a unit. PlanError UNIT where the table never was."""
        if unit not in table.shape.schema:
            units = [name for name in self.agreement.text.link if name in table.shape.schema]
            what, why = f"this table is not linked into {unit!r}", "its rows cannot be told whose they are"
            fix = f"add its source under `link: {unit}: of:`; {among(unit, units)}"
            raise PlanError(Problem("UNIT", what, why, fix))
        return Filter(table, call("not", call("is_null", Col(unit, table.shape.schema[unit].type))))

    def _looked_up(self, table: Step, lookup: Mapping[str, str]) -> Step:
        """Columns of other sources brought in by a shared column: an area's ward, a home's floor area."""
        for name, by in lookup.items():
            other = self.sources.table(name)
            if by in self.agreement.text.link:
                other = Pick(self._known(other, by), (by,))
            units = set(self.agreement.text.link) - {by}
            other = Keep(other, tuple(n for n in other.shape.schema.names if n not in units))
            table = Join(table, other, ((by, by),), "left")
        return table

    def _added(self, table: Step, name: str, figure: Figure, where: str) -> Step:
        """One figure for each row of a table, from the rows of another that share its unit."""
        given = [how for how in FIGURES if getattr(figure, how) is not None]
        if len(given) != 1:
            what, why = f"{name} is of {len(given)} kinds", "a figure is of exactly one"
            raise PlanError(Problem("FIGURE", what, why, f"write one of {', '.join(FIGURES)}", where))
        how = given[0]
        source = _at(where, lambda: self._figure_rows(getattr(figure, how), figure))
        of = figure.of or ("true" if how == "any" else None)
        shown = self._expression(of, source, where) if of else None
        source = self._filtered(source, figure.where, where)
        return _at(where, lambda: self._figured(table, source, Aggregate(name, how, shown), figure.by))

    def _figure_rows(self, source: str, figure: Figure) -> Step:
        return self._known(self._looked_up(self.sources.table(source), figure.lookup), figure.by)

    def _figured(self, table: Step, source: Step, figure: Aggregate, by: str) -> Step:
        """The figure beside each row; where there is nothing to count, no is no and none is zero."""
        joined = Join(table, Group(source, (by,), (figure,)), ((by, by),), "left")
        absent: dict[str, bool | int] = {"any": False, "rows": 0}
        if figure.how not in absent:
            return joined
        column = Col(figure.name, joined.shape.schema[figure.name].type)
        return Derive(joined, ((figure.name, call("coalesce", column, literal(absent[figure.how]))),))


def _at(where: str, make: Callable[[], Step]) -> Step:
    """What `make` builds; its faults put at `where`."""
    try:
        return make()
    except SharewellError as error:
        raise PlanError(placed(error, where)) from None


def _date(value: Any, where: str) -> Any:
    try:
        return taken(value)
    except ValueError as error:
        what, fix = f"{value} is no date: {error}", "write YYYY-MM-DD"
        raise DocumentError(Problem("DATE", what, fix=fix, where=where)) from None
