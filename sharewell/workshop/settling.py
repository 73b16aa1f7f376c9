"""Sheets typed more than once: one that was looked at again takes the place of all its earlier typings.

A record forgets nothing, so a sheet is corrected by typing it again as `settled`, as often as need be: the
last such typing stands, and entered again it adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..errors import Problem
from ..plan.canonical import digest
from .events import Event, Record
from .sayings import Kind

SETTLED = 3
"""The entry of a sheet that was looked at again."""
_ONE_OF_A_TALLY = re.compile(r"#[0-9]+\.[0-9]+$")


class Paper(NamedTuple):
    """A sheet of paper: its kind and its name."""

    kind: Kind
    name: str


def paper(each: Event) -> Paper:
    """The sheet that an event was typed from; those of one row of a tally are of one sheet."""
    return Paper(each.kind, _ONE_OF_A_TALLY.sub("", each.sheet))


def tallied(sheet: str, value: int, number: int) -> str:
    """The name that one of the people in a tally's row has in place of a sheet of their own."""
    return f"{sheet}#{value}.{number}"


def settled(typed: Iterable[Event], known: Record) -> tuple[Event, ...]:
    """The events, those of a sheet looked at again in the place of all that its other typings said."""
    held = list(typed)
    made = [each for each in held if each.entry < SETTLED]
    there = _by_paper((*known.events.values(), *made))
    latest = _by_paper(each for each in held if each.entry == SETTLED)
    for name, events in latest.items():
        made += _standing(events, list({each.id: each for each in there.get(name, ())}.values()))
    return tuple(made)


def changed(typed: Iterable[Event], known: Record) -> Iterator[Problem]:
    """Sheets of which something was entered before that does not stand in their rows any more."""
    held = list(typed)
    again = {paper(each) for each in held if each.entry == SETTLED}
    ids = {each.id for each in held}
    live: dict[tuple[Paper, int], int] = {}
    for each in known:
        if not each.replaces and each.id not in ids:
            live[paper(each), each.entry] = live.get((paper(each), each.entry), 0) + 1
    for name, entry in dict.fromkeys((paper(each), each.entry) for each in held):
        if name not in again and (gone := live.get((name, entry), 0)):
            what = f"of what was entered of this sheet before, {gone} {_stands(gone)} in it no longer"
            why = "the record forgets nothing: what was entered still counts"
            fix = "if it was wrong, type the whole sheet once more with `settled` as its entry"
            yield Problem("CHANGED", what, why, fix, name.name)


def _stands(rows: int) -> str:
    return "row stands" if rows == 1 else "rows stand"


def _by_paper(events: Iterable[Event]) -> dict[Paper, list[Event]]:
    found: dict[Paper, list[Event]] = {}
    for each in events:
        found.setdefault(paper(each), []).append(each)
    return found


def _standing(latest: Sequence[Event], there: Sequence[Event]) -> list[Event]:
    """The last typing of a sheet: as it is in the record, where it stands there already."""
    for gone in dict.fromkeys(each.replaces for each in there if each.entry == SETTLED):
        batch = _in_place_of(latest, gone)
        ids = {each.id for each in batch}
        stored = {each.id: each for each in there if each.id in ids}
        beyond = {each.id for each in there if not _decided(each, ids)} - ids - set(gone.split())
        if len(stored) == len(ids) and not beyond:
            return list(stored.values())
    gone = " ".join(sorted(each.id for each in there))
    return _in_place_of(latest, gone)


def _decided(each: Event, ids: set[str]) -> bool:
    """Whether it is what the facilitator made of a comment among these."""
    return bool(each.replaces) and set(each.replaces.split()) <= ids


def _in_place_of(latest: Sequence[Event], gone: str) -> list[Event]:
    """These in the place of what is gone. One of them names it all: if each did, the record of a long sheet
    would grow with the square of its rows."""
    made = [
        replace(each, id=digest({"said": each.id, "replaces": gone})[:24], replaces=gone.partition(" ")[0])
        for each in sorted(latest, key=lambda each: each.id)
    ]
    return [replace(made[0], replaces=gone), *made[1:]]
