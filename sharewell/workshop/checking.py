"""What of a day would go wrong in the room, although its file is well formed: each at its line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from ..errors import DataError, Problem
from .cards import Card
from .day import Exercise, WorkshopDay
from .given_orders import laid
from .ranking.concordance import LEAST

_TOLD = ("who", "why", "what")
"""What a card must say to be talked about."""


def warnings(day: WorkshopDay, cards: Sequence[Card], agreements: Collection[str]) -> tuple[Problem, ...]:
    """Every warning. agreements: those of the workspace that can be quoted."""
    return (
        *_time(day),
        *_cards(day, cards, agreements),
        *_tables(day),
        *_unseen(day),
        *_few(day),
        *_polls(day),
        *_missing(day),
    )


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


def _unseen(day: WorkshopDay) -> Iterator[Problem]:
    """Cards that are printed, and that no table has and no script names."""
    seen: set[str] = set()
    spoken = ""
    for session in day.text.sessions.values():
        try:
            seen.update(*laid(day.text, session).values())
        except DataError:  # told of its session
            return
        seen |= {session.case} if session.case else set()
        spoken += " ".join(("", session.question or "", *session.script))
    for label in day.text.examples:
        if label not in seen and not re.search(rf"(?i:\bcards?) {re.escape(label)}\b", spoken):
            what, fix = f"card {label} lies on no table", "name it under `examples:`, or deal more cards"
            yield Problem("UNSEEN", what, "nobody weighs it", fix, day.at("examples", label))


def _few(day: WorkshopDay) -> Iterator[Problem]:
    """Rankings of which too few are of the same cards for their agreement to say more than chance would."""
    few: dict[str, int] = {}
    for name, session in day.text.sessions.items():
        with suppress(DataError):  # told of its session
            if session.exercise.is_ranking:
                alike = Counter(frozenset(labels) for labels in laid(day.text, session).values())
                if (most := max(alike.values(), default=0)) < LEAST:
                    few[name] = most
    if few:
        what = f"{', '.join(few)}: at most {max(few.values())} of the tables rank the same cards"
        why = f"under {LEAST} such rankings chance alone looks like agreement, and no W is told"
        fix = f"lay the same cards on {LEAST} tables, or do without: tiers are told all the same"
        yield Problem("FEW", what, why, fix, day.at("sessions", next(iter(few))))


def _polls(day: WorkshopDay) -> Iterator[Problem]:
    """A first poll for which people have talked already: whether minds changed cannot be told."""
    talked = False
    for name, session in day.text.sessions.items():
        if session.exercise is Exercise.POLL:
            if talked:
                what, why = f"{name}: people have talked before the first poll", "what they thought is gone"
                fix = "put it before the first discussion"
                yield Problem("POLL", what, why, fix, day.at("sessions", name))
            return
        talked = talked or session.exercise not in (Exercise.WELCOME, Exercise.BREAK)


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
