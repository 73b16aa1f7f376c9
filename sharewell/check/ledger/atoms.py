"""The common refinement of everything published on one population: its atoms.

An atom is a set of people whom no published figure tells apart; a published cell is a sum of atoms. Atoms
are the combinations of levels of the columns (`axes`), clique by clique (`cliques`). An attacker does not
know which combinations have nobody, so all are there, with one exception: where everybody of a level of one
column has the same level of another (a ward and its district), and too many people for that to be chance,
the other combinations are taken to be known not to exist.

Within one agreement, whose answers are kept key by key, `from_membership` gives atoms without predicates:
people who are in just the same cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from ...errors import GateError, Problem
from ..structure import Floats, Ints, Mask
from .axes import Axis, People, cut
from .cliques import Clique, find_cliques, join
from .predicates import Condition, Predicate
from .ragged import lay

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_ATOMS = 400_000
MOST_ENTRIES = 40_000_000
CHANCE = 20
"""People of each level, on average, from which it is no chance that all of them share another column's."""


@dataclass(frozen=True)
class Block:
    """The atoms of one clique. place: grid of its levels -> atom, -1 where the combination cannot be."""

    columns: Clique
    shape: tuple[int, ...]
    place: Ints


@dataclass(frozen=True)
class Atoms:
    """axes: the columns. blocks: their cliques. size: how many atoms. weights: the people of each, if the
    population is at hand. ties: relations x atoms, each of which is 0: that cliques agree."""

    axes: tuple[Axis, ...]
    blocks: tuple[Block, ...]
    size: int
    weights: Floats | None
    ties: csr_array

    def number(self, predicates: Sequence[Predicate]) -> Ints:
        """predicates x columns: which condition each puts on each column, 0 where none."""
        place = {axis.column: i for i, axis in enumerate(self.axes)}
        numbers = np.zeros((len(predicates), len(self.axes)), dtype=np.int64)
        for row, predicate in enumerate(predicates):
            for column, condition in predicate.where:
                i = place[column]
                numbers[row, i] = self.axes[i].number[condition]
        return numbers

    def rows(self, numbers: Ints) -> csr_array:
        """cells x atoms: 1 where the atom is part of the cell. GateError TOO_LARGE beyond MOST_ENTRIES."""
        from scipy.sparse import csr_array

        home = self._home(numbers)
        row, column = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        entries = 0
        for number, block in enumerate(self.blocks):
            mine = np.flatnonzero(home == number)
            at, where = self._expand(block, numbers[mine], MOST_ENTRIES - entries)
            atom = block.place[where]
            row.append(mine[at[atom >= 0]])
            column.append(atom[atom >= 0])
            entries += len(atom)
        rows, columns = np.concatenate(row), np.concatenate(column)
        found = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(numbers), self.size))
        found.sort_indices()
        return found

    def _home(self, numbers: Ints) -> Ints:
        """The smallest block that has all the columns of each cell."""
        home = np.full(len(numbers), -1, dtype=np.int64)
        for number in sorted(range(len(self.blocks)), key=lambda b: -len(self.blocks[b].place)):
            beside = [i for i in range(len(self.axes)) if i not in self.blocks[number].columns]
            home[~(numbers[:, beside] != 0).any(axis=1)] = number
        return home

    def _expand(self, block: Block, numbers: Ints, most: int) -> tuple[Ints, Ints]:
        """For each cell its places on the grid of the block: cell, place."""
        at, where = np.arange(len(numbers)), np.zeros(len(numbers), dtype=np.int64)
        for column, size in zip(block.columns, block.shape, strict=True):
            holds = self.axes[column].holds
            condition, level = np.nonzero(holds)
            start = np.searchsorted(condition, np.arange(len(holds) + 1))
            chosen = numbers[at, column]
            count = start[chosen + 1] - start[chosen]
            if count.sum() > most:
                raise too_large("cells over atoms", most)
            where = np.repeat(where * size, count) + level[lay(start[chosen], count)]
            at = np.repeat(at, count)
        return at, where


def refine(predicates: Sequence[Predicate], people: People | None) -> Atoms:
    """The atoms of these predicates.

    people: the population, where it is at hand and has every column; otherwise atoms have no weights.
    GateError TOO_LARGE beyond MOST_ATOMS: what cannot be judged goes to review.
    """
    conditions: dict[str, dict[Condition, None]] = {}
    for predicate in predicates:
        for column, condition in predicate.where:
            conditions.setdefault(column, {})[condition] = None
    if people is not None and not conditions.keys() <= people.values.keys():
        people = None
    axes = tuple(
        cut(column, list(held), None if people is None else people.values[column])
        for column, held in sorted(conditions.items())
    )
    place = {axis.column: i for i, axis in enumerate(axes)}
    used = {frozenset(place[c] for c in columns) for columns in {p.columns for p in predicates}}
    cliques = find_cliques(used, [axis.size for axis in axes]) or [()]
    shapes = [tuple(axes[c].size for c in clique) for clique in cliques]
    grids = [int(np.prod(shape, dtype=np.float64)) for shape in shapes]
    if sum(grids) > MOST_ATOMS:
        raise too_large("atoms", MOST_ATOMS)
    levels = None if people is None else [_levels(axis, people) for axis in axes]
    blocks, start, weights = [], 0, []
    for clique, shape, grid in zip(cliques, shapes, grids, strict=True):
        there = np.ones(grid, dtype=bool)
        if people is not None and levels is not None:
            there = _possible(clique, shape, levels, people.weights)
            flat = _ravel([levels[c] for c in clique], shape, len(people.weights))
            weights.append(np.bincount(flat, people.weights, minlength=grid)[there])
        at = np.where(there, start + np.cumsum(there) - 1, -1)
        blocks.append(Block(clique, shape, at))
        start += int(there.sum())
    ties = _tie(blocks, cliques, start)
    return Atoms(axes, tuple(blocks), start, np.concatenate(weights) if people is not None else None, ties)


def from_membership(cell: Ints, unit: Ints, units: int) -> tuple[Ints, Floats]:
    """Atoms of units (0 to units - 1) by the cells that each is in: the atom of each unit, and how many
    units each has. Entries say that `unit` is in `cell`; a pair may come again."""
    random = np.random.default_rng(20240229).integers(
        0, 2**63, int(cell.max(initial=-1)) + 1, dtype=np.uint64
    )
    pairs = np.unique(np.stack([unit, cell]), axis=1)
    signature = np.zeros(units, dtype=np.uint64)
    np.add.at(signature, pairs[0], random[pairs[1]])
    _, atom, size = np.unique(signature, return_inverse=True, return_counts=True)
    return atom.astype(np.int64), size.astype(np.float64)


def too_large(what: str, most: int) -> GateError:
    """The refusal of what is too large to judge."""
    return GateError(
        Problem(
            "TOO_LARGE",
            f"what was released of this population refines into more than {most:,} {what}",
            "what differences would reveal cannot be judged, and nothing unjudged leaves",
            "use the bandings and columns of earlier releases, or put it before a reviewer",
            "ledger",
        )
    )


def _levels(axis: Axis, people: People) -> Ints:
    assert axis.levels is not None
    return axis.levels[people.codes[axis.column]]


def _ravel(levels: Sequence[Ints], shape: tuple[int, ...], rows: int) -> Ints:
    flat = np.zeros(rows, dtype=np.int64)
    for level, size in zip(levels, shape, strict=True):
        flat = flat * size + level
    return flat


def _possible(clique: Clique, shape: tuple[int, ...], levels: Sequence[Ints], weights: Floats) -> Mask:
    """The combinations that can be: all but those that a column which decides another rules out."""
    there = np.ones(shape, dtype=bool)
    for a, b in permutations(range(len(clique)), 2):
        one, other = levels[clique[a]], levels[clique[b]]
        met = np.bincount(one * shape[b] + other, weights, minlength=shape[a] * shape[b])
        met = met.reshape(shape[a], shape[b])
        decides = ((met > 0).sum(axis=1) == 1).all() and weights.sum() >= CHANCE * shape[a]
        if decides and 1 < shape[b] <= shape[a]:
            lie = [1] * len(shape)
            lie[a], lie[b] = shape[a], shape[b]
            there &= ((met if a < b else met.T) > 0).reshape(lie)
    return there.reshape(-1)


def _tie(blocks: Sequence[Block], cliques: Sequence[Clique], size: int) -> csr_array:
    """Relations x atoms: what a clique counts of the columns it shares with another is what that counts."""
    from scipy.sparse import coo_array, csr_array, vstack

    found = []
    for a, b, shared in join(cliques):
        sides = []
        for number in (a, b):
            block = blocks[number]
            grid = np.indices(block.shape).reshape(len(block.shape), -1)
            at = [block.columns.index(c) for c in shared]
            shape = tuple(block.shape[i] for i in at)
            flat = _ravel([grid[i] for i in at], shape, len(block.place))
            held = block.place >= 0
            sides.append((flat[held], block.place[held], int(np.prod(shape, dtype=np.int64))))
        rows = np.concatenate([sides[0][0], sides[1][0]])
        columns = np.concatenate([sides[0][1], sides[1][1]])
        signs = np.repeat([1.0, -1.0], [len(sides[0][0]), len(sides[1][0])])
        found.append(coo_array((signs, (rows, columns)), shape=(sides[0][2], size)))
    return csr_array(vstack(found)) if found else csr_array((0, size))
