"""Whether an agreement is in force at a moment, whoever asks for whatever: every reason that it is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from ..errors import Problem
from ..plan.fingerprint import Fingerprints
from .conditions import day_of, outstanding
from .document import Agreement
from .entitled import signatories
from .request import State


def standing(
    agreement: Agreement, hashes: Fingerprints | None, state: State, now: datetime
) -> Iterator[Problem]:
    """The term, the parties, their signatures, publication and conditions, as they stand at this moment.

    `hashes` are None where the text has no plan: then nobody can have signed or published it.
    """
    today = day_of(now)
    yield from _term(agreement, today)
    yield from _stopped(agreement, state)
    if hashes is not None:
        yield from unsigned(agreement, hashes, state)
        yield from _published(agreement, hashes, state, today)
    yield from unmet(agreement, outstanding(agreement, state.met, today))


def _term(agreement: Agreement, today: date) -> Iterator[Problem]:
    term, where = agreement.text.account.term, agreement.at("account", "term")
    why = "it binds nobody outside its term"
    if today < term.start:
        fix = "wait, or agree an earlier start"
        yield Problem("NOT_STARTED", f"the term starts on {term.start}", why, fix, where)
    if today > term.end:
        fix = "agree and publish a new version"
        yield Problem("EXPIRED", f"the term ended on {term.end}", why, fix, where)


def _stopped(agreement: Agreement, state: State) -> Iterator[Problem]:
    if state.suspended:
        what, why = f"the agreement is suspended: {state.suspended}", "its parties stopped it"
        fix = f"once the cause is gone: sharewell resume {agreement.name}"
        yield Problem("SUSPENDED", what, why, fix, agreement.at("agreement"))
    for party, reason in state.withdrawn:
        what, why = f"{party} has withdrawn: {reason}", "nobody is held to an agreement that they left"
        fix = "agree and sign a new version without it"
        yield Problem("WITHDRAWN", what, why, fix, agreement.at("agree", "parties", party))


def unsigned(agreement: Agreement, hashes: Fingerprints, state: State) -> Iterator[Problem]:
    """Every party that is not bound to this very text: it has not signed, or its signature does not
    count."""
    signed = {party for terms, flow, party in state.signed if (terms, flow) == (hashes.terms, hashes.flow)}
    faulty = {party: (who, why) for party, who, why in state.faulty}
    for party in agreement.text.agree.parties:
        if party in signed:
            continue
        where = agreement.at("agree", "parties", party)
        able = " or ".join(signatories(agreement, party))
        fix = f"sharewell sign {agreement.name} --as WHO --key FILE, by {able}"
        fix = fix if able else f"say in `signs:` who may sign for {party}, then ask them"
        if party in faulty:
            who, why = faulty[party]
            what = f"the signature of {who} for {party} does not count"
            yield Problem("SIGNATURE", what, why, fix, where)
        else:
            why = "an agreement binds only those who signed this very text"
            yield Problem("UNSIGNED", f"{party} has not signed", why, fix, where)


def _published(agreement: Agreement, hashes: Fingerprints, state: State, today: date) -> Iterator[Problem]:
    days = [day for terms, flow, day in state.published if (terms, flow) == (hashes.terms, hashes.flow)]
    notice = agreement.text.account.notice_days
    if not any(day <= today for day in days):
        yield Problem(
            "UNPUBLISHED",
            "this text has not been published",
            "nothing runs that the public could not have read first",
            f"publish it: sharewell publish {agreement.name}",
            agreement.at("agreement"),
        )
    elif (first := min(days) + timedelta(days=notice)) > today:
        yield Problem(
            "NOTICE",
            f"it was published on {min(days)}, less than {notice} days ago",
            "people must have had the time to read it and to object",
            f"it may be run from {first}",
            agreement.at("account", "notice_days"),
        )


def unmet(agreement: Agreement, names: list[str]) -> Iterator[Problem]:
    """One reason for each condition that is outstanding."""
    deliberation = agreement.text.agree.deliberation
    for name in names:
        assert deliberation is not None
        condition = deliberation.conditions[name]
        yield Problem(
            "CONDITION",
            f"the condition {name!r} is not met: {condition.text}",
            f"those who weighed it made it due before: {condition.before}",
            f"{condition.owner} sees to it, then: sharewell condition {agreement.name} {name}",
            agreement.at("agree", "deliberation", "conditions", name),
        )
