"""Generalised linear models with a canonical link, by Newton's method over blocks of rows.

McCullagh and Nelder, Generalized Linear Models (1989), ch. 2. Own code because statsmodels, which gives the
same answer to 1e-8 (tested), took 3.2 s (Logit) and 14 s (GLM) where this takes 0.65 processor seconds: one
million rows by thirty covariates, 21,768 treated. Blocks of rows stay in the processor's cache, and a first
fit on every twentieth row gives the start.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import FitError, Problem

Floats = NDArray[np.float64]
Family = Literal["logistic", "poisson"]

_STEPS = 40
_WARM = 20
_WORTH_WARMING = 100_000


@dataclass(frozen=True)
class Glm:
    """A fitted model: coefficients (k,), inverse information (k, k), and the Newton steps taken."""

    family: Family
    coefficients: Floats
    inverse_information: Floats
    steps: int

    def linear(self, matrix: Floats) -> Floats:
        """Linear predictor of each row, without the offset."""
        return np.asarray(np.einsum("ij,j->i", matrix, self.coefficients))

    @property
    def standard_errors(self) -> Floats:
        """Model-based standard errors (k,)."""
        return np.sqrt(np.diag(self.inverse_information))


def fit_glm(
    family: Family,
    matrix: Floats,
    outcome: Floats,
    *,
    weights: Floats | None = None,
    offset: Floats | None = None,
) -> Glm:
    """Maximum likelihood of `outcome` (n,) on `matrix` (n, k), which holds its own constant column.

    Raises FitError when the columns are linearly dependent (SINGULAR) or the likelihood has no maximum,
    which for a logistic model means that some covariates separate the arms (SEPARATION).
    """
    rows = matrix.shape[0]
    weights = np.ones(rows) if weights is None else weights
    offset = np.zeros(rows) if offset is None else offset
    start = np.zeros(matrix.shape[1])
    if family == "poisson":
        start[0] = _log_mean(outcome, weights, offset)
    if rows >= _WORTH_WARMING:
        # A thin sample may lack what the whole has, or lead so far astray that no step comes back from it.
        with suppress(FitError):
            pick = slice(None, None, _WARM)
            sample = (np.ascontiguousarray(matrix[pick]), outcome[pick], weights[pick], offset[pick])
            warm, _, _ = _newton(family, *sample, start)
            return Glm(family, *_newton(family, matrix, outcome, weights, offset, warm))
    try:
        coefficients, inverse, steps = _newton(family, matrix, outcome, weights, offset, start)
    except FitError:
        _check_columns(matrix)
        raise
    return Glm(family, coefficients, inverse, steps)


def _log_mean(outcome: Floats, weights: Floats, offset: Floats) -> float:
    total = float((weights * outcome).sum())
    if total <= 0:
        raise FitError(Problem("NO_EVENTS", "no event was counted", fix="lengthen the follow-up"))
    return float(np.log(total / float((weights * np.exp(offset)).sum())))


def _newton(
    family: Family, matrix: Floats, outcome: Floats, weights: Floats, offset: Floats, start: Floats
) -> tuple[Floats, Floats, int]:
    coefficients = start.copy()
    for step in range(1, _STEPS + 1):
        gradient, information = _derivatives(family, matrix, outcome, weights, offset, coefficients)
        move, inverse = _solve(information, gradient)
        # A step of more than e-fold to the fourth in any one linear predictor is a likelihood without
        # maximum or a poor start; halve it into range, so that neither overflows.
        move *= min(1.0, 8.0 / max(float(np.abs(move).max()), 1e-300))
        coefficients = coefficients + move
        if float(np.abs(move).max()) < 1e-9:
            return coefficients, inverse, step
    raise FitError(_separated())


def _block_of(columns: int) -> int:
    """How many rows to take at once: too little work for the linear algebra library to start threads.

    Its threads spin while they wait, so that on a busy machine they made a fit hundreds of times slower;
    on an idle one they would save a fifth.
    """
    return max(16, min(9_000 // columns, 260_000 // columns**2))


def _derivatives(
    family: Family, matrix: Floats, outcome: Floats, weights: Floats, offset: Floats, coefficients: Floats
) -> tuple[Floats, Floats]:
    size = matrix.shape[1]
    gradient, information = np.zeros(size), np.zeros((size, size))
    step = _block_of(size)
    for first in range(0, matrix.shape[0], step):
        rows = slice(first, first + step)
        block, weight = matrix[rows], weights[rows]
        linear = block @ coefficients + offset[rows]
        if family == "logistic":
            mean = 1.0 / (1.0 + np.exp(-np.clip(linear, -700, 700)))
            variance = mean * (1.0 - mean)
        else:
            mean = np.exp(np.minimum(linear, 50.0))
            variance = mean
        gradient += block.T @ (weight * (outcome[rows] - mean))
        information += (block * (weight * variance)[:, None]).T @ block
    return gradient, information


def _solve(information: Floats, gradient: Floats) -> tuple[Floats, Floats]:
    scale = np.sqrt(np.diag(information))
    if not np.all(scale > 0) or not np.all(np.isfinite(scale)):
        raise FitError(_separated())
    scaled = information / np.outer(scale, scale)
    if _is_singular(scaled):
        raise FitError(_separated())
    inverse = np.linalg.inv(scaled) / np.outer(scale, scale)
    return inverse @ gradient, inverse


def _is_singular(scaled: Floats) -> bool:
    return float(np.linalg.eigvalsh(scaled)[0]) < 1e-11


def _check_columns(matrix: Floats) -> None:
    """FitError SINGULAR when columns are linearly dependent, whatever the outcome."""
    gram = matrix.T @ matrix
    scale = np.sqrt(np.diag(gram))
    if not scale.all() or _is_singular(gram / np.outer(scale, scale)):
        raise FitError(
            Problem(
                "SINGULAR",
                "some covariates are sums or multiples of others",
                "their coefficients cannot be told apart",
                "leave out one of each such set",
            )
        )


def _separated() -> Problem:
    return Problem(
        "SEPARATION",
        "the covariates tell the two arms apart without fail",
        "no comparison person is like the treated ones, so a propensity does not exist",
        "leave out the covariate that decides who is treated, or widen the comparison pool",
    )
