"""What part of the differences between practices' weights each component makes, though they overlap.

LMG: the average, over every order in which components could enter, of what one adds to the share of
variance explained (Lindeman, Merenda and Gold 1980; Gromping 2007, American Statistician 61:139). It is
Shapley's value of that share (Shorrocks 2013, Journal of Economic Inequality 11:99), so that the parts add
up to the whole, whatever the overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Floats = NDArray[np.float64]
MOST = 14
"""Components: every subset is looked at, and there are twice as many with each one more."""


@dataclass(frozen=True)
class Parts:
    """By component: `share` of the variance (they add up to `explained`), and what it explains `alone`.

    None where the weights do not differ at all.
    """

    share: Floats
    alone: Floats
    explained: float


def decompose(weight: Floats, components: Floats, size: Floats) -> Parts | None:
    """Parts of the variance of log `weight` (n,) by log `components` (n, k), practices counted by `size`.

    FitError TOO_MANY for more than MOST components.
    """
    count = components.shape[1]
    if count > MOST:
        what = f"{count} components have too many orders to look at"
        raise FitError(Problem("TOO_MANY", what, fix=f"join some, to at most {MOST}"))
    spread = _covariance(np.column_stack([np.log(components), np.log(weight)]), size)
    whole = float(spread[-1, -1])
    if whole <= 1e-16:
        return None
    explained = np.array([_explained(spread, chosen, whole) for chosen in range(1 << count)])
    share = np.zeros(count)
    for part in range(count):
        own = 1 << part
        for chosen in range(1 << count):
            if not chosen & own:
                orders = 1 / (count * comb(count - 1, chosen.bit_count()))
                share[part] += (explained[chosen | own] - explained[chosen]) * orders
    alone = np.array([explained[1 << part] for part in range(count)])
    return Parts(share, alone, float(explained[-1]))


def correlations(components: Floats, size: Floats) -> Floats:
    """Correlations (k, k) of log components, practices counted by `size`; NaN for one that is constant."""
    spread = _covariance(np.log(components), size)
    error = np.sqrt(np.diag(spread))
    error = np.where(error > 1e-8, error, np.nan)
    return np.asarray(spread / np.outer(error, error))


def _covariance(values: Floats, size: Floats) -> Floats:
    share = size / size.sum()
    apart = values - share @ values
    return np.asarray((apart * share[:, None]).T @ apart)


def _explained(spread: Floats, chosen: int, whole: float) -> float:
    """The share of variance that a subset of components explains; a constant one explains nothing."""
    held = [part for part in range(len(spread) - 1) if chosen >> part & 1 and spread[part, part] > 1e-16]
    if not held:
        return 0.0
    inner, outer = spread[np.ix_(held, held)], spread[held, -1]
    return float(outer @ np.linalg.pinv(inner, rcond=1e-10, hermitian=True) @ outer) / whole
