"""A worth for each example (Plackett-Luce), where the rankings determine one at all.

Luce 1959; Plackett 1975 (Applied Statistics 24:193). The likelihood has a maximum only if, however the
examples are split in two, somebody put one of each part over one of the other (Ford 1957, American
Mathematical Monthly 64:28). With few rankings it usually has none, and a number would be made by whatever
was added to get one; so none is told then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from .comparing import Floats, Group
from .order import Order


def worths(group: Group) -> Mapping[str, float] | str:
    """The share of worth of each item (they sum to 1), or why there is none."""
    whole = [order for order in group.orders if order.is_complete and not order.tied]
    if not whole:
        return "No table ranked all of its examples without ties, which this model needs."
    if not _is_determined(group.told().sum(axis=0)):
        return "Some examples were never put under any of the others, so no worth is determined."
    at = {item: i for i, item in enumerate(group.items)}
    ranked = [tuple(at[item] for item in _in_order(order)) for order in whole]
    values = _maximum(Counter(ranked), len(at))
    return dict(zip(group.items, values.tolist(), strict=True))


def _in_order(order: Order) -> list[str]:
    under = {item: sum(1 for _, b in order.over if b == item) for item in order.items}
    return sorted(order.items, key=lambda item: under[item])


def _is_determined(over: Floats) -> bool:
    """Whether from each item a way leads to each other along "was put over"."""
    from scipy.sparse.csgraph import connected_components

    count, _ = connected_components(over >= 1, directed=True, connection="strong")
    return bool(count == 1)


def _maximum(ranked: Counter[tuple[int, ...]], n: int) -> Floats:
    """The likelihood's maximum over rankings and how often each was given.

    It is concave in the logarithms of the worths, of which the last is 0.
    """
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    def loss(free: Floats) -> float:
        value = np.append(free, 0.0)
        return float(sum(times * _unlikely(value[list(order)]) for order, times in ranked.items()))

    def _unlikely(placed: Floats) -> float:
        return float(sum(logsumexp(placed[i:]) - placed[i] for i in range(len(placed) - 1)))

    found = np.append(minimize(loss, np.zeros(n - 1), method="BFGS").x, 0.0)
    return np.asarray(np.exp(found - logsumexp(found)))
