"""Is this delivery the one that is due? Pure checks on what a feed says of itself; no file is opened."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..errors import Problem
from .contract import Contract, ServiceLevel

_DAYS = {"h": 0, "hour": 0, "d": 1, "day": 1, "w": 7, "week": 7}
_MONTHS = {"month": 1, "mo": 1, "quarter": 3, "q": 3, "y": 12, "year": 12}


@dataclass(frozen=True)
class Feed:
    """One delivery of an asset: the SHA-256 of its bytes, the day that it describes, and its rows."""

    digest: str
    as_of: date
    rows: int = 0


def check_feed(
    digest: str, as_of: date, earlier: Sequence[Feed], contract: Contract | None = None
) -> list[Problem]:
    """What is wrong with a delivery in the light of earlier ones.

    TWICE: the same bytes came before. OLD: it describes a day no later than one already held. LATE: more
    days lie between it and the last than the contract's `frequency` and `latency` allow, so a feed is
    missing.
    """
    where = contract.id if contract else ""
    problems = []
    same = next((feed for feed in earlier if feed.digest == digest), None)
    if same is not None:
        what = f"this feed was supplied before, for {same.as_of.isoformat()}"
        problems.append(
            Problem("TWICE", what, "its rows would count twice", "ask for the right file", where)
        )
    last = max((feed.as_of for feed in earlier), default=None)
    if last is None or same is not None:
        return problems
    if as_of <= last:
        what = f"this feed is for {as_of.isoformat()}, and one for {last.isoformat()} is held"
        problems.append(Problem("OLD", what, "it would undo a later one", "ask for the newest", where))
    due = due_by(last, contract) if contract else None
    if due is not None and as_of > due:
        what = f"this feed is for {as_of.isoformat()}; one was due by {due.isoformat()}"
        why = f"the last is for {last.isoformat()}: a feed between is missing"
        problems.append(Problem("LATE", what, why, "ask for the missing one", where))
    return problems


def due_by(last: date, contract: Contract) -> date | None:
    """The last day that the feed after `last` may describe; None where no frequency is promised."""
    levels = {level.property: level for level in contract.sla_properties}
    if "frequency" not in levels:
        return None
    due = _later(last, levels["frequency"])
    return _later(due, levels["latency"]) if "latency" in levels else due


def _later(day: date, level: ServiceLevel) -> date:
    amount = int(level.value)
    unit = level.unit.lower()
    unit = unit if unit in _DAYS or unit in _MONTHS else unit.removesuffix("s")
    if unit in _DAYS:
        return day + timedelta(days=max(amount * _DAYS[unit], 1 if level.property == "frequency" else 0))
    months = day.year * 12 + day.month - 1 + amount * _MONTHS[unit]
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    # The end of a month is followed by the end of the next, however long each is.
    ends = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if ends else min(day.day, last))


def check_vintage(contract: Contract, required: str, where: str = "") -> list[Problem]:
    """VINTAGE where reference data (areas, postcodes) are not of the edition that an agreement requires."""
    if contract.vintage == required:
        return []
    held = f"of vintage {contract.vintage}" if contract.vintage else "of no stated vintage"
    what = f"{contract.id} is {held}, and {required} is required"
    why = "areas and codes change between editions"
    return [
        Problem("VINTAGE", what, why, "supply that edition, or amend the agreement", where or contract.id)
    ]


def check_described(contract: Contract, digest: str, where: str = "") -> list[Problem]:
    """CHANGED where the contract is no longer the one whose digest an agreement noted."""
    if contract.digest == digest:
        return []
    what = f"{contract.id} was described anew (version {contract.version}) after this was signed"
    why = "what was agreed may not be what is held"
    return [Problem("CHANGED", what, why, "read its contract and sign again", where or contract.id)]
