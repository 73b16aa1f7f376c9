"""Rates compared between matched arms: ratio and difference, with errors clustered by matched set and by
home.

The ratio is that of a Poisson model with the set weights (point estimate: Poisson generalised estimating
equations, independence; Zeger and Liang 1986), whose sandwich variance does not need the counts to be
Poisson. People in one home, and people in one set, are not independent: the two-way clustered variance is
V(set) + V(home) - V(both) (Cameron, Gelbach and Miller 2011, JBES 29:238). Adjusting for the covariates
after matching removes what imbalance is left and narrows the interval (Ho, Imai, King and Stuart 2007); a
rate ratio is collapsible, so the adjusted and unadjusted ratios estimate the same thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ..glm import fit_glm

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """The people compared, one row a use, with weights and the clusters that they belong to."""

    outcome: Floats
    years: Floats
    treated: Bools
    weight: Floats
    clusters: tuple[Ints, ...]

    def rate(self, arm: bool) -> float:
        """Weighted events a year observed, of the treated (True) or comparison arm."""
        mine = self.treated == arm
        return float((self.weight * self.outcome)[mine].sum()) / float(
            (self.weight * self.years)[mine].sum()
        )


@dataclass(frozen=True)
class Estimate:
    """A figure with its confidence limits, two-sided p against no effect, and degrees of freedom."""

    value: float
    low: float
    high: float
    p: float
    freedom: int

    @property
    def half_width(self) -> float:
        """Half the width of the interval of a ratio, on the log scale."""
        return float(np.log(self.high / self.low) / 2)


def rate_ratio(rows: Rows, covariates: Floats | None = None, level: float = 0.95) -> Estimate:
    """The treated rate over the comparison rate; `covariates` (n, k), without a constant, adjust it.

    Raises FitError when an arm has no event (NO_EVENTS): the ratio or its logarithm does not exist.
    """
    for arm, name in ((True, "treated"), (False, "comparison")):
        if rows.outcome[rows.treated == arm].sum() <= 0:
            raise FitError(
                Problem(
                    "NO_EVENTS", f"no event was counted in the {name} arm", "a rate ratio does not exist"
                )
            )
    columns = [np.ones(len(rows.outcome)), rows.treated.astype(np.float64)]
    matrix = np.column_stack(columns if covariates is None else [*columns, _telling(covariates, rows)])
    offset = np.log(rows.years)
    model = fit_glm("poisson", matrix, rows.outcome, weights=rows.weight, offset=offset)
    residual = rows.weight * (rows.outcome - np.exp(model.linear(matrix) + offset))
    influence = np.einsum("ij,j->i", matrix, model.inverse_information[1]) * residual
    error, freedom = clustered(influence, rows.clusters)
    return exponentiated(interval(float(model.coefficients[1]), error, freedom, level))


def difference(rows: Rows, level: float = 0.95) -> Estimate:
    """The treated rate less the comparison rate, in events a year (or units of outcome a year)."""
    influence = np.zeros(len(rows.outcome))
    for arm, sign in ((True, 1.0), (False, -1.0)):
        mine = rows.treated == arm
        total = float((rows.weight * rows.years)[mine].sum())
        residual = rows.outcome[mine] - rows.rate(arm) * rows.years[mine]
        influence[mine] = sign * rows.weight[mine] * residual / total
    error, freedom = clustered(influence, rows.clusters)
    return interval(rows.rate(True) - rows.rate(False), error, freedom, level)


def e_value(estimate: Estimate) -> tuple[float, float]:
    """How strongly an unmeasured cause would have to raise both treatment and outcome to explain the
    estimate.

    VanderWeele and Ding 2017, Annals of Internal Medicine 167:268: for the ratio, and for the confidence
    limit nearer to one (1.0 when the interval holds one).
    """

    def bound(ratio: float) -> float:
        above = max(ratio, 1.0 / ratio)
        return above + float(np.sqrt(above * (above - 1.0)))

    if estimate.low <= 1.0 <= estimate.high:
        return bound(estimate.value), 1.0
    return bound(estimate.value), bound(estimate.low if estimate.value > 1 else estimate.high)


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """The ratio if one arm's outcomes were recorded `factor` times less fully than the other's."""
    return Estimate(
        estimate.value * factor,
        estimate.low * factor,
        estimate.high * factor,
        float("nan"),
        estimate.freedom,
    )


def undiluted(estimate: Estimate, false_links: float) -> Estimate:
    """The ratio if a share `false_links` of the treated arm were in truth untreated.

    The observed ratio is then (1 - f) RR + f, nearer to one than the true one.
    """

    def sharpen(ratio: float) -> float:
        return max((ratio - false_links) / (1.0 - false_links), 0.0)

    value, low, high = (sharpen(x) for x in (estimate.value, estimate.low, estimate.high))
    return Estimate(value, low, high, float("nan"), estimate.freedom)


def _telling(columns: Floats, rows: Rows) -> Floats:
    """The columns that can be adjusted for: those that differ among these rows, the others being the
    constant's.

    A level in which nobody had an event is left with the reference level: its coefficient would run to
    minus infinity, and say nothing of the treatment.
    """
    happened = rows.outcome > 0
    differ = np.ptp(columns, axis=0) > 0
    marker = (columns.min(axis=0) == 0) & (columns.max(axis=0) == 1)
    empty = marker & ~columns[happened].any(axis=0)
    return np.asarray(columns[:, differ & ~empty])


def clustered(influence: Floats, clusters: Sequence[Ints]) -> tuple[float, int]:
    """Standard error of the sum of `influence`, clustered one or two ways, and its degrees of freedom."""
    if not clusters:
        clusters = (np.arange(len(influence)),)
    parts = [_one_way(influence, codes) for codes in clusters]
    variance = sum(part[0] for part in parts)
    if len(clusters) == 2:
        both = clusters[0] * (int(clusters[1].max()) + 1) + clusters[1]
        variance -= _one_way(influence, both)[0]
    # The two-way form can turn out below a one-way variance in small samples; the larger is the safe one.
    return float(np.sqrt(max(variance, *(part[0] for part in parts)))), min(part[1] for part in parts) - 1


def _one_way(influence: Floats, codes: Ints) -> tuple[float, int]:
    _, dense = np.unique(codes, return_inverse=True)
    sums = np.bincount(dense, weights=influence)
    count = len(sums)
    if count < 2:
        raise FitError(
            Problem("ONE_CLUSTER", "everyone is in one cluster", "the error cannot be estimated")
        )
    return float((sums**2).sum()) * count / (count - 1), count


def interval(value: float, error: float, freedom: int, level: float = 0.95) -> Estimate:
    """An estimate from its standard error, by Student's t of `freedom` degrees."""
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = 2.0 * float(stdtr(freedom, -abs(value) / error)) if error > 0 else float("nan")
    return Estimate(value, value - reach, value + reach, p, freedom)


def exponentiated(log: Estimate) -> Estimate:
    """The ratio whose logarithm was estimated."""
    return Estimate(
        float(np.exp(log.value)), float(np.exp(log.low)), float(np.exp(log.high)), log.p, log.freedom
    )
