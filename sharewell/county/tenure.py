"""Who rents from the council, who counts for council tax, where permits are: alike for every service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .base import County
from .margins import TYPES
from .population import CARE_HOME
from .streams import Array, stream

SNAPSHOT = np.datetime64("2024-04-01").astype(np.int64)
"""The day on which the council's registers were taken, in days since 1970."""

FRESH = np.datetime64("2022-04-02").astype(np.int64)
"""Days before this are too old to count against anybody (730 days before the snapshot)."""

RECEPTION = (18_140, 18_506)
SECONDARY = (15_584, 15_949)
"""Births, in days since 1970, of the children who begin primary and secondary school in September 2024."""

YEAR = 365.25
_SOCIAL = np.array([0.32, 0.23, 0.16, 0.1, 0.06])


@dataclass(frozen=True)
class Tenure:
    """`social` by household; `adult`, `student` and `carer` by person, `permits` by ward.

    `adult` is of the snapshot. Students and unpaid carers do not count towards council tax.
    """

    social: Array
    adult: Array
    student: Array
    carer: Array
    permits: Array


def age_at(county: County, day: int = int(SNAPSHOT)) -> Array:
    """Whole years of age on that day."""
    return ((day - county.people.born) / YEAR).astype(np.int32)


def draw_tenure(county: County) -> Tenure:
    """By deprivation and kind of household; students live with their parents or share."""
    rng = stream("tenure", county.seed)
    people, places = county.people, county.places
    lone = np.where(people.kind == TYPES.index("lone parent"), 1.8, 1.0)
    chance = _SOCIAL[places.deprivation[people.area] - 1] * lone
    social = (rng.random(people.households) < chance) & (people.kind != CARE_HOME)
    age = age_at(county)
    adult = age >= 18
    private = people.kind[people.household] != CARE_HOME
    third = (people.role == 2) & private
    student = adult & third & (age < 23) & (rng.random(people.count) < 0.45)
    carer = adult & third & (age >= 23) & (rng.random(people.count) < 0.04)
    wards = int(places.ward.max()) + 1
    permits = np.zeros(wards, dtype=bool)
    permits[rng.permutation(wards)[: max(1, round(wards / 3))]] = True
    return Tenure(social, adult, student, carer, permits)


def counted_adults(county: County, tenure: Tenure) -> tuple[Array, Array]:
    """Of each household, the adults who count towards council tax and those who do not."""
    people = county.people
    apart = tenure.student | tenure.carer
    counts = np.bincount(people.household[tenure.adult & ~apart], minlength=people.households)
    return counts, np.bincount(people.household[apart], minlength=people.households)
