"""A straight line through people who share homes: a linear model with a random intercept for each.

Laird and Ware 1982 (Biometrics 38:963), by restricted maximum likelihood (statsmodels' MixedLM); the
interval is Student's t with the homes' degrees of freedom. Where the likelihood has no maximum inside
(every person alone in a home, or homes that do not differ at all) it falls back on least squares with
errors clustered by home (Liang and Zeger 1986, Biometrika 73:13), and says so.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import FitError, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIXED = "linear mixed model with a random intercept"
CLUSTERED = "least squares with errors clustered by home"
PLAIN = "least squares with errors robust to unequal spread"


@dataclass(frozen=True)
class Slope:
    """The difference in outcome for one more of the factor, with its 95% interval; and how it was fitted.

    `shared`: the part of what the model leaves unexplained that homes share (intraclass correlation).
    """

    value: float
    low: float
    high: float
    p: float
    people: int
    clusters: int
    parameters: int
    explained: float
    method: str
    shared: float | None = None


def fit_slope(outcome: Floats, matrix: Floats, cluster: Ints | None) -> Slope:
    """The coefficient of the first column of `matrix`, to which a constant is added.

    FitError COLLINEAR where a column says the same as others, FEW where there are hardly more people or
    clusters than columns.
    """
    design = np.column_stack([matrix[:, 0], np.ones(len(outcome)), matrix[:, 1:]])
    _check(design, cluster)
    fitted: tuple[float, float, str, float | None] | None = None
    if cluster is not None and np.unique(cluster).size < len(cluster):
        fitted = _mixed(outcome, design, cluster)
    value, error, method, shared = fitted or _least_squares(outcome, design, cluster)
    return _slope(outcome, design, cluster, value, error, method, shared)


def _check(design: Floats, cluster: Ints | None) -> None:
    free = len(design) if cluster is None else np.unique(cluster).size
    problems = []
    if free < design.shape[1] + 10:
        what = f"{free} independent people or homes for {design.shape[1]} figures of the model"
        problems.append(Problem("FEW", what, "it would repeat its data", "name fewer covariates"))
    elif np.linalg.matrix_rank(design / np.abs(design).max(axis=0).clip(1e-300)) < design.shape[1]:
        what, why = "two columns of the model say the same", "what each does cannot be told apart"
        problems.append(Problem("COLLINEAR", what, why, "leave one of them out"))
    if problems:
        raise FitError(problems)


def _mixed(outcome: Floats, design: Floats, cluster: Ints) -> tuple[float, float, str, float] | None:
    """The mixed model; None where it does not settle."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made: Any = MixedLM(outcome, design, groups=cluster).fit(reml=True)
        except (np.linalg.LinAlgError, ValueError):
            return None
        between, error = float(made.cov_re[0, 0]), float(made.bse[0])
    if not made.converged or not np.isfinite(error) or error <= 0 or between < 1e-8 * made.scale:
        return None
    return float(made.params[0]), error, MIXED, between / (between + float(made.scale))


def _least_squares(
    outcome: Floats, design: Floats, cluster: Ints | None
) -> tuple[float, float, str, float | None]:
    from statsmodels.regression.linear_model import OLS

    if cluster is None:
        made: Any = OLS(outcome, design).fit(cov_type="HC1")
        return float(made.params[0]), float(made.bse[0]), PLAIN, None
    made = OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    return float(made.params[0]), float(made.bse[0]), CLUSTERED, None


def _slope(
    outcome: Floats,
    design: Floats,
    cluster: Ints | None,
    value: float,
    error: float,
    method: str,
    shared: float | None,
) -> Slope:
    from scipy.stats import t

    clusters = len(outcome) if cluster is None else int(np.unique(cluster).size)
    degrees = clusters - design.shape[1]
    half = float(t.ppf(0.975, degrees)) * error
    left = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    whole = float(np.sum((outcome - outcome.mean()) ** 2))
    explained = 1 - float(left @ left) / whole if whole > 0 else 0.0
    p = float(2 * t.sf(abs(value / error), degrees)) if error > 0 else 1.0
    return Slope(
        value, value - half, value + half, p, len(outcome), clusters, design.shape[1],
        min(max(explained, 0.0), 1.0), method, shared,
    )  # fmt: skip
