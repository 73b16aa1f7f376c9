"""A national cancer registry and hospital statistics: people diagnosed in 2016 and what became of them.

They are a nation's and not the county's, so the people are their own. The hospitals also hold patients who
never had cancer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ..base import County, Part, Service, Truth
from ..effects.cancer import GROUPS, LONG, Cancer
from ..events import coded, constant, dated
from ..records import numbers
from ..streams import Array
from .care import KINDS, Events, inpatients, joined, outpatients
from .patients import FIRST, TRACED, Patients, draw_patients
from .registers import HOSPITALS, REGISTRY, Identity, as_written, invent, written

__all__ = ["SERVICE"]

PER_HEAD = 0.06
"""Patients of the cohort for each person of the county, where no number is planted."""

WITHOUT_CANCER = 0.12
"""Hospital patients who never had cancer, as a share of those who had."""

_PROGRAMMES = ("breast", "bowel")


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Registry, waiting times, screening, hospital patients and their stays; and the truth about them."""
    planted = county.effects.cancer
    asked = planted.patients
    patients = draw_patients(
        round(county.people.count * PER_HEAD) if asked is None else asked, planted, rng
    )
    others = round(patients.count * WITHOUT_CANCER)
    born = np.concatenate([patients.born, rng.integers(-18_000, FIRST - 6_600, others)])
    male = np.concatenate([patients.male, rng.random(others) < 0.5])
    who = invent(born, male, rng)
    registered = rng.permutation(patients.count)
    number = numbers("C", patients.count).take(pa.array(np.argsort(registered)))
    yield Part("cancer.patients", _registry(patients, who, registered, planted, rng))
    yield Part("cancer.tumours", _tumours(patients, number, planted, rng))
    yield Part("cancer.waits", _waits(patients, outpatients(patients, rng), number, planted, rng))
    yield Part("cancer.screening", _screening(patients, number, planted, rng))
    stays = _stays(patients, others, rng)
    seen = rng.permutation(np.union1d(np.unique(stays.patient), np.arange(patients.count, len(born))))
    inpatient = np.full(len(born), -1)
    inpatient[seen] = np.arange(len(seen))
    yield Part("hes.patients", pa.table(written(who, seen, "H", HOSPITALS, planted.slips, rng)))
    hospital = numbers("H", len(seen)).take(pa.array(inpatient, mask=inpatient < 0))
    yield Part("hes.episodes", _episodes(patients, stays, hospital, planted, rng))
    yield _truth(patients, number, hospital)


def _registry(
    patients: Patients, who: Identity, order: Array, planted: Cancer, rng: np.random.Generator
) -> pa.Table:
    columns = written(who, order, "C", REGISTRY, planted.slips, rng)
    day = patients.diagnosed[order] + patients.lived[order]
    columns["died"] = as_written(day, planted.dates_wrong, rng, missing=patients.lived[order] < 0)
    columns["followed_to"] = dated(np.full(len(order), TRACED))
    return pa.table(columns)


def _tumours(patients: Patients, number: pa.Array, planted: Cancer, rng: np.random.Generator) -> pa.Table:
    second = np.flatnonzero(patients.second >= 0)
    patient = np.concatenate([np.arange(patients.count), second])
    day = np.concatenate([patients.diagnosed, (patients.diagnosed + patients.second)[second]])
    # Another cancer is of another site, in the stages of those diagnosed at all.
    other = (patients.site[second] + rng.integers(1, len(patients.sites), len(second))) % len(
        patients.sites
    )
    stage = np.concatenate([patients.stage, rng.permutation(patients.stage)[: len(second)]])
    order = rng.permutation(len(patient))
    sequence = np.repeat([1, 2], [patients.count, len(second)])[order]
    return pa.table(
        {
            "record": np.arange(1, len(order) + 1),
            "local_id": number.take(pa.array(patient[order])),
            "diagnosed": as_written(day[order], planted.dates_wrong, rng),
            "site": coded(patients.sites, np.concatenate([patients.site, other])[order]),
            "stage": pa.array(stage[order], mask=stage[order] == 0).cast(pa.string()),
            "sequence": pa.array(sequence),
        }
    )


def _waits(
    patients: Patients, events: Events, number: pa.Array, planted: Cancer, rng: np.random.Generator
) -> pa.Table:
    return pa.table(_recorded(patients, events, number, planted, rng))


def _recorded(
    patients: Patients, events: Events, number: pa.Array, planted: Cancer, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Events in random order, under the number of the register."""
    events = events.only(rng.permutation(events.count))
    start = np.append(patients.diagnosed, np.full(len(number) - patients.count, FIRST))[events.patient]
    return {
        "record": pa.array(np.arange(1, events.count + 1)),
        "local_id": number.take(pa.array(events.patient)),
        "date": as_written(start + events.begin, planted.dates_wrong, rng),
        "ended": as_written(start + events.end, planted.dates_wrong, rng),
        "kind": coded(KINDS, events.kind),
        "cost": pa.array(events.costs(rng)),
    }


def _screening(patients: Patients, number: pa.Array, planted: Cancer, rng: np.random.Generator) -> pa.Table:
    rows = np.flatnonzero(patients.screened)
    day = patients.diagnosed[rows] - rng.integers(7, 60, len(rows))
    programme = np.array([name != "breast" for name in patients.sites])[patients.site[rows]]
    return pa.table(
        {
            "record": np.arange(1, len(rows) + 1),
            "local_id": number.take(pa.array(rows)),
            "date": as_written(day, planted.dates_wrong, rng),
            "programme": coded(_PROGRAMMES, programme) if len(rows) else constant("breast", 0),
        }
    )


def _stays(patients: Patients, others: int, rng: np.random.Generator) -> Events:
    """The stays of patients with cancer, and of those without, who come for something else."""
    patient = np.repeat(patients.count + np.arange(others), 1 + rng.poisson(0.8, others))
    begin = rng.integers(0, LONG, len(patient))
    end = begin + rng.geometric(0.2, len(patient)) - 1
    return joined(
        [inpatients(patients, rng), Events(patient, begin, end, rng.choice([5, 7], len(patient)))]
    )


def _episodes(
    patients: Patients, stays: Events, hospital: pa.Array, planted: Cancer, rng: np.random.Generator
) -> pa.Table:
    columns = _recorded(patients, stays, hospital, planted, rng)
    kind = columns["kind"].indices.to_numpy()
    cost = columns.pop("cost")
    columns["recurrence"] = pa.array(kind == KINDS.index("recurrence"))
    columns["morbid"] = pa.array(kind == KINDS.index("other illness"))
    return pa.table(columns | {"cost": cost})


def _truth(patients: Patients, number: pa.Array, hospital: pa.Array) -> Truth:
    """What became of each: the numbers by which both registers know them, outcome, and days lived."""
    known = np.arange(patients.count)
    return Truth(
        "cancer",
        pa.table(
            {
                "local_id": number,
                "hospital_id": hospital.take(pa.array(known)),
                "cohort": known < patients.cohort,
                "site": coded(patients.sites, patients.site),
                "stage": pa.array(patients.stage, mask=patients.stage == 0).cast(pa.string()),
                "diagnosed": dated(patients.diagnosed),
                "lived": pa.array(patients.lived, mask=patients.lived < 0),
                "outcome": coded(GROUPS, patients.group),
            }
        ),
    )


SERVICE = Service(
    "cancer",
    (
        "cancer.patients",
        "cancer.tumours",
        "cancer.waits",
        "cancer.screening",
        "hes.patients",
        "hes.episodes",
    ),
    keep,
)
