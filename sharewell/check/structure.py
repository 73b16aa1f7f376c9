"""How the figures of a table add up: levels, and the relations between them.

A row whose dimension holds ALL totals over it; one that holds a district totals over its wards. How far
each dimension of a row is broken down is its *level*: a cut of every dimension (`hierarchy`). A level is
either published, and then a combination that has no row is a zero that everybody knows, or not published at
all. Between a level and the next finer published ones each total is the sum of its parts: those are the
relations that both this gate and an attacker can use.

Where several finest levels are published and the cells beneath them are not (two one-way margins of a table
nobody shows), the cells beneath still tie the margins together. They enter as hidden cells: unknown to
the attacker, never negative, and nobody's to protect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import GateError, Problem
from .hierarchy import Dimension, read_dimension

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Level = tuple[int, ...]

MOST_CELLS = 1_000_000
MOST_PLACES = 2**62


@dataclass(frozen=True)
class Structure:
    """The cells of a table and the relations between them.

    codes: cells x dimensions; 0 is ALL, other values number the categories. The first `rows` cells are the
    rows of the table in order, the others are hidden.
    parents: the total of each relation, -1 where that total has no row and is therefore a known zero.
    children: relations x cells, 1 where the cell is a part of the total. across: relations x dimensions,
    true where the relation sums over that dimension. below: relations, true where the total is itself a
    category of a hierarchy rather than ALL.
    """

    codes: Ints
    rows: int
    parents: Ints
    children: csr_array
    across: Mask
    below: Mask

    @property
    def cells(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class _Relations:
    """The relations between two levels: totals, and for each part the relation it stands in."""

    parents: Ints
    relation: Ints
    parts: Ints
    across: Mask
    below: bool


def build_structure(
    columns: Sequence[pa.ChunkedArray | pa.Array],
    rows: int,
    hierarchies: Sequence[Mapping[str, str]] = (),
) -> Structure:
    """The structure of rows with these dimensions (text without nulls), each with its category -> parent.

    GateError TWICE for a combination given twice, HIERARCHY for categories that do not nest, TOO_LARGE
    where the cells beneath several margins are more than MOST_CELLS.
    """
    codes, dimensions = read_dimensions(columns, rows, hierarchies)
    if not columns:
        none = np.zeros((0, 0), bool)
        return Structure(codes, rows, *_join([], rows, 0)[:2], none, np.zeros(0, bool))
    places = np.sort(number_places(codes, dimensions))
    if (places[1:] == places[:-1]).any():
        raise GateError(
            Problem(
                "TWICE", "two rows have the same dimensions", "totals would not be totals", "group first"
            )
        )
    return relate_cells(codes, dimensions, MOST_CELLS)


def read_dimensions(
    columns: Sequence[pa.ChunkedArray | pa.Array], rows: int, hierarchies: Sequence[Mapping[str, str]]
) -> tuple[Ints, list[Dimension]]:
    """The codes of each row (rows x dimensions), and how the categories of each dimension nest."""
    codes = np.zeros((rows, len(columns)), dtype=np.int64)
    dimensions = []
    for d, column in enumerate(columns):
        codes[:, d], dimension = read_dimension(column, hierarchies[d] if hierarchies else {})
        dimensions.append(dimension)
    return codes, dimensions


def relate_cells(codes: Ints, dimensions: Sequence[Dimension], most_hidden: int) -> Structure:
    """The structure of cells, each given once. GateError TOO_LARGE for more hidden cells than `most_hidden`
    (0: leave hidden cells out)."""
    rows = len(codes)
    levels = published_levels(codes, dimensions)
    if most_hidden:
        codes, levels = _add_hidden(codes, levels, dimensions, most_hidden)
    found = [_relate(codes, dimensions, coarse, fine) for coarse, fine in steps(levels)]
    return Structure(codes, rows, *_join(found, len(codes), len(dimensions)))


def number_places(codes: Ints, dimensions: Sequence[Dimension]) -> Ints:
    """One number for each combination of categories. GateError TOO_LARGE where they cannot be numbered."""
    if np.prod([float(dimension.size) for dimension in dimensions]) > MOST_PLACES:
        raise GateError(
            Problem(
                "TOO_LARGE",
                "the dimensions have more combinations than can be numbered",
                fix="publish fewer dimensions together, or group their categories more coarsely",
            )
        )
    return _places(codes, dimensions)


def _places(codes: Ints, dimensions: Sequence[Dimension]) -> Ints:
    sizes = tuple(dimension.size for dimension in dimensions)
    return np.asarray(np.ravel_multi_index(tuple(codes.T), sizes), dtype=np.int64)


def published_levels(codes: Ints, dimensions: Sequence[Dimension]) -> list[Level]:
    """The levels that some row shows and that are not merely the ends of a finer one, finest first.

    A district without wards ends in the cut of districts and in that of wards: its rows alone do not say
    that the cut of districts is published.
    """
    depths = np.stack([dimension.depth[codes[:, d]] for d, dimension in enumerate(dimensions)], axis=1)
    number = np.ravel_multi_index(tuple(depths.T), tuple(len(dim.above) for dim in dimensions))
    _, first = np.unique(number, return_index=True)
    present = sorted((tuple(depths[row].tolist()) for row in first), key=lambda level: (-sum(level), level))
    if all(len(dimension.above) <= 2 for dimension in dimensions):
        return present
    found: list[Level] = []
    for level in present:
        rows = np.flatnonzero((depths == level).all(axis=1))
        for finer in found:
            if is_under(finer, level):
                rows = rows[~is_at(codes[rows], dimensions, finer)]
        if len(rows):
            found.append(level)
    return found


def is_under(fine: Level, coarse: Level) -> bool:
    """Whether one level is another, broken down further."""
    return fine != coarse and all(a >= b for a, b in zip(fine, coarse, strict=True))


def is_at(codes: Ints, dimensions: Sequence[Dimension], level: Level) -> Mask:
    """The cells that belong to a level."""
    held = np.ones(len(codes), dtype=bool)
    for d, (dimension, cut) in enumerate(zip(dimensions, level, strict=True)):
        held &= dimension.within(cut)[codes[:, d]]
    return held


def steps(levels: Sequence[Level]) -> list[tuple[Level, Level]]:
    """(coarser, finer) pairs of levels with none between them."""
    below = [(a, b) for a in sorted(levels) for b in sorted(levels) if is_under(b, a)]
    pairs = set(below)
    return [(a, b) for a, b in below if not any((a, c) in pairs and (c, b) in pairs for c in levels)]


def finest_levels(levels: Sequence[Level]) -> list[Level]:
    """The levels that no other breaks down further."""
    return [a for a in levels if not any(is_under(b, a) for b in levels)]


def sums_agree(
    codes: Ints, dimensions: Sequence[Dimension], levels: Sequence[Level], values: Floats
) -> bool:
    """Whether the finest levels tell of the same people: summed to where any two meet, they are equal."""
    for one, other in combinations(finest_levels(levels), 2):
        meet = tuple(min(cuts) for cuts in zip(one, other, strict=True))
        sums = []
        for sign, level in ((1.0, one), (-1.0, other)):
            cells = np.flatnonzero(is_at(codes, dimensions, level))
            sums.append(
                (_places(_ascend(codes[cells], dimensions, meet), dimensions), sign * values[cells])
            )
        places, signed = (np.concatenate(both) for both in zip(*sums, strict=True))
        _, number = np.unique(places, return_inverse=True)
        size = np.bincount(number, np.abs(signed))
        if (np.abs(np.bincount(number, signed)) > 1e-9 * np.maximum(size, 1e-6)).any():
            return False
    return True


def _ascend(codes: Ints, dimensions: Sequence[Dimension], level: Level) -> Ints:
    """The cells of a coarser level that these are parts of."""
    columns = [
        dim.above[cut][codes[:, d]] for d, (dim, cut) in enumerate(zip(dimensions, level, strict=True))
    ]
    return np.stack(columns, axis=1)


def _add_hidden(
    codes: Ints, levels: list[Level], dimensions: Sequence[Dimension], most: int
) -> tuple[Ints, list[Level]]:
    """The unpublished cells beneath several finest levels; none where there is one finest level."""
    finest = finest_levels(levels)
    if len(finest) < 2:
        return codes, levels
    beneath = tuple(max(cuts) for cuts in zip(*finest, strict=True))
    axes = [np.flatnonzero(dim.within(cut)) for dim, cut in zip(dimensions, beneath, strict=True)]
    if np.prod([len(axis) for axis in axes], dtype=float) > most:
        raise GateError(
            Problem(
                "TOO_LARGE",
                "the margins shown rest on too many cells to judge",
                fix="publish the finest table, or fewer margins",
            )
        )
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1).astype(np.int64)
    new = ~np.isin(_places(grid, dimensions), _places(codes, dimensions))
    return np.vstack([codes, grid[new]]), [*levels, beneath]


def _relate(codes: Ints, dimensions: Sequence[Dimension], coarse: Level, fine: Level) -> _Relations:
    parts = np.flatnonzero(is_at(codes, dimensions, fine))
    totals = np.flatnonzero(is_at(codes, dimensions, coarse))
    above = _ascend(codes[parts], dimensions, coarse)
    places = np.concatenate([_places(codes[totals], dimensions), _places(above, dimensions)])
    unique, number = np.unique(places, return_inverse=True)
    parent = np.full(len(unique), -1, dtype=np.int64)
    parent[number[: len(totals)]] = totals
    relation = number[len(totals) :].astype(np.int64)
    # A category that ends in both cuts is its own only part, which says nothing.
    own = parts == parent[relation]
    if own.any():
        kept = np.ones(len(parent), dtype=bool)
        kept[relation[own]] = False
        relation, parts = (np.cumsum(kept) - 1)[relation[~own]], parts[~own]
        parent = parent[kept]
    dims = np.array([a < b for a, b in zip(coarse, fine, strict=True)], dtype=bool)
    below = any(0 < a < b for a, b in zip(coarse, fine, strict=True))
    return _Relations(parent, relation, parts, np.tile(dims, (len(parent), 1)), below)


def _join(found: Sequence[_Relations], cells: int, dimensions: int) -> tuple[Ints, csr_array, Mask, Mask]:
    from scipy.sparse import csr_array

    counts = [len(each.parents) for each in found]
    if not sum(counts):
        none = np.zeros(0, np.int64)
        return none, csr_array((0, cells)), np.zeros((0, dimensions), bool), np.zeros(0, bool)
    starts = np.cumsum([0, *counts[:-1]])
    row = np.concatenate([start + each.relation for start, each in zip(starts, found, strict=True)])
    column = np.concatenate([each.parts for each in found])
    children = csr_array((np.ones(len(row)), (row, column)), shape=(sum(counts), cells))
    parents = np.concatenate([each.parents for each in found])
    across = np.vstack([each.across for each in found])
    below = np.repeat([each.below for each in found], counts)
    if not below.any():
        return parents, children, across, below
    once = _once(parents, row, column)
    return parents[once], csr_array(children[once]), across[once], below[once]


def _once(parents: Ints, row: Ints, column: Ints) -> Ints:
    """The relations, each once: categories that end early repeat one between several pairs of levels."""
    number = np.bincount(row, minlength=len(parents))
    total = np.bincount(row, column, minlength=len(parents))
    square = np.bincount(row, (column % 65521) ** 2, minlength=len(parents))
    _, first = np.unique(np.stack([parents, number, total, square]), axis=1, return_index=True)
    return np.sort(first).astype(np.int64)


def neighbours(structure: Structure) -> list[Ints]:
    """The cells of each relation, total included."""
    indices, indptr = structure.children.indices, structure.children.indptr
    cells = [indices[a:b].astype(np.int64) for a, b in pairwise(indptr)]
    return [np.append(c, p) if p >= 0 else c for c, p in zip(cells, structure.parents, strict=True)]
