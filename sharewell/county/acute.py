"""The acute hospitals: A&E, admissions and outpatients. A&E carries the planted effects (see `risk`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .effects import HISTORY, OUTCOME, WINDOW
from .events import YEARS, coded, constant, dated, pence, pick, record
from .records import Rates, Register, enrol, enrolled
from .risk import Attendances, attend
from .streams import Array, choose

RATES = Rates(nhs_missing=0.025, nhs_shared=0.0002, nhs_slip=0.0005, short=0.5)
SPECIALTIES = (
    "cardiology",
    "respiratory",
    "orthopaedics",
    "general surgery",
    "gastroenterology",
    "neurology",
    "oncology",
    "ophthalmology",
    "care of older people",
    "paediatrics",
)
DIAGNOSES = (
    "circulatory",
    "respiratory",
    "injury",
    "digestive",
    "mental and behavioural",
    "neoplasm",
    "musculoskeletal",
    "infection",
    "other",
)
_DIAGNOSIS_SHARE = np.array([11, 13, 27, 10, 5, 2, 9, 8, 15])
_INJURY = DIAGNOSES.index("injury")
_SITES = ("Northmouth", "Fellgate")


@dataclass(frozen=True)
class Seen:
    """Who came how often, by person, and the register of all who ever came."""

    attended: Attendances
    elective: Array
    clinics: Array
    register: Register


def seen(county: County, rng: np.random.Generator) -> Seen:
    """The first draws of the service's own stream; whoever needs its register makes them anew."""
    attended = attend(county.assigned, county.effects, rng)
    age, conditions = county.people.age, county.health.conditions
    elective = rng.poisson(0.05 * np.exp(0.012 * age + 0.1 * conditions) * YEARS)
    clinics = rng.poisson(0.55 * np.exp(0.009 * age + 0.16 * conditions) * YEARS)
    emergencies = attended.history + attended.window + attended.outcome
    return Seen(attended, elective, clinics, enrol(emergencies + elective + clinics > 0, "A", rng))


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Attendances by the shared model; those admitted become non-elective spells on the same day."""
    came = seen(county, rng)
    attended, register = came.attended, came.register
    yield enrolled(county, "acute.patients", register, RATES, rng)
    yield Truth("attendances", _truth(attended))
    admitted = 0
    for part in _attendances(county, register, attended, rng):
        yield part
        spells = _spells(county, part, admitted, rng)
        admitted += spells.table.num_rows
        yield spells
    yield from record(county, "acute.admissions", register, came.elective, _elective, rng, start=admitted)
    yield from record(county, "acute.outpatients", register, came.clinics, _clinic, rng)


def _truth(attended: Attendances) -> pa.Table:
    return pa.table(
        {
            "person_id": np.arange(len(attended.history)),
            "history": attended.history,
            "window": attended.window,
            "outcome": attended.outcome,
        }
    )


def _attendances(
    county: County, register: Register, attended: Attendances, rng: np.random.Generator
) -> Iterator[Part]:
    people, health = county.people, county.health
    age = people.age

    def fields(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
        old = age[person] >= 65
        fell = rng.random(len(person)) < np.where(old, 0.14 + 0.07 * health.frailty[person], 0.05)
        stays = rng.random(len(person)) < np.where(old, 0.42, 0.16)
        diagnosis = choose(rng, len(person), _DIAGNOSIS_SHARE)
        return {
            "point_of_care": constant("A&E", len(person)),
            "site": pick(_SITES, (0.6, 0.4), len(person), rng),
            "diagnosis": coded(DIAGNOSES, np.where(fell, _INJURY, diagnosis)),
            "falls": pa.array(fell),
            "admitted": pa.array(stays),
            "cost": pa.array(pence(np.where(stays, 38_000, 19_500), rng)),
        }

    start = 0
    periods = ((HISTORY, attended.history), (WINDOW, attended.window), (OUTCOME, attended.outcome))
    for between, counts in periods:
        yield from record(
            county, "acute.attendances", register, counts, fields, rng, between=between, start=start
        )
        start += int(counts[register.person].sum())


def _spells(county: County, part: Part, start: int, rng: np.random.Generator) -> Part:
    """Non-elective spells of the attendances that ended in admission."""
    assert part.person is not None
    rows = np.flatnonzero(part.table["admitted"].to_numpy())
    person = part.person[rows]
    taken = part.table.select(["local_id", "date", "diagnosis"]).take(pa.array(rows))
    age = county.people.age[person]
    stay = rng.geometric(np.where(age >= 65, 0.13, 0.35))
    day = taken["date"].cast(pa.int32()).to_numpy()
    columns = {
        "record": pa.array(np.arange(start + 1, start + len(rows) + 1)),
        "local_id": taken["local_id"],
        "date": taken["date"],
        "ended": dated(day + stay),
        "point_of_care": constant("Non-elective", len(rows)),
        "specialty": coded(
            SPECIALTIES, choose(rng, len(rows), np.array([15, 16, 14, 13, 11, 8, 4, 1, 15, 3]))
        ),
        "diagnosis": taken["diagnosis"],
        "cost": pa.array(pence(90_000 + 31_000 * stay, rng)),
    }
    return Part("acute.admissions", pa.table(columns), person=person)


def _elective(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
    stay = rng.geometric(0.7, len(person)) - 1
    return {
        "ended": dated(day + stay),
        "point_of_care": constant("Elective", len(person)),
        "specialty": coded(
            SPECIALTIES, choose(rng, len(person), np.array([8, 3, 22, 18, 16, 4, 11, 14, 1, 3]))
        ),
        "diagnosis": coded(DIAGNOSES, choose(rng, len(person), np.array([12, 4, 3, 18, 0, 17, 24, 1, 21]))),
        "cost": pa.array(pence(140_000 + 42_000 * stay, rng)),
    }


def _clinic(person: Array, day: Array, rng: np.random.Generator) -> dict[str, pa.Array]:
    came = rng.random(len(person)) < 0.92
    return {
        "point_of_care": constant("Outpatient", len(person)),
        "specialty": pick(SPECIALTIES, (10, 8, 18, 12, 10, 7, 9, 16, 5, 5), len(person), rng),
        "attended": pa.array(came),
        "cost": pa.array(np.where(came, pence(np.full(len(person), 15_500), rng), 0).astype(np.int32)),
    }


SERVICE = Service(
    "acute", ("acute.patients", "acute.attendances", "acute.admissions", "acute.outpatients"), keep
)
