"""A system made small before a linear program sees it; every step keeps exactly what can be worked out.

1. Atoms of a cell published as nobody are nobody.
2. A margin less the parts that are published exactly is its withheld parts: usually a few, often none.
3. Atoms in the same rows are one unknown, and rows that say nothing are dropped.
4. Bounds follow from rows and rows from bounds, round after round, in whole people. (Whole numbers are what
   a linear program does not know of: an unknown between 0.4 and 1.6 is 1.)
5. What is fixed by then is no unknown any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import GateError, Problem
from ..structure import Floats, Ints, Mask
from .ragged import lay
from .system import System

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ROUNDS = 40
SLACK = 1e-6


@dataclass(frozen=True)
class Relations:
    """floor <= matrix x <= ceiling and least <= x <= most, over unknowns.

    unknown: which unknown each atom is part of, -1 where it is nobody. sources: relations x releases, which
    releases told what the relation says.
    """

    matrix: csr_array
    floor: Floats
    ceiling: Floats
    least: Floats
    most: Floats
    unknown: Ints
    sources: Mask

    @property
    def unknowns(self) -> int:
        return len(self.least)

    def count(self, weights: Floats) -> Floats:
        """The people of each unknown."""
        there = self.unknown >= 0
        counts = np.bincount(self.unknown[there], weights[there], minlength=self.unknowns)
        return counts.astype(np.float64)

    def express(self, sets: csr_array) -> csr_array:
        """Sets of atoms as sets of unknowns: sets x unknowns."""
        from scipy.sparse import csr_array

        first = np.zeros(self.unknowns, dtype=np.int64)
        there = np.flatnonzero(self.unknown >= 0)
        first[self.unknown[there]] = there
        return csr_array(sets[:, first])


def reduce(system: System, sets: csr_array) -> Relations:
    """The relations between unknowns. sets (sets x atoms) are those whose counts are asked for: none of
    them cuts an unknown in two. GateError CONTRADICTION where no whole numbers fit what was published."""
    from scipy.sparse import csr_array, vstack

    ties = system.atoms.ties
    nobody = np.asarray(system.matrix[system.high <= 0].sum(axis=0)).reshape(-1) > 0
    matrix, floor, ceiling, sources = work_away(system)
    telling = np.flatnonzero(((floor > 0) | np.isfinite(ceiling)) & (np.diff(matrix.indptr) > 0))
    matrix = csr_array(vstack([matrix[telling], ties]))
    floor = np.append(floor[telling], np.zeros(ties.shape[0]))
    ceiling = np.append(ceiling[telling], np.zeros(ties.shape[0]))
    unknown = _merge(csr_array(vstack([matrix, sets])), nobody)
    first = np.zeros(int(unknown.max(initial=-1)) + 1, dtype=np.int64)
    first[unknown[unknown >= 0]] = np.flatnonzero(unknown >= 0)
    least, most = np.zeros(len(first)), np.full(len(first), np.inf)
    sources = np.vstack([sources[telling], np.zeros((ties.shape[0], sources.shape[1]), dtype=bool)])
    return Relations(csr_array(matrix[:, first]), floor, ceiling, least, most, unknown, sources)


def work_away(system: System) -> tuple[csr_array, Floats, Floats, Mask]:
    """Each row less those smaller cells of its own release that lie within it and are known exactly:
    matrix, low, high, and the releases that told them."""
    from scipy.sparse import coo_array, csr_array

    matrix, low, high = system.matrix, system.low.copy(), system.high.copy()
    size = np.diff(matrix.indptr).astype(np.int64)
    parents, children = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    keep, done = np.ones(matrix.nnz, dtype=bool), np.zeros(system.rows, dtype=bool)
    for release in range(len(system.starts) - 1):
        rows = np.unique(system.rows_of(release))
        rows = rows[np.argsort(-size[rows], kind="stable")]
        exact = rows[system.low[rows] == system.high[rows]]
        part = np.full(system.atoms.size, -1)
        # Smaller cells come last and overwrite: each atom has the smallest that it is in.
        held = lay(matrix.indptr[exact].astype(np.int64), size[exact])
        part[matrix.indices[held]] = np.repeat(exact, size[exact])
        rows = rows[~done[rows]]
        at = lay(matrix.indptr[rows].astype(np.int64), size[rows])
        owner, child = np.repeat(rows, size[rows]), part[matrix.indices[at]]
        inner = (child >= 0) & (child != owner)
        at, owner, child = at[inner], owner[inner], child[inner]
        pair, number, count = np.unique(
            owner * system.rows + child, return_inverse=True, return_counts=True
        )
        parent, inside = np.divmod(pair, system.rows)
        whole = (size[inside] == count) & (size[inside] < size[parent])
        keep[at[whole[number.reshape(-1)]]] = False
        known = np.bincount(parent[whole], system.low[inside[whole]], minlength=system.rows)
        low, high = low - known, high - known
        done[parent[whole]] = True
        parents.append(parent[whole])
        children.append(inside[whole])
    left = np.append(0, np.cumsum(keep))[matrix.indptr]
    reduced = csr_array((matrix.data[keep], matrix.indices[keep], left), shape=matrix.shape)
    pairs = np.concatenate(parents), np.concatenate(children)
    took = csr_array(coo_array((np.ones(len(pairs[0])), pairs), shape=(system.rows, system.rows)))
    sources = system.sources
    sources |= np.asarray(took @ sources.astype(float)) > 0
    return reduced, np.maximum(low, 0.0), high, sources


def tighten(relations: Relations) -> Relations:
    """The same relations with the bounds on unknowns that follow from them, in whole people.

    Rows that the bounds alone imply say nothing more, and go. GateError CONTRADICTION.
    """
    from scipy.sparse import csr_array

    matrix = relations.matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column, sign = matrix.indices, matrix.data
    order = np.argsort(column, kind="stable")
    row, column, sign = row[order], column[order], sign[order]
    held, begin = np.unique(column, return_index=True)
    least, most = relations.least.copy(), relations.most.copy()
    for _ in range(ROUNDS if len(row) else 0):
        under, over = _sides(matrix, least, most)
        mine = np.where(sign > 0, least[column], -most[column])
        upper = _less(relations.ceiling[row], under, row, mine, np.inf)
        mine = np.where(sign > 0, most[column], -least[column])
        lower = _less(relations.floor[row], over, row, mine, -np.inf)
        high, low = np.where(sign > 0, upper, -lower), np.where(sign > 0, lower, -upper)
        new_most = np.minimum(most[held], np.floor(np.minimum.reduceat(high, begin) + SLACK))
        new_least = np.maximum(least[held], np.ceil(np.maximum.reduceat(low, begin) - SLACK))
        moved = (new_most < most[held]) | (new_least > least[held])
        most[held], least[held] = new_most, new_least
        if not moved.any():
            break
    if (least > most).any():
        raise contradiction()
    under, over = _sides(matrix, least, most)
    telling = (under[0] + np.where(under[1] > 0, -np.inf, 0) < relations.floor - SLACK) | (
        over[0] + np.where(over[1] > 0, np.inf, 0) > relations.ceiling + SLACK
    )
    return Relations(
        csr_array(matrix[telling]),
        relations.floor[telling],
        relations.ceiling[telling],
        least,
        most,
        relations.unknown,
        relations.sources[telling],
    )


def contradiction() -> GateError:
    """What is raised where nothing fits all that was published."""
    return GateError(
        Problem(
            "CONTRADICTION",
            "no whole numbers of people fit everything that was published",
            "some releases do not count the people, or by the columns, that they say",
            "name each population and column by itself, and give a new snapshot when people change",
            "ledger",
        )
    )


Side = tuple[Floats, Floats]
"""Of each row: the sum of its finite terms, and how many are infinite."""


def _sides(matrix: csr_array, least: Floats, most: Floats) -> tuple[Side, Side]:
    """The least and the greatest that each row can be."""
    plus, minus = matrix.maximum(0), (-matrix).maximum(0)
    finite, endless = np.where(np.isfinite(most), most, 0.0), (~np.isfinite(most)).astype(float)
    under = (plus @ least - minus @ finite, minus @ endless)
    over = (plus @ finite - minus @ least, plus @ endless)
    return under, over


def _less(bound: Floats, side: Side, row: Ints, mine: Floats, endless: float) -> Floats:
    """What a row's bound leaves to one of its terms: the bound less the others; `endless` if one of them
    is."""
    own = np.where(np.isfinite(mine), mine, 0.0)
    others = side[1][row] - ~np.isfinite(mine)
    left: Floats = np.where(others > 0, endless, bound - (side[0][row] - own))
    return left


def _merge(matrix: csr_array, nobody: Mask) -> Ints:
    """Unknowns of atoms: one for all atoms with the same column; -1 where nobody is."""
    random = np.random.default_rng(20240229).integers(0, 2**63, matrix.shape[0], dtype=np.uint64)
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    told = np.where(matrix.data > 0, random[row], ~random[row])
    signature = np.zeros(matrix.shape[1], dtype=np.uint64)
    np.add.at(signature, matrix.indices, told)
    unknown = np.full(matrix.shape[1], -1, dtype=np.int64)
    _, number = np.unique(signature[~nobody], return_inverse=True)
    unknown[~nobody] = number
    return unknown
