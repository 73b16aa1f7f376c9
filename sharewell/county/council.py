"""The council itself: electors, libraries, parking, leisure, licences, call centre and travel passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .base import County, Part, Service, Truth
from .claims import draw_claims, sure
from .council_records import Book, Entries, days_column, enter, first_days, write
from .faults import Faults
from .streams import Array
from .tenure import Tenure, age_at, draw_tenure

ELECTORS = Book(
    "council.electoral_roll", "ER",
    Faults(forename=0.004, nickname=0.004, surname=0.004, former=0.05, stale=0.06, uprn_missing=0.012,
           twice=0.004, alias=0.001, unnamed=0.0), uprn=True, earliest=12_000,
)  # fmt: skip
LIBRARIES = Book(
    "council.libraries", "LB",
    Faults(forename=0.015, nickname=0.06, surname=0.012, former=0.25, stale=0.45, short=0.1, twice=0.03),
)  # fmt: skip
PARKING = Book(
    "council.parking", "PK",
    Faults(forename=0.01, nickname=0.05, surname=0.01, former=0.1, stale=0.03, twice=0.01), uprn=True,
    earliest=17_500,
)  # fmt: skip
LEISURE = Book(
    "council.leisure", "LC",
    Faults(forename=0.015, nickname=0.09, surname=0.015, born_missing=0.01, born_wrong=0.015,
           born_placeholder=0.006, stale=0.3, short=0.15, twice=0.04), born=True, earliest=17_000,
)  # fmt: skip
LICENSING = Book(
    "council.licensing", "LN",
    Faults(forename=0.005, nickname=0.01, surname=0.005, stale=0.15, address=0.01, twice=0.02),
    born=True, earliest=16_500,
)  # fmt: skip
CUSTOMERS = Book(
    "council.customers", "CR",
    Faults(forename=0.025, nickname=0.1, surname=0.025, former=0.15, stale=0.3, short=0.3,
           postcode_missing=0.05, alias=0.01, unnamed=0.004, twice=0.10), earliest=16_000,
)  # fmt: skip
TRAVEL = Book(
    "council.travel", "TP",
    Faults(forename=0.006, nickname=0.02, surname=0.006, former=0.02, stale=0.15, twice=0.006),
    born=True, earliest=14_000,
)  # fmt: skip
_VOTES = np.array([0.93, 0.8, 0.75, 0.5, 0.4])
"""Share of adults on the roll by ethnicity: some may not vote, others never registered."""

Chance = Callable[[County, Tenure, Array], Array]


def _service(book: Book, chance: Chance, years: int) -> Service:
    """A service whose members each join by a chance of their own, none before this age."""

    def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
        tenure = draw_tenure(county)
        likely = chance(county, tenure, age_at(county))
        known = np.flatnonzero(rng.random(county.people.count) < likely)
        held = sure(county, tenure, draw_claims(county, tenure), book.asset)
        entries = enter(county, book, known, rng, sure=held)
        day = first_days(county, book, entries, rng, years=years)
        if book is ELECTORS:
            day = _published(day, entries)
        yield from write(county, book, entries, rng, days_column(day))

    return Service(book.asset, (book.asset,), keep)


def _published(day: Array, entries: Entries) -> Array:
    """The roll is brought up to date each December, so an entry is late by up to a year."""
    year = day.astype("datetime64[D]").astype("datetime64[Y]")
    december = (year.astype("datetime64[M]") + 11).astype("datetime64[D]").astype(np.int64)
    later = (year + 1).astype("datetime64[M]") + 11
    next_one = np.where(day <= december, december, later.astype("datetime64[D]").astype(np.int64))
    last = np.datetime64("2023-12-01").astype(np.int64)
    return np.asarray(np.where(entries.stale, day, np.minimum(next_one, last)))


def _electors(county: County, tenure: Tenure, age: Array) -> Array:
    return np.where(tenure.adult, _VOTES[county.people.ethnicity] * np.clip(0.86 + age / 300, 0, 1), 0.0)


def _libraries(county: County, tenure: Tenure, age: Array) -> Array:
    return np.array([0.1, 0.6, 0.4, 0.25, 0.33])[np.digitize(age, (3, 12, 18, 65))]


def _parking(county: County, tenure: Tenure, age: Array) -> Array:
    drives = np.where((age >= 18) & (age < 85), 0.3, 0.0)
    return np.where(tenure.permits[county.places.ward[county.area]], drives, 0.0)


def _leisure(county: County, tenure: Tenure, age: Array) -> Array:
    by_age = np.array([0.03, 0.42, 0.45, 0.38, 0.31, 0.2])[np.digitize(age, (4, 12, 25, 45, 66))]
    by_area = np.array([0.85, 0.95, 1.0, 1.05, 1.1])[county.places.deprivation[county.area] - 1]
    return np.asarray(by_age * by_area)


def _licensing(county: County, tenure: Tenure, age: Array) -> Array:
    return np.where((age >= 18) & (age < 72), np.where(county.people.ethnicity == 1, 0.05, 0.017), 0.0)


def _customers(county: County, tenure: Tenure, age: Array) -> Array:
    social = np.where(tenure.social[county.people.household], 0.52, 0.3)
    return np.where(age >= 18, social, 0.0)


def _travel(county: County, tenure: Tenure, age: Array) -> Array:
    disabled = (county.health.conditions >= 3) & (age >= 5)
    return np.where(age >= 66, 0.86, np.where(disabled, 0.3, 0.0))


SERVICES: tuple[Service, ...] = (
    _service(ELECTORS, _electors, 18),
    _service(LIBRARIES, _libraries, 0),
    _service(PARKING, _parking, 18),
    _service(LEISURE, _leisure, 0),
    _service(LICENSING, _licensing, 18),
    _service(CUSTOMERS, _customers, 18),
    _service(TRAVEL, _travel, 0),
)
