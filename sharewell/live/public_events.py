"""What the account says of an agreement, as claims that anyone may read: what, when, which event proves it.

A claim holds no actor, no free text that staff wrote, and no number of people or rows. Runs, releases and
refusals are things that were done, not people, so they are listed and counted as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..account.events import Event, EventKind, stamp
from ..agree.conditions import condition_digest
from ..agree.document import Agreement
from ..agree.entitled import may_sign
from ..agree.request import Asked
from ..plan.fingerprint import Fingerprints
from ..public.words import post, reason

Claim = dict[str, Any]

LIFE: dict[EventKind, str] = {
    EventKind.AGREE_ASSESSED: "Its impact on people was assessed",
    EventKind.AGREE_DELIBERATED: "It was weighed in the open",
    EventKind.AGREE_SIGNED: "A body signed it",
    EventKind.AGREE_VOIDED: "Earlier signatures ended, because it was widened",
    EventKind.AGREE_CONDITION_MET: "A condition was met",
    EventKind.AGREE_PUBLISHED: "It was published",
    EventKind.AGREE_SUSPENDED: "It was stopped",
    EventKind.AGREE_RESUMED: "It was let go on",
    EventKind.AGREE_WITHDRAWN: "A body left it",
    EventKind.ACCOUNT_KEY_DESTROYED: "Its keys were destroyed, and with them what was still held",
    EventKind.ACCOUNT_DESTROYED: "What was held for it was destroyed",
}
"""Events of an agreement's life, in words that say nothing of who."""

REFUSALS = (EventKind.DECIDE_REFUSED, EventKind.CHECK_REFUSED, EventKind.RELEASE_REFUSED)
_ENDS = (EventKind.RUN_FINISHED, EventKind.RUN_FAILED)
_AFTERWARDS = {
    EventKind.RELEASE_WITHDRAWN: "withdrawn",
    EventKind.RELEASE_RECALLED: "recalled",
    EventKind.RELEASE_DELETION_CERTIFIED: "recalled, and its deletion certified",
}
KINDS = frozenset(
    {
        *LIFE,
        *REFUSALS,
        *_ENDS,
        *_AFTERWARDS,
        EventKind.RUN_STARTED,
        EventKind.ANALYSE_REGISTERED,
        EventKind.RELEASE_RELEASED,
        EventKind.ACCOUNT_BENEFIT_MEASURED,
    }
)
"""The events that a register tells of."""

_ASKS = {
    Asked.RUN: "To run it",
    Asked.VIEW: "To see a record",
    Asked.RELEASE: "To release",
    "reidentify": "To turn codes back into people",
    Asked.ASK: "A question",
    Asked.LINK: "To look into who is who",
}


def claim(event: Event, **more: Any) -> Claim:
    """A claim with the event that proves it: number, leaf hash, day, and moment for feeds."""
    moment = stamp(event.at)
    return {"event": event.index, "leaf": event.leaf.hex(), "at": moment[:10], "moment": moment, **more}


def life_of(events: Iterable[Event]) -> list[Claim]:
    """What happened to an agreement, oldest first; by which post or body, never by whom."""
    return [claim(event, what=_happened(event), by=_by(event)) for event in events if event.kind in LIFE]


def _happened(event: Event) -> str:
    if event.kind is EventKind.AGREE_PUBLISHED and "version" in event.facts:
        return f"Version {event.facts['version']} was published"
    if event.kind is EventKind.AGREE_SUSPENDED and event.facts.get("incident"):
        return "It was stopped because something went wrong"
    return LIFE[event.kind]


def _by(event: Event) -> str:
    """The body that a fact names; else the post and body of the account that acted."""
    party = event.facts.get("party")
    return party if isinstance(party, str) and party else post(event.actor)


def signatures(events: Iterable[Event], agreement: Agreement, hashes: Fingerprints) -> list[Claim]:
    """The last signature of each party under this very text, by body and office."""
    found: dict[str, Claim] = {}
    for event in events:
        if event.kind is not EventKind.AGREE_SIGNED:
            continue
        told = {
            name: str(event.facts.get(name, "")) for name in ("party", "office", "who", "terms", "flow")
        }
        if (told["terms"], told["flow"]) != (hashes.terms, hashes.flow):
            continue
        if may_sign(agreement, told["who"], told["party"], told["office"]):
            found[told["party"]] = claim(event, body=told["party"], office=told["office"])
    return [found[party] for party in sorted(found)]


def runs(events: Sequence[Event]) -> list[Claim]:
    """Every run: when it began, how it ended, and the events of both."""
    ended = {event.run: event for event in events if event.kind in _ENDS}
    return [
        claim(
            event,
            run=event.run,
            outcome=_outcome(ended.get(event.run)),
            ended=claim(ended[event.run]) if event.run in ended else None,
        )
        for event in events
        if event.kind is EventKind.RUN_STARTED
    ]


def _outcome(event: Event | None) -> str:
    if event is None:
        return "It has not ended"
    if event.kind is EventKind.RUN_FINISHED:
        return "It finished"
    return "It was stopped: " + "; ".join(map(reason, _codes(event)))


def output(event: Event) -> tuple[object, ...]:
    """What tells one delivery from every other: the run, the product and the recipient."""
    return (event.run, event.facts.get("product"), event.facts.get("recipient"))


def releases(events: Sequence[Event], parties: frozenset[str]) -> list[Claim]:
    """Every release: what, to which body, and what became of it. `parties` are those that it may name."""
    afterwards = {
        output(event): (word, claim(event)) for event in events if (word := _AFTERWARDS.get(event.kind))
    }
    found = []
    for event in events:
        if event.kind is not EventKind.RELEASE_RELEASED:
            continue
        recipient = str(event.facts["recipient"])
        state, later = afterwards.get(output(event), (str(event.facts["state"]), None))
        told = {
            "run": event.run,
            "product": str(event.facts["product"]),
            "recipient": recipient if recipient in parties else "another body",
            "state": state,
            "later": later,
            "digest": str(event.facts["digest"]),
        }
        found.append(claim(event, **told))
    return found


def refusals(events: Iterable[Event], products: frozenset[str]) -> list[Claim]:
    """Every refusal with its codes. What was asked is told only as far as the agreement itself names it."""
    return [
        claim(event, asked=_asked(event, products), codes=_codes(event))
        for event in events
        if event.kind in REFUSALS
    ]


def _asked(event: Event, products: frozenset[str]) -> str:
    if event.kind is not EventKind.DECIDE_REFUSED:
        return "To let figures leave"
    asked, product = event.facts.get("asked"), event.facts.get("product")
    words = next((words for kind, words in _ASKS.items() if kind == asked), "Something that none can grant")
    return f"{words}: {product}" if product in products else words


def _codes(event: Event) -> list[str]:
    codes = event.facts.get("codes")
    return [str(code) for code in codes] if isinstance(codes, list) else []


def weighed(events: Iterable[Event], hashes: Fingerprints) -> list[Claim]:
    """Each time that this very text was entered as weighed."""
    text = (hashes.terms, hashes.flow)
    return [
        claim(event)
        for event in events
        if event.kind is EventKind.AGREE_DELIBERATED
        and (event.facts.get("terms"), event.facts.get("flow")) == text
    ]


def conditions_met(events: Iterable[Event], agreement: Agreement) -> dict[str, list[Claim]]:
    """For each condition of the deliberation, the events that say it was met."""
    deliberation = agreement.text.agree.deliberation
    conditions = deliberation.conditions if deliberation else {}
    names = {condition_digest(name, condition): name for name, condition in conditions.items()}
    found: dict[str, list[Claim]] = {name: [] for name in conditions}
    for event in events:
        name = names.get(str(event.facts.get("digest", "")))
        if event.kind is EventKind.AGREE_CONDITION_MET and name is not None:
            found[name].append(claim(event))
    return found


def measured(events: Iterable[Event], measure: str) -> list[Claim]:
    """Each time that a benefit was measured, by the measure that the agreement names."""
    return [
        claim(
            event,
            value=event.facts["value"],
            low=event.facts.get("low"),
            high=event.facts.get("high"),
            run=event.run,
            what="A benefit was measured",
        )
        for event in events
        if event.kind is EventKind.ACCOUNT_BENEFIT_MEASURED and event.facts.get("measure") == measure
    ]


def news(facts: Mapping[str, Any]) -> list[Claim]:
    """Everything that was done, with one line of words each, newest first: what a feed tells."""
    return sorted(_news(facts), key=lambda told: (-told["event"], told["what"]))


def _news(facts: Mapping[str, Any]) -> Iterator[Claim]:
    def told(held: Claim, what: str) -> Claim:
        return {**{name: held[name] for name in ("event", "leaf", "at", "moment")}, "what": what}

    yield from (told(held, held["what"]) for held in facts["life"])
    for held in facts["runs"]:
        yield told(held["ended"] or held, f"Run {held['run']}: {held['outcome'].lower()}")
    for held in facts["releases"]:
        yield told(held, f"{held['product']} was released to {held['recipient']}")
        if held["later"]:
            yield told(held["later"], f"{held['product']} to {held['recipient']} was {held['state']}")
    for held in facts["refusals"]:
        yield told(held, f"Refused: {'; '.join(map(reason, held['codes'])) or 'no reason was entered'}")
    for analysis in facts["registrations"]:
        for held in analysis["changes"]:
            what = f"{analysis['product']}: the {held['what']} was changed"
            yield told(held, f"{what} after the data were first looked at")
    for benefit in facts["benefits"]:
        yield from (told(held, f"{held['what']}: {benefit['verdict']}") for held in benefit["claims"])
