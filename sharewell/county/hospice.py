"""The hospice: its patients and their stays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .events import coded, constant, dated, pence, record
from .records import Rates, enrol, enrolled
from .streams import Array, choose

RATES = Rates(nhs_missing=0.02, stale=0.05)
_SETTINGS = ("inpatient", "day care", "at home")
_PER_DAY = np.array([52_000, 15_000, 11_000])


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """Few people, most of them with several conditions or severely frail."""
    health = county.health
    chance = 0.0008 + 0.004 * (health.conditions >= 3) + 0.03 * (health.frailty == 3)
    counts = np.where(rng.random(len(chance)) < chance, rng.geometric(0.5, len(chance)), 0)
    register = enrol(counts > 0, "K", rng)
    yield enrolled(county, "hospice.patients", register, RATES, rng)
    yield from record(county, "hospice.stays", register, counts, _stay, rng)


def _stay(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
    setting = choose(rng, len(person), np.array([0.4, 0.3, 0.3]))
    nights = rng.geometric(0.09, len(person))
    return {
        "ended": dated(day + nights),
        "point_of_care": constant("Hospice", len(person)),
        "setting": coded(_SETTINGS, setting),
        "cost": pa.array(pence(_PER_DAY[setting] * nights, rng)),
    }


SERVICE = Service("hospice", ("hospice.patients", "hospice.stays"), keep)
