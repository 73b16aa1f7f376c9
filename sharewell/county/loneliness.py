"""The model of loneliness that the survey's respondents and the census's people share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .effects.survey import Survey
from .streams import Array

HEALTH = np.array(["poor", "fair", "good", "very good", "excellent"])
MARITAL = np.array(["single", "married", "separated or divorced", "widowed"])
_CUTS = np.array([-2.6, -1.2, 0.25, 1.7])
_AGEING, _DEPRIVED = 0.28, 0.42


@dataclass(frozen=True)
class Older:
    """Older people: age, marital status and health (places in MARITAL and HEALTH), people in the household,
    deprivation quintile (1 = most), and whether they live in the country."""

    age: Array
    marital: Array
    health: Array
    household_size: Array
    deprivation: Array
    rural: Array


@dataclass(frozen=True)
class Unseen:
    """What the survey asks and the census does not: eye conditions, difficulties of daily living, pets."""

    eyes: Array
    adl: Array
    pets: Array


def rate_health(age: Array, deprivation: Array, lean: Array, rng: np.random.Generator) -> Array:
    """Health as people see it: an ordered logit that falls with age and deprivation, moved by `lean`."""
    level = -_AGEING * (age - 75) / 10 - _DEPRIVED * (3 - deprivation) + lean + rng.logistic(0, 1, len(age))
    return np.digitize(level, _CUTS)


def marital_of(age: Array, male: Array, couple: Array, rng: np.random.Generator) -> Array:
    """Those in a couple are married nearly all; of the others more are widowed with age, women first."""
    widowed = 1 / (1 + np.exp(-(age - 74 - 4.0 * male) / 5.5))
    draw = rng.random(len(age))
    alone = np.where(draw < widowed, 3, np.where(draw < widowed + (1 - widowed) * 0.45, 0, 2))
    return np.where(couple, np.where(rng.random(len(age)) < 0.95, 1, 0), alone)


def unseen(older: Older, rng: np.random.Generator) -> Unseen:
    """Drawn for everybody by age and health; nothing of it goes by place once these are known."""
    poor = 4 - older.health
    eyes = rng.poisson(0.35 + 0.12 * poor + 0.035 * np.maximum(older.age - 65, 0))
    adl = rng.poisson(0.08 + 0.22 * poor + 0.012 * np.maximum(older.age - 65, 0))
    pets = rng.random(len(older.age)) < 0.38 - 0.006 * (older.age - 65)
    return Unseen(np.minimum(eyes, 6), np.minimum(adl, 6), pets)


def chance(older: Older, others: Unseen, planted: Survey) -> Array:
    """Each person's true probability of being often lonely."""
    linear = (
        planted.constant
        + np.array([planted.health[name] for name in HEALTH])[older.health]
        + planted.household_size * older.household_size
        + planted.widowed * (older.marital == 3)
        + planted.eyes * (others.eyes >= 3)
        + planted.pets * others.pets
        + np.where(others.adl >= 2, planted.adl_two, planted.adl_one * (others.adl == 1))
        + planted.age_75 * ((older.age >= 75) & (older.age < 80))
        + planted.deprivation * (older.deprivation - 3)
        + planted.rural * older.rural
    )
    return np.asarray(1 / (1 + np.exp(-linear)))
