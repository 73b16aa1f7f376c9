"""Harms to no text: who asks for what, when, and what the account says of signatures, notice and data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from agreement_example import TODAY, published
from harms_of_text import Subject

from sharewell.agree import Request, State
from sharewell.agree.decide import Asked, Quality, Verdict
from sharewell.plan.forms import FORMS

Later = Callable[[State], State]


@dataclass(frozen=True)
class Circumstance:
    """What is otherwise than when the agreement may run, and the code by which it must be refused."""

    what: str
    code: str
    request: Request
    state: State
    now: dt.datetime = TODAY
    verdict: Verdict = Verdict.DENY


def runner(s: Subject) -> str:
    """Somebody who may run this agreement."""
    return next(user.who[0] for user in s.agreement.text.agree.users if Asked.RUN in user.may)


def run_of(s: Subject) -> Request:
    """Its run, asked by somebody who may."""
    return Request(Asked.RUN, runner(s))


def circumstances(s: Subject) -> Iterator[Circumstance]:
    """Every harm that leaves the text as it is."""
    yield from of_time(s)
    yield from of_signing(s)
    yield from of_life(s)
    yield from of_asking(s)


def of_time(s: Subject) -> Iterator[Circumstance]:
    """Before it begins, after it ends, unreviewed, unpublished or too soon after."""
    ask, state, term = run_of(s), published(s.agreement, s.plan), s.agreement.text.account.term
    yield Circumstance("expired", "EXPIRED", ask, state, _noon(term.end + dt.timedelta(days=1)))
    early = published(s.agreement, s.plan, term.start - dt.timedelta(days=300))
    yield Circumstance("not started", "NOT_STARTED", ask, early, _noon(term.start - dt.timedelta(days=1)))
    awaited = any(product.missing for product in s.plan.products)
    if not awaited:
        due = _noon(term.review + dt.timedelta(days=1))
        yield Circumstance("review overdue", "REVIEW_DUE", ask, state, due, Verdict.REVIEW)
    yield Circumstance("unpublished", "UNPUBLISHED", ask, replace(state, published=()))
    later = published(s.agreement, s.plan, dt.date(2024, 7, 1))
    yield Circumstance("published only later", "UNPUBLISHED", ask, later)
    other = tuple(("0" * 64, flow, day) for _, flow, day in state.published)
    yield Circumstance("another text published", "UNPUBLISHED", ask, replace(state, published=other))
    if s.agreement.text.account.notice_days:
        today = published(s.agreement, s.plan, TODAY.date())
        yield Circumstance("published today", "NOTICE", ask, today)


def of_signing(s: Subject) -> Iterator[Circumstance]:
    """A party that has not signed, signed another text, or whose signature does not count."""
    ask, state = run_of(s), published(s.agreement, s.plan)
    for terms, flow, party in state.signed:
        rest = tuple(signed for signed in state.signed if signed[2] != party)
        left = replace(state, signed=rest)
        yield Circumstance(f"{party} has not signed", "UNSIGNED", ask, left)
        outdated = replace(state, signed=(*rest, ("0" * 64, flow, party)))
        yield Circumstance(f"{party} signed other terms", "UNSIGNED", ask, outdated)
        rerouted = replace(state, signed=(*rest, (terms, "0" * 64, party)))
        yield Circumstance(f"{party} signed another flow", "UNSIGNED", ask, rerouted)
        forged = replace(left, faulty=((party, f"siro@{party}", "wrong: it does not fit what was signed"),))
        yield Circumstance(f"{party} signed wrongly", "SIGNATURE", ask, forged)
        gone = replace(state, withdrawn=((party, "its board said so"),))
        yield Circumstance(f"{party} has withdrawn", "WITHDRAWN", ask, gone)


def of_life(s: Subject) -> Iterator[Circumstance]:
    """Suspended, conditions unmet, hypotheses written afterwards, doubtful data."""
    ask, state = run_of(s), published(s.agreement, s.plan)
    yield Circumstance("suspended", "SUSPENDED", ask, replace(state, suspended="an incident"))
    if state.met:
        yield Circumstance("conditions unmet", "CONDITION", ask, replace(state, met=frozenset()))
    registered = [told.registered for told in s.agreement.text.analyse.values() if told.registered]
    if registered:
        ran = max(registered) - dt.timedelta(days=1)
        yield Circumstance(
            "registered after the run", "REGISTERED_LATE", ask, replace(state, first_run=ran)
        )
    for asset in dict.fromkeys(source.asset for source in s.agreement.text.describe.values()):
        failing = replace(state, quality=(Quality(asset, "volume", False, "error"),))
        yield Circumstance(f"doubtful {asset}", "QUALITY", ask, failing)


def of_asking(s: Subject) -> Iterator[Circumstance]:
    """Who asks for what: creep of actor, purpose, product, recipient, field and form."""
    ask, state = run_of(s), published(s.agreement, s.plan)
    strange: Any = "teleport"

    def asked(what: str, code: str, **more: Any) -> Circumstance:
        return Circumstance(what, code, replace(ask, **more), state)

    yield asked("a stranger asks", "ACTOR", actor="mallory@elsewhere")
    yield asked("nobody asks", "ACTOR", actor="")
    for party, told in s.agreement.text.agree.parties.items():
        yield asked(f"the adviser of {party} asks", "ACTOR", actor=told.dpo or f"dpo@{party}")
    yield asked("an unknown kind", "KIND", kind=strange)
    yield asked("an unknown product", "PRODUCT", product="horoscope")
    for user in s.agreement.text.agree.users:
        if Asked.VIEW in user.may:
            who = user.who[0]
            yield asked(f"{user.role} views no product", "PRODUCT", kind=Asked.VIEW, actor=who)
    yield asked("another purpose", "PURPOSE", purpose="marketing")
    for product in s.plan.products:
        name = product.name
        yield asked(
            f"{name} to an advertiser", "RECIPIENT_NOT_AGREED", product=name, recipient="advertiser"
        )
        yield asked(f"{name} with a further field", "FIELD", product=name, fields=("shoe_size",))
        yield asked(f"{name} for another purpose", "PURPOSE", product=name, purpose="marketing")
        for form in (*FORMS, "hologram"):
            if FORMS.get(form) != product.form:
                yield asked(f"{name} as {form}", "FORM", product=name, form=form)


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)
