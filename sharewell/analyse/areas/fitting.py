"""A logistic model on a weighted survey.

Weights are survey weights: the estimate is that of pseudo maximum likelihood, and its covariance is
linearised (Binder 1983, International Statistical Review 51:279), the sandwich of the weighted scores with
the factor n / (n - 1). Strata and clusters are not in the file, so they are not in the errors. statsmodels
fits it (`GLM` with `var_weights` and `HC0`, which is that sandwich).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import FitError, Problem
from .terms import Floats

_EVENTS = 10
"""Events, and non-events, that each coefficient needs (Peduzzi et al. 1996)."""

_FAR = 15.0
"""No survey shows a log-odds as large as this: the fit runs away."""


@dataclass(frozen=True)
class Model:
    """Log-odds (k,) in the order of `terms`, and their covariance (k, k)."""

    terms: tuple[str, ...]
    coefficients: Floats
    covariance: Floats

    @property
    def errors(self) -> Floats:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def chance(self, matrix: Floats) -> Floats:
        """The probability of each row of a design matrix."""
        return np.asarray(1 / (1 + np.exp(-(matrix @ self.coefficients))))

    def interval(self, at: int) -> tuple[float, float]:
        """The 95% interval of a log-odds."""
        half = 1.959964 * float(self.errors[at])
        return float(self.coefficients[at]) - half, float(self.coefficients[at]) + half

    def p_value(self, at: int) -> float:
        """Of the Wald test that a log-odds is nought."""
        return math.erfc(abs(float(self.coefficients[at] / self.errors[at])) / math.sqrt(2))


def fit_logistic(terms: Sequence[str], matrix: Floats, outcome: Floats, weights: Floats) -> Model:
    """The model of `outcome` (n,) on `matrix` (n, k), which holds its own constant.

    FitError with every cause: FEW (under ten events or non-events a coefficient), SEPARATION (a term whose
    people all have, or all lack, the outcome), SINGULAR (terms that are sums of others).
    """
    problems = [*_few(outcome, matrix.shape[1]), *_separated(terms, matrix, outcome)]
    if problems:
        raise FitError(problems)
    scaled = matrix / np.sqrt((matrix**2).sum(axis=0))
    if float(np.linalg.eigvalsh(scaled.T @ scaled)[0]) < 1e-11:
        what, fix = "some predictors are sums or multiples of others", "leave out one of each such set"
        raise FitError(Problem("SINGULAR", what, "their coefficients cannot be told apart", fix))
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # A survey is small: threads of the linear algebra would only wait for one another.
    with warnings.catch_warnings(), threadpool_limits(1, "blas"):
        warnings.simplefilter("ignore")  # a fit that runs away is refused below, in words
        model = GLM(outcome, matrix, family=Binomial(), var_weights=weights)
        done = model.fit(maxiter=60, cov_type="HC0")
    found = np.asarray(done.params)
    if not done.converged or not np.isfinite(found).all() or np.abs(found * _spread(matrix)).max() > _FAR:
        raise FitError(_runs_away())
    rows = len(outcome)
    return Model(tuple(terms), found, np.asarray(done.cov_params()) * rows / (rows - 1))


def _spread(matrix: Floats) -> Floats:
    spread = matrix.std(axis=0)
    return np.asarray(np.where(spread > 0, spread, 1.0))


def _few(outcome: Floats, parameters: int) -> list[Problem]:
    fewer = int(min(outcome.sum(), len(outcome) - outcome.sum()))
    if fewer >= _EVENTS * parameters:
        return []
    what = f"the outcome is too rare, or too common, for {parameters} coefficients ({_EVENTS} for each)"
    return [Problem("FEW", what, "they would be mostly chance", "take fewer predictors or a larger survey")]


def _separated(terms: Sequence[str], matrix: Floats, outcome: Floats) -> list[Problem]:
    """Categories in which everybody, or nobody, has the outcome: their log-odds has no maximum."""
    found = []
    for at, term in enumerate(terms):
        column = matrix[:, at]
        if at == 0 or not np.isin(column, (0.0, 1.0)).all():
            continue
        share = float(outcome[column == 1].mean())
        if share in (0.0, 1.0):
            found.append(_runs_away(term))
    return found


def _runs_away(term: str = "") -> Problem:
    what = (
        f"all respondents with {term} answer alike"
        if term
        else "the predictors tell the outcome without fail"
    )
    why, fix = "its log-odds would be without end", "join the level to another, or leave the predictor out"
    return Problem("SEPARATION", what, why, fix)
