"""The census: everybody of 65 or over where they live, without name or address, and what is true of them.

The truth tells, for each area, how likely its older people in private households are to be often lonely: it
rests on things that the census does not ask.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .loneliness import HEALTH, MARITAL, Older, chance, marital_of, rate_health, unseen
from .population import CARE_HOME
from .records import numbers
from .streams import Array

LEAST_AGE = 65
_AREAS_DIFFER = 0.55
"""How far areas of one deprivation differ in health, as a standard deviation of its logit."""


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Older people in the order of a random number, as microdata come; then the truth by area."""
    who = rng.permutation(np.flatnonzero(county.people.age >= LEAST_AGE))
    area = county.area[who]
    older, male, communal = _older(county, who, area, rng)
    columns = {
        "local_id": numbers("C", len(who)),
        "area": pa.array(county.places.area).take(pa.array(area)),
        "age": older.age.astype(np.int32),
        "sex": np.where(male, "M", "F"),
        "marital": MARITAL[older.marital],
        "health": HEALTH[older.health],
        "household_size": older.household_size.astype(np.int32),
        "communal": communal,
    }
    yield Part("census.people", pa.table(columns), person=who)
    likely = chance(older, unseen(older, rng), county.effects.survey)
    often = rng.random(len(who)) < likely
    yield Truth("loneliness", _by_area(county, area[~communal], likely[~communal], often[~communal]))


def _older(county: County, who: Array, area: Array, rng: np.random.Generator) -> tuple[Older, Array, Array]:
    people, places = county.people, county.places
    household = people.household[who]
    age, male = people.age[who].astype(np.float64), people.sex[who] == 1
    communal = people.kind[household] == CARE_HOME
    size = people.size[household]
    partnered = np.zeros(people.households, dtype=bool)
    partnered[people.household[people.role == 1]] = True
    couple = partnered[household] & (people.role[who] <= 1)
    own = rng.normal(0, _AREAS_DIFFER, places.count)
    lean = own[area] - 0.30 * (county.health.conditions[who] - 1.6) - 1.2 * communal
    deprivation = places.deprivation[area]
    older = Older(
        age=age,
        marital=marital_of(age, male, couple, rng),
        health=rate_health(age, deprivation, lean, rng),
        household_size=size,
        deprivation=deprivation,
        rural=np.zeros(len(who), dtype=bool),
    )
    return older, male, communal


def _by_area(county: County, area: Array, likely: Array, often: Array) -> pa.Table:
    """A row an area: its older people in households, how many are often lonely, and their mean chance."""
    count = county.places.count
    people = np.bincount(area, minlength=count)
    held = np.maximum(people, 1)
    return pa.table(
        {
            "area": county.places.area,
            "people": people,
            "often_lonely": np.bincount(area, often, minlength=count).astype(np.int64),
            "expected": np.bincount(area, likely, minlength=count) / held,
        }
    )


SERVICE = Service("census", ("census.people",), keep)
