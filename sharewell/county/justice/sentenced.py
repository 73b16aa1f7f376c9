"""Everybody with a police record, and how likely each is to reoffend: the country's, not the county's.

Drawn apart from the service that writes them down, so that a rate can be judged over many new draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..streams import Array, choose

DISPOSALS = ("custody", "community order", "suspended sentence", "fine", "caution")
OFFENCES = ("violence", "sexual", "robbery", "theft", "drugs", "fraud", "public order", "driving", "other")
REGIONS = (
    "Far North", "North East", "North West", "Middle", "East", "Capital", "South East", "South West",
)  # fmt: skip
NEEDS = ("accommodation", "drugs", "alcohol", "thinking", "education")

_DISPOSAL_SHARE = np.array([0.34, 0.28, 0.14, 0.18, 0.06])
_OFFENCE_SHARE = np.array([0.24, 0.05, 0.05, 0.24, 0.14, 0.06, 0.08, 0.09, 0.05])
_REGION_SHARE = np.array([0.06, 0.08, 0.17, 0.19, 0.11, 0.17, 0.13, 0.09])
_NEED_RATE = np.array([0.22, 0.28, 0.22, 0.45, 0.38])
_DISPOSAL_PULL = np.array([0.55, 0.05, -0.1, -0.15, -0.35])
_OFFENCE_PULL = np.array([0.0, -0.9, 0.1, 0.75, -0.25, -0.5, 0.3, -0.2, 0.0])
_ASSESSED = 3
"""Custody, community orders and suspended sentences lead to an assessment of needs; the rest do not."""


@dataclass(frozen=True)
class Sentenced:
    """One entry a person, codes into the tuples above; `needs` (people, 5). `chance` is p of reoffending.

    `risk` is what the chance is made of, with mean 0 and standard deviation 1. Whom no officer assessed
    has no recorded need, and it is the recorded that bears on the chance: matching on it is enough.
    """

    age: Array
    male: Array
    disposal: Array
    offence: Array
    region: Array
    first_age: Array
    prior_offences: Array
    prior_custody: Array
    needs: Array
    assessed: Array
    worked: Array
    benefits: Array
    risk: Array
    chance: Array

    @property
    def count(self) -> int:
        return len(self.age)


def draw_sentenced(count: int, rate: float, rng: np.random.Generator) -> Sentenced:
    """`count` people; their chances of proven reoffending within a year have the mean `rate`."""
    age = np.clip(18 + rng.gamma(2.6, 6.6, count), 18, 85).astype(np.int32)
    male = rng.random(count) < 0.85
    disposal = choose(rng, count, _DISPOSAL_SHARE)
    offence = choose(rng, count, _OFFENCE_SHARE)
    first_age = np.clip(age - rng.gamma(1.3, 6.0, count), 10, age).astype(np.int32)
    years = np.maximum(age - first_age, 0)
    prior = rng.poisson(rng.gamma(0.9, 1.0, count) * (1 + 0.55 * years)).astype(np.int32)
    custody = rng.binomial(prior, np.where(disposal == 0, 0.32, 0.14)).astype(np.int32)
    assessed = disposal < _ASSESSED
    hardship = rng.normal(0, 1, count) + 0.25 * np.log1p(prior)
    bound = np.log(_NEED_RATE / (1 - _NEED_RATE))[None, :] + 0.6 * hardship[:, None]
    needs = (rng.random((count, len(NEEDS))) < _sigmoid(bound)) & assessed[:, None]
    worked = rng.random(count) < _sigmoid(-0.2 - 0.5 * hardship)
    benefits = rng.random(count) < _sigmoid(-0.3 + 0.5 * hardship - 0.8 * worked)
    pull = (
        -0.035 * (age - 34)
        + 0.55 * np.log1p(prior)
        + 0.12 * np.log1p(custody)
        - 0.015 * (first_age - 20)
        + _DISPOSAL_PULL[disposal]
        + _OFFENCE_PULL[offence]
        + needs[:, :4] @ np.array([0.35, 0.6, 0.1, 0.25])
        - 0.4 * worked
        + 0.25 * benefits
    )
    risk = (pull - pull.mean()) / pull.std()
    return Sentenced(
        age, male, disposal, offence, choose(rng, count, _REGION_SHARE), first_age, prior, custody,
        needs, assessed, worked, benefits, risk, chances(risk, rate),
    )  # fmt: skip


def chances(risk: Array, rate: float) -> Array:
    """Chances that rise with the risk and have this mean."""
    level = solve(lambda at: float(_sigmoid(at + 1.05 * risk).mean()) - rate, -8.0, 8.0)
    return _sigmoid(level + 1.05 * risk)


def solve(rises: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises crosses zero, by halving."""
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2


def _sigmoid(values: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))
