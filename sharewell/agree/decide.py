"""May this be done? A pure function of what is asked, the agreement, its plan, the state and the time.

Everything that stands against a request is said at once, with what would be allowed instead. Nothing is
permitted by silence: an unknown kind of request, actor, product, recipient, field or form is a denial.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..errors import Problem, among
from ..plan.fingerprint import fingerprints
from ..plan.forms import FORMS
from ..plan.plan import Plan, Product
from .conditions import day_of
from .document import Agreement
from .flow import Release
from .lint import red_lines
from .request import OF_ONE_PRODUCT, OF_THE_INDEX, Asked, Decision, Quality, Request, State, Verdict
from .standing import standing
from .standing_index import unreadable

__all__ = ["Asked", "Decision", "Quality", "Request", "State", "Verdict", "crosses_red_line", "decide"]


def decide(
    request: Request,
    agreement: Agreement,
    plan: Plan | None,
    faults: tuple[Problem, ...],
    state: State,
    now: datetime,
) -> Decision:
    """PERMIT, REVIEW or DENY. `plan` and `faults` are what `lint` gave; a plan that is None denies.

    `now` is aware of its time zone: terms, notice and conditions turn with the day in the United Kingdom.
    """
    hashes = None if plan is None else fingerprints(agreement.text, plan)
    reasons = [*faults, *standing(agreement, hashes, state, now), *_registered(agreement, state)]
    reasons += unreadable(agreement, state)
    reasons += _actor(request, agreement)
    if plan is not None:
        reasons += _within(request, agreement, plan)
    elif not faults:
        reasons.append(
            Problem("NO_PLAN", "there is no plan", "nothing runs but a plan", "lint the agreement")
        )
    reasons += _quality(agreement, state)
    if reasons:
        told = tuple(dict.fromkeys(reasons))
        return Decision(Verdict.DENY, told, alternative(request, agreement, plan, told))
    review = agreement.text.account.term.review
    if day_of(now) > review:
        due = Problem(
            "REVIEW_DUE",
            f"the review was due on {review}",
            "terms that nobody looks at drift",
            "review the agreement and publish the next version",
            agreement.at("account", "term"),
        )
        reasons = [due, *_unmeasured(agreement, state)]
        return Decision(
            Verdict.REVIEW, tuple(reasons), "Nothing runs until the review is done and published."
        )
    return Decision(Verdict.PERMIT)


_CREEP = frozenset({"PURPOSE", "FIELD", "RECIPIENT_NOT_AGREED", "FORM", "QUALITY", "UNPUBLISHED", "NOTICE"})
"""Codes of a request that crosses a red line, beside those of the agreement itself."""


def crosses_red_line(decision: Decision) -> tuple[Problem, ...]:
    """Those reasons that are vetoes: no benefit outweighs them."""
    return tuple(reason for reason in decision.reasons if reason.code in red_lines() | _CREEP)


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


def _unmeasured(agreement: Agreement, state: State) -> Iterator[Problem]:
    """What a review asks for: whether what was promised came."""
    for number, benefit in enumerate(agreement.text.agree.benefits):
        if benefit.claim in state.unmeasured:
            yield Problem(
                "BENEFIT_DUE",
                f"nobody has measured whether this came by {benefit.due}: {benefit.claim}",
                "a promise that nobody looks at again justifies no renewal",
                f"run the product that measures it, or: sharewell benefit measure {agreement.name}",
                agreement.at("agree", "benefits", number),
            )


def _able(request: Request, agreement: Agreement) -> set[str]:
    return {who for user in agreement.text.agree.users if request.kind in user.may for who in user.who}


def _actor(request: Request, agreement: Agreement) -> Iterator[Problem]:
    if request.kind not in list(Asked):
        what, why = f"{str(request.kind)!r} is no kind of request", "what is not known is not permitted"
        yield Problem("KIND", what, why, f"ask to {', '.join(Asked)}")
        return
    able = _able(request, agreement)
    if request.actor not in able:
        yield Problem(
            "ACTOR",
            f"the actor may not {request.kind} under this agreement",
            "access is by name and role",
            f"ask one of the {len(able)} who may, or amend `users:`"
            if able
            else "amend `users:`: nobody may",
            agreement.at("agree", "users"),
        )


def _within(request: Request, agreement: Agreement, plan: Plan) -> Iterator[Problem]:
    """Purpose, product, recipient, fields and form: all inside what was agreed, or creep."""
    if request.kind in OF_THE_INDEX:
        yield from _index(request, agreement)
        return
    known = [product for name in request.named if (product := plan.product(name)) is not None]
    unknown = [name for name in request.named if plan.product(name) is None]
    asked = known or list(plan.products)
    why = "products are declared before data are seen"
    for name in unknown:
        what = f"{name!r} is no product of this agreement"
        yield Problem("PRODUCT", what, why, among(name, (p.name for p in plan.products)))
    if request.product is None and request.kind in OF_ONE_PRODUCT:
        yield Problem(
            "PRODUCT", f"it is not said which product to {request.kind}", why, f"there are: {_names(plan)}"
        )
    if request.purpose is not None and any(p.purpose != request.purpose for p in asked):
        yield Problem(
            "PURPOSE",
            f"{request.purpose!r} is not the purpose agreed",
            "data shared for one purpose are not used for another",
            f"agreed: {', '.join(sorted({p.purpose for p in asked}))}",
            agreement.at("agree", "purposes"),
        )
    if unknown:
        return
    for product in asked:
        yield from _delivery(request, agreement, product)


def _index(request: Request, agreement: Agreement) -> Iterator[Problem]:
    """To tend an index is no product: there must be one, and nothing leaves it."""
    if not any(unit.standing for unit in agreement.text.link.values()):
        what, why = "this agreement keeps no index", "its linking is forgotten with each run"
        fix = "write `standing: true` at a unit of `link:` in the next version"
        yield Problem("NO_INDEX", what, why, fix, agreement.at("link"))
    if request.product or request.recipient or request.fields or request.form:
        what, why = "nothing of an index leaves the linker", "what leaves is a product, through its check"
        yield Problem("FORM", what, why, "ask for the index alone", agreement.at("link"))


def _delivery(request: Request, agreement: Agreement, product: Product) -> Iterator[Problem]:
    release, where = agreement.text.release[product.name], agreement.at("release", product.name)
    if request.kind is not Asked.ASK:  # a question has a recipe of its own
        yield from _awaited(product, release, where)
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
    if request.form is not None and FORMS.get(request.form) != product.form:
        yield Problem(
            "FORM",
            f"{product.name} is not made as {request.form}",
            "a form is checked for what it is, so another form is another product",
            f"agreed: {product.form.word}",
            where,
        )


def _awaited(product: Product, release: Release, where: str) -> Iterator[Problem]:
    """What may be agreed already and comes with a later version of the software."""
    if product.missing:
        what = f"recipe {product.recipe} has no {', '.join(product.missing)} in this version"
        yield Problem(
            "RECIPE", what, "it may be agreed and cannot yet be run", "use a later version", where
        )
    elif "view" in release.as_:
        what = f"{product.name} is a view, and one record at a time is not in this version"
        why = "as a file it would tell of everybody what was agreed of one person at a time"
        yield Problem("VIEW", what, why, "use a later version; run the other products by name", where)


def _quality(agreement: Agreement, state: State) -> Iterator[Problem]:
    used = {source.asset: name for name, source in agreement.text.describe.items()}
    for measured in state.quality:
        if measured.asset in used and not measured.holds and measured.severity == "error":
            yield Problem(
                "QUALITY",
                f"{measured.asset} fails its rule {measured.rule!r}",
                "a decision built on doubtful data harms people (workshop red line 6)",
                "correct the data at the source, or change the contract with its holder",
                agreement.at("describe", used[measured.asset]),
            )


_ONLY_LATER = {
    "NOT_STARTED": "Nothing before the term starts on {term.start}.",
    "EXPIRED": "Nothing under this version: its term ended on {term.end}. Agree and publish the next.",
    "WITHDRAWN": "Nothing under this version: a party has left. Agree and sign the next without it.",
    "SUSPENDED": "Nothing while the agreement is suspended.",
    "UNSIGNED": "Nothing until every party has signed this very text; then publish it, and ask again.",
    "SIGNATURE": "Nothing until the parties whose signature does not count have signed this text anew.",
    "UNPUBLISHED": "Publish this text, and ask again.",
    "NOTICE": "Ask again when it has been public for {notice} days.",
    "INDEX_STOPPED": "Nothing that rests on that index until its agreement is in force; or link anew.",
    "INDEX_UNBUILT": "Have the index built under its own agreement first, and ask again.",
    "NO_INDEX": "Nothing here: this agreement keeps no index.",
    "CONDITION": "Meet the conditions of its deliberation, have that recorded, and ask again.",
    "QUALITY": "Correct the data at their source, and ask again.",
    "VIEW": "The other products, each by its name; a view comes with a later version.",
}
"""What would be allowed where more than the wording of the request stands in the way, by code, most final
first."""


def alternative(
    request: Request, agreement: Agreement, plan: Plan | None, reasons: tuple[Problem, ...] = ()
) -> str:
    """What could lawfully be asked instead, in one sentence."""
    codes = {reason.code for reason in reasons}
    if plan is None or codes & red_lines():
        return "Correct the agreement (sharewell lint), publish it, and ask again."
    later = next((words for code, words in _ONLY_LATER.items() if code in codes), "")
    if later:
        account = agreement.text.account
        return later.format(term=account.term, notice=account.notice_days)
    product = plan.product(request.product) if request.product else None
    who = "" if "ACTOR" not in codes else _who(request, agreement)
    if request.kind in OF_THE_INDEX:
        return f"The index alone may be tended{who}, and nothing of it leaves."
    if product is None:
        return f"Ask for one of the products agreed: {_names(plan)}{who}."
    release = agreement.text.release[product.name]
    fields = f" with {', '.join(release.fields)}" if release.fields else ""
    return (
        f"{product.name} may go to {', '.join(release.to)} as {product.form.word}{fields}, "
        f"for the purpose {product.purpose!r}{who}."
    )


def _who(request: Request, agreement: Agreement) -> str:
    roles = sorted({user.role for user in agreement.text.agree.users if request.kind in user.may})
    return f", if {' or '.join(roles)} asks" if roles else ", by nobody until `users:` says who"


def _names(plan: Plan) -> str:
    return ", ".join(product.name for product in plan.products)
