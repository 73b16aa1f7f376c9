"""Are the arms alike? Standardised mean differences before and after matching.

Difference in means over the standard deviation of the treated before matching (Rosenbaum and Rubin 1985;
Stuart 2010; R MatchIt's default for the effect on the treated), so that both columns share one yardstick.
Below 0.1 is usually called balanced (Austin 2009, Statistics in Medicine 28:3083).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .matching import Matches
from .propensity import Design

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BALANCED = 0.1


@dataclass(frozen=True)
class Balance:
    """One row a covariate column (k,). Means are in the covariate's own units, shares for levels.

    `people` is the smallest number of people that a row rests on: of a level, those who have it or have it
    not in the smallest arm, because a share of a known arm is a count.
    """

    names: tuple[str, ...]
    treated_mean: Floats
    before_mean: Floats
    after_mean: Floats
    before: Floats
    after: Floats
    variance_ratio: Floats
    people: NDArray[np.int64]

    @property
    def worst_before(self) -> float:
        return float(np.abs(self.before).max(initial=0.0))

    @property
    def worst_after(self) -> float:
        return float(np.abs(self.after).max(initial=0.0))


def balance(given: Design, treated: Bools, matches: Matches) -> Balance:
    """Balance of the shown columns of `given`; `treated` and `matches` are about the rows of its matrix.

    `variance_ratio` is treated over matched comparison, NaN for levels, whose variance says nothing more.
    """
    at = list(given.shown)
    mean, variance = _moments(given.matrix[treated][:, at])
    pool_mean = (given.matrix.sum(axis=0) - given.matrix[treated].sum(axis=0))[at] / int((~treated).sum())
    kept_mean, kept_variance = _moments(given.matrix[matches.treated][:, at])
    twins = given.matrix[matches.matched_controls][:, at]
    twin_mean, twin_variance = _moments(twins, matches.weights)
    binary = given.binary[at]
    spread = np.sqrt(np.where(binary, mean * (1 - mean), variance))
    spread = np.where(spread > 0, spread, np.inf)
    scale, centre = given.scale[at], given.centre[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(binary, np.nan, kept_variance / twin_variance)
    return Balance(
        tuple(given.names[i] for i in at),
        kept_mean * scale + centre,
        pool_mean * scale + centre,
        twin_mean * scale + centre,
        (mean - pool_mean) / spread,
        (kept_mean - twin_mean) / spread,
        ratio,
        _people(given, at, treated, matches),
    )


def _moments(columns: Floats, weights: Floats | None = None) -> tuple[Floats, Floats]:
    if weights is None:
        return columns.mean(axis=0), columns.var(axis=0, ddof=1)
    share = weights / weights.sum()
    mean = np.einsum("i,ij->j", share, columns)
    # The unbiased variance under weights that say how much, not how often (as in R's cov.wt).
    return mean, np.einsum("i,ij->j", share, (columns - mean) ** 2) / (1.0 - float((share**2).sum()))


def _people(given: Design, at: list[int], treated: Bools, matches: Matches) -> NDArray[np.int64]:
    arms = (np.flatnonzero(treated), matches.treated, np.unique(matches.matched_controls))
    fewest = np.full(len(at), min(len(arm) for arm in arms), np.int64)
    for place, column in enumerate(at):
        if given.binary[column]:
            have = [int(given.matrix[arm, column].sum()) for arm in arms]
            fewest[place] = min(min(n, len(arm) - n) for n, arm in zip(have, arms, strict=True))
    return fewest
