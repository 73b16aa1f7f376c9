"""What stands against turning codes back into people: all of it at once, and no yes by silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..account.references import person_reference
from ..agree.conditions import day_of
from ..agree.standing import standing
from ..depersonalise.keyring import Use
from ..depersonalise.reidentification import Request
from ..errors import DocumentError, Problem, Refusal, among
from .enrolment import refused
from .officers import askers, controls, officers

if TYPE_CHECKING:
    from .agreement import LiveAgreement

MOST = 100
"""Tokens in one request: to name more people at once is no answer to what happened to one of them."""

REQUESTED, OPENED = EventKind.DEPERSONALISE_REQUESTED, EventKind.DEPERSONALISE_REIDENTIFIED


def only_product(live: LiveAgreement, product: str) -> str:
    """The product that is meant: the one that is named, or the only one there is. DocumentError PRODUCT."""
    held = controls(live)
    if not product and len(held) != 1:
        what = "it is not said which product"
        raise DocumentError(Problem("PRODUCT", what, fix=f"name it by --product: {', '.join(held)}"))
    return product or next(iter(held))


def check_may_ask(live: LiveAgreement, product: str, who: str, tokens: Sequence[str], because: str) -> None:
    """Refusal with every reason why somebody may not ask about these tokens."""
    reasons = [*undeclared(live, product), *not_in_force(live)]
    if not reasons:
        reasons += _asker(live, product, who)
    if not 1 <= len(set(tokens)) <= MOST:
        fix = "name those who are concerned"
        reasons.append(Problem("REQUEST", f"a request is about 1 to {MOST} tokens", fix=fix))
    if not 1 <= len(because) <= 500 or not because.isprintable():
        why = "who approves has nothing else to go by"
        reasons.append(Problem("REQUEST", "it is not said why", why, "say it, in a line of 500 letters"))
    if not all(_is_token(token) for token in tokens):
        why = "anything else, hashed, could be found out by trying"
        reasons.append(Problem("TOKENS", "not all of these are tokens", why, "give a token a line"))
    if reasons:
        raise Refusal(reasons)


def _is_token(text: str) -> bool:
    """Sixteen bytes of SIV and at least one of text, in lower-case hexadecimal."""
    return len(text) >= 34 and len(text) % 2 == 0 and set(text) <= set("0123456789abcdef")


def check_request(live: LiveAgreement, request: Request) -> None:
    """Every reason, at once, why a request may not be acted on now."""
    if request.agreement != live.name:
        what, why = "the request is for another agreement", "one agreement's officers open no other's"
        raise refused("AGREEMENT", what, why, f"name it: {request.agreement[:80]}")
    reasons = [*undeclared(live, request.unit), *not_in_force(live)]
    if request.unit in controls(live):
        reasons += _asker(live, request.unit, request.asked_by)
        if request.purpose != purpose_of(live, request.unit):
            why = "data shared for one purpose are not used for another"
            reasons.append(Problem("PURPOSE", "the request is for another purpose", why, "ask anew"))
        reasons += objected(live, request)
    entered = {event.facts["request"] for event in _events(live, REQUESTED)}
    if request.digest not in entered:
        why = "it was altered, or asked elsewhere"
        reasons.append(Problem("UNASKED", "no such request is in the account", why, "ask anew"))
    if any(event.facts["request"] == request.digest for event in _events(live, OPENED)):
        why = "one yes is for one opening"
        reasons.append(Problem("REPLAY", "this request was acted on before", why, "ask anew"))
    found = request.problems(live.space.now, standing_keys(live))
    reasons += (replace(p, code="LAPSED") if p.code == "EXPIRED" else p for p in found)
    if reasons:
        raise Refusal(reasons)


def undeclared(live: LiveAgreement, product: str) -> Iterator[Problem]:
    """That a product may not be turned back into people. Refusal NO_REIDENTIFICATION where none may."""
    if product not in (held := controls(live)):
        yield Problem(
            "PRODUCT",
            "this is no product that may be turned back into people",
            "where nothing is said nobody is ever re-identified",
            among(product, held),
            live.agreement.at("agree", "reidentification"),
        )


def not_in_force(live: LiveAgreement) -> Iterator[Problem]:
    """Whatever would stop a run of the agreement, but for how its data are."""
    plan, faults = live.linted
    yield from faults
    yield from standing(live.agreement, live.fingerprints if plan else None, live.state(), live.space.now)
    if (gone := live.space.keyring.certificate(live.name)) is not None:
        what, why = f"its secret was destroyed on {gone.destroyed}", "no code of it can be opened again"
        yield Problem("DESTROYED", what, why, "start a new agreement")
    review = live.agreement.text.account.term.review
    if day_of(live.space.now) > review:
        what, why = f"the review was due on {review}", "terms that nobody looks at drift"
        where = live.agreement.at("account", "term")
        yield Problem("REVIEW_DUE", what, why, "review the agreement and publish the next version", where)


def _asker(live: LiveAgreement, product: str, who: str) -> Iterator[Problem]:
    if who not in askers(live, product):
        roles = " or ".join(controls(live)[product].by)
        where = live.agreement.at("agree", "reidentification", product)
        why = "who may ask is agreed by role"
        yield Problem("ACTOR", f"{who} may not ask who is in {product}", why, f"ask a {roles}", where)


def objected(live: LiveAgreement, request: Request) -> Iterator[Problem]:
    """That somebody in a request objects; how many, and never who."""
    stands: dict[str, bool] = {}
    for event in _events(live, EventKind.DEPERSONALISE_OBJECTED):
        for subject in event.facts["subjects"]:
            stands[subject] = not event.facts["lifted"]
    if not any(stands.values()):
        return
    against = sum(stands.get(s, False) for s in keyed(live, request.unit, request.subjects))
    if against:
        why = "an objection stops every further step"
        fix = "ask about the others alone"
        yield Problem("OBJECTION", f"{against} of {len(request.subjects)} object to being named", why, fix)


def keyed(live: LiveAgreement, product: str, subjects: Iterable[str]) -> Iterator[str]:
    """References that end with the agreement's secret."""
    secret = live.space.keyring.secret(live.name, Use.ACCOUNT)
    return (person_reference(secret, subject, f"sealed {product}") for subject in subjects)


def purpose_of(live: LiveAgreement, product: str) -> str:
    """The purpose that a product was agreed for."""
    return live.agreement.text.analyse[product].purpose


def standing_keys(live: LiveAgreement) -> frozenset[str]:
    """The signing keys of all officers that are good now."""
    return frozenset(officer.signs for officer in officers(live))


def _events(live: LiveAgreement, kind: EventKind) -> Iterator[Any]:
    return live.space.account.events(agreement=live.name, kind=kind)
