"""Mental health services."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .events import YEARS, coded, constant, pence, record
from .records import Rates, enrol, enrolled
from .streams import Array, choose

RATES = Rates(nhs_missing=0.04, nhs_shared=0.0003, nhs_slip=0.0005, forename=0.012, stale=0.12)
_TEAMS = ("talking therapies", "community team", "crisis team", "older people", "ward")
_COST = np.array([9_500, 17_000, 24_000, 18_500, 46_000])


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """About 7% of people over the period, most of them for a course of some eight contacts."""
    age = county.people.age
    poor = 3.0 - county.places.deprivation[county.area]
    chance = 0.03 * YEARS * np.exp(0.25 * poor) * np.where(age < 11, 0.2, 1.0)
    counts = np.where(rng.random(len(age)) < chance, 1 + rng.negative_binomial(1.2, 0.14, len(age)), 0)
    register = enrol(counts > 0, "M", rng)
    yield enrolled(county, "mental.patients", register, RATES, rng)

    def contact(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
        team = choose(rng, len(person), np.array([0.42, 0.4, 0.08, 0.0, 0.1]))
        team = np.where((age[person] >= 65) & (team < 2), 3, team)
        return {
            "point_of_care": constant("Mental health", len(person)),
            "team": coded(_TEAMS, team),
            "cost": pa.array(pence(_COST[team], rng)),
        }

    yield from record(county, "mental.contacts", register, counts, contact, rng)


SERVICE = Service("mental", ("mental.patients", "mental.contacts"), keep)
