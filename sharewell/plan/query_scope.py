"""What a name means in a SELECT: the sides of its FROM, their columns, and why a name is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from sqlglot import exp

from ..errors import PlanError, Problem, among
from .expressions import Call, Col, Expression, Value
from .query import Askable, Base, Select, Side, inner_name
from .query_literals import plain_literals
from .query_text import place
from .schema import Column, Kind, Schema
from .sql import convert_tree

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
"""A constant within a message: what the asker wrote is not repeated."""

MOST_TABLES = 20
"""The most tables that a question may read, each as often as it is read."""


def find_table(name: str, tables: Mapping[str, Askable], where: str) -> Askable:
    """A table by its name in `describe:`; `_` may stand for `-`. PlanError TABLE."""
    known = {called.casefold(): table for called, table in tables.items()}
    plain = name.casefold()
    found = known.get(plain) or known.get(plain.replace("_", "-"))
    if found is None:
        what, why = f"{name[:40]!r} is no table of this agreement", "only its tables can be asked"
        raise PlanError(Problem("TABLE", what, why, among(name[:40], tables), where))
    return found


def is_about_people(of: Base | Select) -> bool:
    """Whether any table beneath holds records of somebody."""
    if isinstance(of, Base):
        return of.table.about_people
    return any(is_about_people(side.of) for side in of.sides)


def tables_read(of: Base | Select) -> int:
    """How many tables are read, each as often as it is."""
    return 1 if isinstance(of, Base) else sum(tables_read(side.of) for side in of.sides)


class Scope:
    """The sides of one FROM. `resolved` turns names of columns into names of `schema`."""

    def __init__(self, sides: tuple[Side, ...], parameters: Mapping[str, Value]) -> None:
        self.sides, self.parameters = sides, parameters
        self.shown = tuple(side for side in sides if side.how not in ("semi", "anti"))

    @cached_property
    def schema(self) -> Schema:
        """The columns of all sides, by their inner names."""
        return Schema(
            tuple(
                Column(self.inner(side, c.name), c.type, c.kind, c.party, c.origins)
                for side in self.shown
                for c in side.of.schema
            )
        )

    @cached_property
    def units(self) -> dict[str, str]:
        """The inner names that hold a key, and of which unit."""
        return {self.inner(s, name): unit for s in self.shown for name, unit in s.of.units.items()}

    def inner(self, side: Side, column: str) -> str:
        return inner_name(side.alias, column, len(self.sides))

    def side(self, alias: str, where: str) -> Side:
        """A side by its alias. PlanError TABLE."""
        for side in self.shown:
            if side.alias.casefold() == alias.casefold():
                return side
        fix = among(alias[:40], (side.alias for side in self.shown))
        raise PlanError(Problem("TABLE", f"{alias[:40]!r} is not in this FROM", fix=fix, where=where))

    def find(self, node: exp.Column) -> str:
        """The inner name of a column. PlanError FIELD, IDENTIFIER or TABLE."""
        where = place(node)
        sides = (self.side(node.table, where),) if node.table else self.shown
        found = [
            (side, name)
            for side in sides
            for name in side.of.schema.names
            if name.casefold() == node.name.casefold()
        ]
        if not found:
            raise PlanError(_absent(node.name[:40], sides, where))
        if len(found) > 1 and not self._shared(found):
            aliases = ", ".join(f"{side.alias}.{name}" for side, name in found)
            raise PlanError(
                Problem("FIELD", f"{node.name!r} is ambiguous", fix=f"say {aliases}", where=where)
            )
        return self.inner(*found[0])

    def _shared(self, found: list[tuple[Side, str]]) -> bool:
        """Whether every further one is joined on its likeness to the first."""
        first = self.inner(*found[0])
        return all((first, name) in side.on for side, name in found[1:])

    def resolved(self, node: exp.Expression) -> exp.Expression:
        """A copy of a tree whose columns have inner names."""

        def rename(part: exp.Expression) -> exp.Expression:
            if isinstance(part, exp.Column) and isinstance(part.this, exp.Identifier):
                found = column(self.find(part))
                found.this.meta.update(part.this.meta)  # where it was written
                return found
            return part

        return node.copy().transform(rename)

    def convert(self, node: exp.Expression, schema: Schema | None = None) -> Expression:
        """A resolved tree as an expression. PlanError KEY, or as `plan.sql` raises."""
        held = self.schema if schema is None else schema
        try:
            made = convert_tree(plain_literals(node, held, self.parameters), held, self.parameters)
            check_keys(made, held)
        except PlanError as error:
            where = place(node)
            placed = [
                Problem(p.code, _QUOTED.sub("'...'", p.what), p.why, p.fix, p.where or where)
                for p in error.problems
            ]
            raise PlanError(placed) from None
        return made


def column(name: str) -> exp.Column:
    """A column by exactly this name."""
    return exp.Column(this=exp.Identifier(this=name, quoted=True))


def check_keys(expression: Expression, schema: Schema) -> None:
    """Raise PlanError KEY where a key is anything but named or asked whether it is there."""
    for node in expression.walk():
        if isinstance(node, Call) and node.op != "is_null":
            for part in node.args:
                if isinstance(part, Col) and schema[part.name].kind is Kind.KEY:
                    raise PlanError(
                        Problem(
                            "KEY",
                            f"{part.name} is compared or computed with",
                            "a key tells records apart and says nothing else",
                            "join by it, group a subquery by it, or count(distinct it)",
                        )
                    )


def _absent(name: str, sides: tuple[Side, ...], where: str) -> Problem:
    tables = [side.of.table for side in sides if isinstance(side.of, Base)]
    known = [column for side in sides for column in side.of.schema.names]
    for table in tables:
        if name.casefold() in {held.casefold() for held in table.identifying}:
            return Problem(
                "IDENTIFIER",
                f"{name} of {table.name} identifies people",
                "a question never sees who a record is about",
                f"count(distinct {table.units[0]}) tells people apart" if table.units else "leave it out",
                where,
            )
        if name.casefold() in {held.casefold() for held in table.unagreed}:
            return Problem(
                "FIELD",
                f"{table.name}.{name} is not used by this agreement",
                "a further field is a further use",
                f"agreed: {', '.join(known)}; amend `describe:` and sign again for more",
                where,
            )
    return Problem("FIELD", f"there is no column {name!r}", fix=among(name, known), where=where)
