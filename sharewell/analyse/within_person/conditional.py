"""Conditional Poisson regression: whatever is constant about a person cancels out of the likelihood.

Given that a person had n events, which of their months these fell in is multinomial with probabilities
proportional to exposure x exp(x beta) (Hausman, Hall and Griliches 1984, Econometrica 52:909). Newton's
method on that likelihood, with each person's own mean concentrated out (as Correia, Guimaraes and Zylkin
2020, Stata Journal 20:95, absorb it). Own code because statsmodels' ConditionalPoisson, which gives the
same answer (tested), walks over people in Python and has no clustered errors
(`benchmarks.within_person` measures it). Two things make this fast: rows that share all covariates share
one row of the design, so that a matrix product is taken over thousands of distinct rows and not over
millions of months; and people without an event, who say nothing, are left out.

Consistent whenever the mean is right, whatever the counts' distribution (Wooldridge 1999, Journal of
Econometrics 90:77), with the sandwich variance clustered by home that is given here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEPS = 60


@dataclass(frozen=True)
class Counts:
    """Counts in person-periods, sorted by person.

    `start` (n + 1,): where each person's rows begin. `row` (m,): which row of the design each has.
    `exposure` (m,): time at risk, over zero. `events` (m,). `cluster` (n,): code of each person's home.
    """

    start: Ints
    row: Ints
    exposure: Floats
    events: Floats
    cluster: Ints

    @property
    def people(self) -> int:
        return len(self.start) - 1

    def of(self, chosen: NDArray[np.bool_]) -> Counts:
        """These people's rows only."""
        sizes = np.diff(self.start)
        rows = np.repeat(chosen, sizes)
        start = np.concatenate(([0], np.cumsum(sizes[chosen])))
        return Counts(start, self.row[rows], self.exposure[rows], self.events[rows], self.cluster[chosen])

    def sums(self, values: Floats) -> Floats:
        """Sum of `values` (m,) by person; no person may be without rows."""
        return np.add.reduceat(values, self.start[:-1])

    @property
    def happened(self) -> NDArray[np.bool_]:
        """Who had an event and more than one row, and so says something."""
        found = np.zeros(self.people, bool)
        sizes = np.diff(self.start)
        some = np.flatnonzero(sizes > 1)
        total = np.concatenate(([0.0], np.cumsum(self.events)))
        found[some] = (total[self.start[1:]] - total[self.start[:-1]])[some] > 0
        return found


@dataclass(frozen=True)
class Conditional:
    """Coefficients (k,), their covariance clustered by home (k, k), and what they rest on."""

    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    people: int
    events: int
    clusters: int

    @property
    def freedom(self) -> int:
        return self.clusters - 1


def fit_conditional(counts: Counts, design: Floats) -> Conditional:
    """The fit of counts on the distinct rows `design` (d, k), without a constant.

    Raises FitError: NO_EVENTS where nobody with an event has two periods, NOT_IDENTIFIED where some columns
    cannot be told apart within people, NO_MAXIMUM where a coefficient runs away, ONE_CLUSTER.
    """
    from scipy.sparse import csr_array

    used = counts.of(counts.happened)
    if used.people == 0:
        raise FitError(
            Problem(
                "NO_EVENTS", "no event was counted in anybody's time at risk", "there is nothing to compare"
            )
        )
    total = used.sums(used.events)
    per_row = np.repeat(total, np.diff(used.start))
    shape = (used.people, len(design))

    def by_person(values: Floats) -> Floats:
        held = csr_array((values, used.row, used.start), shape=shape)
        return np.asarray(held @ design)

    seen = np.bincount(used.row, used.events, len(design))
    beta = np.zeros(design.shape[1])
    share, value = _shares(used, design, beta, per_row)
    for _ in range(_STEPS):
        expected = share * per_row
        weight = np.bincount(used.row, expected, len(design)).astype(np.float64)
        mean = by_person(share)
        information = _gram(design, weight) - _gram(mean, total)
        inverse = _invert(information)
        move = inverse @ np.einsum("ij,i->j", design, seen - weight)
        move *= min(1.0, 5.0 / max(float(np.abs(move).max(initial=0)), 1e-300))
        better = _shares(used, design, beta + move, per_row)
        while better[1] < value - 1e-9 * abs(value) and float(np.abs(move).max()) > 1e-9:
            move /= 2
            better = _shares(used, design, beta + move, per_row)
        beta, (share, value) = beta + move, better
        if float(np.abs(move).max(initial=0)) < 1e-8:
            break
    else:
        raise FitError(_runaway())
    if float(np.abs(beta).max(initial=0)) > 15:
        raise FitError(_runaway())
    score = by_person(used.events - share * per_row)
    covariance, clusters = _sandwich(score, inverse, used.cluster)
    return Conditional(beta, covariance, inverse, used.people, int(total.sum()), clusters)


def _shares(used: Counts, design: Floats, beta: Floats, per_row: Floats) -> tuple[Floats, float]:
    """Each row's share of what is expected of its person, and the log likelihood."""
    linear = np.einsum("ij,j->i", design, beta)
    rate = used.exposure * np.exp(linear - linear.max())[used.row]
    share = rate / np.repeat(used.sums(rate), np.diff(used.start))
    happened = used.events > 0
    return share, float((used.events[happened] * np.log(share[happened])).sum())


def _gram(matrix: Floats, weight: Floats) -> Floats:
    """matrix' diag(weight) matrix, in blocks too small for the linear algebra library to start threads,
    which on a busy machine wait for one another far longer than the work takes (see `glm`)."""
    size = matrix.shape[1]
    found, step = np.zeros((size, size)), max(16, min(9_000 // size, 260_000 // size**2))
    for first in range(0, len(matrix), step):
        block = matrix[first : first + step]
        found += (block * weight[first : first + step, None]).T @ block
    return found


def _invert(information: Floats) -> Floats:
    scale = np.sqrt(np.clip(np.diag(information), 0, None))
    if not np.isfinite(scale).all():
        raise FitError(_runaway())
    if (scale < 1e-7).any():
        raise FitError(_confused())
    scaled = information / np.outer(scale, scale)
    if float(np.linalg.eigvalsh(scaled)[0]) < 1e-9:
        raise FitError(_confused())
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale))


def _sandwich(score: Floats, inverse: Floats, cluster: Ints) -> tuple[Floats, int]:
    _, dense = np.unique(cluster, return_inverse=True)
    count = int(dense.max()) + 1
    if count < 2:
        raise FitError(
            Problem("ONE_CLUSTER", "everyone lives in one home", "the error cannot be estimated")
        )
    order = np.argsort(dense, kind="stable")
    first = np.flatnonzero(np.diff(dense[order], prepend=-1))
    sums = np.add.reduceat(score[order], first, axis=0)
    return inverse @ _gram(sums, np.ones(count)) @ inverse * (count / (count - 1)), count


def _confused() -> Problem:
    return Problem(
        "NOT_IDENTIFIED",
        "within people, some of the changes and calendar time cannot be told apart",
        "they always came together, or everybody had them at once, so no comparison is left",
        "study homes changed at other times, or take kinds of change that always come together as one",
    )


def _runaway() -> Problem:
    return Problem(
        "NO_MAXIMUM",
        "a rate ratio runs to zero or to infinity",
        "in some group no event, or every event, fell on one side of a change",
        "take fewer or wider groups, or lengthen the follow-up",
    )
