"""Who is visited or referred, and how often people attend A&E: the model behind the planted effects.

The yearly rate of a person depends only on age, sex, deprivation, conditions and frailty, all of which
gp.patients holds; selection for a visit or a referral depends on the same. So a comparison matched on them
is right, and a naive one is confounded. `acute` and `simulate` share this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .effects import Effects
from .streams import Array, weighted_order

DEFAULT_SHARE = 0.02
OLDER = 65


@dataclass(frozen=True)
class Covariates:
    """What the model reads, by person in order of `household`; `in_care` marks care-home residents."""

    age: Array
    sex: Array
    deprivation: Array
    conditions: Array
    frailty: Array
    household: Array
    in_care: Array


@dataclass(frozen=True)
class Assignment:
    """By person: lives in a visited home, was referred to the falls service, yearly A&E rate untreated."""

    visited: Array
    referred: Array
    rate: Array


@dataclass(frozen=True)
class Attendances:
    """A&E attendances by person: in the year before, in the quarter of the visits, in the year after."""

    history: Array
    window: Array
    outcome: Array


def assign(people: Covariates, effects: Effects, rng: np.random.Generator) -> Assignment:
    """Visits to homes and referrals of older people, drawn without replacement in proportion to need."""
    default = max(1, round(DEFAULT_SHARE * len(people.age)))
    score = _relative(people)
    weight = _visit_weights(people)
    visited = _visit(people, weight, default if effects.visited is None else effects.visited, rng)
    referred = np.zeros(len(people.age), dtype=bool)
    wanted = default if effects.referred is None else effects.referred
    need = np.exp(0.015 * (people.age - 75.0) + 0.15 * people.frailty + 0.05 * people.conditions)
    older = np.flatnonzero((people.age >= OLDER) & ~people.in_care)
    referred[older[weighted_order(rng, need[older])[:wanted]]] = True
    expected = (weight[people.household] * score).sum() / weight[people.household].sum()
    return Assignment(visited, referred, score * (effects.attendance_rate / expected))


def attend(assigned: Assignment, effects: Effects, rng: np.random.Generator) -> Attendances:
    """Poisson counts for the three periods; effects act in the year after and nowhere else."""
    rate = assigned.rate
    if effects.dispersion > 0:
        shape = 1 / effects.dispersion
        rate = rate * rng.gamma(shape, effects.dispersion, len(rate))
    ratio = np.where(assigned.visited, effects.fire_ratio, 1.0)
    ratio = ratio * np.where(assigned.referred, effects.falls_ratio, 1.0)
    return Attendances(rng.poisson(rate), rng.poisson(rate * 90 / 365), rng.poisson(rate * ratio))


def _relative(people: Covariates) -> Array:
    """Relative yearly rate: log-linear in age from 18, higher for small children, men slightly."""
    age = people.age.astype(np.float64)
    linear = (
        0.008 * np.clip(age - 18, 0, 80)
        + 0.5 * np.clip((6 - age) / 6, 0, 1)
        + 0.05 * people.sex
        + 0.10 * (3.0 - people.deprivation)
        + 0.12 * people.conditions
        + 0.15 * people.frailty
    )
    return np.asarray(np.exp(linear))


def _visit_weights(people: Covariates) -> Array:
    """Weight of each household: its oldest member, deprivation, mean conditions and frailty."""
    homes = int(people.household.max()) + 1
    size = np.bincount(people.household, minlength=homes)
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    oldest = np.maximum.reduceat(people.age, first)
    conditions = np.add.reduceat(people.conditions, first) / size
    frailty = np.add.reduceat(people.frailty, first) / size
    poor = 3.0 - people.deprivation[first]
    weight = np.exp(0.025 * (oldest - 60.0) + 0.2 * poor + 0.12 * conditions + 0.15 * frailty)
    weight[people.in_care[first]] = 0.0
    return np.asarray(weight)


def _visit(people: Covariates, weight: Array, wanted: int, rng: np.random.Generator) -> Array:
    """Homes in random order by weight until as many people as wanted live in them."""
    order = weighted_order(rng, weight)
    size = np.bincount(people.household, minlength=len(weight))
    homes = order[: int(np.searchsorted(np.cumsum(size[order]), wanted)) + 1] if wanted > 0 else order[:0]
    chosen = np.zeros(len(weight), dtype=bool)
    chosen[homes] = True
    chosen &= weight > 0
    return np.asarray(chosen[people.household])
