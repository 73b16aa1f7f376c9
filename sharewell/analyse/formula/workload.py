"""Consultations by age, sex and deprivation, within practices: the rate model that need is read off.

A log-linear (Poisson) model with person-years as exposure and a term for each practice, so that what a
practice offers is not taken for what its patients need (Carr-Hill et al. 1994, BMJ 309:1046; Gravelle et
al. 2003, JRSS A 166:409). Its coefficients are right whatever the spread of counts (Gourieroux, Monfort and
Trognon 1984, Econometrica 52:701); its errors are clustered by practice (`clusters`), against Student's t
with one degree of freedom less than there are practices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError
from ..glm import fit_glm
from .clusters import SINGULAR, apart, clustered
from .lists import Lists

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Ratio:
    """A rate ratio with its 95% interval and two-sided p."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Workload:
    """The fitted model: log rate ratios of profiles and fifths, their covariance, and clusters.

    `log_profile` (profiles; -inf where nobody of a profile consulted) and `log_fifth` (fifths; 0 for the
    reference) with `terms`, the position of each in the covariance (-1: fixed).
    """

    log_profile: Floats
    log_fifth: Floats
    profile_term: Ints
    fifth_term: Ints
    covariance: Floats
    clusters: int
    parameters: int

    def ratio(self, fifth: int) -> Ratio:
        """The rate ratio of the fifth at this position against the reference."""
        term = int(self.fifth_term[fifth])
        if term < 0:
            return Ratio(1.0, 1.0, 1.0, 1.0)
        return ratio_of(float(self.log_fifth[fifth]), float(self.covariance[term, term]), self.clusters)

    def draws(self, count: int, seed: int) -> tuple[Floats, Floats]:
        """(count, profiles) and (count, fifths): coefficients as they might have come out.

        From the multivariate t with this covariance (King, Tomz and Wittenberg 2000, AJPS 44:347).
        """
        rng = np.random.default_rng(seed)
        freedom = self.clusters - 1
        vectors = _root(self.covariance)
        noise = rng.standard_normal((count, len(vectors))) @ vectors.T
        noise *= np.sqrt(freedom / rng.chisquare(freedom, count))[:, None]
        padded = np.column_stack([noise, np.zeros(count)])
        return self.log_profile + padded[:, self.profile_term], self.log_fifth + padded[:, self.fifth_term]


def ratio_of(log_ratio: float, variance: float, clusters: int) -> Ratio:
    """A rate ratio from its logarithm and variance, by Student's t with clusters less one."""
    from scipy import stats

    error, freedom = float(np.sqrt(variance)), clusters - 1
    half = float(stats.t.ppf(0.975, freedom)) * error
    p = float(2 * stats.t.sf(abs(log_ratio) / error, freedom)) if error > 0 else 1.0
    low, high = np.exp(log_ratio - half), np.exp(log_ratio + half)
    return Ratio(float(np.exp(log_ratio)), float(low), float(high), p)


def fit_workload(lists: Lists, reference: int, *, within: bool = True, adjusted: bool = True) -> Workload:
    """The model on every cell. `within` sets practices apart; `adjusted` holds age and sex alike.

    A profile of whom nobody consulted has a rate of zero, the limit of its likelihood, and is left out of
    the fit. FitError SINGULAR where deprivation cannot be told from practice, age and sex.
    """
    consulted = np.bincount(lists.profile, lists.consultations, len(lists.profiles)) > 0
    used = consulted[lists.profile] if adjusted else np.ones(len(lists.profile), bool)
    years = np.bincount(lists.profile, lists.years, len(lists.profiles))
    base = int(np.argmax(np.where(consulted, years, 0.0)))
    held = consulted & (np.arange(len(consulted)) != base) & adjusted
    profiles = np.flatnonzero(held)
    at = lists.fifths.index(reference)
    fifths = [position for position in range(len(lists.fifths)) if position != at]
    matrix = np.column_stack(
        [
            *((lists.profile[used] == profile) for profile in profiles),
            *((lists.fifth[used] == fifth) for fifth in fifths),
        ]
    ).astype(np.float64)
    found, covariance = _fit(lists, used, matrix, within)
    ends = len(profiles)
    profile_term = np.full(len(lists.profiles), -1)
    fifth_term = np.full(len(lists.fifths), -1)
    profile_term[profiles], fifth_term[fifths] = np.arange(ends), np.arange(ends, len(found))
    padded = np.append(found, 0.0)
    log_profile = padded[profile_term]
    if adjusted:
        log_profile = np.where(consulted, log_profile, -np.inf)
    offices = len(lists.practices.names) if within else 1
    return Workload(
        log_profile,
        padded[fifth_term],
        profile_term,
        fifth_term,
        covariance,
        len(lists.practices.names),
        len(found) + offices,
    )


def slope(lists: Lists, model: Workload) -> tuple[Ratio, tuple[float, float, float]]:
    """The relative and the slope index of inequality, most against least deprived of all.

    Deprivation enters as the share of patients who are less deprived, from 0 to 1, in the place of fifths
    (Mackenbach and Kunst 1997, Social Science and Medicine 44:757). The slope index is the difference in
    consultations a person-year, at the mean rate of everybody, with its interval.
    """
    share = np.bincount(lists.fifth, lists.patients, len(lists.fifths)) / lists.patients.sum()
    rank = 1 - (np.cumsum(share) - share / 2)
    used = np.isfinite(model.log_profile[lists.profile])
    terms = [term for term in range(len(lists.profiles)) if model.profile_term[term] >= 0]
    columns = [(lists.profile[used] == term) for term in terms]
    matrix = np.column_stack([*columns, rank[lists.fifth[used]]]).astype(np.float64)
    found, covariance = _fit(lists, used, matrix, within=True)
    relative = ratio_of(float(found[-1]), float(covariance[-1, -1]), model.clusters)

    def difference(ratio: float) -> float:
        level = lists.rate / float((share * ratio**rank).sum())
        return level * (ratio - 1)

    return relative, (difference(relative.value), difference(relative.low), difference(relative.high))


def _fit(lists: Lists, used: Bools, matrix: Floats, within: bool) -> tuple[Floats, Floats]:
    """Coefficients of the columns of `matrix` and their clustered covariance; other terms are dropped."""
    practice, outcome = lists.practice[used], lists.consultations[used]
    offset = np.log(lists.years[used])
    count = len(lists.practices.names)
    columns = [practice == number for number in range(count)] if within else [np.ones(len(practice))]
    # The constant comes first: the fit starts from it. Practices then stand against the first.
    whole = np.column_stack([np.ones(len(practice)), *columns[1:], matrix]).astype(np.float64)
    try:
        fitted = fit_glm("poisson", whole, outcome, offset=offset)
    except FitError:
        raise FitError(SINGULAR) from None
    mean = np.exp(fitted.linear(whole) + offset)
    kept = apart(matrix, mean, practice, count) if within else whole
    covariance = clustered(kept, outcome, mean, practice, count)
    ours = slice(-matrix.shape[1], None)
    return fitted.coefficients[ours], covariance[ours, ours]


def _root(covariance: Floats) -> Floats:
    """A square root of a covariance that may lack rank, as with fewer practices than terms it does."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
