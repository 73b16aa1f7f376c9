"""How much care people needed from 2016 on, month by month, given what was done to the home they lived in.

A person's rate is their own (age, conditions, frailty and luck), times what moves everybody (a trend, the
season), what moves their home (a good or bad year), and the ratio of each work done to it so far. Events
are drawn at the highest rate and thinned to the true one (Lewis and Shedler 1979, Naval Research Logistics
26:403), so that the cost is that of the events and not of the months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..base import County
from ..effects.works import WORKS
from ..streams import Array
from .programme import FIRST, LAST, STARTS, Programme

YEAR = 365.2425
_AGEING = 0.022


@dataclass(frozen=True)
class Lives:
    """By person: days at risk from and to (half-open), the home now, the one before, when they moved, and
    how much more care than others they need."""

    begin: Array
    end: Array
    home: Array
    previous: Array
    moved: Array
    need: Array


@dataclass(frozen=True)
class Care:
    """Events in order of day: whose, and when (days since 1970)."""

    person: Array
    day: Array


def lead_lives(county: County, died: Array, rng: np.random.Generator) -> Lives:
    """Lives of everybody in the county; `died` is the day of death, or 0."""
    people, health, residence = county.people, county.health, county.residence
    own = people.household
    age = np.clip((LAST - people.born) / YEAR, 20, 95)
    luck = rng.gamma(2.0, 0.5, people.count)
    need = luck * np.exp(_AGEING * (age - 60) + 0.10 * health.conditions + 0.14 * health.frailty)
    return Lives(
        np.maximum(people.born, FIRST),
        np.where(died > 0, died, LAST),
        residence.home[own],
        residence.previous[own],
        residence.moved_on[own],
        need,
    )


def draw_care(
    county: County,
    lives: Lives,
    programme: Programme,
    yearly: float,
    ratios: Mapping[str, float],
    rng: np.random.Generator,
) -> Care:
    """Events at `yearly` for a person of 60 without conditions, with these ratios of the works."""
    planted = county.effects.works
    logs = np.log([ratios.get(work, 1.0) for work in WORKS])
    most = (1 + planted.season) * (1 + planted.shock) * float(np.exp(np.maximum(logs, 0).sum()))
    length = np.maximum(lives.end - lives.begin, 0)
    person = np.repeat(
        np.arange(len(length), dtype=np.int32), rng.poisson(yearly * lives.need * most * length / YEAR)
    )
    day = (lives.begin[person] + rng.random(len(person)) * length[person]).astype(np.int64)
    log = _common(county, person, day) + _works(lives, programme, logs, person, day)
    shock = _shocks(county, lives, person, day, rng)
    kept = rng.random(len(person)) * most < np.exp(log) * shock
    person, day = person[kept], day[kept]
    order = np.lexsort((person, day))
    return Care(person[order], day[order])


def _common(county: County, person: Array, day: Array) -> Array:
    """Log of what moves everybody, at most the log of one and the season's swing: age, trend, season."""
    planted = county.effects.works
    before = (LAST - day) / YEAR
    grown = (day - county.people.born[person]) / YEAR > 20
    swing = 1 + planted.season * np.cos(2 * np.pi * ((day - FIRST) % YEAR) / YEAR)
    return np.asarray(-before * (planted.trend + _AGEING * grown) + np.log(swing))


def _works(lives: Lives, programme: Programme, logs: Array, person: Array, day: Array) -> Array:
    month = np.searchsorted(STARTS.astype(np.int64), day, side="right") - 1
    home = np.where(day >= lives.moved[person], lives.home[person], lives.previous[person])
    touched = np.flatnonzero((home >= 0) & programme.improved[home])
    total = np.zeros(len(person))
    done = programme.month[home[touched]] <= month[touched][:, None]
    total[touched] = done @ logs
    return total


def _shocks(county: County, lives: Lives, person: Array, day: Array, rng: np.random.Generator) -> Array:
    """A home's year is good or bad with equal chance."""
    years = (LAST - FIRST) // 365 + 1
    bad = rng.random((county.homes.count, years)) < 0.5
    return 1 + county.effects.works.shock * np.where(bad[lives.home[person], (day - FIRST) // 366], 1, -1)
