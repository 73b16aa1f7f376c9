"""The acts of an agreement's life: each checked, then entered in the account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from ..account.events import JSON, Entry, EventKind, stamp
from ..agree.conditions import condition_digest
from ..agree.entitled import may_sign, named, party_of, signatories
from ..agree.signing import Enrolment, SigningKey, Undertaking, fingerprint
from ..agree.status import Act
from ..errors import DocumentError, Problem, Refusal, among
from .enrolment import refused
from .incident import incidents
from .records import keys

if TYPE_CHECKING:
    from .agreement import LiveAgreement


def assess(live: LiveAgreement, actor: str, dpo: str, *, followed: bool) -> None:
    """Enter that this text's impact assessment is done, and whether the officer's advice was followed.

    Refusal ROLE for somebody unnamed, DPO for an officer of nobody, OVERRULED where advice was set aside
    and `assessment: overruled:` does not say by whom and why.
    """
    check_named(live, actor)
    live.life.check(Act.ASSESS)
    agree = live.agreement.text.agree
    officers = {party.dpo for party in agree.parties.values() if party.dpo}
    if officers and dpo not in officers:
        raise refused(
            "DPO", f"{dpo} is data protection officer of no party", "their advice is theirs to give",
            among(dpo, sorted(officers)), live.agreement.at("agree", "parties"),
        )  # fmt: skip
    if not followed and not (agree.assessment and agree.assessment.overruled):
        raise refused(
            "OVERRULED", "the officer's advice was not followed, and the text does not say why",
            "who sets it aside answers for it (the ICO's step 7)", "write `overruled:`: by whom and why",
            live.agreement.at("agree", "assessment"),
        )  # fmt: skip
    _enter(live, EventKind.AGREE_ASSESSED, actor, {**_hashes(live), "dpo": dpo, "followed": followed})


def deliberate(live: LiveAgreement, actor: str) -> None:
    """Enter that this text was weighed at the event that it names.

    Refusal ROLE, STATUS, or NO_DELIBERATION where it names none.
    """
    check_named(live, actor)
    deliberation = live.agreement.text.agree.deliberation
    if deliberation is None:
        fix = "say in `deliberation:` at which event, and what was found"
        raise refused(
            "NO_DELIBERATION", "the text names no deliberation", "", fix, live.agreement.at("agree")
        )
    live.life.check(Act.DELIBERATE)
    _enter(live, EventKind.AGREE_DELIBERATED, actor, {**_hashes(live), "event": deliberation.event})


def meet(live: LiveAgreement, condition: str, actor: str, evidence: str) -> None:
    """Enter that a condition was met. Refusal ROLE for anybody but its owner; where the owner is a post and
    no address, for anybody whom the agreement does not name."""
    deliberation = live.agreement.text.agree.deliberation
    conditions = deliberation.conditions if deliberation else {}
    if condition not in conditions:
        raise DocumentError(
            Problem("UNKNOWN", f"there is no condition {condition!r}", fix=among(condition, conditions))
        )
    owner = conditions[condition].owner
    if "@" in owner:
        _check_among(actor, {owner}, "say that this condition is met")
    else:
        check_named(live, actor)
    live.life.check(Act.MEET)
    facts: dict[str, JSON] = {
        "condition": condition,
        "digest": condition_digest(condition, conditions[condition]),
    }
    _enter(live, EventKind.AGREE_CONDITION_MET, actor, {**facts, "evidence": evidence})


def sign(live: LiveAgreement, who: str, key: SigningKey) -> tuple[str, ...]:
    """Sign this text for every party that the person may sign for with this key; gives those parties.

    Refusal NOT_SIGNATORY, UNENROLLED, REVOKED or STATUS. DocumentError where the text has faults.
    """
    live.check_faultless()
    live.life.check(Act.SIGN)
    bound = tuple(
        (party, str(s.as_))
        for party, held in live.agreement.text.agree.parties.items()
        for s in held.signs
        if s.who == who and may_sign(live.agreement, who, party, s.as_)
    )
    if not bound:
        raise _not_signatory(live, who)
    entries = [
        signature_entry(live, undertaking(live, party, office, who, live.space.now), key)
        for party, office in bound
        if _stands(live, Enrolment(who, party, office, key.public), strict=len(bound) == 1)
    ]
    if not entries:
        _stands(live, Enrolment(who, *bound[0], key.public), strict=True)
    live.space.account.append_all(entries)
    return tuple(str(entry.facts["party"]) for entry in entries)


def _not_signatory(live: LiveAgreement, who: str) -> Refusal:
    agreement = live.agreement
    able = [
        f"{name}: {' or '.join(signatories(agreement, name)) or 'nobody'}"
        for name in agreement.text.agree.parties
    ]
    advises = any(who == party.dpo for party in agreement.text.agree.parties.values()) or any(
        s.who == who for party in agreement.text.agree.parties.values() for s in party.signs
    )
    what = (
        f"{who} advises as data protection officer, and may not sign"
        if advises
        else f"{who} signs for no party"
    )
    why = "a body is bound only by those whom the agreement names"
    return refused("NOT_SIGNATORY", what, why, "; ".join(able), agreement.at("agree", "parties"))


def _stands(live: LiveAgreement, wanted: Enrolment, *, strict: bool) -> bool:
    """Whether a key is enrolled just so, and good; if `strict`, a Refusal says why it is not."""
    held = keys(live.space.account).get(wanted.fingerprint)
    if held is not None and held.enrolment == wanted and held.revoked is None:
        return True
    if strict and held is not None and held.revoked is not None:
        fix = "make and enrol a new key: sharewell keys new"
        raise refused(
            "REVOKED", f"this key of {wanted.who} was revoked ({held.reason})", "it binds nobody", fix
        )
    if strict:
        raise refused(
            "UNENROLLED",
            f"this key is not enrolled as that of {wanted.who}, {wanted.office} of {wanted.party}",
            "anybody can make a key; the account says whose it is",
            f"sharewell keys enrol PUBLIC --as BY --who {wanted.who} --party {wanted.party} --office "
            f"{wanted.office!r}",
        )
    return False


def undertaking(live: LiveAgreement, party: str, office: str, who: str, at: datetime) -> Undertaking:
    """What somebody would sign now."""
    text, hashes = live.agreement.text, live.fingerprints
    return Undertaking(
        text.agreement, text.version, hashes.terms, hashes.flow, party, office, who, stamp(at)
    )


def signature_entry(live: LiveAgreement, signed: Undertaking, key: SigningKey) -> Entry:
    """The event of a signature."""
    facts = {k: v for k, v in asdict(signed).items() if k != "agreement"}
    facts |= {
        "fingerprint": fingerprint(key.public),
        "signature": key.sign(signed.content()),
    }
    at = datetime.fromisoformat(signed.at)
    return Entry(EventKind.AGREE_SIGNED, at, signed.who, live.name, facts=facts)


def suspend(live: LiveAgreement, actor: str, reason: str) -> None:
    """Stop the agreement at once. Anyone named may; Refusal ROLE says who that is."""
    check_named(live, actor)
    live.life.check(Act.SUSPEND)
    facts: dict[str, JSON] = {"party": party_of(live.agreement, actor), "reason": reason}
    _enter(live, EventKind.AGREE_SUSPENDED, actor, facts)


def resume(live: LiveAgreement, actor: str, reason: str) -> None:
    """Lift what the actor's party had stopped, or what nobody's party had. Refusal ROLE for all but a
    signatory of a party that stopped it, INCIDENT while one that stopped it is open."""
    live.life.check(Act.RESUME)
    _check_no_incident(live)
    agreement = live.agreement
    stopped = [party for party, _ in live.life.suspended]
    able = {
        who
        for party in stopped
        if party in agreement.text.agree.parties
        for who in signatories(agreement, party)
    }
    if not set(stopped) <= set(agreement.text.agree.parties):
        able |= {who for party in agreement.text.agree.parties for who in signatories(agreement, party)}
    _check_among(actor, able, "resume this agreement: whoever stopped it must agree")
    _enter(live, EventKind.AGREE_RESUMED, actor, {"party": party_of(agreement, actor), "reason": reason})


def _check_no_incident(live: LiveAgreement) -> None:
    """Refusal INCIDENT for each open incident that touches the agreement, with what is left to do."""
    problems = [
        Problem(
            "INCIDENT",
            f"{held.reference} is open, with {len(held.outstanding)} of its deliveries unaccounted for",
            "what has gone wrong is put right before anything runs again",
            f"have each certified or explained, then: sharewell incident close {held.reference} --as WHO",
        )
        for held in incidents(live.space)
        if held.closed is None and live.name in held.agreements
    ]
    if problems:
        raise Refusal(problems)


def void(live: LiveAgreement, actor: str, reason: str) -> None:
    """End every signature and the publication of this text. Refusal ROLE for somebody unnamed."""
    check_named(live, actor)
    live.life.check(Act.VOID)
    _enter(live, EventKind.AGREE_VOIDED, actor, {**_hashes(live), "reason": reason})


def check_named(live: LiveAgreement, actor: str) -> None:
    """Refusal ROLE for anybody whom the agreement does not name."""
    _check_among(actor, named(live.agreement), "do this: only those whom the agreement names")


def _check_among(actor: str, able: Collection[str], what: str) -> None:
    if actor not in able:
        fix = f"ask one of: {', '.join(sorted(able))}" if able else "amend the agreement: nobody may"
        raise refused("ROLE", f"{actor} may not {what}", "each act is somebody's to answer for", fix)


def _hashes(live: LiveAgreement) -> dict[str, JSON]:
    return {"terms": live.fingerprints.terms, "flow": live.fingerprints.flow}


def _enter(live: LiveAgreement, kind: EventKind, actor: str, facts: Mapping[str, JSON]) -> None:
    live.space.account.append(kind, at=live.space.now, actor=actor, agreement=live.name, facts=facts)
