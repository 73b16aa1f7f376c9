"""The node that loses least of all that satisfy the settings: best-first, with predictive tagging.

From the cheapest open node a chain climbs as high as the best loss allows, and is halved (Flash: Kohlmayer
et al. 2012). A node where more rows than the budget would have to be left out, there and anywhere beneath,
closes everything beneath it: people alike stay alike on the way up, so that failure on k and l never heals
on the way down (OLA: El Emam et al. 2009; Incognito: LeFevre et al. 2005). Failure on t or delta can heal
where rows may be left out, because a class left out can bring down the one it merges with; there a bound
decides (`least_left_out`), or the node alone is closed. The search ends when no open node can lose less
than the best; that is the proof, and no step of it takes the loss itself to be monotone, only its bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from .classes import Grouping, Node
from .lattice import Lattice
from .loss import Metric

_SAME = 1e-12
"""Losses that differ by no more, relatively, are the same number added in another order."""


@dataclass(frozen=True)
class Found:
    """The best node, what it loses, and how many of the nodes were looked at to prove it."""

    node: Node
    loss: float
    left_out: int
    looked_at: int
    nodes: int


def search(grouping: Grouping, metric: Metric, finest: Node, coarsest: Node, budget: int) -> Found | None:
    """The best node between finest and coarsest with at most `budget` rows left out, or None."""
    lattice = Lattice(finest, coarsest, metric.costs)
    best: Found | None = None
    looked_at = 0
    while (start := lattice.cheapest(best.loss if best else inf)) is not None:
        chain = lattice.climb(start, best.loss if best else inf)
        low, high = 0, len(chain) - 1
        middle = high
        while low <= high:
            node = chain[middle]
            classes = grouping.classes(node)
            verdict = grouping.judge(classes, budget)
            looked_at += 1
            lattice.raise_above(node, metric.bound(classes))
            if verdict.left_out <= budget:
                loss = metric.loss(classes, verdict)
                if best is None or loss < best.loss:
                    best = Found(node, loss, verdict.left_out, 0, lattice.nodes)
                lattice.close(node)
                high = middle - 1
            else:
                if grouping.least_left_out(classes, verdict, budget) > budget:
                    lattice.close_below(node)
                else:
                    lattice.close(node)
                low = middle + 1
            middle = (low + high) // 2
    if best is None:
        return None
    best = _make_finer(grouping, metric, finest, budget, best)
    return Found(best.node, best.loss, best.left_out, looked_at, lattice.nodes)


def _make_finer(grouping: Grouping, metric: Metric, finest: Node, budget: int, best: Found) -> Found:
    """Of nodes that lose the same, one of which no column can be shown finer: a column of one value is not
    made `*` because that costs nothing."""
    limit = best.loss + abs(best.loss) * _SAME
    column = 0
    while column < len(finest):
        node = (*best.node[:column], best.node[column] - 1, *best.node[column + 1 :])
        if node[column] >= finest[column]:
            classes = grouping.classes(node)
            verdict = grouping.judge(classes, budget)
            if verdict.left_out <= budget and metric.loss(classes, verdict) <= limit:
                loss = metric.loss(classes, verdict)
                best, column = Found(node, loss, verdict.left_out, 0, best.nodes), 0
                continue
        column += 1
    return best
