"""How much several rankers agree: Kendall's W, told only where there are enough of them to mean anything.

Kendall and Babington Smith 1939 (Annals of Mathematical Statistics 10:275), with the correction for ties.
By chance alone W averages one over the number of rankers: with two it is a half, so that a number would
suggest an agreement that nobody had. Under `LEAST` rankers it is withheld, and p is by permutation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .comparing import Floats
from .order import Order

LEAST = 5
"""Rankers under whom W says more about chance than about them."""
DRAWS = 9_999


@dataclass(frozen=True)
class Concordance:
    """W from 0 (none) to 1 (all alike), what chance alone gives on average and in 95 of 100 cases, and the
    permutation p. `rankers` ranked all the same items; `items` is how many."""

    w: float
    p: float
    by_chance: float
    by_chance_95: float
    rankers: int
    items: int


def concordance(orders: Sequence[Order], seed: int = 0, draws: int = DRAWS) -> Concordance | str:
    """W of those who ranked everything, or why there is none."""
    whole = [order for order in orders if order.is_complete]
    if not whole or len({frozenset(order.items) for order in whole}) > 1:
        return "The rankings are of different examples, or not of all of them, so no W can be told."
    if len(whole) < LEAST:
        return f"With {len(whole)} complete rankings chance alone would look like agreement: no W is told."
    items = whole[0].items
    ranks = np.array([[_rank(order, item) for item in items] for order in whole])
    if np.ptp(ranks, axis=1).max() == 0:
        return "Everything was put level, so there is no order to agree on."
    w, rng = _w(ranks), np.random.default_rng(seed)
    drawn = np.array([_w(rng.permuted(ranks, axis=1)) for _ in range(draws)])
    p = (1 + int((drawn >= w - 1e-12).sum())) / (1 + draws)
    return Concordance(w, p, float(drawn.mean()), float(np.quantile(drawn, 0.95)), len(whole), len(items))


def _rank(order: Order, item: str) -> float:
    """The mid-rank of an item in a complete order."""
    above = sum(1 for a, b in order.over if b == item)
    level = sum(1 for a, b in order.tied if a == item)
    return 1 + above + level / 2


def _w(ranks: Floats) -> float:
    m, n = ranks.shape
    spread = ((ranks.sum(axis=0) - m * (n + 1) / 2) ** 2).sum()
    ties = sum(float((counts**3 - counts).sum()) for counts in _ties(ranks))
    most = m**2 * (n**3 - n) - m * ties
    return float(12 * spread / most) if most else 0.0


def _ties(ranks: Floats) -> list[Floats]:
    return [np.unique(row, return_counts=True)[1].astype(float) for row in ranks]
