"""What each table put over what in a session, and the rankings that cannot be counted, with the reason.

A table whose ranking was told in two ways, or that ranks one thing twice, is counted in nothing: which of
the two it meant is for the table to say. Its sheets stay in the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import DataError, Problem
from .day import DayText, Session
from .events import Event, Record
from .ranking.order import Order, partly_ranked, ranked
from .sayings import Kind, Ranked


@dataclass(frozen=True)
class Given:
    """orders: one for each ranker that placed anything. unfinished: tables that had examples and placed
    none. uncounted: ranker -> why its ranking is in no figure."""

    orders: tuple[Order, ...]
    unfinished: tuple[str, ...]
    uncounted: Mapping[str, str]


def laid(text: DayText, session: Session) -> Mapping[str, tuple[str, ...]]:
    """The examples in front of each table: as written, or as dealt."""
    from .dealing import deal

    if session.examples or not session.deal:
        return session.examples
    return deal(tuple(text.examples), tuple(text.tables), session.deal).tables


def given(text: DayText, record: Record, name: str) -> Given:
    """What was given in a session."""
    had = laid(text, text.sessions[name])
    sheets: dict[tuple[str, str], list[Event]] = {}
    for each in record.of(Kind.RANKED, name):
        sheets.setdefault((each.table, each.voice), []).append(each)
    orders, uncounted = [], {}
    for (table, voice), events in sorted(sheets.items()):
        by = f"{table}, {voice}" if table and voice else table or voice
        found = _order(by, had.get(table, tuple(text.examples)), events)
        if isinstance(found, Order):
            orders.append(found)
        else:
            uncounted[by] = found
    heard = {table for table, _ in sheets}
    silent = [order.by for order in orders if not order.placed]
    unfinished = (*(table for table in had if table not in heard), *silent)
    return Given(tuple(order for order in orders if order.placed), unfinished, uncounted)


def _order(by: str, items: Sequence[str], events: Sequence[Event]) -> Order | str:
    """The one order that the events tell, or why there is none."""
    try:
        told = {_made(by, items, each) for each in events}
    except DataError as error:
        return "; ".join(problem.what for problem in error.problems)
    if len(told) == 1:
        return told.pop()
    return f"its ranking was told in {len(told)} ways, and nobody has said which is right"


def _made(by: str, items: Sequence[str], each: Event) -> Order:
    said = each.said
    assert isinstance(said, Ranked)
    if not said.over:
        return ranked(by, items, said.tiers, said.undecided)
    both = sorted({item for pair in said.over for item in pair} & set(said.undecided))
    if both:
        what = f"{by} put {', '.join(both)} over or under something, and left it undecided"
        raise DataError(Problem("RANKING", what, "one of the two is meant", "look at the sheet again"))
    return partly_ranked(by, items, said.over)
