"""Crime, disorder and harm as five services see it: police, council, fire, ambulance, and hospital
admissions.

An incident at a home has its address, and some homes are hit again; the rest happen outdoors, some of them
at a few points. Every point is written to the nearest 50 metres. The quarterly set of the hospital names
nobody and knows no more of a home than the outward half of its postcode.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .base import County, Part, Service, Truth
from .events import coded, dated, days, pick
from .incidents import LAST, NOW, SNAP, Happened, happen, home_points
from .records import Rates, names_of, numbers, places_of
from .streams import Array

RATES = Rates(
    address=0.01, postcode=0.005, postcode_missing=0.02, uprn_missing=0.12, uprn_wrong=0.0, short=0.2
)
_DISORDER = ("noise", "nuisance", "harassment", "vandalism", "street drinking", "vehicles")
_TO_COUNCIL = 0.4
_CODES = ("X99", "Y04", "Y00", "F10", "F11", "F19", "T51")
_BANDS = ("0-17", "18-24", "25-44", "45-64", "65+")


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """The five services' sets, and what truly came back to a home."""
    effects = county.effects.safety
    happened = happen(county, effects, rng)
    fire = happened.kind == happened.kinds.index("deliberate fire")
    asb = happened.kind == happened.kinds.index("antisocial behaviour")
    council = asb & (happened.household < 0) & (rng.random(len(asb)) < _TO_COUNCIL)
    police = rng.permutation(np.flatnonzero(~fire & ~council))
    yield _incidents(county, happened, police, "police", "PI", rng)
    yield _incidents(county, happened, rng.permutation(np.flatnonzero(fire)), "fire", "FI", rng)
    yield _calls(county, rng)
    yield _disorder(county, happened, rng.permutation(np.flatnonzero(council)), rng)
    yield _admissions(county, rng)
    yield _truth(happened, police)


def _incidents(
    county: County, happened: Happened, rows: Array, service: str, prefix: str, rng: np.random.Generator
) -> Part:
    """Incidents of one service in its own order."""
    outcomes = ("no further action", "advice", "attended", "referred")
    columns = _called(county, happened.household[rows], prefix, rng)
    columns |= _timed(happened.second[rows])
    columns["service"] = coded((service,), np.zeros(len(rows)))
    columns["category"] = coded(happened.kinds, happened.kind[rows])
    columns["outcome"] = pick(outcomes, (0.4, 0.2, 0.3, 0.1), len(rows), rng)
    columns["child"] = pa.array(rng.random(len(rows)) < 0.04)
    columns["communal"] = pa.array(np.zeros(len(rows), bool))
    columns |= _points_of(county, happened, rows)
    return Part(
        f"{service}.incidents", pa.table(columns), household=happened.household[rows], identity=True
    )


def _called(county: County, household: Array, prefix: str, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Who called from a home, and its address; nothing of incidents outdoors."""
    held = np.where(household >= 0, household, 0)
    person = county.people.first[held]
    outdoors = pa.array(household < 0)
    unnamed = pa.array((household < 0) | (rng.random(len(household)) < 0.3))
    columns = names_of(county, person, RATES, rng)
    born = dated(county.people.born[person])
    sex = pa.array(["F", "M"]).take(pa.array(county.people.sex[person]))
    named = columns | {"born": born, "sex": sex}
    places = places_of(county, county.residence.home[held], RATES, rng, uprn=True)
    blank = {name: pc.if_else(unnamed, None, column) for name, column in named.items()}
    blank |= {name: pc.if_else(outdoors, None, column) for name, column in places.items()}
    return {"local_id": numbers(prefix, len(household)), **blank}


def _timed(second: Array) -> dict[str, pa.Array]:
    moment = pa.array(second.astype(np.int64) * 1_000_000).cast(pa.timestamp("us"))
    return {"called": moment, "date": dated(second // 86_400)}


def _points_of(county: County, happened: Happened, rows: Array) -> dict[str, pa.Array]:
    return {
        "area": pa.array(county.places.area).take(pa.array(happened.area[rows])),
        "easting": pa.array(happened.east[rows].astype(float)),
        "northing": pa.array(happened.north[rows].astype(float)),
    }


def _disorder(county: County, happened: Happened, rows: Array, rng: np.random.Generator) -> Part:
    """What the council is told: reports of disorder outdoors, which name nobody."""
    nothing = pa.nulls(len(rows), pa.string())
    columns = {
        "local_id": numbers("AB", len(rows)),
        "forename": nothing, "surname": nothing, "address": nothing, "postcode": nothing,
        "uprn": pa.nulls(len(rows), pa.int64()),
        "reported": _timed(happened.second[rows])["called"],
        "category": pick(_DISORDER, (0.35, 0.25, 0.1, 0.12, 0.1, 0.08), len(rows), rng),
    } | _points_of(county, happened, rows)  # fmt: skip
    return Part("council.asb", pa.table(columns), household=np.full(len(rows), -1), identity=True)


def _calls(county: County, rng: np.random.Generator) -> Part:
    """Ambulance calls from homes, most of them to people who are old or ill."""
    health, age = county.health, county.people.age
    rate = 0.02 + 0.02 * health.frailty + 0.0012 * np.maximum(age - 50, 0)
    person = rng.permutation(np.repeat(np.arange(county.people.count), rng.poisson(rate * 2)))
    household = county.people.household[person]
    x, y = home_points(county)
    home = county.residence.home[household]
    second = rng.integers(days(LAST[0]) * 86_400, days(NOW[1]) * 86_400, len(person))
    kinds = (
        "assault",
        "breathing",
        "chest pain",
        "fall",
        "mental health",
        "overdose or poisoning",
        "unwell",
        "other",
    )
    columns = _called(county, household, "AC", rng) | _timed(second)
    columns["service"] = coded(("ambulance",), np.zeros(len(person)))
    columns["category"] = pick(kinds, (0.03, 0.15, 0.13, 0.24, 0.08, 0.04, 0.25, 0.08), len(person), rng)
    outcomes = ("advice", "treated at the scene", "taken to hospital", "referred")
    columns["outcome"] = pick(outcomes, (0.15, 0.3, 0.5, 0.05), len(person), rng)
    columns["child"] = pa.array(age[person] < 18)
    columns["communal"] = pa.array(county.people.kind[household] == 5)
    columns["area"] = pa.array(county.places.area).take(pa.array(county.homes.area[home]))
    columns["easting"] = pa.array(np.rint(x[home] / SNAP) * SNAP)
    columns["northing"] = pa.array(np.rint(y[home] / SNAP) * SNAP)
    return Part("ambulance.incidents", pa.table(columns), household=household, identity=True)


def _admissions(county: County, rng: np.random.Generator) -> Part:
    """Admissions for assault, drugs and alcohol, by outward postcode only."""
    deprived = county.places.deprivation[county.area]
    rate = 0.0035 * np.array([1.9, 1.3, 1.0, 0.7, 0.5])[deprived - 1] * (county.people.age > 12)
    person = rng.permutation(np.repeat(np.arange(county.people.count), rng.poisson(rate * 2)))
    home = county.residence.home[county.people.household[person]]
    outward = pc.list_element(pc.split_pattern(pa.array(county.homes.postcodes), " "), 0)
    band = np.digitize(county.people.age[person], (18, 25, 45, 65))
    day = rng.integers(days(LAST[0]), days(NOW[1]), len(person))
    columns = {
        "record": np.arange(1, len(person) + 1),
        "admitted": dated(day),
        "code": pick(_CODES, (0.12, 0.14, 0.05, 0.42, 0.1, 0.07, 0.1), len(person), rng),
        "outward": outward.take(pa.array(county.homes.postcode[home])),
        "band": coded(_BANDS, band),
        "sex": pa.array(["F", "M"]).take(pa.array(county.people.sex[person])),
    }
    return Part("acute.harm_admissions", pa.table(columns))


def _truth(happened: Happened, police: Array) -> Truth:
    """Of each police incident: the home it was at, by household, and the spot that it gathered at."""
    household, spot = happened.household[police], happened.spot[police]
    return Truth(
        "incidents",
        pa.table(
            {
                "local_id": numbers("PI", len(police)),
                "household_id": pa.array(household, mask=household < 0),
                "date": dated(happened.day[police]),
                "spot": pa.array(spot, mask=spot < 0),
            }
        ),
    )


SERVICE = Service(
    "safety",
    ("police.incidents", "fire.incidents", "ambulance.incidents", "council.asb", "acute.harm_admissions"),
    keep,
)
