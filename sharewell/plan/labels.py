"""How labels travel: what a computed column exposes is decided by all that it was computed from."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import PlanError, Problem
from .expressions import Col, Expression
from .schema import Column, Kind, Schema, Type


def derived(name: str, expression: Expression, schema: Schema) -> Column:
    """The column that an expression makes: its labels are those of all that it reads."""
    column = merged(read(expression, schema), name, expression.type)
    return no_more_than(column, Kind.SENSITIVE) if expression.type is Type.BOOLEAN else column


def read(expression: Expression, schema: Schema) -> tuple[Column, ...]:
    """The columns that an expression reads, by name. PlanError where one is absent or of another type."""
    found = {}
    for node in expression.walk():
        if isinstance(node, Col):
            column = found[node.name] = schema[node.name]
            if column.type is not node.type:
                what = f"{node.name} is {column.type}, and is read as {node.type}"
                raise PlanError(Problem("TYPE", what, fix="build the expression over this very table"))
    return tuple(found[name] for name in sorted(found))


def merged(columns: Iterable[Column], name: str = "", type_: Type | None = None) -> Column:
    """One column of several: the most exposing kind, every origin, and the party if they share one."""
    parts = tuple(columns)
    kind = max((c.kind for c in parts), key=lambda k: k.rank, default=Kind.PLAIN)
    parties = {c.party for c in parts if c.party}
    origins = frozenset[str]().union(*(c.origins for c in parts))
    party = parties.pop() if len(parties) == 1 else ""
    return Column(name or parts[0].name, type_ or parts[0].type, kind, party, origins)


def no_more_than(column: Column, kind: Kind) -> Column:
    """The column with its kind lowered to `kind`, if it is more exposing."""
    least = min(column.kind, kind, key=lambda k: k.rank)
    return Column(column.name, column.type, least, column.party, column.origins)
