"""How many treated incidents are recorded: matched by place and time alone, less what chance would match.

A treated incident is found where a record lies at the same place within some hours. Some would be found
without being the same incident: how many is seen by moving all treated incidents by whole weeks, which
keeps their hour and weekday and breaks every true pair. If a share c is found so, and o was found, the
share that is truly there solves o = r + (1 - r) c. Records without a known place can match nobody: r is
divided by the share of records that have one. Wilson's interval (1927, JASA 22) carries through both,
with chance taken as known (it rests on many shifts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_Z = 1.959963984540054
_WEEK, _DAY = 168, 24


@dataclass(frozen=True)
class Events:
    """Incidents of one service: place (numbered, -1 not known), day since 1970, hour (-1 not known)."""

    place: Ints
    day: Ints
    hour: Ints


@dataclass(frozen=True)
class Share:
    """Of `treated`, `found` have a record near; `chance` is what chance finds; `share` is the estimate."""

    treated: int
    found: int
    chance: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Matched:
    """By treated incident with a place: whether found, and how often chance found it over the shifts."""

    rows: Ints
    found: Bools
    chance: Floats
    placed: float


def match(treated: Events, recorded: Events, *, days: int, hours: int, shifts: int = 50) -> Matched:
    """Who is found. FitError PLACE where no treated incident or no record has a known place, SPAN where
    the records span too few weeks to shift by."""
    mine, theirs = np.flatnonzero(treated.place >= 0), np.flatnonzero(recorded.place >= 0)
    for rows, who in ((mine, "treated incident"), (theirs, "record")):
        if not len(rows):
            what = f"no {who} has a place that is known"
            raise FitError(Problem("PLACE", what, "nothing could be matched", "bring a better gazetteer"))
    start = int(min(treated.day[mine].min(), recorded.day[theirs].min()))
    weeks = (int(max(treated.day[mine].max(), recorded.day[theirs].max())) - start) // 7 + 1
    if weeks < 8:
        what = f"all lie within {weeks} weeks"
        raise FitError(
            Problem("SPAN", what, "chance is seen by shifting whole weeks", "take a longer span")
        )
    span = (weeks + 2) * _WEEK  # a gap of two weeks parts the places
    low, high = _window(treated, mine, start, days, hours)
    base = treated.place[mine] * span + _WEEK
    at = np.sort(np.concatenate(_stamps(recorded, theirs, start, span)))
    found = _any(at, base + low, base + high)
    chance, steps = np.zeros(len(mine)), _steps(weeks, shifts)
    for step in steps.tolist():
        moved = (low + step * _WEEK) % (weeks * _WEEK)
        chance += _any(at, base + moved, base + moved + (high - low))
    return Matched(mine, found, chance / len(steps), len(theirs) / len(recorded.place))


def _steps(weeks: int, shifts: int) -> Ints:
    """Weeks to shift by: spread over the span, never back to where it was."""
    return np.unique(np.linspace(2, weeks - 2, min(shifts, weeks - 3)).astype(np.int64))


def _window(events: Events, rows: Ints, start: int, days: int, hours: int) -> tuple[Ints, Ints]:
    """The first and the last hour in which a record may be the same incident, counted from `start`."""
    day, hour = (events.day[rows] - start) * _DAY, events.hour[rows]
    known = hour >= 0
    low = np.where(known, np.maximum(day + hour - hours, day - days * _DAY), day - days * _DAY)
    last = day + (days + 1) * _DAY - 1
    return low, np.where(known, np.minimum(day + hour + hours, last), last)


def _stamps(events: Events, rows: Ints, start: int, span: int) -> list[Ints]:
    """Place and hour of each record as one number; one without an hour stands at noon."""
    hour = np.where(events.hour[rows] >= 0, events.hour[rows], 12)
    return [events.place[rows] * span + _WEEK + (events.day[rows] - start) * _DAY + hour]


def _any(at: Ints, low: Ints, high: Ints) -> Bools:
    found: Bools = np.searchsorted(at, high, side="right") > np.searchsorted(at, low, side="left")
    return found


def estimate(matched: Matched, chosen: Bools | None = None) -> Share:
    """The share of those `chosen` (by row of `matched`; all). Nobody chosen: every figure is NaN."""
    held = np.ones(len(matched.rows), bool) if chosen is None else chosen
    n, found = int(held.sum()), int(matched.found[held].sum())
    if n == 0:
        return Share(0, 0, *(float("nan"),) * 4)
    chance = float(matched.chance[held].mean())
    seen = found / n
    middle = (seen + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * float(np.sqrt(seen * (1 - seen) / n + _Z**2 / (4 * n**2))) / (1 + _Z**2 / n)
    low, share, high = (
        float(np.clip((o - chance) / (1 - chance) / matched.placed, 0, 1)) if chance < 1 else float("nan")
        for o in (middle - half, seen, middle + half)
    )
    return Share(n, found, chance, share, low, high)
