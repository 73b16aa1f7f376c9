"""Schools: applications for a place, the January census, and attainment at eleven."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .claims import draw_claims, sure
from .council_records import Book, Entries, days_column, enter, first_days, wards_of, write
from .faults import Faults
from .housing import bedrooms
from .population import CARE_HOME
from .streams import Array
from .tenure import RECEPTION, SECONDARY, draw_tenure

ADMISSIONS = Book(
    "schools.admissions", "AP",
    Faults(forename=0.01, nickname=0.03, surname=0.012, former=0.0, stale=0.0, born_missing=0.004,
           twice=0.01), born=True, earliest=19_601,
)  # fmt: skip
PUPILS = Book(
    "schools.pupils", "PU",
    Faults(forename=0.006, nickname=0.03, surname=0.008, former=0.0, stale=0.06, born_missing=0.001,
           born_wrong=0.003, born_placeholder=0.0005, alias=0.006, unnamed=0.0002, twice=0.003),
    born=True, sex=True, earliest=17_000,
)  # fmt: skip
_FIRST_SCHOOL, _SIXTH_FORM, _OLDEST = 17_775, 14_123, 13_392
"""Births before which a child is at school, in the sixth form or older than it, at the census of 2024."""

_JANUARY = 19_737
_TESTED = (13_392, 15_584)
"""Births of the pupils who were tested at eleven, in the summers of 2018 to 2023."""


def _admissions(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """The latest round: reception and secondary, and other ages in the year; five from a false address."""
    people, claims = county.people, draw_claims(county, draw_tenure(county))
    due = _between(people.born, RECEPTION) | _between(people.born, SECONDARY)
    at_school = (people.born < _FIRST_SCHOOL) & (people.born >= _SIXTH_FORM)
    chance = np.where(due, 0.97, np.where(at_school, 0.06, 0.0)) * _at_home(county)
    chance[claims.children] = 1.0
    entries = enter(county, ADMISSIONS, np.flatnonzero(rng.random(people.count) < chance), rng)
    false = np.full(people.count, -1, dtype=np.int64)
    false[claims.children] = claims.claimed
    claimed = false[entries.person]
    rows = np.flatnonzero(claimed >= 0)
    home = np.where(claimed >= 0, claimed, entries.home)
    entries = Entries(entries.person, home, entries.again, entries.stale & (claimed < 0), entries.sure)
    day = _JANUARY - 1 - rng.integers(0, 120, entries.count)
    further = {
        "ward": wards_of(county, home),
        **days_column(day),
        "school": _schools(county, entries, people.born[entries.person] < RECEPTION[0], rng),
    }
    for part in write(county, ADMISSIONS, entries, rng, further):
        yield part
        if isinstance(part, Part):
            columns = {
                "local_id": part.table["local_id"].take(pa.array(rows)),
                "person_id": entries.person[rows],
                "home_id": home[rows].astype(np.int64),
                "lives_at": county.home[entries.person[rows]].astype(np.int64),
            }
            yield Truth("place_cases", pa.table(columns))


def _pupils(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Everyone of school age but those taught at home or privately; half of those past sixteen."""
    people, tenure = county.people, draw_tenure(county)
    born = people.born
    private = np.array([0.02, 0.03, 0.06, 0.09, 0.13])[county.places.deprivation[county.area] - 1]
    stays = np.where(born < _SIXTH_FORM, 0.5, 1 - private)
    chance = np.where((born < _FIRST_SCHOOL + 365) & (born >= _OLDEST), stays, 0.0) * _at_home(county)
    held = sure(county, tenure, draw_claims(county, tenure), PUPILS.asset)
    entries = enter(county, PUPILS, np.flatnonzero(rng.random(people.count) < chance), rng, sure=held)
    of = born[entries.person]
    day = first_days(county, PUPILS, entries, rng, years=4)
    further = {
        "ward": wards_of(county, entries.home),
        **days_column(np.minimum(day, _JANUARY)),
        "school": _schools(county, entries, of < SECONDARY[0], rng),
    }
    for part in write(county, PUPILS, entries, rng, further):
        yield part
        if isinstance(part, Part):
            yield _attainment(county, entries, part.table["local_id"], rng)


def _attainment(
    county: County, entries: Entries, number: pa.ChunkedArray, rng: np.random.Generator
) -> Part:
    """Points of those who were tested: lower where there is deprivation, and by how crowded the home is.

    A home with more bedrooms goes with more points and is less crowded, so that a comparison which does not
    know the bedrooms takes one for the other.
    """
    planted, born = county.effects.residents, county.people.born[entries.person]
    rows = np.flatnonzero(_between(born, _TESTED) & ~entries.again)
    person = entries.person[rows]
    poor = 3.0 - county.places.deprivation[county.area[person]]
    household = county.people.household[person]
    rooms = bedrooms(county, county.home[person])
    size = np.bincount(county.people.household, minlength=county.people.households)[household]
    shared = rng.normal(0, planted.home, county.people.households)[household]
    mean = 103.5 - 1.4 * poor + shared
    mean += planted.crowding * (size / np.maximum(rooms, 1) - 1.5) + planted.bedroom * (rooms - 3)
    points = np.clip(np.rint(mean + rng.normal(0, 7, len(rows))), 80, 120).astype(np.int32)
    # A child is eleven in the school year that ends in the summer after that birthday.
    year = ((born[rows] - 243) / 365.25).astype(np.int64) + 1970 + 12
    columns = {
        "record": pa.array(np.arange(1, len(rows) + 1)),
        "local_id": number.take(pa.array(rows)),
        "year": pa.array(year.astype(np.int32)),
        "points": pa.array(points, mask=rng.random(len(rows)) < 0.03),
    }
    return Part("schools.attainment", pa.table(columns), person=person)


def _schools(county: County, entries: Entries, secondary: Array, rng: np.random.Generator) -> pa.Array:
    """The school of the area, for a seventh the next: primaries have three areas, secondaries twelve."""
    area = county.homes.area[entries.home] + 3 * (rng.random(entries.count) < 0.15)
    area = np.minimum(area, county.places.count - 1)
    primaries = [f"NP{number:04d}" for number in range(1, county.places.count // 3 + 2)]
    secondaries = [f"NS{number:04d}" for number in range(1, county.places.count // 12 + 2)]
    code = np.where(secondary, len(primaries) + area // 12, area // 3)
    return pa.array(primaries + secondaries).take(pa.array(code))


def _between(born: Array, days: tuple[int, int]) -> Array:
    return (born >= days[0]) & (born < days[1])


def _at_home(county: County) -> Array:
    return np.asarray(county.people.kind[county.people.household] != CARE_HOME)


SERVICES: tuple[Service, ...] = (
    Service(ADMISSIONS.asset, (ADMISSIONS.asset,), _admissions),
    Service("schools.pupils", (PUPILS.asset, "schools.attainment"), _pupils),
)
