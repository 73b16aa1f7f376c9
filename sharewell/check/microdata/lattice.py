"""The lattice of nodes: one level for each quasi-identifier, and what is still open of it.

Each node has a lower bound on the loss of every node at or above it. A node is closed by raising its bound
to infinity, and a whole down-set is closed by one assignment to a block of the array.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import inf, prod

import numpy as np

from ...errors import GateError, Problem
from .classes import Node
from .tuples import Floats

LARGEST = 16_000_000
"""More nodes than this are refused: the bounds would not fit in memory."""


class Lattice:
    """Nodes from `finest` to `coarsest`, both included. costs: for each column, the least loss at each
    level."""

    def __init__(self, finest: Node, coarsest: Node, costs: Sequence[Floats]) -> None:
        shape = tuple(high - low + 1 for low, high in zip(finest, coarsest, strict=True))
        self.nodes = prod(shape)
        if self.nodes > LARGEST:
            raise GateError(
                Problem(
                    "LATTICE",
                    f"{self.nodes} ways to generalise are too many to search",
                    f"the most is {LARGEST}",
                    "set finest or coarsest for some columns, or leave levels out of their hierarchies",
                )
            )
        self._finest = np.array(finest)
        parts = [cost[low : high + 1] for cost, low, high in zip(costs, finest, coarsest, strict=True)]
        self._bound: Floats = reduce(np.add.outer, parts, np.zeros(()))

    def cheapest(self, below: float) -> Node | None:
        """The open node of least bound, if that is under `below`."""
        place = int(self._bound.argmin())
        if not self._bound.flat[place] < below:
            return None
        return self._outer([int(level) for level in np.unravel_index(place, self._bound.shape)])

    def climb(self, node: Node, below: float) -> list[Node]:
        """A chain of open nodes from `node` upwards, by the cheapest step each time, while bounds stay
        under `below`: its end is as high as it can be, so that its failure closes the most."""
        place = list(self._inner(node))
        chain = [node]
        while True:
            best, column = below, -1
            for axis, size in enumerate(self._bound.shape):
                if place[axis] + 1 < size:
                    place[axis] += 1
                    bound = float(self._bound[tuple(place)])
                    place[axis] -= 1
                    if bound < best:
                        best, column = bound, axis
            if column < 0:
                return chain
            place[column] += 1
            chain.append(self._outer(place))

    def close(self, node: Node) -> None:
        """This node is done with."""
        self._bound[self._inner(node)] = inf

    def close_below(self, node: Node) -> None:
        """This node and every node beneath it are done with."""
        self._bound[tuple(slice(0, level + 1) for level in self._inner(node))] = inf

    def raise_above(self, node: Node, bound: float) -> None:
        """No node at or above this one loses less than `bound`."""
        block = self._bound[tuple(slice(level, None) for level in self._inner(node))]
        np.maximum(block, bound, out=block)

    def _inner(self, node: Sequence[int]) -> Node:
        return tuple(int(level) for level in np.array(node, dtype=int) - self._finest)

    def _outer(self, place: Sequence[int]) -> Node:
        return tuple(int(level) for level in np.array(place, dtype=int) + self._finest)
