"""Which home each household lives in, and where it lived before.

A fifth of households moved between 2020 and 2022. Within a district the movers form a chain in order of
date: each moves into the home that the one before has just left, so no home ever holds two households.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .effects import HISTORY
from .geography import Geography
from .homes import Homes
from .population import CARE_HOME, People
from .streams import Array

SPARE = 0.04
"""Share of homes that stand empty."""

_MOVED = 0.20
_FIRST = np.datetime64("2020-01-06").astype(np.int64)
_LAST = np.datetime64(HISTORY[1], "D").astype(np.int64) - 7


@dataclass(frozen=True)
class Residence:
    """By household: the home now, the one before (-1: none, or outside the county) and the day of the move.

    `moved_on` is 0 where the household did not move. The move precedes every planted exposure.
    """

    home: Array
    previous: Array
    moved_on: Array


def homes_needed(places: Geography, people: People) -> Array:
    """Homes to build in each area: one a household, and some that stand empty."""
    lived_in = np.bincount(people.area, minlength=places.count)
    return np.asarray(lived_in + np.ceil(lived_in * SPARE).astype(np.int64) + 1)


def settle(places: Geography, people: People, homes: Homes, rng: np.random.Generator) -> Residence:
    """A home in its own area for every household, and the chains of moves."""
    mixed = np.lexsort((rng.random(homes.count), homes.area))
    start = np.concatenate(([0], np.cumsum(np.bincount(people.area, minlength=places.count))[:-1]))
    rank = np.arange(people.households) - start[people.area]
    home = mixed[homes.first[people.area] + rank]
    moved = np.flatnonzero((rng.random(people.households) < _MOVED) & (people.kind != CARE_HOME))
    when = np.zeros(people.households, dtype=np.int64)
    when[moved] = rng.integers(_FIRST, _LAST, len(moved))
    district = places.district[people.area[moved]]
    chain = moved[np.lexsort((moved, when[moved], district))]
    previous = np.full(people.households, -1, dtype=np.int64)
    previous[chain[:-1]] = home[chain[1:]]
    ends = places.district[people.area[chain[:-1]]] != places.district[people.area[chain[1:]]]
    previous[chain[:-1][ends]] = -1
    return Residence(home.astype(np.int32), previous.astype(np.int32), when.astype(np.int32))
