"""The covariance of a log-linear model's coefficients when the patients of a practice are alike.

The jackknife over practices does best of the usual ways with few clusters (Bell and McCaffrey 2002, Survey
Methodology 28:169; MacKinnon, Nielsen and Webb 2023, Journal of Econometrics 232:272). With fewer clusters
than coefficients it is still blind in some directions, where the spread of the cells stands in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW = 30
"""Practices under which errors clustered by practice tend to be too small (Cameron and Miller 2015, Journal
of Human Resources 50:317)."""
SINGULAR = Problem(
    "SINGULAR",
    "deprivation cannot be told from age, sex and practice",
    "within practices, or in all but one of them, patients of an age and sex live alike or do not consult",
    "use wider age bands, or add practices whose patients differ",
)
_HANGS = 1e12


def clustered(matrix: Floats, outcome: Floats, mean: Floats, practice: Ints, count: int) -> Floats:
    """The covariance (k, k) of the coefficients of `matrix` (n, k), at the fitted `mean` (n,) of cells.

    Under FEW practices no direction is surer than the spread of the cells about their means makes it.
    FitError SINGULAR where the coefficients hang on a single practice.
    """
    found, whole = _left_out(matrix, outcome - mean, mean, practice, count)
    if count >= FEW:
        return found
    free = max(len(outcome) - matrix.shape[1] - count, 1)
    spread = max(float(((outcome - mean) ** 2 / mean).sum()) / free, 1.0)
    return _at_least(found, whole / spread)


def apart(matrix: Floats, mean: Floats, practice: Ints, count: int) -> Floats:
    """The columns less their mean in each practice: what is left of them beside practices' own terms."""
    sums = np.zeros((count, matrix.shape[1]))
    np.add.at(sums, practice, matrix * mean[:, None])
    return np.asarray(matrix - (sums / np.bincount(practice, mean, count)[:, None])[practice])


def _left_out(
    matrix: Floats, residual: Floats, mean: Floats, practice: Ints, count: int
) -> tuple[Floats, Floats]:
    """How far the coefficients move, in one step of Newton, as each practice is left out in turn; and the
    information of all."""
    rows = [practice == one for one in range(count)]
    inner = np.stack([(matrix[held] * mean[held, None]).T @ matrix[held] for held in rows])
    score = np.zeros((count, matrix.shape[1]))
    np.add.at(score, practice, matrix * residual[:, None])
    whole = inner.sum(axis=0)
    rest = whole - inner
    if np.linalg.cond(rest).max() > _HANGS:
        raise FitError(SINGULAR)
    moved = np.linalg.solve(rest, score[:, :, None])[:, :, 0]
    return np.asarray(moved.T @ moved * (count - 1) / count), np.asarray(whole)


def _at_least(covariance: Floats, information: Floats) -> Floats:
    """The covariance, raised in each direction in which it is smaller than the inverse of `information`."""
    root = np.linalg.cholesky(information)
    values, vectors = np.linalg.eigh(root.T @ covariance @ root)
    back = np.linalg.solve(root.T, vectors * np.sqrt(np.maximum(values, 1.0)))
    return np.asarray(back @ back.T)
