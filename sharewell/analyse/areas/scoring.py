"""A model carried to people counted: a look-up by pattern of covariates, means by area, simulated ranks.

People with the same covariates have the same probability, so it is computed once a pattern (all products of
levels) and looked up. Ranks are drawn again (Goldstein and Spiegelhalter 1996, Journal of the Royal
Statistical Society A 159:385) with two things that are not known: the coefficients, from their estimated
distribution; and what the census does not ask, by which people of one pattern differ, so that an area of
few people may chance to lie beside its mean. (With the first alone, intervals held the true rank of half
the areas where 95 of 100 were meant.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import FitError, Problem
from .fitting import Model
from .terms import Coded, Codes, Floats

MOST_PATTERNS = 5_000_000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Patterns:
    """Every person's place in the product of all levels, and the design of each product, as blocks."""

    code: Codes
    shape: tuple[int, ...]
    blocks: tuple[Floats, ...]

    def linear(self, coefficients: Floats) -> Floats:
        """The linear predictor of each pattern, in the order of their codes: sums of looked-up parts."""
        total = np.full(1, coefficients[0])
        first = 1
        for block in self.blocks:
            part = block @ coefficients[first : first + block.shape[1]]
            total = (total[:, None] + part[None, :]).ravel()
            first += block.shape[1]
        return total

    def chance(self, coefficients: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-self.linear(coefficients))))


def patterns_of(columns: Sequence[Coded]) -> Patterns:
    """Patterns of people's columns, in the order of the model. FitError PATTERNS for too many."""
    shape = tuple(len(column.values) for column in columns)
    if float(np.prod([float(n) for n in shape])) > MOST_PATTERNS:
        what, fix = "the predictors have too many values together", "put numbers into bands, in both tables"
        raise FitError(Problem("PATTERNS", what, "a look-up of them would not fit", fix))
    code = columns[0].codes.astype(np.int32)
    for size, column in zip(shape[1:], columns[1:], strict=True):
        code *= size
        code += column.codes
    return Patterns(code, shape, tuple(column.block for column in columns))


def means(chance: Floats, code: Codes, area: Codes, people: Floats | None, areas: int) -> Floats:
    """Each area's mean probability: `code` and `area` by row, `people` as how many each row stands for."""
    each = chance.take(code)
    area = area.astype(np.intp, copy=False)  # once, rather than in every count
    if people is None:
        return np.asarray(
            np.bincount(area, each, areas) / np.maximum(np.bincount(area, minlength=areas), 1)
        )
    return np.asarray(
        np.bincount(area, each * people, areas) / np.maximum(np.bincount(area, people, areas), 1)
    )


@dataclass(frozen=True)
class Ranked:
    """By area: the rank of the mean probability (1 the likeliest), its 95% interval, and the share of draws
    in which it is among the first `top`."""

    rank: Codes
    low: Codes
    high: Codes
    sure: Floats


def ranks(values: Floats) -> Codes:
    """1 for the largest; equal ones in their order."""
    placed = np.empty(len(values), np.int64)
    placed[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return placed


def spread(full: Floats, used: Floats, weights: Floats) -> float:
    """How far people of one pattern differ by what only the survey asks: the mean squared difference
    of both models' probabilities, as a share of p (1 - p)."""
    return float(
        np.average((full - used) ** 2, weights=weights) / np.average(used * (1 - used), weights=weights)
    )


@dataclass(frozen=True)
class Places:
    """Where people counted live: the area of each row, how many it stands for, how many areas there are."""

    area: Codes
    people: Floats
    count: int


def drawn(model: Model, patterns: Patterns, where: Places, differ: float, draws: int, seed: int) -> Floats:
    """(draws, areas): mean probabilities under coefficients drawn from their distribution, each area moved
    by what its people differ in unseen (`spread`)."""
    from scipy.sparse import csr_array

    random = np.random.default_rng(seed)
    betas = random.multivariate_normal(model.coefficients, model.covariance, draws, method="cholesky")
    seen, place = np.unique(patterns.code, return_inverse=True)
    held = csr_array((where.people, (where.area, place)), shape=(where.count, len(seen)))
    size = np.maximum(np.bincount(where.area, where.people, where.count), 1)
    chances = np.stack([patterns.chance(beta)[seen] for beta in betas])
    own = patterns.chance(model.coefficients)[seen]
    unseen = np.sqrt(differ * np.asarray(held @ (own * (1 - own)))) / size
    return np.asarray((held @ chances.T).T / size + unseen * random.standard_normal((draws, where.count)))


def ranked(values: Floats, simulated: Floats, top: float) -> Ranked:
    """Ranks of `values` with the intervals that `simulated` (draws, areas) gives them."""
    first = max(1, round(top * len(values)))
    again = np.empty(simulated.shape, np.int32)
    order = np.argsort(-simulated, axis=1, kind="stable")
    np.put_along_axis(again, order, np.arange(1, len(values) + 1, dtype=np.int32)[None, :], axis=1)
    low, high = np.percentile(again, _INTERVAL, axis=0)
    own = ranks(values)
    # The interval of an order is never far from the order itself, but a draw's may miss it by chance.
    low, high = np.minimum(np.floor(low), own), np.maximum(np.ceil(high), own)
    return Ranked(own, low.astype(np.int64), high.astype(np.int64), (again <= first).mean(axis=0))
