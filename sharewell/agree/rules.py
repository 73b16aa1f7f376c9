"""What a rule of `lint` is: a class that says what must hold, why, on whose authority, and shows both ways.

A rule's docstring is its reason, in a paragraph that an information-governance lead can read. `example` and
`fix` are the same lines of an agreement, faulty and mended; a test makes both of one sound agreement.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ..errors import Problem
from ..plan.plan import Plan
from .document import Agreement
from .shelf import Shelf

PUBLIC = "public"
"""The recipient that is everyone."""


class Weight(StrEnum):
    """What a rule that does not hold means: the agreement is refused, or its writers are advised."""

    REFUSES = "refuses"
    ADVISES = "advises"


@dataclass(frozen=True)
class Found:
    """One place where a rule does not hold: what is so there, and what to write instead."""

    what: str
    fix: str
    where: str


class Rule:
    """One thing that must hold. A rule looks at the text, at the plan where it compiled, or at both."""

    code: ClassVar[str]
    """Its name, in capitals."""
    why: ClassVar[str]
    """Why it matters, in the half sentence that stands beside each fault."""
    source: ClassVar[str]
    """The law, code, template or criterion that asks for it."""
    example: ClassVar[str]
    """Lines of an agreement in which it does not hold."""
    fix: ClassVar[str]
    """The same lines, in which it does."""
    weight: ClassVar[Weight] = Weight.REFUSES
    red_line: ClassVar[str] = ""
    """The workshop's veto that it serves: no benefit outweighs one."""

    @property
    def reason(self) -> str:
        """The whole reason, in one paragraph."""
        return " ".join((inspect.getdoc(type(self)) or "").split())

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        """Where it does not hold of the text alone; told even where the text does not compile."""
        return iter(())

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        """Where it does not hold of what the text amounts to; silent where there is no plan."""
        return iter(())

    def problems(self, agreement: Agreement, plan: Plan | None, shelf: Shelf) -> Iterator[Problem]:
        """Every place where it does not hold."""
        for found in self.in_text(agreement):
            yield self._problem(found)
        if plan is not None:
            for found in self.in_plan(agreement, plan, shelf):
                yield self._problem(found)

    def _problem(self, found: Found) -> Problem:
        return Problem(self.code, found.what, self.why, found.fix, found.where)


class Advice(Rule):
    """A rule that advises: told apart from the faults, and never a reason to deny."""

    weight = Weight.ADVISES
