"""ORDER BY and LIMIT of an answer: how what passed the gate is set out, by its own columns alone.

Neither is compiled, counted or kept. The gate and the comparison with earlier answers see the whole answer,
so that no order of it can tell of a figure that is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ..errors import PlanError, Problem
from .query import Order, Shown
from .query_scope import Scope
from .query_text import place

_WHOLE = re.compile("[0-9]{1,9}")
WHY = "an answer is put in order after it is checked, so only by what it shows"


@dataclass(frozen=True)
class Output:
    """A column of an answer: its name, the resolved item or grouping it shows, and whether of integers."""

    name: str
    node: exp.Expression
    number: bool = False


def shown_as(tree: exp.Select, scope: Scope, outputs: Sequence[Output], items: int, people: str) -> Shown:
    """The order and limit of the outermost SELECT, whose first outputs are its `items`.

    PlanError ORDER or LIMIT where it is anything else than columns of the answer, or a whole number.
    """
    held = tree.args.get("order")
    names = list(dict.fromkeys([*(output.name for output in outputs), people]))
    found = [_order(part, scope, outputs, items, names) for part in (held.expressions if held else ())]
    return Shown(tuple(found), _limit(tree.args.get("limit")))


def _order(
    part: exp.Expression, scope: Scope, outputs: Sequence[Output], items: int, names: Sequence[str]
) -> Order:
    plain = isinstance(part, exp.Ordered) and not part.args.get("with_fill")
    column = _column(part.this, scope, outputs, items, names) if plain else None
    if column is None:
        fix = f"order by its columns, by name or number: {', '.join(names)}"
        what = "ORDER BY is not by a column of the answer"
        raise PlanError(Problem("ORDER", what, WHY, fix, place(part)))
    number = any(output.number for output in outputs if output.name == column)
    return Order(column, bool(part.args.get("desc")), bool(part.args.get("nulls_first")), number)


def _column(
    node: exp.Expression, scope: Scope, outputs: Sequence[Output], items: int, names: Iterable[str]
) -> str | None:
    """The column that an ORDER BY means: its number, its name, or the very expression it shows."""
    if isinstance(node, exp.Literal):
        number = whole_number(node)
        return outputs[number - 1].name if 0 < number <= items else None
    if isinstance(node, exp.Column) and not node.table:
        named = next((name for name in names if name.casefold() == node.name.casefold()), None)
        if named is not None:
            return named
    try:
        resolved = scope.resolved(node)
    except PlanError as error:
        if any(problem.code == "IDENTIFIER" for problem in error.problems):
            raise
        return None
    return next((output.name for output in outputs if output.node == resolved), None)


def whole_number(node: exp.Expression | None) -> int:
    """A constant that is a whole number from 1, of up to nine digits; else 0."""
    plain = isinstance(node, exp.Literal) and not node.is_string and _WHOLE.fullmatch(node.name)
    return int(node.name) if node is not None and plain else 0


def _limit(node: exp.Expression | None) -> int | None:
    if node is None:
        return None
    told = node.args.get("expression")
    further = any(value for name, value in node.args.items() if name != "expression")
    number = 0 if further else whole_number(told)
    if not number:
        what, why = "LIMIT is no whole number from 1", "it says how many groups are shown"
        raise PlanError(Problem("LIMIT", what, why, "write LIMIT 10, or leave it out", place(node)))
    return number
