"""Long-term conditions, frailty, autism, and the practice that each person is registered with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .effects import Effects
from .geography import Geography
from .population import CARE_HOME, People
from .streams import Array, choose

PRACTICE_PEOPLE = 6_250
_UNREGISTERED = 0.006


@dataclass(frozen=True)
class Health:
    """By person (`practice` -1: on no list); `practice_area` and `under_recorded` by practice."""

    conditions: Array
    frailty: Array
    autism: Array
    autism_recorded: Array
    practice: Array
    practice_area: Array
    under_recorded: Array


def describe_health(
    places: Geography, people: People, effects: Effects, rng: np.random.Generator
) -> Health:
    """Health of everyone; frailty and conditions rise with age and deprivation."""
    age = people.age.astype(np.float64)
    household = people.household
    area = people.area[household]
    poor = 3.0 - places.deprivation[area]
    in_care = people.kind[household] == CARE_HOME
    mean = np.exp(-2.6 + 0.043 * np.minimum(age, 90) + 0.11 * poor)
    conditions = np.minimum(rng.poisson(mean), 8)
    lean = (
        (age - 86) / 9
        + 0.35 * (conditions - 2)
        + 0.15 * poor
        + 2.0 * in_care
        + rng.logistic(0, 1, len(age))
    )
    frailty = np.where(age < 65, 0, np.digitize(lean, (-0.8, 0.9, 2.4)))
    practice, practice_area = _register(places, people, area, rng)
    true = rng.random(len(age)) < np.array(effects.autism_rate)[np.digitize(age, effects.autism_ages)]
    under = np.zeros(len(practice_area), dtype=bool)
    few = max(1, round(effects.autism_practices * len(under))) if effects.autism_practices > 0 else 0
    under[rng.permutation(len(under))[:few]] = True
    chance = np.where(under, effects.autism_under_recorded, effects.autism_recorded)[practice]
    recorded = true & (rng.random(len(age)) < chance)
    return Health(
        conditions.astype(np.int32),
        frailty.astype(np.int32),
        true,
        recorded,
        practice,
        practice_area,
        under,
    )


def _register(
    places: Geography, people: People, area: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Catchments: a household goes to its nearest practice (80%), the second (15%) or the third (5%)."""
    count = max(4, round(people.count / PRACTICE_PEOPLE))
    at = np.sort(choose_areas(places.count, count, rng))
    gaps = (places.east[:, None] - places.east[at]) ** 2 + (places.north[:, None] - places.north[at]) ** 2
    nearest = np.argsort(gaps, axis=1, kind="stable")[:, :3]
    choice = choose(rng, people.households, np.array([0.8, 0.15, 0.05]))[people.household]
    own = rng.random(people.count) < 0.04
    choice[own] = choose(rng, int(own.sum()), np.array([0.6, 0.25, 0.15]))
    practice = nearest[area, choice].astype(np.int32)
    practice[rng.random(people.count) < _UNREGISTERED] = -1
    return practice, at


def choose_areas(areas: int, count: int, rng: np.random.Generator) -> Array:
    """`count` areas, different ones as far as there are enough."""
    rounds = -(-count // areas)
    return np.concatenate([rng.permutation(areas) for _ in range(rounds)])[:count]
