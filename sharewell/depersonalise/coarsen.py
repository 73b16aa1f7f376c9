"""Rules that make one column less exposing, each written twice: plain Python (the judge), and Ibis.

A rule's parameters are what an agreement can say: text, numbers, lists, and dates (or their ISO 8601 text).
Null stays null; a value that a rule cannot read (a text that is no postcode, a birth after the day of the
age) becomes null too, never itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import PlanError, Problem
from ..plan.schema import Kind, Type
from ..registry import Registry

if TYPE_CHECKING:
    import ibis.expr.types as ir

Settings = Mapping[str, Any]


def _nothing_more(_: Settings) -> list[Problem]:
    return []


@dataclass(frozen=True)
class Rule:
    """One coarsening. `takes` are the column types it reads, `gives` is the new one; `kind` is what an
    identifier becomes by it.

    `value(x, settings)` is the rule on one value, None included; `column(expression, settings)` the same
    as an Ibis expression. `parameters` are the names it knows and the type of each; `faults` says what
    else is wrong with the settings.
    """

    name: str
    says: str
    takes: tuple[Type, ...]
    gives: Type
    kind: Kind
    value: Callable[[Any, Settings], Any]
    column: Callable[[ir.Value, Settings], ir.Value]
    parameters: Mapping[str, type] = field(default_factory=dict)
    faults: Callable[[Settings], list[Problem]] = _nothing_more

    def becomes(self, kind: Kind) -> Kind:
        """The kind of the new column. Only an identifier's is lowered: a sensitive field stays so."""
        return self.kind if kind is Kind.IDENTIFIER else kind

    def check(self, given: Type, settings: Settings) -> None:
        """Raise PlanError, with every cause, if such a column cannot be coarsened with these settings."""
        problems = []
        if given not in self.takes:
            what = f"{self.name} coarsens {' or '.join(self.takes)}, not {given}"
            problems.append(Problem("TYPE", what, fix="use a rule for this type, or leave the field out"))
        unknown = sorted(set(settings) - set(self.parameters))
        if unknown:
            known = ", ".join(self.parameters) or "none"
            problems.append(
                Problem(
                    "PARAMETER",
                    f"{self.name} has no parameter {', '.join(unknown)}",
                    fix=f"it has: {known}",
                )
            )
        problems += self.faults(settings)
        if problems:
            raise PlanError(problems)


RULES: Registry[Rule] = Registry(
    "depersonalise",
    "coarsening",
    ("sharewell.depersonalise.dates", "sharewell.depersonalise.bands", "sharewell.depersonalise.texts"),
)
