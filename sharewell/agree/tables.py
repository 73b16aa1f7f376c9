"""The tables that a recipe is given, put together at the host from the sources, and which fields that uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ..errors import PlanError, Problem
from ..plan.expressions import Call, Col, Expression, call
from ..plan.schema import Type
from ..plan.sql import literal, parse_expression
from ..plan.steps import Aggregate, Derive, Filter, Group, Join, Keep, Pick, Stack, Step
from .document import Agreement, Figure, Table, taken
from .sources import Sources

FIGURES = ("rows", "any", "sum", "least", "most")


class Tables:
    """Builds `tables:` of each analysis. `used` gathers "asset.field" of all that expressions and recipes read."""

    def __init__(self, agreement: Agreement, sources: Sources) -> None:
        self.agreement, self.sources = agreement, sources
        self.used: set[str] = set()
        self.stacked = cache(self._stacked)

    def use(self, step: Step, columns: Iterable[str]) -> None:
        """Note that these columns of a table serve a product."""
        for name in columns:
            if name in step.shape.schema:
                self.used |= step.shape.schema[name].origins

    def expression(self, text: str, step: Step, where: str) -> Expression:
        """A parsed expression over a table, its fields noted as used."""
        parsed = parse_expression(text, step.shape.schema, self.agreement.parameters, where)
        self.use(step, parsed.columns())
        return parsed

    def settled(self, value: Any) -> Any:
        """A recipe's settings with `:name` replaced by the parameter, and what is written as a date taken as one."""
        if isinstance(value, dict):
            return {name: self.settled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.settled(part) for part in value]
        if isinstance(value, str) and value[:1] == ":" and value[1:] in self.agreement.parameters:
            return self.agreement.parameters[value[1:]]
        return taken(value)

    def build(self, product: str, role: str) -> Step:
        """The table that a recipe calls `role`. PlanError at the line that is at fault."""
        told = self.agreement.text.analyse[product].tables[role]
        place = ("analyse", product, "tables", role)
        table = self._looked_up(self._from(told.from_), told.lookup, self.agreement.at(*place, "lookup"))
        table = self._filtered(table, told.where, self.agreement.at(*place, "where"))
        if told.one_row is not None:
            table = self._one_row(table, told, self.agreement.at(*place, "one_row"))
        for name, figure in told.add.items():
            table = self._added(table, name, figure, self.agreement.at(*place, "add", name))
        for name, text in told.derive.items():
            made = self.expression(text, table, self.agreement.at(*place, "derive", name))
            table = Derive(table, ((name, made),))
        return self._filtered(table, told.keep, self.agreement.at(*place, "keep"))

    def _from(self, names: str | tuple[str, ...]) -> Step:
        return self.sources.table(names) if isinstance(names, str) else self.stacked(names)

    def _stacked(self, names: tuple[str, ...]) -> Step:
        """Several sources one after another: the columns that all have, in the first one's order."""
        tables = [self.sources.table(name) for name in names]
        shared = [n for n in tables[0].shape.schema.names if all(n in t.shape.schema for t in tables)]
        return Stack(tuple(Keep(table, tuple(shared)) for table in tables))

    def _filtered(self, table: Step, text: str | None, where: str) -> Step:
        return table if text is None else Filter(table, self.expression(text, table, where))

    def _one_row(self, table: Step, told: Table, where: str) -> Step:
        unit = told.one_row or ""
        return Pick(self._known(table, unit, where), (unit,))

    def _known(self, table: Step, unit: str, where: str) -> Step:
        if unit not in table.shape.schema:
            raise PlanError(
                Problem(
                    "UNIT",
                    f"this table is not linked into {unit!r}",
                    fix="add its source to `link:`",
                    where=where,
                )
            )
        return Filter(table, call("not", call("is_null", Col(unit, Type.TEXT))))

    def _looked_up(self, table: Step, lookup: Mapping[str, str], where: str) -> Step:
        """Columns of other sources brought in by a shared column: an area's ward, a home's floor area."""
        for name, by in lookup.items():
            other = self.sources.table(name)
            if by in self.agreement.text.link:
                other = Pick(self._known(other, by, where), (by,))
            units = set(self.agreement.text.link) - {by}
            other = Keep(other, tuple(n for n in other.shape.schema.names if n not in units))
            self.use(table, (by,))
            self.use(other, (by,))
            table = Join(table, other, ((by, by),), "left")
        return table

    def _added(self, table: Step, name: str, figure: Figure, where: str) -> Step:
        """One figure for each row of a table, from the rows of another that share its unit."""
        given = [how for how in FIGURES if getattr(figure, how) is not None]
        if len(given) != 1:
            raise PlanError(Problem("FIGURE", f"{name} needs one of {', '.join(FIGURES)}", where=where))
        how = given[0]
        source = self._looked_up(self.sources.table(getattr(figure, how)), figure.lookup, where)
        source = self._known(source, figure.by, where)
        if how == "any":
            of: Expression | None = self.expression(figure.of or "true", source, where)
        else:
            of = self.expression(figure.of, source, where) if figure.of else None
        source = self._filtered(source, figure.where, where)
        grouped = Group(source, (figure.by,), (Aggregate(name, how, of),))
        joined = Join(table, grouped, ((figure.by, figure.by),), "left")
        absent: dict[str, bool | int] = {"any": False, "rows": 0}
        if how not in absent:
            return joined
        column = joined.shape.schema[name]
        filled: Call = call("coalesce", Col(name, column.type), literal(absent[how]))
        return Derive(joined, ((name, filled),))
