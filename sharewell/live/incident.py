"""When something goes wrong: stop, tell, recall. `open_incident` stops every agreement that reads an asset.

All is derived from the account and the agreements; no row is read. What staff write (`what`, explanations)
goes into the account, whose guard refuses what looks like a person's number or postcode: name nobody in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..account.events import JSON, Entry, Event, EventKind, stamp
from ..agree.entitled import party_of
from ..agree.status import Act, Status, allowed
from ..errors import DocumentError, Problem, Refusal, among
from .affected import affected, readable, touches
from .public_events import output

if TYPE_CHECKING:
    from ..workspace import Workspace

HOURS = 72
"""UK GDPR Article 33(1): the regulator is told within 72 hours of becoming aware."""


@dataclass(frozen=True)
class Delivery:
    """One release that the incident reaches. `number` is the event of its release in the account.

    `state` is released, withdrawn, recalled, certified or explained.
    """

    number: int
    agreement: str
    run: str
    product: str
    recipient: str
    released: datetime
    state: str
    certificate: str = ""
    explanation: str = ""

    @property
    def settled(self) -> bool:
        return self.state in ("certified", "explained")


@dataclass(frozen=True)
class Incident:
    """An incident as the account tells it, at a moment."""

    reference: str
    what: str
    asset: str
    agreements: tuple[str, ...]
    found_at: datetime
    opened: datetime
    deadline: datetime
    hours_left: float
    closed: datetime | None
    deliveries: tuple[Delivery, ...]

    @property
    def outstanding(self) -> tuple[Delivery, ...]:
        """What is neither certified as deleted nor explained."""
        return tuple(delivery for delivery in self.deliveries if not delivery.settled)


def open_incident(
    space: Workspace, what: str, found_at: datetime, as_: str, *, asset: str = "", agreement: str = ""
) -> Incident:
    """Open an incident and stop every agreement that it touches, in one transaction.

    `found_at` is when anyone at the bodies became aware. DocumentError, with every fault, for an unknown
    asset or agreement, no or a future time, an actor without a body; AccountError for words that may not be
    held.
    """
    problems = list(_opening_faults(space, what, found_at, as_, asset, agreement))
    if problems:
        raise DocumentError(problems)
    stopped = touches(space, asset) if asset else (agreement,)
    number = sum(1 for _ in space.account.events(kind=EventKind.ACCOUNT_INCIDENT_OPENED)) + 1
    reference = f"incident-{number:03d}"
    names: list[JSON] = [*stopped]
    facts: dict[str, JSON] = {
        "incident": reference,
        "what": what,
        "asset": asset,
        "agreements": names,
        "found": stamp(found_at),
    }
    entries = [Entry(EventKind.ACCOUNT_INCIDENT_OPENED, space.now, as_, facts=facts)]
    entries += [_suspension(space, name, reference, as_) for name in stopped if _may_stop(space, name)]
    space.account.append_all(entries)
    space.account.checkpoint(at=space.now)
    return incident(space, reference)


def _opening_faults(
    space: Workspace, what: str, found_at: datetime, as_: str, asset: str, agreement: str
) -> Iterator[Problem]:
    if bool(asset) == bool(agreement):
        yield Problem("TOUCHES", "it is not said what it touches", fix="name one asset, or one agreement")
    if asset and asset not in space.contracts:
        yield Problem("ASSET", f"there is no asset {asset!r}", fix=among(asset, sorted(space.contracts)))
    if agreement and agreement not in space.agreements():
        what_ = f"there is no agreement {agreement!r}"
        yield Problem("AGREEMENT", what_, fix=among(agreement, space.agreements()))
    if not what.strip():
        yield Problem("WHAT", "it is not said what happened", fix="one sentence, without any person's name")
    if found_at.tzinfo is None:
        yield Problem("TIME", "the time it was found has no time zone", fix="write 2026-03-01T14:30+00:00")
    elif found_at > space.now:
        yield Problem("TIME", "it was found at a time that has not come", fix="give the time of awareness")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", as_):
        yield Problem("ACTOR", "it is not said who opens it", fix="write name@body")


def _may_stop(space: Workspace, name: str) -> bool:
    """An agreement that has ended is past stopping; every other is stopped, whatever its text says now."""
    live = readable(space, name)
    status = live.status() if live else Status.DRAFT
    return any(row.act is Act.SUSPEND for row in allowed(status))


def _suspension(space: Workspace, name: str, reference: str, as_: str) -> Entry:
    live = readable(space, name)
    facts: dict[str, JSON] = {
        "party": (party_of(live.agreement, as_) if live else "") or reference,
        "reason": f"stopped by {reference}",
        "incident": reference,
    }
    return Entry(EventKind.AGREE_SUSPENDED, space.now, as_, name, facts=facts)


def incidents(space: Workspace) -> tuple[Incident, ...]:
    """Every incident, oldest first."""
    opened = space.account.events(kind=EventKind.ACCOUNT_INCIDENT_OPENED)
    return tuple(_told(space, event) for event in opened)


def incident(space: Workspace, reference: str) -> Incident:
    """One incident. DocumentError UNKNOWN where there is none of this name."""
    found = {held.reference: held for held in incidents(space)}
    if reference not in found:
        what = f"there is no incident {reference!r}"
        raise DocumentError(Problem("UNKNOWN", what, fix=among(reference, sorted(found))))
    return found[reference]


def _told(space: Workspace, event: Event) -> Incident:
    facts = event.facts
    reference, names = str(facts["incident"]), facts["agreements"]
    assert isinstance(names, list)
    found = datetime.fromisoformat(str(facts["found"]))
    closed = next(
        (
            held
            for held in space.account.events(kind=EventKind.ACCOUNT_INCIDENT_CLOSED)
            if held.facts["incident"] == reference
        ),
        None,
    )
    explained = closed.facts["explained"] if closed else {}
    assert isinstance(explained, dict)
    until = closed.index if closed else len(space.account)
    deliveries = [
        delivery
        for name in names
        for delivery in _deliveries(space, reference, str(name), str(facts["asset"]), event.index, until)
    ]
    deadline = found + timedelta(hours=HOURS)
    return Incident(
        reference=reference,
        what=str(facts["what"]),
        asset=str(facts["asset"]),
        agreements=tuple(map(str, names)),
        found_at=found,
        opened=event.at,
        deadline=deadline,
        hours_left=round((deadline - space.now).total_seconds() / 3600, 1),
        closed=closed.at if closed else None,
        deliveries=tuple(_explained(delivery, explained) for delivery in deliveries),
    )


def _explained(delivery: Delivery, explained: Mapping[str, JSON]) -> Delivery:
    why = explained.get(str(delivery.number))
    if why is None or delivery.state == "certified":
        return delivery
    return replace(delivery, state="explained", explanation=str(why))


def _deliveries(
    space: Workspace, reference: str, agreement: str, asset: str, opened: int, until: int
) -> Iterator[Delivery]:
    """What had been released when the incident was opened and carries the asset, with its state since."""
    reach = affected(readable(space, agreement), asset)
    events = [event for event in space.account.events(agreement=agreement) if event.index <= until]
    flows = {event.run: event.facts.get("flow") for event in events if event.kind is EventKind.RUN_STARTED}
    withdrawn = {output(event) for event in events if event.kind is EventKind.RELEASE_WITHDRAWN}
    of_this = [event for event in events if event.facts.get("incident") == reference]
    recalled = {e.facts["delivery"] for e in of_this if e.kind is EventKind.RELEASE_RECALLED}
    certified = {
        e.facts["delivery"]: str(e.facts["sha256"])
        for e in of_this
        if e.kind is EventKind.RELEASE_DELETION_CERTIFIED
    }
    for event in events:
        if event.kind is not EventKind.RELEASE_RELEASED or event.index > opened:
            continue
        product, number = str(event.facts["product"]), event.index
        if product in reach.clear and flows.get(event.run) == reach.flow:
            continue  # the very text that made it carries nothing of the asset there
        states = (("certified", number in certified), ("recalled", number in recalled))
        state = next((word for word, holds in states if holds), "")
        state = state or ("withdrawn" if output(event) in withdrawn else "released")
        yield Delivery(
            number, agreement, event.run or "", product, str(event.facts["recipient"]), event.at, state,
            certified.get(number, ""),
        )  # fmt: skip


def recall(space: Workspace, reference: str, as_: str) -> tuple[Delivery, ...]:
    """Recall every delivery that is not recalled yet; gives those. Each recipient now owes a certificate.

    Refusal CLOSED where the incident is.
    """
    held = _open(space, reference)
    due = tuple(d for d in held.deliveries if d.state in ("released", "withdrawn"))
    space.account.append_all(
        _of_delivery(space, EventKind.RELEASE_RECALLED, held, delivery, as_) for delivery in due
    )
    return due


def certify(space: Workspace, reference: str, delivery: int, by: str, sha256: str) -> Incident:
    """Enter a recipient's certificate that a delivery was deleted: by whom, and the hash of the document.

    `sha256` is 64 hexadecimal digits. DocumentError for another hash or an unknown delivery; Refusal for a
    delivery that was not recalled, or a certificate by somebody else than its recipient.
    """
    held = _open(space, reference)
    found = {d.number: d for d in held.deliveries}
    if delivery not in found:
        what = f"{reference} reaches no delivery {delivery}"
        raise DocumentError(Problem("UNKNOWN", what, fix=among(str(delivery), map(str, found))))
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        fix = "give the 64 digits that sha256sum prints"
        raise DocumentError(Problem("HASH", "the certificate's hash is no SHA-256", fix=fix))
    told = found[delivery]
    if told.state != "recalled":
        what, fix = (
            f"delivery {delivery} is {told.state}",
            f"recall it: sharewell incident recall {reference}",
        )
        raise Refusal(Problem("STATE", what, "only what was recalled is certified as deleted", fix))
    if by.partition("@")[2] != told.recipient:
        what = f"the certificate is not by {told.recipient}"
        raise Refusal(Problem("RECIPIENT", what, "who holds it says that it is gone", "ask them for it"))
    entry = _of_delivery(space, EventKind.RELEASE_DELETION_CERTIFIED, held, told, by, sha256=sha256)
    space.account.append_all([entry])
    return incident(space, reference)


def close(
    space: Workspace, reference: str, as_: str, explained: Mapping[int, str] | None = None
) -> Incident:
    """Close an incident once every delivery is certified as deleted or explained. Nothing is resumed by it.

    `explained` says, by delivery, why there is no certificate. Refusal OUTSTANDING names those left, ROLE
    for somebody who is of no party that was stopped.
    """
    held, reasons = _open(space, reference), explained or {}
    lives = [live for name in held.agreements if (live := readable(space, name))]
    parties = {party for live in lives for party in live.agreement.text.agree.parties}
    if as_.partition("@")[2] not in parties:
        fix = f"ask somebody of: {', '.join(sorted(parties))}"
        raise Refusal(Problem("ROLE", f"{as_} is of no party of what was stopped", fix=fix))
    problems = [
        Problem(
            "OUTSTANDING",
            f"delivery {d.number} of {d.product} to {d.recipient} is {d.state}",
            "nobody has said that it is gone",
            f"enter its certificate, or explain it: --explain {d.number}=WHY",
        )
        for d in held.outstanding
        if not reasons.get(d.number, "").strip()
    ]
    if problems:
        raise Refusal(problems)
    told: dict[str, JSON] = {str(number): why for number, why in sorted(reasons.items())}
    facts: dict[str, JSON] = {"incident": reference, "explained": told}
    space.account.append(EventKind.ACCOUNT_INCIDENT_CLOSED, at=space.now, actor=as_, facts=facts)
    space.account.checkpoint(at=space.now)
    return incident(space, reference)


def _open(space: Workspace, reference: str) -> Incident:
    held = incident(space, reference)
    if held.closed:
        raise Refusal(Problem("CLOSED", f"{reference} is closed", fix="open a new one"))
    return held


def _of_delivery(
    space: Workspace, kind: EventKind, held: Incident, delivery: Delivery, as_: str, **more: str
) -> Entry:
    facts: dict[str, JSON] = {
        "incident": held.reference,
        "delivery": delivery.number,
        "product": delivery.product,
        "recipient": delivery.recipient,
        **more,
    }
    return Entry(kind, space.now, as_, delivery.agreement, delivery.run or None, facts)
