"""Which rankings may be put together, and how often each item was put over each other one.

Tables that shared no example cannot be compared: between their items nothing was ever said. So tables are
grouped by the examples that they shared, and every figure is of one group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .order import Order

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Tables that shared examples, directly or through one another, and the items they spoke of."""

    items: tuple[str, ...]
    orders: tuple[Order, ...]

    def told(self) -> Floats:
        """(tables, items, items): 1 where the table put the row's item over the column's, a half where it
        put them level, 0 otherwise."""
        at = {item: i for i, item in enumerate(self.items)}
        told = np.zeros((len(self.orders), len(at), len(at)))
        for t, order in enumerate(self.orders):
            for a, b in order.over:
                told[t, at[a], at[b]] = 1.0
            for a, b in order.tied:
                told[t, at[a], at[b]] = 0.5
        return told


def groups(orders: Sequence[Order]) -> tuple[Group, ...]:
    """The orders in groups that share items; an order that placed nothing is in none."""
    left = [order for order in orders if order.placed]
    found: list[Group] = []
    while left:
        items, inside = set(left[0].placed), [left.pop(0)]
        while near := [order for order in left if items & set(order.placed)]:
            inside += near
            left = [order for order in left if not items & set(order.placed)]
            items |= {item for order in near for item in order.placed}
        found.append(Group(tuple(sorted(items)), tuple(inside)))
    return tuple(found)


def mean_ranks(told: Floats) -> Floats:
    """The mean rank of each item (1 is first) from how often each was put over each other one.

    told: (..., items, items), summed over tables. A pair that no table compared counts as level, so that an
    item is moved only by what was said of it (Borda's count on what was compared).
    """
    both = told + np.swapaxes(told, -1, -2)
    with np.errstate(invalid="ignore", divide="ignore"):
        lost = np.where(both > 0, np.swapaxes(told, -1, -2) / np.where(both > 0, both, 1), 0.5)
    n = told.shape[-1]
    lost = lost * (1 - np.eye(n))
    return np.asarray(1 + lost.sum(axis=-1))
