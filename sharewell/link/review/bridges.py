"""A cluster as a graph: every scored link inside it, and the one it would fall apart at first.

A bridge is a link without which the cluster is two. The weakest link of the strongest spanning tree
(Kruskal 1956) is where a wrong merge shows, bridge or not. Density is links over possible links: a chain
of people who each resemble only the next is sparse, and one person seen often is dense.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import LinkError, Problem
from .waterfall import Ends, Step


@dataclass(frozen=True)
class Edge:
    """A link between two members, by their places. `differs` names comparisons that speak against it."""

    left: int
    right: int
    weight: float
    bridge: bool
    in_tree: bool
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Cluster:
    """`members` by rid; `edges`, weakest first; `weakest` of the tree, None for a cluster of one.

    `parts` are the sizes of the two sides that the weakest link holds together, nothing stronger crossing
    from one to the other; `disputed` counts, by comparison, the links at which records disagree. A link by
    a verified number weighs infinitely much.
    """

    members: tuple[int, ...]
    edges: tuple[Edge, ...]
    weakest: Edge | None
    parts: tuple[int, ...]
    density: float
    disputed: Mapping[str, int]

    @property
    def bridges(self) -> int:
        return sum(edge.bridge for edge in self.edges)


def cluster(weights: Mapping[Ends, float], evidence: Mapping[Ends, Sequence[Step]]) -> Cluster:
    """The cluster of these links; `evidence` as `waterfalls` gives it. LinkError if it is not connected."""
    members = tuple(sorted({rid for ends in weights for rid in ends}))
    place = {rid: at for at, rid in enumerate(members)}
    ends = sorted(weights, key=lambda pair: (weights[pair], pair))
    pairs = [(place[left], place[right]) for left, right in ends]
    tree = _tree(len(members), pairs)
    if len(tree) != max(len(members) - 1, 0):
        raise LinkError(Problem("CLUSTER", "these links are of more than one cluster"))
    edges = tuple(
        Edge(
            *pair,
            weights[end],
            at in tree and _parts(len(members), pairs, {at}) != [len(members)],
            at in tree,
            _against(evidence.get(end, ())),
        )
        for at, (end, pair) in enumerate(zip(ends, pairs, strict=True))
    )
    weakest = min(tree, default=None)
    without = _parts(len(members), [pairs[at] for at in sorted(tree - {weakest})], set()) if tree else []
    possible = len(members) * (len(members) - 1) / 2
    return Cluster(
        members,
        edges,
        None if weakest is None else edges[weakest],
        tuple(without),
        len(set(map(frozenset, pairs))) / possible if possible else 1.0,
        dict(sorted(Counter(name for edge in edges for name in edge.differs).items())),
    )


def _tree(count: int, pairs: Sequence[tuple[int, int]]) -> set[int]:
    """The places of the pairs (weakest first) in the spanning tree that takes the strongest first."""
    parent = list(range(count))

    def root(unit: int) -> int:
        while parent[unit] != unit:
            parent[unit] = unit = parent[parent[unit]]
        return unit

    chosen = set()
    for at in range(len(pairs) - 1, -1, -1):
        one, two = (root(unit) for unit in pairs[at])
        if one != two:
            parent[one] = two
            chosen.add(at)
    return chosen


def _parts(count: int, pairs: Sequence[tuple[int, int]], without: set[int]) -> list[int]:
    """Sizes of the connected components, largest first."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    kept: npt.NDArray[np.int64] = np.array(
        [pair for at, pair in enumerate(pairs) if at not in without], np.int64
    ).reshape(-1, 2)
    graph = coo_array((np.ones(len(kept), np.int8), (kept[:, 0], kept[:, 1])), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    return sorted((int(size) for size in np.bincount(labels)), reverse=True)


def _against(steps: Sequence[Step]) -> tuple[str, ...]:
    """Comparisons whose own outcome speaks against the pair; the prior always does, and is not one."""
    return tuple(dict.fromkeys(s.comparison for s in steps[1:] if s.known and s.weight < 0))
