"""General practice: the registered list, the practices, and consultations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .events import YEARS, coded, constant, dated, pence, pick, record
from .population import TODAY
from .records import Rates, Register, enrol, held_homes, identity
from .streams import Array, choose

RATES = Rates(
    nhs_missing=0.001,
    forename=0.004,
    nickname=0.004,
    surname=0.004,
    swapped=0.0005,
    born_missing=0.0005,
    born_wrong=0.002,
    stale=0.08,
    address=0.003,
    postcode=0.003,
    postcode_missing=0.002,
)
_STAFF = ("doctor", "nurse", "other")
_COST = np.array([4_100, 1_500, 1_200])


def listed(county: County, rng: np.random.Generator) -> Register:
    """Everybody on a practice's list: the first draw of the service's own stream."""
    return enrol(county.health.practice >= 0, "G", rng)


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """Everyone on a list, each practice, and about five consultations a person and year."""
    register = listed(county, rng)
    yield Part("gp.patients", _patients(county, register, rng), person=register.person, identity=True)
    yield Part("gp.practices", _practices(county))
    age = county.people.age
    rate = 3.4 * np.exp(0.006 * age + 0.16 * county.health.conditions + 0.1 * county.health.frailty)
    counts = rng.poisson(rate * YEARS)
    yield from record(county, "gp.contacts", register, counts, _contact, rng)


def _patients(county: County, register: Register, rng: np.random.Generator) -> pa.Table:
    person, health = register.person, county.health
    home = held_homes(county, person, RATES.stale, rng)
    area = county.homes.area[home]
    columns = identity(county, register, home, RATES, rng, nhs=True, uprn=True)
    columns["practice"] = pa.array(county.practices).take(pa.array(health.practice[person]))
    columns["registered_on"] = dated(_registered(county, person, rng))
    columns["area"] = pa.array(county.places.area).take(pa.array(area))
    columns["deprivation"] = pa.array(county.places.deprivation[area])
    columns["conditions"] = pa.array(health.conditions[person])
    columns["frailty"] = pa.array(health.frailty[person])
    columns["autism"] = pa.array(health.autism_recorded[person])
    return pa.table(columns)


def _registered(county: County, person: Array, rng: np.random.Generator) -> Array:
    """Within three months of the last move; for others at birth, or some time since 1995."""
    moved = county.residence.moved_on[county.people.household[person]]
    long_ago = rng.integers(9_131, 18_200, len(person))
    day = np.where(moved > 0, moved + rng.integers(3, 84, len(person)), long_ago)
    return np.asarray(np.minimum(np.maximum(day, county.people.born[person] + 7), TODAY - 1))


def _practices(county: County) -> pa.Table:
    areas, practices = county.health.practice_area, len(county.practices)
    wards = [county.places.ward_names[county.places.ward[area]] for area in areas.tolist()]
    words = ("Surgery", "Medical Centre", "Health Centre", "Group Practice")
    seen: dict[str, int] = {}
    names = []
    for ward in wards:
        number = seen[ward] = seen.get(ward, -1) + 1
        word = words[number % len(words)]
        names.append(
            f"{ward} {word}" if number < len(words) else f"{ward} {word} {number // len(words) + 1}"
        )
    held = county.health.practice
    return pa.table(
        {
            "practice": county.practices,
            "name": names,
            "area": [county.places.area[area] for area in areas.tolist()],
            "list_size": np.bincount(held[held >= 0], minlength=practices),
        }
    )


def _contact(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
    staff = choose(rng, len(person), np.array([0.5, 0.3, 0.2]))
    return {
        "point_of_care": constant("GP", len(person)),
        "mode": pick(
            ("surgery", "telephone", "home", "online"), (0.64, 0.29, 0.02, 0.05), len(person), rng
        ),
        "staff": coded(_STAFF, staff),
        "cost": pa.array(pence(_COST[staff], rng)),
    }


SERVICE = Service("gp", ("gp.patients", "gp.practices", "gp.contacts"), keep)
