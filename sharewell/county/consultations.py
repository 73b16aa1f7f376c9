"""Consultations of registered people without names, and what the formula in force pays their practices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .effects.consultations import Consultations
from .events import coded
from .population import CARE_HOME
from .streams import Array

BANDS = ("0-4", "5-14", "15-44", "45-64", "65-74", "75-84", "85+")
SEXES = ("F", "M")
_FROM = np.array([5, 15, 45, 65, 75, 85])
_MEN = np.array([5.6, 2.3, 2.5, 4.2, 6.6, 8.8, 10.2])
_WOMEN = np.array([0.95, 1.05, 1.8, 1.3, 1.06, 1.0, 1.0])
"""Consultations a year of a man, and how many times as many a woman of that age has (invented)."""
RATE = np.stack([_MEN * _WOMEN, _MEN])
"""By sex (F, M) and age band, in the least deprived fifth."""
MOST = 1_000


@dataclass(frozen=True)
class Lists:
    """The registered: for each, position of practice, age band and sex, fifth (1 most deprived), days."""

    practice: Array
    band: Array
    sex: Array
    deprivation: Array
    days: Array
    practices: int

    @property
    def size(self) -> Array:
        """Patients by practice."""
        return np.bincount(self.practice, minlength=self.practices)

    def mean(self, value: Array) -> Array:
        """The mean of a figure over each practice's patients; 1 for a practice without any."""
        sums = np.bincount(self.practice, value, minlength=self.practices)
        return np.where(self.size > 0, sums / np.maximum(self.size, 1), 1.0)


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """One row a registered person in random order, one a practice, and the truth about their funding."""
    effects: Consultations = county.effects.consultations
    person = rng.permutation(np.flatnonzero(county.health.practice >= 0))
    lists = _lists(county, person, rng)
    stale = choose_stale(lists, effects, rng)
    counts = draw(lists, effects, rng)
    names = pa.array(county.practices)
    consultations = {
        "record": np.arange(1, len(person) + 1),
        "practice": names.take(pa.array(lists.practice)),
        "age_band": coded(BANDS, lists.band),
        "sex": coded(SEXES, lists.sex),
        "deprivation": lists.deprivation.astype(np.int32),
        "days_registered": lists.days.astype(np.int32),
        "consultations": counts.astype(np.int32),
    }
    yield Part("gp.consultations", pa.table(consultations), person=person)
    indices = {
        "age_sex": index(lists, RATE[lists.sex, lists.band]),
        "additional_needs": additional_needs(lists, effects, stale),
        **_costs(county, lists, person),
    }
    payment = payments(lists.size, indices, effects)
    formula = {"practice": names, "list_size": lists.size, "payment": payment, **indices}
    yield Part("gp.formula", pa.table(formula))
    deserved = {**indices, "age_sex": need(lists, effects), "additional_needs": np.ones(lists.practices)}
    told = {"practice": names, "under_funded": stale, "payment": payment}
    yield Truth("funding", pa.table({**told, "deserved": payments(lists.size, deserved, effects)}))


def gradient(deprivation: Array, ratio: float) -> Array:
    """Rate ratio of each fifth against the least deprived."""
    return np.asarray(ratio ** ((5 - deprivation) / 4))


def need(lists: Lists, effects: Consultations) -> Array:
    """The index of true need by practice: what its patients would consult if supply were the same."""
    return index(lists, RATE[lists.sex, lists.band] * gradient(lists.deprivation, effects.ratio), 12)


def index(lists: Lists, value: Array, places: int = 4) -> Array:
    """The mean of a figure over each list, over the mean of all: as a formula publishes it."""
    return np.asarray(np.round(lists.mean(value) / value.mean(), places))


def choose_stale(lists: Lists, effects: Consultations, rng: np.random.Generator) -> Array:
    """Whether each practice's index of additional needs was never measured again; none where it is even."""
    stale = np.zeros(lists.practices, dtype=bool)
    if effects.stale > 0:
        poorest = np.argsort(lists.mean(lists.deprivation), kind="stable")
        poorest = poorest[lists.size[poorest] > 0][: max(1, lists.practices // 4)]
        few = max(1, round(effects.stale * lists.practices))
        stale[rng.permutation(poorest)[:few]] = True
    return stale


def additional_needs(lists: Lists, effects: Consultations, stale: Array) -> Array:
    """The index in force: the share of the gradient that it pays, and one where it is stale."""
    return np.where(stale, 1.0, index(lists, gradient(lists.deprivation, effects.ratio**effects.paid)))


def payments(size: Array, indices: Mapping[str, Array], effects: Consultations) -> Array:
    """Pence by practice: list times the product of its indices, scaled to so much for each patient."""
    weighted = size * np.prod(list(indices.values()), axis=0)
    pence = weighted / weighted.sum() * size.sum() * effects.per_head
    return np.asarray(np.round(pence).astype(np.int64))


def draw(lists: Lists, effects: Consultations, rng: np.random.Generator) -> Array:
    """Consultations of each person: need by age, sex and fifth, what their practice offers, and chance."""
    rise = gradient(lists.deprivation, effects.ratio)
    crowded = np.log(lists.mean(rise) / rise.mean())
    # In scale with the planted null, so that scarcity does not follow deprivation where need does not.
    supply = rng.normal(0, effects.supply, lists.practices) - effects.scarcity * crowded
    rate = RATE[lists.sex, lists.band] * rise * np.exp(supply)[lists.practice] * lists.days / 365
    if effects.dispersion > 0:
        rate = rate * rng.gamma(1 / effects.dispersion, effects.dispersion, len(rate))
    return np.asarray(np.minimum(rng.poisson(rate), MOST))


def _lists(county: County, person: Array, rng: np.random.Generator) -> Lists:
    days = np.full(len(person), 365)
    part = rng.random(len(person)) < 0.07
    days[part] = rng.integers(20, 365, int(part.sum()))
    return Lists(
        practice=county.health.practice[person],
        band=np.searchsorted(_FROM, county.people.age[person], side="right"),
        sex=county.people.sex[person].astype(np.int64),
        deprivation=county.places.deprivation[county.area[person]].astype(np.int64),
        days=days,
        practices=len(county.practices),
    )


def _costs(county: County, lists: Lists, person: Array) -> dict[str, Array]:
    """Indices of what a list costs beside its need: newcomers, homes, distance and wages."""
    places, at = county.places, county.health.practice_area[lists.practice]
    area = county.area[person]
    far = np.hypot(places.east[area] - places.east[at], places.north[area] - places.north[at])
    in_care = county.people.kind[county.people.household[person]] == CARE_HOME
    own = county.health.practice_area
    wages = (places.east[own] - places.east.min()) / max(float(np.ptp(places.east)), 1e-9)
    return {
        "list_turnover": index(lists, 1 + 0.46 * (lists.days < 365)),
        "nursing_residential": index(lists, 1 + 0.43 * in_care),
        "rurality": index(lists, 1 + 0.08 * far / max(float(far.mean()), 1e-9)),
        "market_forces": np.round(0.97 + 0.08 * wages, 4),
    }


SERVICE = Service("consultations", ("gp.consultations", "gp.formula"), keep)
