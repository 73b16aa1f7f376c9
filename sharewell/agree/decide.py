"""May this be done? A pure function of what is asked, the agreement, its plan, the state and the time.

Everything that stands against a request is said at once, with what would be allowed instead. Nothing is
permitted by silence: an unknown kind of request, actor, product, recipient or field is a denial.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..errors import Problem
from ..plan.fingerprint import fingerprints
from ..plan.forms import FORMS, Form
from ..plan.plan import Plan, Product
from .document import Agreement
from .lint import red_lines


class Verdict(StrEnum):
    PERMIT = "PERMIT"
    REVIEW = "REVIEW"
    DENY = "DENY"


class Asked(StrEnum):
    """The kinds of request. Those that no agreement can grant yet are denied like any unknown."""

    RUN = "run"
    VIEW = "view"
    RELEASE = "release"
    ASK = "ask"


@dataclass(frozen=True)
class Request:
    """Who asks for what. `product` None means all; `fields`, `form`, `recipient` narrow a release."""

    kind: Asked
    actor: str
    purpose: str | None = None
    product: str | None = None
    recipient: str | None = None
    fields: tuple[str, ...] = ()
    form: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Quality:
    """The outcome of one quality rule on one asset, as last measured."""

    asset: str
    rule: str
    holds: bool
    severity: str


@dataclass(frozen=True)
class State:
    """What the account says of an agreement now. `published` maps hashes to the day they were published."""

    published: tuple[tuple[str, str, date], ...] = ()
    suspended: str = ""
    first_run: date | None = None
    quality: tuple[Quality, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The verdict, every reason, and what would be allowed. Truthy only for PERMIT."""

    verdict: Verdict
    reasons: tuple[Problem, ...] = ()
    alternative: str = ""

    def __bool__(self) -> bool:
        return self.verdict is Verdict.PERMIT


def decide(
    request: Request,
    agreement: Agreement,
    plan: Plan | None,
    faults: tuple[Problem, ...],
    state: State,
    now: date,
) -> Decision:
    """PERMIT, REVIEW or DENY. `plan` and `faults` are what `lint` gave; a plan that is None denies."""
    reasons = [*faults, *_standing(agreement, plan, state, now), *_actor(request, agreement)]
    if plan is not None:
        reasons += _within(request, agreement, plan)
    reasons += _quality(agreement, state)
    if reasons:
        return Decision(Verdict.DENY, tuple(dict.fromkeys(reasons)), alternative(request, agreement, plan))
    review = agreement.text.account.term.review
    if now > review:
        due = Problem(
            "REVIEW_DUE",
            f"the review was due on {review}",
            "terms that nobody looks at drift",
            "review the agreement and publish the next version",
            agreement.at("account", "term"),
        )
        return Decision(Verdict.REVIEW, (due,))
    return Decision(Verdict.PERMIT)


def crosses_red_line(decision: Decision) -> tuple[Problem, ...]:
    """Those reasons that are vetoes: no benefit outweighs them."""
    codes = red_lines() | {"PURPOSE", "FIELD", "RECIPIENT_NOT_AGREED", "FORM", "QUALITY", "UNPUBLISHED"}
    return tuple(reason for reason in decision.reasons if reason.code in codes)


def _standing(agreement: Agreement, plan: Plan | None, state: State, now: date) -> Iterator[Problem]:
    term = agreement.text.account.term
    where = agreement.at("account", "term")
    if now < term.start:
        yield Problem(
            "NOT_STARTED",
            f"the term starts on {term.start}",
            fix="wait, or agree an earlier start",
            where=where,
        )
    if now > term.end:
        yield Problem(
            "EXPIRED", f"the term ended on {term.end}", fix="agree and publish a new version", where=where
        )
    if state.suspended:
        yield Problem(
            "SUSPENDED", f"the agreement is suspended: {state.suspended}", fix="lift the suspension first"
        )
    if plan is not None:
        hashes = fingerprints(agreement.text, plan)
        if not any((terms, flow) == (hashes.terms, hashes.flow) for terms, flow, _ in state.published):
            yield Problem(
                "UNPUBLISHED",
                "this text has not been published",
                "nothing runs that the public could not have read first",
                f"publish it: sharewell publish {agreement.name}",
                agreement.at("agreement"),
            )
    yield from _registered(agreement, state)


def _registered(agreement: Agreement, state: State) -> Iterator[Problem]:
    """An analysis declared after the data were first seen is told apart from one declared before."""
    for name, analysis in agreement.text.analyse.items():
        if analysis.registered and state.first_run and analysis.registered > state.first_run:
            yield Problem(
                "REGISTERED_LATE",
                f"{name} was registered after the first run",
                "a hypothesis found in the data cannot be tested on them",
                "say so in a new version, as exploratory (no `registered:`)",
                agreement.at("analyse", name, "registered"),
            )


def _actor(request: Request, agreement: Agreement) -> Iterator[Problem]:
    able = {who for user in agreement.text.agree.users if request.kind in user.may for who in user.who}
    if request.actor not in able:
        yield Problem(
            "ACTOR",
            f"the actor may not {request.kind} under this agreement",
            "access is by name and role",
            f"ask one of the {len(able)} who may, or amend `users:`",
            agreement.at("agree", "users"),
        )


def _within(request: Request, agreement: Agreement, plan: Plan) -> Iterator[Problem]:
    """Purpose, product, recipient, fields and form: all inside what was agreed, or creep."""
    if request.product is not None and plan.product(request.product) is None:
        yield Problem(
            "PRODUCT",
            f"{request.product!r} is no product of this agreement",
            "products are declared before data are seen",
            f"there are: {_names(plan)}",
        )
        return
    asked = [p for p in plan.products if request.product in (None, p.name)]
    if request.purpose is not None and not any(p.purpose == request.purpose for p in asked):
        yield Problem(
            "PURPOSE",
            f"{request.purpose!r} is not the purpose agreed",
            "data shared for one purpose are not used for another",
            f"agreed: {', '.join(sorted({p.purpose for p in asked}))}",
        )
    if request.product is not None:
        yield from _delivery(request, agreement, asked[0])


def _delivery(request: Request, agreement: Agreement, product: Product) -> Iterator[Problem]:
    release = agreement.text.release[product.name]
    where = agreement.at("release", product.name)
    if request.recipient is not None and request.recipient not in release.to:
        yield Problem(
            "RECIPIENT_NOT_AGREED",
            f"{product.name} does not go to {request.recipient}",
            "only a named recipient may receive it",
            f"agreed: {', '.join(release.to)}",
            where,
        )
    further = sorted(set(request.fields) - set(release.fields))
    if further:
        yield Problem(
            "FIELD",
            f"{', '.join(further)} is no field of {product.name}",
            "a further field is a further use",
            f"agreed: {', '.join(release.fields) or 'tables only'}",
            where,
        )
    if request.form is not None and not _form(request.form) <= product.form:
        yield Problem(
            "FORM", f"{request.form} is more than was agreed", "", f"agreed: {product.form.word}", where
        )


def _form(word: str) -> Form:
    return FORMS.get(word, FORMS["identifiable"])


def _quality(agreement: Agreement, state: State) -> Iterator[Problem]:
    used = {source.asset for source in agreement.text.describe.values()}
    for measured in state.quality:
        if measured.asset in used and not measured.holds and measured.severity == "error":
            yield Problem(
                "QUALITY",
                f"{measured.asset} fails its rule {measured.rule!r}",
                "a decision built on doubtful data harms people (workshop red line 6)",
                "correct the data at the source, or change the contract with its holder",
            )


def alternative(request: Request, agreement: Agreement, plan: Plan | None) -> str:
    """What could lawfully be asked instead, in one sentence."""
    if plan is None:
        return "Correct the agreement (sharewell lint), publish it, and ask again."
    product = plan.product(request.product) if request.product else None
    if product is None:
        return f"Ask for one of the products agreed: {_names(plan)}."
    release = agreement.text.release[product.name]
    fields = f" with {', '.join(release.fields)}" if release.fields else ""
    return (
        f"{product.name} may go to {', '.join(release.to)} as {product.form.word}{fields}, "
        f"for the purpose {product.purpose!r}."
    )


def _names(plan: Plan) -> str:
    return ", ".join(product.name for product in plan.products)
