"""The consensus that contradicts the fewest statements, and every other one that contradicts as few.

Kemeny 1959 (Daedalus 88:577), exactly, by dynamic programming over subsets: the cheapest way to fill the
first places with a set of items is the cheapest way to fill all but one of them and then that one. There
are often several optima, and which of them is printed would be chance; so all are counted, and only what
holds in every one of them is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError, Problem
from .comparing import Floats, Group, mean_ranks

Ints = NDArray[np.int64]

MOST = 16
"""Items: the work doubles with each one more."""


@dataclass(frozen=True)
class Consensus:
    """All orders that contradict the fewest statements.

    against: statements (a over b, at one table) that each of them contradicts, of all that were made.
    optima: how many such orders there are. first: one of them, the first by name where they differ.
    before: (items, items), the share of optima with the row's item before the column's. agrees_with_mean:
    whether the order by mean rank (Borda) is among them.
    """

    items: tuple[str, ...]
    against: float
    of: float
    optima: int
    first: tuple[str, ...]
    before: Floats
    agrees_with_mean: bool

    @property
    def certain(self) -> frozenset[tuple[str, str]]:
        """Pairs (a, b) with a before b in every optimum."""
        rows, columns = np.nonzero(self.before >= 1.0)
        return frozenset((self.items[i], self.items[j]) for i, j in zip(rows, columns, strict=True))


def kemeny(group: Group) -> Consensus:
    """The consensus of one group of tables. DataError MANY beyond `MOST` items."""
    n = len(group.items)
    if n > MOST:
        what, why = f"{n} items are too many for an exact consensus", "the work doubles with each"
        raise DataError(Problem("MANY", what, why, f"rank at most {MOST} at a time"))
    told = group.told()
    over = np.where(told == 1.0, 1.0, 0.0).sum(axis=0)
    cost = _costs(over)
    best = _forward(cost, n)
    ways, back = _ways(best, cost, n)
    steps = _optimal_steps(best, cost, ways, back, n)
    before = _before(steps, n) / float(ways[-1])
    by_mean = np.argsort(mean_ranks(told.sum(axis=0)), kind="stable")
    return Consensus(
        group.items,
        float(best[-1]),
        float(over.sum()),
        int(ways[-1]),
        tuple(group.items[i] for i in _one(best, cost, n)),
        before,
        bool(_price(over, by_mean) <= best[-1] + 1e-9),
    )


def _costs(over: Floats) -> Floats:
    """(items, subsets): what it costs to place an item right after a set of others: the statements that put
    one of those still to come over it."""
    n = len(over)
    inside = np.zeros((n, 1 << n))
    for i in range(n):
        half = 1 << i
        inside[:, half : 2 * half] = inside[:, :half] + over[i][:, None]
    return np.asarray(over.sum(axis=0)[:, None] - inside)


def _layers(n: int) -> list[Ints]:
    sizes = np.bitwise_count(np.arange(1 << n, dtype=np.uint32))
    return [np.flatnonzero(sizes == size) for size in range(n + 1)]


def _forward(cost: Floats, n: int) -> Floats:
    """(subsets,): the least cost of filling the first places with each set."""
    best = np.full(1 << n, np.inf)
    best[0] = 0.0
    for sets in _layers(n)[:-1]:
        for j in range(n):
            free = sets[(sets >> j) & 1 == 0]
            np.minimum.at(best, free | (1 << j), best[free] + cost[j, free])
    return best


def _ways(best: Floats, cost: Floats, n: int) -> tuple[Ints, Ints]:
    """(subsets,) twice: the number of optimal ways from nothing to a set, and from it to all."""
    ways, back = np.zeros(1 << n, np.int64), np.zeros(1 << n, np.int64)
    ways[0], back[-1] = 1, 1
    layers = _layers(n)
    for sets in layers[:-1]:
        for j in range(n):
            free, after = _optimal(best, cost, sets, j)
            np.add.at(ways, after, ways[free])
    for sets in reversed(layers[:-1]):
        for j in range(n):
            free, after = _optimal(best, cost, sets, j)
            np.add.at(back, free, back[after])
    return ways, back


def _optimal(best: Floats, cost: Floats, sets: Ints, j: int) -> tuple[Ints, Ints]:
    """The sets after which placing item j loses nothing, and what they become."""
    free = sets[(sets >> j) & 1 == 0]
    after = free | (1 << j)
    kept = np.abs(best[free] + cost[j, free] - best[after]) < 1e-9
    return free[kept], after[kept]


def _optimal_steps(best: Floats, cost: Floats, ways: Ints, back: Ints, n: int) -> Floats:
    """(items, subsets): in how many optima an item is placed right after a set."""
    steps = np.zeros((n, 1 << n))
    every = np.arange(1 << n, dtype=np.int64)
    for j in range(n):
        free, after = _optimal(best, cost, every, j)
        steps[j, free] = ways[free] * back[after]
    return steps


def _before(steps: Floats, n: int) -> Floats:
    """(items, items): in how many optima the row's item comes before the column's."""
    every = np.arange(1 << n)
    inside = ((every[None, :] >> np.arange(n)[:, None]) & 1).astype(float)
    return np.asarray(inside @ steps.T)


def _one(best: Floats, cost: Floats, n: int) -> list[int]:
    """One optimum, walked back from the end; of equals the later name is placed last."""
    done, order = (1 << n) - 1, []
    while done:
        j = next(
            j
            for j in reversed(range(n))
            if (done >> j) & 1 and abs(best[done ^ (1 << j)] + cost[j, done ^ (1 << j)] - best[done]) < 1e-9
        )
        order.append(j)
        done ^= 1 << j
    return order[::-1]


def _price(over: Floats, order: Ints) -> float:
    """The statements that an order contradicts."""
    held = over[np.ix_(order, order)]
    return float(np.tril(held, -1).sum())
