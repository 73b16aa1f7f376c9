"""Community health services, and referrals to their falls prevention programme."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .effects import WINDOW
from .events import YEARS, coded, constant, pence, pick, record
from .records import Rates, enrol, enrolled
from .streams import Array, choose

RATES = Rates(nhs_missing=0.03, nhs_shared=0.0003, nhs_slip=0.0005, short=0.3)
_TEAMS = ("district nursing", "physiotherapy", "podiatry", "speech and language", "health visiting")
_COST = np.array([4_700, 6_100, 5_200, 8_400, 6_600])


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """Courses of contacts for small children and for people with conditions; everyone who was referred."""
    age, health = county.people.age, county.health
    chance = np.clip(0.04 + 0.035 * health.conditions + 0.16 * health.frailty + 0.8 * (age < 5), 0, 0.95)
    counts = np.where(rng.random(len(age)) < chance, 1 + rng.poisson(2.2 * YEARS, len(age)), 0)
    referred = county.assigned.referred
    register = enrol((counts > 0) | referred, "C", rng)
    yield enrolled(county, "community.patients", register, RATES, rng)

    def contact(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
        team = choose(rng, len(person), np.array([0.48, 0.29, 0.18, 0.05, 0.0]))
        team = np.where(age[person] < 5, 4, team)
        return {
            "point_of_care": constant("Community", len(person)),
            "team": coded(_TEAMS, team),
            "cost": pa.array(pence(_COST[team], rng)),
        }

    yield from record(county, "community.contacts", register, counts, contact, rng)
    once = referred.astype(np.int64)
    yield from record(county, "community.falls", register, once, _referral, rng, between=WINDOW)


def _referral(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
    return {
        "point_of_care": constant("Community", len(person)),
        "programme": pick(("strength and balance", "home hazards"), (0.7, 0.3), len(person), rng),
        "cost": pa.array(pence(np.full(len(person), 32_000), rng)),
    }


SERVICE = Service("community", ("community.patients", "community.contacts", "community.falls"), keep)
