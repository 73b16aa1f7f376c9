"""How a standing index stands, from the account alone: counts of its last updates, who read it, what was
decided. The index itself is not opened, so nobody is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..account.events import Event, EventKind
from ..run.indexes import is_built
from .linking import only_unit

if TYPE_CHECKING:
    from .agreement import LiveAgreement


@dataclass(frozen=True)
class IndexStatus:
    """`sources`: (source, records, how many are of somebody in another source too); `updates`, the newest
    first: (day, run, model, and COUNTED); `readers`: (agreement, times, most people in one reading).
    """

    unit: str
    place: str
    built: bool
    people: int
    records: int
    model: str
    sources: tuple[tuple[str, int, int], ...]
    updates: tuple[tuple[str, ...], ...]
    readers: tuple[tuple[str, int, int], ...]
    looks: int
    decided: int


COUNTED = ("new", "changed", "removed", "merged", "split", "churn", "frozen")
"""What is told of each update."""


def index_status(live: LiveAgreement, last: int = 5) -> IndexStatus:
    """How the index of an agreement stands. DocumentError INDEX where it keeps none."""
    unit, account = only_unit(live), live.space.account
    updates = [e for e in _of(live, EventKind.LINK_FINISHED, unit) if "index" in e.facts]
    newest = _facts(updates[-1]) if updates else {}
    reads = list(_of(live, EventKind.LINK_READ, unit))
    looks = sum(1 for event in reads if "by" not in event.facts)
    decided = account.events(agreement=live.name, kind=EventKind.LINK_DECIDED)
    sources = newest.get("sources", {}).items()
    return IndexStatus(
        unit,
        live.agreement.text.link[unit].at,
        is_built(live.space, live.agreement, unit),
        newest.get("people", 0),
        newest.get("rows", 0),
        newest.get("model", ""),
        tuple((name, told["records"], told["linked_elsewhere"]) for name, told in sorted(sources)),
        tuple(_update(event) for event in reversed(updates[-last:])),
        tuple(_readers(reads)),
        looks,
        sum(1 for _ in decided),
    )


def _of(live: LiveAgreement, kind: EventKind, unit: str) -> Iterator[Event]:
    events = live.space.account.events(agreement=live.name, kind=kind)
    return (event for event in events if event.facts["unit"] == unit and "index_of" not in event.facts)


def _update(event: Event) -> tuple[str, ...]:
    counts: dict[str, Any] = _facts(event)["index"]
    told = (str(counts.get(name, 0)) for name in COUNTED)
    return (event.at.date().isoformat(), event.run or "", str(event.facts["model"]), *told)


def _facts(event: Event) -> dict[str, Any]:
    return dict(event.facts)


def _readers(reads: list[Event]) -> Iterator[tuple[str, int, int]]:
    told = [_facts(event) for event in reads if "by" in event.facts]
    for name in sorted({facts["by"] for facts in told}):
        people = [facts["people"] for facts in told if facts["by"] == name]
        yield name, len(people), max(people)
