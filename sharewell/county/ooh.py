"""Out-of-hours primary care."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .events import YEARS, coded, constant, pence, record
from .records import Rates, enrol, enrolled
from .streams import Array, choose

RATES = Rates(nhs_missing=0.05, nhs_slip=0.0005, forename=0.012, surname=0.012, postcode_missing=0.02)
_MODE = ("telephone", "base", "home")
_COST = np.array([2_600, 6_800, 9_900])


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """One contact in eight people a year, more for the very young and the frail."""
    age = county.people.age
    rate = 0.09 * np.exp(0.9 * (age < 6) + 0.25 * county.health.frailty + 0.08 * county.health.conditions)
    counts = rng.poisson(rate * YEARS)
    register = enrol(counts > 0, "H", rng)
    yield enrolled(county, "ooh.patients", register, RATES, rng)
    yield from record(county, "ooh.contacts", register, counts, _contact, rng)


def _contact(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
    mode = choose(rng, len(person), np.array([0.55, 0.33, 0.12]))
    return {
        "point_of_care": constant("Out of hours", len(person)),
        "mode": coded(_MODE, mode),
        "cost": pa.array(pence(_COST[mode], rng)),
    }


SERVICE = Service("ooh", ("ooh.patients", "ooh.contacts"), keep)
