"""What follows an index sentence: offences, when they were committed and when they were proven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..streams import Array

FOLLOW, SETTLE = 365, 183
"""Days within which an offence counts, and days more within which it must be proven."""

_FURTHER = 1.6
"""Mean number of further proven offences of who reoffends at all."""
_LATE, _BEYOND, _BEFORE = 0.03, 0.12, 0.9
"""Shares of people with offences that must not count: proven too late, committed after the year; and the
mean number committed before the index sentence."""


@dataclass(frozen=True)
class Offences:
    """One entry an offence: row of the person, days from the index sentence to the offence and to proof."""

    person: Array
    committed: Array
    proven: Array


def offend(reoffends: Array, rng: np.random.Generator) -> Offences:
    """The offences of each person (boolean `reoffends`): those that count and those that must not."""
    count = len(reoffends)
    first = np.flatnonzero(reoffends)
    further = np.repeat(first, rng.poisson(_FURTHER, len(first)))
    day = 1 + np.floor((FOLLOW - 1) * rng.random(len(first)) ** 1.3).astype(np.int64)
    start = np.zeros(count, np.int64)
    start[first] = day
    room = FOLLOW - start[further]
    later = start[further] + np.floor(rng.random(len(further)) * (room + 1)).astype(np.int64)
    counted = np.concatenate((day, later))
    # Proven after weeks or months, and always before the settling ends: who reoffends is planted exactly.
    delay = np.minimum(rng.exponential(70, len(counted)).astype(np.int64), FOLLOW + SETTLE - counted)
    late = np.flatnonzero(rng.random(count) < _LATE)
    too_late = rng.integers(1, FOLLOW + 1, len(late))
    beyond = np.flatnonzero(rng.random(count) < _BEYOND)
    after = FOLLOW + rng.integers(1, 300, len(beyond))
    before = np.repeat(np.arange(count), rng.poisson(_BEFORE, count))
    earlier = -rng.integers(20, 1_500, len(before))
    return Offences(
        np.concatenate((first, further, late, beyond, before)),
        np.concatenate((counted, too_late, after, earlier)),
        np.concatenate(
            (
                counted + delay,
                FOLLOW + SETTLE + rng.integers(1, 200, len(late)),
                after + rng.integers(5, 120, len(beyond)),
                np.minimum(earlier + rng.integers(1, 120, len(before)), -1),
            )
        ),
    )
