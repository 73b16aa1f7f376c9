"""Where people come to social care: contacts of adults, and the index of children's cases."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .base import County, Part, Service, Truth
from .council_records import Book, days_column, enter, first_days, write
from .faults import Faults
from .tenure import age_at

CONTACTS = Book(
    "social.contacts", "SC",
    Faults(forename=0.02, nickname=0.08, surname=0.02, former=0.08, stale=0.2, short=0.2, born_missing=0.03,
           born_wrong=0.02, born_placeholder=0.01, alias=0.006, unnamed=0.003, twice=0.0),
    born=True, earliest=16_160,
)  # fmt: skip
CASES = Book(
    "children.cases", "CC",
    Faults(forename=0.015, nickname=0.04, surname=0.02, former=0.0, stale=0.3, born_missing=0.01,
           born_wrong=0.012, alias=0.03, unnamed=0.004, newborn=0.4, twice=0.015),
    born=True, sex=True, earliest=13_000,
)  # fmt: skip


def _contacts(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Contacts of ten years, most about people who are old, frail or ill."""
    age, health = age_at(county), county.health
    rate = np.where(age >= 18, 0.04 + 0.005 * np.clip(age - 50, 0, 50) + 0.05 * health.conditions, 0.0)
    counts = rng.poisson(rate * np.array([1.0, 1.6, 2.4, 3.2])[health.frailty])
    entries = enter(county, CONTACTS, np.repeat(np.arange(county.people.count), counts), rng)
    yield from write(
        county, CONTACTS, entries, rng, days_column(first_days(county, CONTACTS, entries, rng, years=18))
    )


def _cases(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Everyone below 19 whom children's services have ever had to do with."""
    chance = np.array([0.26, 0.19, 0.14, 0.1, 0.07])[county.places.deprivation[county.area] - 1]
    known = (age_at(county) < 19) & (rng.random(county.people.count) < chance)
    entries = enter(county, CASES, np.flatnonzero(known), rng)
    yield from write(county, CASES, entries, rng, days_column(first_days(county, CASES, entries, rng)))


SERVICES: tuple[Service, ...] = (
    Service(CONTACTS.asset, (CONTACTS.asset,), _contacts),
    Service(CASES.asset, (CASES.asset,), _cases),
)
