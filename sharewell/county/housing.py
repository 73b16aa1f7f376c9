"""The council as a landlord: tenancies, repairs, and those who wait for a home."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .claims import Claims, draw_claims
from .council_records import Book, Entries, days_column, enter, first_days, write
from .faults import Faults
from .population import CARE_HOME
from .streams import Array
from .tenure import FRESH, Tenure, draw_tenure

RENTS = Book(
    "housing.rents", "HR",
    Faults(forename=0.008, nickname=0.03, surname=0.008, former=0.1, stale=0.0, uprn_missing=0.0,
           born_missing=0.006, born_placeholder=0.004, twice=0.004), born=True, uprn=True, earliest=9_000,
)  # fmt: skip
REPAIRS = Book(
    "housing.repairs", "RP",
    Faults(forename=0.03, nickname=0.1, surname=0.025, former=0.15, stale=0.0, short=0.4,
           postcode_missing=0.04, alias=0.008, unnamed=0.006, twice=0.0), earliest=18_700,
)  # fmt: skip
WAITING = Book(
    "housing.waiting_list", "WL",
    Faults(forename=0.012, nickname=0.04, surname=0.012, former=0.08, stale=0.4, born_missing=0.006,
           twice=0.02, alias=0.01), born=True, earliest=16_000,
)  # fmt: skip
_BEDROOM_FLOORS = (34, 56, 74, 100, 140)


def bedrooms(county: County, home: Array) -> Array:
    """How many bedrooms each home has, by its floor area."""
    return np.digitize(county.homes.floor_area[home], _BEDROOM_FLOORS).astype(np.int32)


def _rents(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """The reference person of each council home and most partners; and the tenants who let to others."""
    people, tenure = county.people, draw_tenure(county)
    claims = draw_claims(county, tenure)
    joint = (people.role == 1) & (rng.random(people.count) < 0.75)
    known = np.flatnonzero(tenure.social[people.household] & ((people.role == 0) | joint))
    entries = enter(county, RENTS, np.concatenate((known, claims.tenants)), rng)
    entries, untrue = _sublet(county, claims, entries)
    day = first_days(county, RENTS, entries, rng, years=18)
    day[untrue] = np.minimum(day[untrue], FRESH - 400 - np.arange(len(untrue)))
    further = days_column(day) | {"bedrooms": pa.array(bedrooms(county, entries.home))}
    for part in write(county, RENTS, entries, rng, further):
        yield part
        if isinstance(part, Part):
            columns = {
                "local_id": part.table["local_id"].take(pa.array(untrue)),
                "person_id": entries.person[untrue],
                "home_id": entries.home[untrue].astype(np.int64),
                "lives_at": county.home[entries.person[untrue]].astype(np.int64),
            }
            yield Truth("sublet_cases", pa.table(columns))


def _sublet(county: County, claims: Claims, entries: Entries) -> tuple[Entries, Array]:
    """The tenancies of those tenants are of the homes they let; and which rows these are."""
    let = np.full(county.people.count, -1, dtype=np.int64)
    let[claims.tenants] = claims.let
    home = let[entries.person]
    rows = np.flatnonzero(home >= 0)
    home = np.where(home >= 0, home, entries.home)
    return Entries(entries.person, home, entries.again, entries.stale, entries.sure), rows


def _repairs(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Requests of three years; mostly the tenant calls, else another adult of the home."""
    people, tenure = county.people, draw_tenure(county)
    rate = np.where(people.role == 0, 0.9, np.where(people.role == 1, 0.6, 0.15)) * tenure.adult
    calls = rng.poisson(np.where(tenure.social[people.household], rate, 0.0))
    entries = enter(county, REPAIRS, np.repeat(np.arange(people.count), calls), rng)
    yield from write(
        county, REPAIRS, entries, rng, days_column(first_days(county, REPAIRS, entries, rng, years=18))
    )


def _waiting(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Applicant and partner of households that rent elsewhere, more where there is deprivation."""
    people, tenure = county.people, draw_tenure(county)
    chance = np.array([0.16, 0.11, 0.08, 0.05, 0.03])[county.places.deprivation[people.area] - 1]
    waits = (rng.random(people.households) < chance) & _private(county, tenure)
    entries = enter(county, WAITING, np.flatnonzero(waits[people.household] & (people.role <= 1)), rng)
    yield from write(
        county, WAITING, entries, rng, days_column(first_days(county, WAITING, entries, rng, years=16))
    )


def _private(county: County, tenure: Tenure) -> Array:
    return np.asarray(~tenure.social & (county.people.kind != CARE_HOME))


SERVICES: tuple[Service, ...] = (
    Service(RENTS.asset, (RENTS.asset,), _rents),
    Service(REPAIRS.asset, (REPAIRS.asset,), _repairs),
    Service(WAITING.asset, (WAITING.asset,), _waiting),
)
