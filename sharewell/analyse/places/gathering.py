"""Where values gather: Gi* of each cell, the false-discovery rate over all of them, and Moran's I.

Gi* (Ord and Getis 1995, Geographical Analysis 27:4, eq. 14) with binary weights and the cell itself among
its neighbours: the sum of the neighbourhood less what it would be at the mean of all, in standard errors
under random labelling, so that it is read as a normal deviate. With binary weights the sums are sums of
shifted grids, and no matrix of weights is ever built. Equal to R's spdep::localG with include.self and to
esda's G_Local(transform="B", star=True); esda's own default standardises rows, which makes the statistic of
a cell at the edge another one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem
from .grid import Floats, Ints, Mask, spread

Bools = NDArray[np.bool_]


def gi_star_grid(values: Floats, ground: Mask, steps: Ints) -> Floats:
    """Gi* of each cell of a grid over the cells of `ground`; NaN elsewhere, and where it does not exist.

    `steps` as of `grid.offsets`. FitError FEW under three cells of ground, SAME where all values are equal.
    """
    held = np.where(ground, values, 0.0)
    sums, neighbours = spread(held, steps), spread(ground.astype(float), steps)
    found = np.full(values.shape, np.nan)
    found[ground] = _standardised(held[ground], sums[ground], neighbours[ground])
    return found


def gi_star(values: Floats, weights: Any) -> Floats:
    """Gi* for any neighbours: `weights` is a sparse or dense 0/1 matrix with ones on its diagonal."""
    binary = weights.toarray() if hasattr(weights, "toarray") else np.asarray(weights)
    return _standardised(np.asarray(values, float), binary @ values, binary.sum(axis=1))


def _standardised(values: Floats, sums: Floats, neighbours: Floats) -> Floats:
    n = len(values)
    if n < 3:
        raise FitError(Problem("FEW", f"only {n} cells are compared", "a map of so few shows nothing",
                               "take smaller cells, or more ground"))  # fmt: skip
    mean = values.mean()
    deviation = float(np.sqrt(np.mean(values**2) - mean**2)) if np.ptp(values) else 0.0
    if deviation == 0:
        raise FitError(Problem("SAME", "every cell has the same number", "nothing can gather",
                               "look at more incidents, or at other cells"))  # fmt: skip
    room = (n * neighbours - neighbours**2) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z: Floats = (sums - mean * neighbours) / (deviation * np.sqrt(room))
    return np.where(room > 0, z, np.nan)


def upper_tail(z: Floats) -> Floats:
    """One-sided p: how often chance alone gathers as much. NaN where z is."""
    from scipy.special import ndtr

    p: Floats = ndtr(-z)
    return p


def false_discovery(p: Floats) -> Floats:
    """Adjusted p (Benjamini and Hochberg 1995, JRSS B 57:1): the false-discovery rate at which a cell is
    called hot. NaN where p is; those count as no test. Holds for cells that depend on one another as
    neighbours do, positively (Benjamini and Yekutieli 2001, Annals of Statistics 29:4)."""
    tested = np.flatnonzero(np.isfinite(p))
    adjusted = np.full(len(p), np.nan)
    order = tested[np.argsort(p[tested], kind="stable")[::-1]]
    ranked = p[order] * len(order) / np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum.accumulate(np.minimum(ranked, 1.0))
    return adjusted


def morans_i(values: Floats, weights: Any) -> float:
    """Moran's I (1950, Biometrika 37:1): whether neighbours are alike at all. `weights` as they are given:
    row-standardised (the default of R and PySAL) or binary. FitError SAME where all values are equal."""
    from_mean = np.asarray(values, float) - np.mean(values)
    total = float(from_mean @ from_mean)
    if total == 0:
        raise FitError(Problem("SAME", "every value is the same", "neighbours cannot be more alike"))
    return float(len(from_mean) / weights.sum() * (from_mean @ (weights @ from_mean)) / total)
