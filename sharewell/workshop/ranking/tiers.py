"""Tiers instead of places: what stays apart when the tables are drawn again.

Ten people at two tables cannot show that the third is better than the fourth. Tables, not people, are drawn
again, because people at one table are not independent. Intervals are percentile bootstrap, widened for
few tables (Hesterberg 2015, The American Statistician 69:371); under `LEAST` tables there are none, and
only what every table said is kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .comparing import Floats, Group, mean_ranks

Bools = NDArray[np.bool_]

LEAST = 5
"""Tables under which drawing them again says nothing."""
DRAWS = 2_000
LEVEL = 0.90


@dataclass(frozen=True)
class Standing:
    """An item's mean rank (1 is first), its interval where there are tables enough, the tables that placed
    it, and its tier (1 is first)."""

    item: str
    mean: float
    low: float | None
    high: float | None
    tables: int
    tier: int


def standings(
    group: Group, seed: int = 0, draws: int = DRAWS, level: float = LEVEL
) -> tuple[Standing, ...]:
    """The items of one group of tables, first tier first."""
    told = group.told()
    means = mean_ranks(told.sum(axis=0))
    compared = (told + np.swapaxes(told, 1, 2) > 0).any(axis=2).sum(axis=0)
    if len(told) < LEAST:
        low = high = np.full(len(means), np.nan)
        apart = _unanimous(told)
    else:
        drawn = _drawn(told, seed, draws)
        edge = widened(level, len(told))
        low, high = np.quantile(drawn, [edge, 1 - edge], axis=0)
        apart = (drawn[:, :, None] < drawn[:, None, :]).mean(axis=0) >= 1 - edge
    order = np.argsort(means, kind="stable")
    tiers = _tiers(order, apart)
    return tuple(
        Standing(
            group.items[i], float(means[i]), _known(low[i]), _known(high[i]), int(compared[i]), tiers[i]
        )
        for i in order
    )


def widened(level: float, tables: int) -> float:
    """The tail that a percentile interval of `level` must leave at either end with this many tables."""
    from scipy.stats import norm, t

    wide = np.sqrt(tables / (tables - 1)) * t.ppf((1 - level) / 2, tables - 1)
    return float(norm.cdf(wide))


def _drawn(told: Floats, seed: int, draws: int) -> Floats:
    """(draws, items): mean ranks with the tables drawn again, with replacement."""
    tables, n, _ = told.shape
    times = np.random.default_rng(seed).multinomial(tables, np.full(tables, 1 / tables), size=draws)
    summed = (times @ told.reshape(tables, n * n)).reshape(draws, n, n)
    return mean_ranks(summed)


def _unanimous(told: Floats) -> Bools:
    """Pairs that every table compared, and alike: the only ones kept apart where tables are few."""
    return np.asarray((told == 1.0).all(axis=0))


def _tiers(order: NDArray[np.intp], apart: Bools) -> dict[int, int]:
    """A new tier begins only where everything before is apart from everything from there on."""
    tier, found = 1, {}
    for place, item in enumerate(order):
        if place and apart[np.ix_(order[:place], order[place:])].all():
            tier += 1
        found[int(item)] = tier
    return found


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
