"""Complaints and requests for access: when they came, when they fall due, when they were answered.

The account holds a number, an agreement, a topic and days; never who complained, nor their words. Days are
days in the United Kingdom. A deadline that falls on a weekend or holiday is not moved to the next working
day, although the law often lets it: the earlier day is right everywhere.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ..account.events import JSON, Event, EventKind
from ..agree.conditions import day_of
from ..errors import DocumentError, Problem, Refusal, among

if TYPE_CHECKING:
    from ..workspace import Workspace

ACKNOWLEDGE_DAYS = 30
"""Data Protection Act 2018 s164A(3): a complaint is acknowledged within 30 days beginning when it came."""


class Topic(StrEnum):
    """What it is about. All but `complaint` are requests under the UK GDPR, due within one month."""

    COMPLAINT = "complaint"
    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    OBJECTION = "objection"


class Step(StrEnum):
    """What was done about it."""

    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Complaint:
    """One complaint or request, as the account tells it.

    `due` is the last day for what the law puts a day on: to acknowledge a complaint, to answer a request.
    `open` says that it is not answered, `overdue` that its last day is over.
    """

    reference: str
    agreement: str
    topic: Topic
    received: date
    due: date
    acknowledged: date | None
    answered: date | None
    overdue: bool

    @property
    def open(self) -> bool:
        return self.answered is None


def month_after(day: date) -> date:
    """One month after a day: the same date of the next month, or its last day where there is no such date.

    UK GDPR Article 12(3), counted from the day of receipt as the ICO's guidance on access requests does.
    """
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def last_day(topic: Topic, received: date) -> date:
    """The last day: a month for a request; for a complaint the 30th day, the day of receipt first."""
    if topic is Topic.COMPLAINT:
        return received + timedelta(days=ACKNOWLEDGE_DAYS - 1)
    return month_after(received)


def receive(
    space: Workspace, agreement: str, topic: str, as_: str, received: date | None = None
) -> Complaint:
    """Enter a complaint or request, by default of today.

    DocumentError for an unknown topic or agreement, or a day to come.
    """
    today = day_of(space.now)
    problems = []
    if topic not in list(Topic):
        problems.append(Problem("TOPIC", f"{topic!r} is no topic", fix=among(topic, Topic)))
    if agreement not in space.agreements():
        what = f"there is no agreement {agreement!r}"
        problems.append(Problem("AGREEMENT", what, fix=among(agreement, space.agreements())))
    if received and received > today:
        problems.append(Problem("DATE", f"{received} has not come yet", fix="give the day of receipt"))
    if problems:
        raise DocumentError(problems)
    reference = f"complaint-{len(complaints(space)) + 1:03d}"
    facts: dict[str, JSON] = {"complaint": reference, "topic": topic, "received": str(received or today)}
    space.account.append(
        EventKind.ACCOUNT_COMPLAINT_RECEIVED, at=space.now, actor=as_, agreement=agreement, facts=facts
    )
    return _one(space, reference)


def answer(space: Workspace, reference: str, as_: str, *, acknowledge: bool = False) -> Complaint:
    """Enter that it was acknowledged, or answered. Refusal ANSWERED where that is known already."""
    held = _one(space, reference)
    if held.answered or (acknowledge and held.acknowledged):
        done = "answered" if held.answered else "acknowledged"
        raise Refusal(Problem("ANSWERED", f"{reference} was {done} already", fix="there is nothing to do"))
    step = Step.ACKNOWLEDGED if acknowledge else Step.ANSWERED
    facts: dict[str, JSON] = {"complaint": reference, "step": str(step)}
    space.account.append(
        EventKind.ACCOUNT_COMPLAINT_ANSWERED, at=space.now, actor=as_, agreement=held.agreement, facts=facts
    )
    return _one(space, reference)


def complaints(space: Workspace) -> tuple[Complaint, ...]:
    """Every complaint and request, those that are open first, by their last day."""
    answers: dict[tuple[str, str], date] = {}
    for event in space.account.events(kind=EventKind.ACCOUNT_COMPLAINT_ANSWERED):
        key = (str(event.facts["complaint"]), str(event.facts["step"]))
        answers.setdefault(key, day_of(event.at))
    found = [
        _told(event, answers, day_of(space.now))
        for event in space.account.events(kind=EventKind.ACCOUNT_COMPLAINT_RECEIVED)
    ]
    return tuple(sorted(found, key=lambda held: (not held.open, held.due, held.reference)))


def overdue(space: Workspace) -> tuple[Complaint, ...]:
    """Those whose last day is over and that were not seen to in time, or not yet."""
    return tuple(held for held in complaints(space) if held.overdue)


def _told(event: Event, answers: dict[tuple[str, str], date], today: date) -> Complaint:
    reference, topic = str(event.facts["complaint"]), Topic(str(event.facts["topic"]))
    received = date.fromisoformat(str(event.facts["received"]))
    answered = answers.get((reference, Step.ANSWERED))
    acknowledged = answers.get((reference, Step.ACKNOWLEDGED), answered)
    due = last_day(topic, received)
    seen_to = acknowledged if topic is Topic.COMPLAINT else answered
    late = (seen_to or today) > due
    return Complaint(reference, event.agreement or "", topic, received, due, acknowledged, answered, late)


def _one(space: Workspace, reference: str) -> Complaint:
    found = {held.reference: held for held in complaints(space)}
    if reference not in found:
        what = f"there is no complaint {reference!r}"
        raise DocumentError(Problem("UNKNOWN", what, fix=among(reference, sorted(found))))
    return found[reference]
