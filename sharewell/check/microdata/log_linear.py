"""Each unique row's chance of being alone in the population, from a log-linear model of the whole table.

Counts of combinations are taken as Poisson with means from a log-linear model; what the sample does not
show of a combination is Poisson too. Method, and the criterion by which the model is chosen: Skinner
and Shlomo, Assessing Identification Risk in Survey Microdata Using Log-Linear Models, JASA 103, 2008.
Too simple a model underfits and overstates risk, too rich a one overfits and understates it; the
criterion estimates that bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from ...errors import FitError, Problem
from ..structure import Floats
from .coded import Coded, Rows, encode, gather, weigh

MOST_CELLS = 2_000_000
"""Combinations, possible ones included, for which the model is fitted."""
_STEPS = 100


@dataclass(frozen=True)
class LogLinear:
    """unique: for each row its chance of being alone in the population, 0 where it is not in the sample.
    correct: for each sample unique the chance that a match on it is right, E(1/F); 0 elsewhere.
    interactions: "none" or "pairs", whichever was chosen. bias: the estimated bias of the number of
    population uniques under each model tried, in rows.
    """

    unique: Floats
    correct: Floats
    interactions: str
    bias: dict[str, float]

    @property
    def population_uniques(self) -> float:
        """Expected number of rows that are alone in sample and population, less the estimated bias."""
        corrected = float(self.unique.sum()) - self.bias[self.interactions]
        return min(max(corrected, 0.0), float((self.unique > 0).sum()))

    @property
    def interval(self) -> tuple[float, float]:
        """Where that number lies at 95%, from the model as fitted to the model less its bias, whichever is
        the further out."""
        spread = 1.96 * float(np.sqrt((self.unique * (1 - self.unique)).sum()))
        ends = sorted((float(self.unique.sum()), self.population_uniques))
        return max(0.0, ends[0] - spread), ends[1] + spread


def log_linear_risk(rows: Rows, columns: Sequence[str], fraction: float) -> LogLinear:
    """Fit independence and all pairs, keep the less biased. fraction: rows over people, in (0, 1].

    FitError where the combinations are more than MOST_CELLS, or there are no rows.
    """
    table, people = gather(rows, columns)
    coded = encode(table, people)
    cells = prod(coded.sizes)
    if cells > MOST_CELLS or not coded.rows or not 0 < fraction <= 1:
        raise FitError(
            Problem(
                "LOG_LINEAR",
                f"{coded.rows} rows, {cells} possible combinations, sampling fraction {fraction}",
                "the model needs rows, a table it can hold, and the fraction",
                f"recode to at most {MOST_CELLS} combinations, or use Pitman's model",
            )
        )
    place = np.ravel_multi_index(coded.codes, coded.sizes)
    seen = weigh(place, cells, coded.people)
    fits = {"none": _independent(coded, seen)}
    if len(columns) > 2:
        fits["pairs"] = _pairwise(coded, seen, fits["none"])
    bias = {name: _bias(seen, mean, fraction) for name, mean in fits.items()}
    chosen = min(bias, key=lambda name: abs(bias[name]))
    alone = seen[place] == 1
    unseen = fits[chosen][place] * (1 - fraction) / fraction
    unique = np.where(alone, np.exp(-unseen), 0.0)
    correct = np.where(alone, _reciprocal(unseen), 0.0)
    return LogLinear(unique, correct, chosen, bias)


def _reciprocal(unseen: Floats) -> Floats:
    """E(1/(1+X)) for X Poisson with this mean."""
    return np.asarray(-np.expm1(-unseen) / np.maximum(unseen, 1e-12), dtype=np.float64)


def _independent(coded: Coded, seen: Floats) -> Floats:
    grid = seen.reshape(coded.sizes)
    total = seen.sum()
    mean = np.full(coded.sizes, total)
    for axis in range(grid.ndim):
        others = tuple(d for d in range(grid.ndim) if d != axis)
        mean = mean * (grid.sum(axis=others, keepdims=True) / total)
    return np.asarray(mean.ravel(), dtype=np.float64)


def _pairwise(coded: Coded, seen: Floats, start: Floats) -> Floats:
    """All two-way margins, by iterative proportional fitting."""
    grid, mean = seen.reshape(coded.sizes), start.reshape(coded.sizes).copy()
    margins = []
    for pair in combinations(range(grid.ndim), 2):
        others = tuple(d for d in range(grid.ndim) if d not in pair)
        margins.append((others, grid.sum(axis=others, keepdims=True)))
    for _ in range(_STEPS):
        apart = 0.0
        for others, target in margins:
            now = mean.sum(axis=others, keepdims=True)
            apart = max(apart, float(np.abs(now - target).max()))
            mean *= np.divide(target, now, out=np.zeros_like(target), where=now > 0)
        if apart < 1e-3:
            break
    return np.asarray(mean.ravel(), dtype=np.float64)


def _bias(seen: Floats, mean: Floats, fraction: float) -> float:
    """Estimated bias of the number of population uniques."""
    held = mean > 0
    seen, mean = seen[held], mean[held]
    rate = (1 - fraction) / fraction
    chance = mean * np.exp(-mean / fraction)
    residual = seen - mean
    terms = rate * residual + rate**2 * (residual**2 - seen) / 2
    return float((chance * terms).sum())
