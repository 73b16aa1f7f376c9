"""Comments that may identify somebody: their words are kept apart for the facilitator, until released.

In the record stands that something was said and why it waits, and not the words. When the facilitator has
read them, they enter the record as they are or as the facilitator puts them, or they never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import DataError, Problem, among
from .events import Event, Record, event
from .identifying import identifying
from .sayings import BODIES

PLACE = "Held for the facilitator."
DROPPED = "left out by the facilitator"
FREE = ("text", "said", "lifted_by", "condition", "owner", "clause")
"""The parts of a body in which people write what they like. When a condition is due is none of them: its
day would be taken for a date of birth."""

_SHORTEST = 3

Words = Mapping[str, Any]


def hold(events: Iterable[Event]) -> tuple[list[Event], dict[str, Words]]:
    """The events, the words of those that may identify somebody taken out; and those words by event."""
    kept: list[Event] = []
    words: dict[str, Words] = {}
    for each in events:
        free = {name: value for name, value in each.body.items() if name in FREE and value}
        reasons = identifying(free.values())
        if reasons:
            words[each.id] = free
            body = {**each.body, **dict.fromkeys(free, PLACE)}
            each = replace(each, body=body, held="it may hold " + " and ".join(reasons))
        kept.append(each)
    return kept, words


def waiting(record: Record) -> list[Event]:
    """The comments that the facilitator has not decided on."""
    return [each for each in record if each.held and each.held != DROPPED]


def released(record: Record, id: str, words: Words, instead: str = "") -> Event:
    """The event that lets a comment into the record, as it was said or with other words.

    The other words stand in place of the first part that may identify somebody; what else was said stays
    where it identifies nobody, and is left out where it may. DataError HELD where no such comment waits, or
    where the other words may identify somebody too.
    """
    held = _waiting(record, id)
    if not instead:
        return _in_place_of(held, {**held.body, **words}, "")
    if reasons := identifying([instead]):
        what = f"these words may hold {' and '.join(reasons)} too"
        raise DataError(Problem("HELD", what, "they would be printed", "say it without"))
    if len(instead.strip()) < _SHORTEST:
        what, why = "these words are too short", "a reader would learn nothing from them"
        raise DataError(Problem("HELD", what, why, "say in a few words what was meant, or drop it"))
    # Words that the facilitator chose are nobody's own, so they are not printed as a quotation.
    rest = {name: value for name, value in held.body.items() if name not in (*FREE, "quoted")}
    parts = [name for name in FREE if name in held.body]
    telling = [name for name in parts if name in words and identifying([str(words[name])])]
    kept = {name: value for name, value in words.items() if name not in telling}
    return _in_place_of(held, {**rest, **kept, (telling or parts)[0]: instead}, "")


def dropped(record: Record, id: str) -> Event:
    """The event that says a comment was left out; its words are in no record."""
    held = _waiting(record, id)
    return _in_place_of(held, held.body, DROPPED)


def _waiting(record: Record, id: str) -> Event:
    known = {each.id: each for each in waiting(record)}
    near = [each for each in known if each.startswith(id)] if len(id) >= 4 else []
    if len(near) != 1:
        what = f"no comment {id[:80]!r} waits"
        raise DataError(Problem("HELD", what, fix=among(id, sorted(known))))
    return known[near[0]]


def _in_place_of(held: Event, body: Words, why: str) -> Event:
    said = BODIES[held.kind].model_validate(dict(body))
    more: dict[str, Any] = {"table": held.table, "voice": held.voice, "sheet": held.sheet}
    return event(held.session, held.kind, said, **more, entry=held.entry, replaces=held.id, held=why)
