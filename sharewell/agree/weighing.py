"""What it is worth and what it risks, who was asked, and what they made a condition.

Benefits and risks are told by who gains and who bears, as the workshop had them; the assessment follows
the seven steps of the ICO's data protection impact assessment.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..plan.forms import FORMS
from .chapter import Chapter, Day, Name, Sentence, Stated


class Benefit(Chapter):
    """A gain that can be measured, so that it can be seen not to come."""

    to: Literal["service-users", "public", "providers", "staff", "cross-cutting"]
    """Who gains."""
    claim: Sentence
    """What gets better."""
    measure: str
    """What is measured; `PRODUCT.column` where a product gives it."""
    baseline: float | None = None
    """The measure before."""
    target: float | None = None
    """The measure hoped for."""
    due: Day | None = None
    """By when."""


class Risk(Chapter):
    """A harm, who bears it, and what is left of it. Scores run from 1 to 5, the residual from 1 to 25."""

    to: Literal["public", "providers"]
    """Who bears it."""
    text: Sentence
    """What could happen, to whom."""
    likelihood: Annotated[int, Field(ge=1, le=5)]
    severity: Annotated[int, Field(ge=1, le=5)]
    measure: Sentence
    """What is done about it."""
    residual: Annotated[int, Field(ge=1, le=25)]
    """What is left: likelihood times severity once the measure is in place."""
    owner: str
    """The post that answers for it."""


class Necessity(Chapter):
    """Why a product must name people, or exceed what its recipe needs, and what lesser form was tried.

    `to` names recipients who are told of people by another party's identifiers.
    """

    form: Literal[tuple(FORMS)]  # type: ignore[valid-type]
    """The form that it needs."""
    why: Sentence
    """What this form is needed for."""
    rejected: Sentence
    """The lesser form that was considered, and why it does not serve."""
    signed: Stated
    """Who takes responsibility for it."""
    to: tuple[Name, ...] = ()
    """Recipients who are told of people by another party's identifiers."""


class Equality(Chapter):
    """How a group with a protected characteristic is affected (Equality Act 2010 s149)."""

    group: Stated
    """The group or characteristic."""
    effect: Sentence
    """What it may gain or suffer."""
    measure: Sentence
    """What is done, or watched."""


class Consulted(Chapter):
    """Who was asked (step 3 of the impact assessment)."""

    who: Stated
    when: Day
    said: Sentence
    """What they said."""
    changed: Sentence | None = None
    """What was changed because of it."""


class Finding(Chapter):
    """A finding of the deliberation, and the clause that it changed."""

    said: Sentence
    clause: Stated
    """The part of this agreement, as a path: `describe.visits.use`."""


class Condition(Chapter):
    """Something that must have been done; until the account says it was, the agreement stops."""

    text: Sentence
    before: Literal["publication", "first run"] | Day
    """When it is due. From then on nothing runs until it is met."""
    owner: Stated
    """The post that sees to it."""


class Deliberation(Chapter):
    """A workshop, panel or jury at which the agreement was weighed."""

    event: Stated
    when: Day
    who: Sentence | None = None
    """Who came, and who was missing."""
    findings: tuple[Finding, ...] = ()
    conditions: dict[Name, Condition] = {}


class Assessment(Chapter):
    """Steps 1, 4 and 7 of the impact assessment: why it was needed, and who signed it off."""

    need: Sentence
    """Why an assessment was needed."""
    lead: Stated
    """The post that carried it out."""
    proportionate: Sentence | None = None
    """Whether there is another way to the same end; how function creep and poor data are prevented."""
    dpo_advice: Sentence | None = None
    """What the data protection officer advised."""
    dpo_followed: bool | None = None
    """Whether the advice was followed."""
    overruled: Sentence | None = None
    """If it was not, by whom and why."""
    measures_by: Stated | None = None
    """The post that approved the measures."""
    residual_by: Stated | None = None
    """The post that accepted the residual risks."""
    regulator: Sentence | None = None
    """What the regulator said, where high risk remained and it was consulted (Article 36)."""
    kept_by: Stated | None = None
    """The post that keeps the assessment under review."""
