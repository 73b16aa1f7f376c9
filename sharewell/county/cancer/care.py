"""What people with cancer go through: treatments, stays in hospital, and what they were for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..streams import Array
from .patients import Patients

KINDS = (
    "surgery",
    "chemotherapy",
    "radiotherapy",
    "hormones",
    "palliative",
    "emergency",
    "recurrence",
    "other illness",
)
_COST = np.array([640_000, 210_000, 260_000, 45_000, 190_000, 230_000, 380_000, 270_000])
"""Pence, about, of each of KINDS."""

_TREATED: dict[str, tuple[float, float, float, float]] = {
    "breast": (0.82, 0.38, 0.62, 0.66),
    "colorectal": (0.74, 0.42, 0.18, 0.0),
    "lung": (0.20, 0.42, 0.40, 0.0),
    "prostate": (0.34, 0.10, 0.42, 0.55),
    "brain": (0.52, 0.44, 0.60, 0.0),
    "other": (0.55, 0.36, 0.26, 0.06),
}
"""Chance of surgery, chemotherapy, radiotherapy and hormones."""

_BEGINS = ((8, 55), (25, 90), (60, 170), (70, 200))
_LASTS = ((1, 8), (60, 150), (15, 38), (180, 1_400))


@dataclass(frozen=True)
class Events:
    """One row an event: the patient, days from diagnosis to its begin and its last day, and its kind."""

    patient: Array
    begin: Array
    end: Array
    kind: Array

    @property
    def count(self) -> int:
        return len(self.patient)

    def only(self, rows: Array) -> Events:
        return Events(self.patient[rows], self.begin[rows], self.end[rows], self.kind[rows])

    def costs(self, rng: np.random.Generator) -> Array:
        """Pence, more for a longer stay; hormones, given at home, by the month."""
        stay = self.end - self.begin + 1
        whole = _COST[self.kind] * (1 + np.minimum(stay, 60) / 20) * rng.uniform(0.6, 1.4, self.count)
        return np.asarray(whole.astype(np.int64))


def joined(parts: Sequence[Events]) -> Events:
    """One after another."""
    columns = ([getattr(part, name) for part in parts] for name in ("patient", "begin", "end", "kind"))
    return Events(*(np.concatenate(column) for column in columns))


def outpatients(patients: Patients, rng: np.random.Generator) -> Events:
    """First treatments that the registry's waiting times hold: all but surgery, which is a hospital's."""
    parts = [_treatment(patients, kind, rng) for kind in (1, 2, 3)]
    dying = (patients.lived >= 3) & np.isin(patients.group, (0, 1)) & (rng.random(patients.count) < 0.45)
    rows = np.flatnonzero(dying)
    begin = np.maximum(patients.until[rows] - rng.integers(2, 60, len(rows)), 1)
    parts.append(_within(patients, rows, begin, rng.integers(1, 30, len(rows)), 4))
    return joined(parts)


def inpatients(patients: Patients, rng: np.random.Generator) -> Events:
    """Stays in hospital. What an outcome rests on (a recurrence, a serious illness) always has a stay."""
    return joined([_treatment(patients, 0, rng), *_illness(patients, rng), *_emergencies(patients, rng)])


def _treatment(patients: Patients, kind: int, rng: np.random.Generator) -> Events:
    chance = np.array([_TREATED.get(name, _TREATED["other"])[kind] for name in patients.sites])
    chosen = rng.random(patients.count) < chance[patients.site] * np.where(patients.group == 0, 0.12, 1.0)
    begin = rng.integers(*_BEGINS[kind], patients.count)
    rows = np.flatnonzero(chosen & (begin < patients.until))
    return _within(patients, rows, begin[rows], rng.integers(*_LASTS[kind], len(rows)), kind)


def _illness(patients: Patients, rng: np.random.Generator) -> Iterator[Events]:
    relapsed = np.isin(patients.group, (1, 4)) & (patients.second < 0)
    yield _spread(patients, np.where(relapsed, 1 + rng.poisson(0.9, patients.count), 0), 0.25, 6, rng)
    ill = np.isin(patients.group, (2, 5))
    also = (patients.group == 0) | np.isin(patients.group, (1, 4))
    stays = np.where(
        ill, 1 + rng.poisson(1.2, patients.count), np.where(also, rng.poisson(0.3, patients.count), 0)
    )
    yield _spread(patients, stays, 0.05, 7, rng)


def _emergencies(patients: Patients, rng: np.random.Generator) -> Iterator[Events]:
    yield _spread(patients, rng.poisson(0.5, patients.count), 0.0, 5, rng)
    before = np.flatnonzero(rng.random(patients.count) < 0.22)
    begin = -rng.integers(3, 61, len(before))
    yield _within(patients, before, begin, rng.integers(0, 3, len(before)), 5)


def _spread(patients: Patients, counts: Array, first: float, kind: int, rng: np.random.Generator) -> Events:
    """`counts` stays of each patient, from the share `first` of the time they lived to its end."""
    rows = np.repeat(np.arange(patients.count), counts)
    part = first + (1 - first) * rng.random(len(rows))
    begin = np.floor(part * np.maximum(patients.until[rows] - 1, 0)).astype(np.int64)
    return _within(patients, rows, begin, rng.geometric(0.2, len(rows)) - 1, kind)


def _within(patients: Patients, rows: Array, begin: Array, lasts: Array, kind: int) -> Events:
    """Events that end with the patient's life at the latest."""
    end = np.minimum(begin + lasts, patients.until[rows])
    return Events(rows, begin, np.maximum(end, begin), np.full(len(rows), kind))
