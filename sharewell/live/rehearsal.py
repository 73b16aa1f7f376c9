"""A rehearsal: invented signatories take an agreement from draft to published, where nobody is real; and
what of it can then be run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..account.events import JSON, Entry, EventKind
from ..agree.conditions import condition_digest
from ..agree.enrolment import Reason
from ..agree.entitled import signatories
from ..agree.request import Asked, Request
from ..agree.signing import Enrolment, SigningKey
from .editions import keep
from .enrolment import enrolment_entry, refused, revocation_entry
from .records import keys
from .signing import signature_entry, undertaking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ..agree.life import Life
    from .agreement import LiveAgreement


def rehearse(live: LiveAgreement) -> None:
    """Assess, deliberate, meet conditions, sign for every party and publish, each act by its demo actor.

    The keys are made for it and forgotten with it: each ends at once, and what it signed stands. All is
    dated back by the days of notice, so that a demo's clock, which stands still, can see it run. An
    agreement that is published already is left as it is. Refusal REHEARSAL in a workspace of real people;
    DocumentError where the text has faults (a party for which nobody may sign is one).
    """
    if not live.space.synthetic:
        what, why = (
            f"{live.space.name} is no workspace of invented people",
            "nobody signs for a real body but its own",
        )
        raise refused(
            "REHEARSAL", what, why, "have each party sign: sharewell sign NAME --as WHO --key FILE"
        )
    live.check_faultless()
    life = live.life
    if life.published is None or life.missing:
        at = live.space.now - timedelta(days=live.agreement.text.account.notice_days)
        keep(live)
        live.space.account.append_all(
            [*_weighed(live, life, at), *_signed(live, life, at), _published(live, at)]
        )


def runnable(live: LiveAgreement) -> tuple[tuple[str, ...], dict[str, str]]:
    """The products that its operator may run now; and each other with why not, in words."""
    who, refused = live.operator, dict[str, str]()
    names = tuple(product.name for product in live.plan().products)
    for name in names:
        decision = live.foresee(Request(Asked.RUN, who, product=name))
        if not decision:
            refused[name] = "; ".join(reason.what for reason in decision.reasons)
    return tuple(name for name in names if name not in refused), refused


def _weighed(live: LiveAgreement, life: Life, at: datetime) -> Iterator[Entry]:
    """The assessment, the deliberation and its conditions."""
    agree, hashes = live.agreement.text.agree, vars(live.fingerprints)
    first = next(iter(agree.parties))
    actor = signatories(live.agreement, first)[0]
    if not life.assessed:
        officer = next((party.dpo for party in agree.parties.values() if party.dpo), f"dpo@{first}")
        facts: dict[str, JSON] = {**hashes, "dpo": officer, "followed": True}
        yield Entry(EventKind.AGREE_ASSESSED, at, actor, live.name, facts=facts)
    if agree.deliberation is None:
        return
    if not life.deliberated:
        facts = {**hashes, "event": agree.deliberation.event}
        yield Entry(EventKind.AGREE_DELIBERATED, at, actor, live.name, facts=facts)
    for name, condition in agree.deliberation.conditions.items():
        facts = {"condition": name, "digest": condition_digest(name, condition), "evidence": "rehearsed"}
        yield Entry(EventKind.AGREE_CONDITION_MET, at, actor, live.name, facts=facts)


def _signed(live: LiveAgreement, life: Life, at: datetime) -> Iterator[Entry]:
    """For each party that is not bound: a key for its first signatory, the signature, and the key's end."""
    made: dict[tuple[str, str], SigningKey] = {}
    standing = keys(live.space.account)
    for party in life.missing:
        signatory = next(
            s for s in live.agreement.text.agree.parties[party].signs if s.who == _first(live, party)
        )
        key = made.setdefault((party, signatory.who), SigningKey.new())
        enrolment = Enrolment(signatory.who, party, str(signatory.as_), key.public)
        for held in standing.standing(party):
            yield revocation_entry(at, held.enrolment, Reason.REPLACED, signatory.who)
        yield enrolment_entry(at, enrolment, signatory.who)
        yield signature_entry(live, undertaking(live, party, enrolment.office, signatory.who, at), key)
        yield revocation_entry(at, enrolment, Reason.REPLACED, signatory.who)


def _first(live: LiveAgreement, party: str) -> str:
    return signatories(live.agreement, party)[0]


def _published(live: LiveAgreement, at: datetime) -> Entry:
    hashes = live.fingerprints
    facts: dict[str, JSON] = {
        "terms": hashes.terms, "flow": hashes.flow, "version": live.agreement.text.version,
    }  # fmt: skip
    actor = _first(live, next(iter(live.agreement.text.agree.parties)))
    return Entry(EventKind.AGREE_PUBLISHED, at, actor, live.name, facts=facts)
