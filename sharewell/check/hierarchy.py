"""The categories of one dimension, nested: area within ward within district, ICD block within chapter.

Only categories that a table shows count: one whose parent has no row stands under its nearest ancestor
that has, so that a table may skip a tier. What is left is a tree under ALL. Its *cut* k holds the
categories k steps under ALL, and those that end sooner: every person is in exactly one category of a cut.
(A mapping gives each category one parent; a dimension grouped in two ways is shown as two tables.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import GateError, Problem
from ..plan.finding import ALL

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Dimension:
    """Categories by number; 0 is ALL.

    depth: steps under ALL. above: cuts x categories, the category of that cut that each stands in; -1 where
    it is coarser than the cut.
    """

    depth: Ints
    above: Ints

    @property
    def size(self) -> int:
        return len(self.depth)

    def within(self, cut: int) -> Mask:
        """The categories of a cut."""
        held: Mask = self.above[cut] == np.arange(self.size)
        return held


def read_dimension(
    column: pa.ChunkedArray | pa.Array, parents: Mapping[str, str]
) -> tuple[Ints, Dimension]:
    """The numbers of a column's categories, and how they nest. GateError HIERARCHY for what does not."""
    text = column.cast(pa.string())
    names = sorted(set(pc.unique(text).to_pylist()) - {ALL})
    number = {name: i + 1 for i, name in enumerate(names)}
    values = pa.array([ALL, *names], pa.string())
    codes = np.asarray(pc.index_in(text, value_set=values)).astype(np.int64)
    return codes, _nest(names, number, parents)


def _nest(names: list[str], number: dict[str, int], parents: Mapping[str, str]) -> Dimension:
    _check_tree(parents)
    parent = np.zeros(len(names) + 1, dtype=np.int64)
    for name in names if parents else ():
        up = parents.get(name, ALL)
        while up != ALL and up not in number:
            up = parents.get(up, ALL)
        parent[number[name]] = number.get(up, 0)
    depth = np.ones(len(parent), dtype=np.int64)
    depth[0] = 0
    climbing = parent.copy()
    while climbing.any():
        depth += climbing > 0
        climbing = parent[climbing]
    ends = np.ones(len(parent), dtype=bool)
    ends[parent[1:]] = False
    cuts = int(depth.max()) + 1
    above = np.full((cuts, len(parent)), -1, dtype=np.int64)
    own = np.arange(len(parent))
    for cut in range(cuts - 1, -1, -1):
        above[cut] = np.where((depth == cut) | (ends & (depth < cut)), own, -1)
        deeper = np.flatnonzero(depth > cut)
        above[cut, deeper] = _ancestor(parent, depth, deeper, cut)
    return Dimension(depth, above)


def _ancestor(parent: Ints, depth: Ints, which: Ints, cut: int) -> Ints:
    found = which.copy()
    while (depth[found] > cut).any():
        found = np.where(depth[found] > cut, parent[found], found)
    return found


def _check_tree(parents: Mapping[str, str]) -> None:
    if ALL in parents:
        raise GateError(
            Problem(
                "HIERARCHY", f"{ALL!r} is under a category", "it totals over all of them", "leave it out"
            )
        )
    sound: set[str] = set()
    for name in parents:
        path: list[str] = []
        at = name
        while at in parents and at not in sound:
            if at in path:
                raise GateError(
                    Problem(
                        "HIERARCHY",
                        f"{at!r} is part of itself, by way of its parents",
                        "a hierarchy is a tree under the total",
                        "let each category name the one that it is part of",
                    )
                )
            path.append(at)
            at = parents[at]
        sound.update(path)
