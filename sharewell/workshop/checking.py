"""What of a day would go wrong in the room, although its file is well formed: each at its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from ..errors import DataError, Problem
from .cards import Card
from .day import WorkshopDay
from .given_orders import laid

_TOLD = ("who", "why", "what")
"""What a card must say to be talked about."""


def warnings(day: WorkshopDay, cards: Sequence[Card], agreements: Collection[str]) -> tuple[Problem, ...]:
    """Every warning. agreements: those of the workspace that can be quoted."""
    return (*_time(day), *_cards(day, cards, agreements), *_tables(day), *_missing(day))


def spare(day: WorkshopDay) -> int:
    """Minutes that the sessions leave of the day; less than none where they do not fit."""
    held = day.text.held
    starts, ends = (datetime.strptime(clock, "%H:%M") for clock in (held.starts, held.ends))
    whole = int((ends - starts).total_seconds()) // 60
    return whole - sum(session.minutes for session in day.text.sessions.values())


def _time(day: WorkshopDay) -> Iterator[Problem]:
    left = spare(day)
    if left < 0:
        what, fix = f"the sessions take {-left} minutes more than the day has", "shorten or leave out some"
        yield Problem("TIME", what, "people leave when they were told they could", fix, day.at("sessions"))


def _cards(day: WorkshopDay, cards: Sequence[Card], agreements: Collection[str]) -> Iterator[Problem]:
    for card in cards:
        where, named = day.at("examples", card.label), day.text.examples[card.label].agreement
        if named and named not in agreements:
            what, why = f"card {card.label}: agreement {named} is not here", "nothing is quoted from it"
            yield Problem("AGREEMENT", what, why, "write the card here, or add the agreement", where)
        lacking = [part for part in _TOLD if part not in card.parts]
        if lacking:
            what = f"card {card.label} does not say {', '.join(lacking)}"
            yield Problem("CARD", what, "nobody can weigh what they are not told", "write it here", where)


def _tables(day: WorkshopDay) -> Iterator[Problem]:
    for name, session in day.text.sessions.items():
        where = day.at("sessions", name)
        try:
            sets = [set(labels) for labels in laid(day.text, session).values()]
        except DataError as error:
            for problem in error.problems:
                yield Problem(problem.code, problem.what, problem.why, problem.fix, where)
            continue
        if session.exercise.is_ranking and len(sets) > 1 and not _connected(sets):
            what, why = f"{name}: some tables share no example", "what they say cannot be compared"
            yield Problem("APART", what, why, "say `deal:` in place of `examples:`, or share some", where)


def _connected(sets: list[set[str]]) -> bool:
    reached, left = sets[0], sets[1:]
    while near := [labels for labels in left if labels & reached]:
        left = [labels for labels in left if not labels & reached]
        reached = reached.union(*near)
    return not left


def _missing(day: WorkshopDay) -> Iterator[Problem]:
    kinds = {session.exercise for session in day.text.sessions.values()}
    if "red-lines" not in kinds:
        fix = "add a session with `exercise: red-lines`"
        yield Problem(
            "LINES", "nobody is asked for red lines", "a veto cannot be heard", fix, day.at("sessions")
        )
    if not day.text.invited:
        fix = "say under `invited:` whom you asked"
        yield Problem(
            "INVITED", "it is not said who was asked", "who is missing cannot be told", fix, day.at()
        )
