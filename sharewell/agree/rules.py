"""What a rule of `lint` is, and what it is given to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import Problem
from ..plan.plan import Plan
from .document import Agreement
from .shelf import Shelf

PUBLIC = "public"
"""The recipient that is everyone."""


@dataclass(frozen=True)
class Found:
    """One place where a rule does not hold: what is so there, and what to write instead."""

    what: str
    fix: str
    where: str


OfText = Callable[[Agreement], Iterator[Found]]
OfPlan = Callable[[Agreement, Plan, Shelf], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """One thing that must hold, with the reason and its source, found by `text` or, where it compiles, by
    `plan`.

    `red_line` names the workshop's veto that it serves: no benefit outweighs one.
    """

    code: str
    why: str
    source: str
    text: OfText | None = None
    plan: OfPlan | None = None
    red_line: str = ""

    def faults(self, agreement: Agreement, plan: Plan | None, shelf: Shelf) -> Iterator[Problem]:
        """Every fault of this rule; the rules about steps are silent where there is no plan."""
        found = list(self.text(agreement)) if self.text else []
        if self.plan is not None and plan is not None:
            found += self.plan(agreement, plan, shelf)
        return (Problem(self.code, f.what, self.why, f.fix, f.where) for f in found)
