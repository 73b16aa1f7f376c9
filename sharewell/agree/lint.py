"""What an agreement's chapters must say together: rules, each with a code, a reason and its source.

A rule looks at the text and, where it compiled, at the plan; never at data. A fault that is a red line of
the workshop is marked so: `decide` denies on it whatever else is in order.
"""

from __future__ import annotations

from ..errors import PlanError, Problem
from ..plan.plan import Plan
from . import plan_rules, text_rules
from .compile import compile_plan
from .document import Agreement
from .rules import PUBLIC, Rule
from .shelf import Shelf

RULES = (
    Rule(
        "NO_NOTICE",
        "people must be able to know that data about them are shared",
        "UK GDPR Articles 13-14; workshop red line 1",
        text=text_rules.notice,
        red_line="no public awareness",
    ),
    Rule(
        "NO_PURPOSE",
        "a use without a purpose stated beforehand is a fishing expedition",
        "UK GDPR Article 5(1)(b); workshop red line 2",
        text=text_rules.purpose,
        red_line="no clear purpose",
    ),
    Rule(
        "NOT_TRANSPARENT",
        "what is done must be open to those it is done to",
        "Digital Economy Act 2017 codes of practice; workshop red line 3",
        text=text_rules.transparency,
        red_line="no transparency",
    ),
    Rule(
        "IDENTIFIABLE",
        "the least identifying form that serves is the only lawful one",
        "UK GDPR Article 5(1)(c), Caldicott principle 3; workshop red line 4",
        plan=plan_rules.least_form,
        red_line="identifiable data where other means would do",
    ),
    Rule(
        "UNUSED",
        "what no product uses is over-collection",
        "UK GDPR Article 5(1)(c); workshop red line 5",
        plan=plan_rules.unused,
        red_line="purpose creep",
    ),
    Rule(
        "RECIPIENT",
        "a release reaches those who signed, or everyone, and nobody between",
        "ICO data sharing code; workshop red line 5",
        text=text_rules.recipients,
        red_line="purpose creep",
    ),
    Rule(
        "STRANGER",
        "a list of people is for the party that already knows them by these names",
        "ICO data sharing code, data minimisation; common-law duty of confidence",
        plan=plan_rules.strangers,
    ),
    Rule(
        "PUBLIC",
        "what everyone may see can be about groups only",
        "ICO anonymisation guidance",
        plan=plan_rules.public,
    ),
    Rule(
        "RESTRICTED",
        "data under a statutory restriction go no further than its owner consents to",
        "Digital Economy Act 2017 s42; Commissioners for Revenue and Customs Act 2005 s18",
        plan=plan_rules.restricted,
    ),
    Rule(
        "SPLIT",
        "who links must not see content, and who holds content must not see names",
        "ONS split-file practice; Health and Social Care Act 2012 s251 support",
        text=text_rules.split,
        plan=plan_rules.linking_fields,
    ),
    Rule(
        "ARTICLE_9",
        "special-category data need a condition, stated and never inferred",
        "UK GDPR Article 9; Data Protection Act 2018 Schedule 1",
        plan=plan_rules.special_category,
    ),
    Rule(
        "ORPHAN",
        "an entry about nothing is a mistake in what was signed",
        "good drafting",
        text=text_rules.orphans,
        plan=plan_rules.consents,
    ),
    Rule(
        "TERM", "an agreement begins, is reviewed, and ends", "ICO data sharing code", text=text_rules.term
    ),
    Rule(
        "RESIDUAL",
        "a measure that makes a risk greater is none",
        "ICO DPIA template, step 6",
        text=text_rules.residual,
    ),
)
"""Every rule, in the order in which faults are told."""


def lint(agreement: Agreement, shelf: Shelf) -> tuple[Plan | None, tuple[Problem, ...]]:
    """The plan, if there is one, and every fault. Text that does not compile still hears of its wording."""
    plan, faults = None, list[Problem]()
    try:
        plan = compile_plan(agreement, shelf)
    except PlanError as error:
        faults += error.problems
    for rule in RULES:
        faults += rule.faults(agreement, plan, shelf)
    return plan, tuple(dict.fromkeys(faults))


def red_lines() -> frozenset[str]:
    """The codes that no benefit outweighs."""
    return frozenset(rule.code for rule in RULES if rule.red_line)


__all__ = ["PUBLIC", "RULES", "Rule", "lint", "red_lines"]
