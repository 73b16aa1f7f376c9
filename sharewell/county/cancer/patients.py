"""People with cancer: where it was, how far it had come, and how it ended within seven years.

The outcome is drawn first and everything else given it, so that the planted shares hold exactly: those who
die early are older and diagnosed late, those found by screening live longer. Comparing stages or ages
without the site, or sites without the age, therefore misleads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ..effects.cancer import DEADLY, LONG, MONTH, Cancer
from ..events import days
from ..streams import Array, choose

FIRST, LAST, TRACED = days(date(2016, 1, 1)), days(date(2016, 12, 31)), days(date(2023, 12, 31))
"""The cohort's first and last day of diagnosis, and the day on which the living were traced."""

OUTSIDE = 0.06
"""Patients diagnosed in the years beside the cohort's, as a share of it."""

_STAGE = np.array(
    [
        [0.03, 0.07, 0.20, 0.70],
        [0.10, 0.20, 0.30, 0.40],
        [0.30, 0.30, 0.22, 0.18],
        [0.20, 0.25, 0.25, 0.30],
        [0.25, 0.35, 0.25, 0.15],
        [0.42, 0.35, 0.16, 0.07],
        [0.50, 0.34, 0.12, 0.04],
    ]
)
_UNSTAGED = np.array([0.42, 0.20, 0.22, 0.26, 0.15, 0.14, 0.14])
_AGE = np.array([76, 70, 76, 73, 64, 68, 61])
_MEN = {"breast": 0.01, "prostate": 1.0}
_SCREENED = {"breast": 0.3, "colorectal": 0.13}
_PACE = {"lung": 330.0, "brain": 360.0}
_LATE = 0.03 / 365.25
"""Deaths a day after the seven years: nobody's outcome, because not everybody was followed so long."""


@dataclass(frozen=True)
class Patients:
    """One row a patient, the cohort first. Days count from 1970, `lived` from diagnosis.

    `lived` is -1 for whoever was alive when traced; `group` and `site` are positions in GROUPS and the
    planted sites; `stage` is 0 where it was not recorded; `second`: days to another cancer, or -1.
    """

    cohort: int
    born: Array
    male: Array
    diagnosed: Array
    site: Array
    sites: tuple[str, ...]
    stage: Array
    group: Array
    lived: Array
    second: Array
    screened: Array

    @property
    def count(self) -> int:
        return len(self.born)

    @property
    def until(self) -> Array:
        """Days from diagnosis to death or to the end of the seven years, whichever is first."""
        return np.where(self.lived < 0, LONG - 1, np.minimum(self.lived, LONG - 1))


def draw_patients(cohort: int, planted: Cancer, rng: np.random.Generator) -> Patients:
    """`cohort` people first diagnosed in 2016, and some of the years beside it."""
    count = cohort + round(cohort * OUTSIDE)
    sites = tuple(planted.sites)
    site = choose(rng, count, np.array([planted.sites[name] for name in sites]))
    group = draw_outcomes(site, np.array([planted.shares[name] for name in sites]), rng)
    diagnosed = rng.integers(FIRST, LAST + 1, count)
    beside = np.arange(count) >= cohort
    diagnosed[beside] += np.where(rng.random(int(beside.sum())) < 0.5, -366, 365)
    lived = draw_days(site, group, sites, rng)
    late = (group >= DEADLY) & (rng.random(count) < _LATE * np.maximum(TRACED - diagnosed - LONG, 0))
    # Somebody who dies after the seven years had lived them all: the outcome stays.
    lived[late] = LONG + 1 + (rng.random(int(late.sum())) * (TRACED - diagnosed - LONG)[late]).astype(int)
    lived = np.where(diagnosed + lived > TRACED, -1, lived)
    age = np.clip(rng.normal(_AGE[group] - 22 * (np.array(sites)[site] == "brain") * 0.4, 11), 18, 99)
    men = np.array([_MEN.get(name, 0.53) for name in sites])
    found = np.array([_SCREENED.get(name, 0.0) for name in sites])[site] * np.where(
        group < DEADLY, 0.4, 1.3
    )
    return Patients(
        cohort=cohort,
        born=(diagnosed - age * 365.25 - rng.integers(0, 365, count)).astype(np.int64),
        male=rng.random(count) < men[site],
        diagnosed=diagnosed,
        site=site,
        sites=sites,
        stage=_stages(group, rng),
        group=group,
        lived=lived,
        second=_second(group, np.where(lived < 0, LONG - 1, np.minimum(lived, LONG - 1)), rng),
        screened=rng.random(count) < found,
    )


def draw_outcomes(site: Array, shares: Array, rng: np.random.Generator) -> Array:
    """The outcome of each patient, by the planted shares (sites x groups)."""
    bounds = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    drawn = (rng.random(len(site))[:, None] >= bounds[site]).sum(axis=1)
    return np.asarray(np.minimum(drawn, shares.shape[1] - 1))


def draw_days(site: Array, group: Array, sites: tuple[str, ...], rng: np.random.Generator) -> Array:
    """Days from diagnosis to death; -1 for those who lived the seven years."""
    chance = rng.random(len(site))
    early = np.floor((MONTH + 1) * chance**1.3)
    pace = np.array([_PACE.get(name, 950.0) for name in sites])[site]
    # The exponential between the day after the month and the last day of the seven years.
    span = LONG - MONTH - 1
    later = MONTH + 1 + np.floor(-pace * np.log1p(-chance * -np.expm1(-span / pace)))
    days_lived = np.where(group == 0, early, np.minimum(later, LONG - 1))
    return np.where(group < DEADLY, days_lived, -1).astype(np.int64)


def _stages(group: Array, rng: np.random.Generator) -> Array:
    bounds = np.cumsum(_STAGE, axis=1)
    stage = np.minimum((rng.random(len(group))[:, None] >= bounds[group]).sum(axis=1), 3) + 1
    return np.where(rng.random(len(group)) < _UNSTAGED[group], 0, stage)


def _second(group: Array, until: Array, rng: np.random.Generator) -> Array:
    """Days to another cancer: for some of those whose outcome is a recurrence or another cancer."""
    relapsed = np.isin(group, (1, 4)) & (until > 60) & (rng.random(len(group)) < 0.25)
    when = 30 + (rng.random(len(group)) * np.maximum(until - 40, 1)).astype(np.int64)
    return np.where(relapsed, when, -1)
