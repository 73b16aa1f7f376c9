"""The council's revenues: council tax accounts, and housing benefit with council tax support."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .awards import draw_awards
from .base import County, Part, Service, Truth
from .claims import Claims, draw_claims
from .council_records import Book, Entries, days_column, enter, first_days, homes_told, write
from .events import coded
from .faults import Faults
from .noise import some
from .population import CARE_HOME
from .records import numbers, places_of
from .streams import Array, choose
from .tenure import SNAPSHOT, Tenure, counted_adults, draw_tenure

TAX = Book(
    "revenues.council_tax", "CT",
    Faults(forename=0.005, nickname=0.01, surname=0.005, former=0.04, stale=0.0, uprn_missing=0.008,
           twice=0.0, alias=0.002, unnamed=0.002), uprn=True, earliest=8_500,
)  # fmt: skip
BENEFITS = Book(
    "revenues.benefits", "HB",
    Faults(forename=0.008, nickname=0.02, surname=0.008, former=0.06, stale=0.06, uprn_missing=0.025,
           born_missing=0.004, twice=0.006, alias=0.008), born=True, uprn=True, earliest=15_000,
)  # fmt: skip
BANDS = "ABCDEFGH"
_FLOORS = (52, 68, 84, 100, 125, 160, 230)
"""Floor areas at which the next band begins."""

CLASSES = ("none", "B", "D", "E", "F", "G", "H", "I", "J", "K", "L", "Q", "R", "T", "long-term")
_CLASS_SHARE = np.array([44, 4, 0.3, 8, 14, 1, 0.5, 1, 0.7, 0.5, 2, 1, 0.3, 0.7, 22])
_FIRMS = (
    "Homes",
    "Lettings",
    "Estates",
    "Property Holdings",
    "Housing Association",
    "Care",
    "Developments",
)


@dataclass(frozen=True)
class _Charges:
    """What the accounts of lived-in homes say, by household."""

    discount: Array
    disregards: Array


def _tax(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """An account for each lived-in home, then for empty homes and care homes, owed by people or firms."""
    people, tenure = county.people, draw_tenure(county)
    claims = draw_claims(county, tenure)
    private = np.flatnonzero(people.kind != CARE_HOME)
    liable = people.first[private]
    entries = enter(county, TAX, liable, rng)
    entries = Entries(entries.person, entries.home, entries.again, entries.stale, _lately(claims, entries))
    household = people.household[entries.person]
    charges = _charge(county, tenure, claims, rng)
    nobody = np.zeros(entries.count, dtype=np.int64)
    further = days_column(first_days(county, TAX, entries, rng, years=18)) | _account(
        county,
        entries.home,
        nobody,
        nobody,
        charges.discount[household],
        charges.disregards[household],
        rng,
    )
    for part in write(county, TAX, entries, rng, further):
        yield part
        if isinstance(part, Part):
            yield _cases(county, claims, tenure, charges, part.table["local_id"], entries)
    yield from _empty(county, entries.count, rng)


def _lately(claims: Claims, entries: Entries) -> Array:
    return np.isin(entries.person, claims.tenants)


def _charge(county: County, tenure: Tenure, claims: Claims, rng: np.random.Generator) -> _Charges:
    """A discount for one adult who counts, claimed by 92%; and the planted ones."""
    adults, apart = counted_adults(county, tenure)
    discount = (adults <= 1) & (rng.random(len(adults)) < 0.92)
    discount[claims.discounts] = True
    return _Charges(discount, np.minimum(apart, 10))


def _account(
    county: County,
    home: Array,
    kind: Array,
    since: Array,
    discount: Array,
    disregards: Array,
    rng: np.random.Generator,
) -> dict[str, pa.Array]:
    """Band, class (`kind`, by CLASSES) since when, discount and disregards."""
    floor = county.homes.floor_area[home] * rng.normal(1, 0.05, len(home))
    return {
        "band": coded(BANDS, np.digitize(floor, _FLOORS)),
        "class": coded(CLASSES, kind),
        "class_since": pa.array(since.astype(np.int32), mask=kind == 0).cast(pa.date32()),
        "discount": pa.array(discount),
        "disregards": pa.array(disregards.astype(np.int32)),
    }


def _cases(
    county: County,
    claims: Claims,
    tenure: Tenure,
    charges: _Charges,
    number: pa.ChunkedArray,
    entries: Entries,
) -> Truth:
    """Discounts that are untrue, and those that only look so because a student or carer lives there too."""
    household = county.people.household[entries.person]
    untrue = np.isin(household, claims.discounts)
    students = np.bincount(county.people.household[tenure.student], minlength=county.people.households)
    looks = charges.discount & (charges.disregards > 0)
    rows = np.flatnonzero(untrue | looks[household])
    case = np.where(untrue[rows], 0, np.where(students[household[rows]] > 0, 1, 2))
    columns = {
        "local_id": number.take(pa.array(rows)),
        "person_id": entries.person[rows],
        "household_id": household[rows].astype(np.int64),
        "case": pa.array(["undeclared adult", "student", "carer"]).take(pa.array(case)),
        "planted": untrue[rows],
    }
    return Truth("discount_cases", pa.table(columns))


def _empty(county: County, start: int, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Empty homes, of which a person owes half and a firm half, and care homes, which firms owe."""
    people, homes = county.people, county.homes
    lived_in = np.zeros(homes.count, dtype=bool)
    lived_in[county.residence.home] = True
    empty = rng.permutation(np.flatnonzero(~lived_in))
    owned, firms = np.array_split(empty, 2)
    adults = np.flatnonzero(county.people.age >= 25)
    owners = Entries(
        adults[rng.integers(0, len(adults), len(owned))], owned, *(np.zeros(len(owned), dtype=bool),) * 3
    )
    since = (SNAPSHOT - 1 - rng.exponential(500, len(owned))).astype(np.int64)
    numbered = _numbered(start, len(owned))
    none = np.zeros(len(owned), dtype=np.int64)
    kind = choose(rng, len(owned), _CLASS_SHARE)
    further = days_column(since - 200) | _account(county, owned, kind, since, none > 0, none, rng)
    for part in write(county, TAX, owners, rng, further):
        if isinstance(part, Part):
            yield Part(
                part.asset, part.table.set_column(0, "local_id", numbered), part.person, identity=True
            )
    yield homes_told(TAX.asset, numbered, owned)
    care = np.flatnonzero(people.kind == CARE_HOME)
    home = np.concatenate((firms, county.residence.home[care]))
    household = np.concatenate((np.full(len(firms), -1), care))
    yield (told := _firms(county, start + len(owned), home, household, rng))
    yield homes_told(TAX.asset, told.table["local_id"], home)


def _firms(county: County, start: int, home: Array, household: Array, rng: np.random.Generator) -> Part:
    """Accounts in the name of a company: nobody's, and no household's where the home is empty (-1)."""
    count = len(home)
    towns = county.places.ward_names
    named = [
        f"{towns[int(rng.integers(0, len(towns)))]} {_FIRMS[int(rng.integers(0, len(_FIRMS)))]} Ltd"
        for _ in range(max(1, count // 6))
    ]
    kind = np.where(household < 0, choose(rng, count, _CLASS_SHARE), 0)
    since = (SNAPSHOT - 1 - rng.exponential(500, count)).astype(np.int64)
    none = np.zeros(count, dtype=np.int64)
    columns = {
        "local_id": _numbered(start, count),
        "forename": pa.nulls(count, pa.string()),
        "surname": pa.array(named).take(pa.array(rng.integers(0, len(named), count))),
        **places_of(county, home, TAX.faults, rng, uprn=True),
        **days_column(since - 400),
        **_account(county, home, kind, since, none > 0, none, rng),
    }
    return Part(TAX.asset, pa.table(columns), household=household.astype(np.int64), identity=True)


def _numbered(start: int, count: int) -> pa.Array:
    return numbers(TAX.prefix, start + count)[start:]


def _benefits(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Claimant and partner of households that are poor or rent from the council."""
    people, tenure, awards = county.people, draw_tenure(county), draw_awards(county)
    poor = (awards.pension > 0) | ((awards.benefit >= 0) & awards.paid) | (awards.credit >= 0)
    chance = np.where(poor, 0.84, np.where(tenure.social, 0.4, 0.025))
    held = (people.kind != CARE_HOME) & (rng.random(people.households) < chance)
    part = held[people.household] & (people.role <= 1)
    known = np.flatnonzero(part)
    partner = people.role[known] == 1
    known = np.setdiff1d(known, known[partner][some(rng, int(partner.sum()), 0.08)])
    entries = enter(county, BENEFITS, known, rng)
    yield from write(
        county, BENEFITS, entries, rng, days_column(first_days(county, BENEFITS, entries, rng, years=18))
    )


SERVICES: tuple[Service, ...] = (
    Service(TAX.asset, (TAX.asset,), _tax),
    Service(BENEFITS.asset, (BENEFITS.asset,), _benefits),
)
