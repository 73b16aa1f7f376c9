"""Adult social care: clients, and what was paid for each in each month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .events import coded, constant, dated, pence
from .population import CARE_HOME
from .records import Rates, Register, enrol, held_homes, identity
from .streams import Array, choose

RATES = Rates(
    nhs_missing=0.10,
    nhs_shared=0.0015,
    nhs_slip=0.003,
    forename=0.012,
    surname=0.012,
    short=0.2,
    stale=0.15,
)
_SERVICES = ("home care", "day care", "residential", "nursing", "direct payment")
_COST = np.array([112_000, 48_000, 298_000, 365_000, 142_000])
_MONTHS = (
    np.arange(np.datetime64("2022-01"), np.datetime64("2024-04")).astype("datetime64[D]").astype(np.int32)
)


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """Residents of care homes, frail people at home, and a few younger adults."""
    age, frailty = county.people.age, county.health.frailty
    in_care = county.people.kind[county.people.household] == CARE_HOME
    chance = np.where(in_care, 0.75, np.array([0.007, 0.03, 0.11, 0.3])[frailty])
    register = enrol((age >= 18) & (rng.random(len(age)) < chance), "S", rng)
    home = held_homes(county, register.person, RATES.stale, rng)
    table = pa.table(identity(county, register, home, RATES, rng, nhs=True, uprn=True))
    yield Part("social.clients", table, person=register.person, identity=True)
    yield _packages(register, in_care, rng)


def _packages(register: Register, in_care: Array, rng: np.random.Generator) -> Part:
    """One row a client and month, from the month care began to the month it ended."""
    months = len(_MONTHS)
    began = np.maximum(rng.integers(-months, months, register.count), 0)
    lasts = np.minimum(rng.geometric(0.06, register.count), months - began)
    at_home = choose(rng, register.count, np.array([0.6, 0.12, 0.0, 0.0, 0.28]))
    service = np.where(in_care[register.person], 2 + (rng.random(register.count) < 0.35), at_home)
    rows = np.repeat(np.arange(register.count), lasts)
    month = np.arange(len(rows)) - np.repeat(np.cumsum(lasts) - lasts, lasts) + began[rows]
    columns = {
        "record": pa.array(np.arange(1, len(rows) + 1)),
        "local_id": register.local_id.take(pa.array(rows)),
        "date": dated(_MONTHS[month]),
        "point_of_care": constant("Social care", len(rows)),
        "service": coded(_SERVICES, service[rows]),
        "cost": pa.array(pence(_COST[service[rows]], rng)),
    }
    return Part("social.packages", pa.table(columns), person=register.person[rows])


SERVICE = Service("social", ("social.clients", "social.packages"), keep)
