"""What an agreement's chapters must say together: rules, each with a code, a reason and its source.

A rule looks at the text and, where it compiled, at the plan; never at data. A fault that is a red line of
the workshop is marked so: `decide` denies on it whatever else is in order. Advice is told apart: it never
stops anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import PlanError, Problem, UnknownName, among
from ..plan.plan import Plan
from . import (
    access_rules,
    disclosure_rules,
    drafting_rules,
    form_rules,
    golden_rules,
    index_rules,
    law_rules,
    party_rules,
    red_line_rules,
    weighing_rules,
)
from .compile import compile_plan
from .document import Agreement
from .rules import PUBLIC, Rule, Weight
from .shelf import Shelf

RULES: tuple[Rule, ...] = (
    red_line_rules.NoNotice(),
    red_line_rules.NoPurpose(),
    red_line_rules.NotTransparent(),
    form_rules.Identifiable(),
    form_rules.Unused(),
    red_line_rules.Recipient(),
    disclosure_rules.Stranger(),
    form_rules.Public(),
    form_rules.View(),
    disclosure_rules.Restricted(),
    disclosure_rules.Split(),
    party_rules.SignatoryRule(),
    party_rules.JointControlRule(),
    party_rules.ProcessorRule(),
    law_rules.Article9(),
    law_rules.Article10(),
    law_rules.Part3(),
    access_rules.Training(),
    access_rules.QuestionsRule(),
    access_rules.Reidentify(),
    access_rules.OnwardRule(),
    index_rules.StandingRule(),
    index_rules.IndexRule(),
    golden_rules.GoldenRule(),
    access_rules.AutomatedRule(),
    weighing_rules.BenefitRule(),
    weighing_rules.Residual(),
    weighing_rules.RiskOwner(),
    weighing_rules.DeliberationRule(),
    weighing_rules.ConditionRule(),
    drafting_rules.Orphan(),
    drafting_rules.TermRule(),
    drafting_rules.Confusable(),
    law_rules.PolicyDocument(),
    law_rules.Confidence(),
    party_rules.AbroadAdvice(),
    party_rules.Independent(),
    access_rules.Unasked(),
    access_rules.Decision(),
    weighing_rules.SubjectsAdvice(),
    weighing_rules.EqualityAdvice(),
    weighing_rules.Measured(),
    weighing_rules.Registered(),
    drafting_rules.Retention(),
    drafting_rules.NoticeDays(),
    drafting_rules.PurposeCode(),
    drafting_rules.Unsaid(),
)
"""Every rule, in the order in which faults and then advice are told."""


def lint(agreement: Agreement, shelf: Shelf) -> tuple[Plan | None, tuple[Problem, ...]]:
    """The plan, if there is one, and every fault. Text that does not compile still hears of its wording."""
    plan, faults = None, list[Problem]()
    try:
        plan = compile_plan(agreement, shelf)
    except PlanError as error:
        faults += error.problems
    faults += _problems(agreement, plan, shelf, Weight.REFUSES)
    return plan, tuple(dict.fromkeys(faults))


def advise(agreement: Agreement, plan: Plan | None, shelf: Shelf) -> tuple[Problem, ...]:
    """What its writers may want to say better. `plan` is what `lint` gave."""
    return tuple(dict.fromkeys(_problems(agreement, plan, shelf, Weight.ADVISES)))


def _problems(agreement: Agreement, plan: Plan | None, shelf: Shelf, weight: Weight) -> Iterator[Problem]:
    for rule in RULES:
        if rule.weight is weight:
            yield from rule.problems(agreement, plan, shelf)


def rule(code: str) -> Rule:
    """The rule of a code. UnknownName with the nearest there is."""
    found = next((rule for rule in RULES if rule.code == code.upper()), None)
    if found is None:
        codes = [rule.code for rule in RULES]
        what = f"no rule of `lint` has the code {code!r}"
        raise UnknownName(
            Problem("RULE", what, "codes of reading and compiling are no rules", among(code, codes))
        )
    return found


def red_lines() -> frozenset[str]:
    """The codes that no benefit outweighs."""
    return frozenset(rule.code for rule in RULES if rule.red_line)


__all__ = ["PUBLIC", "RULES", "Rule", "advise", "lint", "red_lines", "rule"]
