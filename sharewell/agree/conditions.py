"""Conditions of a deliberation, and the day on which they and a term fall due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ..plan.canonical import digest
from .document import Agreement
from .weighing import Condition

LONDON = ZoneInfo("Europe/London")
"""A day of an agreement is a day in the United Kingdom: a term ends with its last day's last minute."""


def day_of(moment: datetime) -> date:
    """The day in the United Kingdom on which a moment lies."""
    return moment.astimezone(LONDON).date()


def condition_digest(name: str, condition: Condition) -> str:
    """What a condition that was met is known by: reworded or brought forward, it is another."""
    return digest({"name": name, **condition.model_dump(mode="json", exclude={"owner"})})


def outstanding(
    agreement: Agreement, met: Iterable[str], today: date, *, publishing: bool = False
) -> list[str]:
    """The conditions that stand in the way on a day, of publishing or of a run, and are not met."""
    known, deliberation = set(met), agreement.text.agree.deliberation
    found = []
    for name, condition in (deliberation.conditions if deliberation else {}).items():
        before = condition.before
        due = before == "publication" or (not publishing if before == "first run" else _due(before, today))
        if due and condition_digest(name, condition) not in known:
            found.append(name)
    return found


def _due(before: object, today: date) -> bool:
    return isinstance(before, date) and today >= before
