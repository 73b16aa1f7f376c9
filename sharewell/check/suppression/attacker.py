"""What an attacker can work out of one column of a table, by linear programming (HiGHS).

The attacker knows every published figure (to within its rounding), every relation between cells, and that
nothing is negative; integrality is not used. What is left is a polytope; a withheld cell is known to lie
between its least and its greatest value there. Any point of the polytope is a witness: it proves that the
interval of every cell reaches at least so far. Points stay witnesses when more cells are withheld, so
proofs are never repeated.

Certification is in batches: one solution, for random costs over all cells not yet proven, moves many of
them at once. Only the cells that no batch moved far enough get an exact minimum and maximum of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..program import load_program, run_program
from ..structure import Floats, Ints, Mask, Structure

if TYPE_CHECKING:
    from scipy.sparse import csc_array, csr_array

BATCHES = 24
FEW = 6
"""Cells left open by the batches that each get a program of their own."""
LARGE = 5000
"""Withheld cells from which one batch over all is enough, and none gets a program of its own."""
INTERIOR_POINT_FROM = 400
"""Variables from which interior point without crossover beats warm primal simplex."""


@dataclass(frozen=True)
class Column:
    """One column to protect: true values, what is known of each once published, and how wide an interval
    must be.

    width: least width of the interval of any withheld cell. share: for a primary cell, the least width as a
    share of the interval's upper end. loose: counts people, who may stand under several values of an
    overlapping dimension.
    """

    name: str
    values: Floats
    lower: Floats
    upper: Floats
    width: float
    share: float = 0.0
    loose: bool = False

    def is_wide(self, low: Floats, high: Floats, primary: Mask) -> Mask:
        """Where an interval meets what is required of it."""
        slack = 1e-7 * np.maximum(1.0, high)
        wide: Mask = high - low >= self.width - slack
        return wide & (~primary | ((1 - self.share) * high - low >= -slack))


class Attacker:
    """The attacker's knowledge of one column, with the intervals proven so far (`low`, `high`, one a
    row)."""

    def __init__(self, structure: Structure, column: Column, overlapping: Mask) -> None:
        self.structure, self.column = structure, column
        self.matrix, self.floor, self.ceiling = relation_matrix(structure, overlapping & column.loose)
        hidden = np.zeros(structure.cells - structure.rows)
        self.values = np.append(column.values, hidden)
        self._unknown = np.diff(self.matrix[:, structure.rows :].indptr) > 0
        self.low, self.high = column.values.copy(), column.values.copy()
        self.cap = 2 * float(self.values.max(initial=0)) + 10 * column.width + 1
        self.keep()
        self._random = np.random.default_rng(20240229)

    def failures(self, suppressed: Mask, primary: Mask) -> Ints:
        """Suppressed rows whose interval is narrower than required.

        Where only a few are left, exact solutions show that they are; where many are, some may only seem
        so, and the cheapest movements, which cost nothing for these, will prove it.
        """
        todo = self.unproven(suppressed, primary)
        if not len(todo):
            return todo
        program = _Program(self, suppressed)
        large = int(suppressed.sum()) > LARGE
        for _ in range(1 if large else BATCHES):
            before = len(todo)
            self._prove(program, todo, suppressed)
            todo = self.unproven(suppressed, primary)
            if not len(todo) or before - len(todo) <= before // 10:
                break
        for cell in todo if len(todo) <= FEW and not large else ():
            for direction in (1.0, -1.0):
                self._learn(program.solve(np.array([cell]), np.array([direction]), exact=True), suppressed)
        return self.unproven(suppressed, primary)

    def _prove(self, program: _Program, todo: Ints, suppressed: Mask) -> None:
        """One batch: all these cells at once, at random costs, and the other way."""
        cost = self._random.uniform(0.5, 1.0, len(todo)) * self._random.choice((-1.0, 1.0), len(todo))
        for direction in (cost, -cost):
            self._learn(program.solve(todo, direction), suppressed)

    def keep(self) -> None:
        """Remember what is proven now, for `go_back`: it holds for every pattern that withholds more."""
        self._kept = (self.low.copy(), self.high.copy())

    def go_back(self) -> None:
        """Forget all proofs since `keep`, which may rest on cells that another pattern shows."""
        self.low, self.high = (proven.copy() for proven in self._kept)

    def tight(self) -> csr_array:
        """The relations that hold with nothing to spare, so that movements must keep them."""
        activity = self.matrix @ self.values
        spare = np.minimum(activity - self.floor, self.ceiling - activity)
        return self.matrix[np.flatnonzero(spare <= 1e-9 * np.maximum(1.0, np.abs(activity)))]

    def freed(self, suppressed: Mask) -> tuple[csc_array, Mask]:
        """The relations that hold exactly, and the cells that are not known exactly."""
        free = np.ones(self.structure.cells, dtype=bool)
        free[: self.structure.rows] = suppressed | (self.column.upper > self.column.lower)
        return self.matrix[np.flatnonzero(self.ceiling == self.floor)].tocsc(), free

    def learn(self, moved: Floats, suppressed: Mask) -> None:
        """Take in a proof found elsewhere: cells (hidden ones may be left out) can move by so much, all
        together.

        It is checked, and shrunk to fit the relations that have something to spare; one that breaks a
        relation or a bound proves nothing.
        """
        rows = self.structure.rows
        by = np.append(moved, np.zeros(len(self.values) - len(moved)))
        slack = 1e-6 * max(1.0, float(np.abs(by).max(initial=0.0)))
        change, activity = self.matrix @ by, self.matrix @ self.values
        below = np.where(self._unknown, 0.0, np.maximum(activity - self.floor, 0.0))
        falling = change < -slack
        share = float(np.min(below[falling] / -change[falling], initial=1.0))
        over = np.isfinite(self.ceiling) & (share * change > slack)
        point = self.column.values + share * by[:rows]
        low = np.where(suppressed, 0.0, self.column.lower)
        high = np.where(suppressed, np.inf, self.column.upper)
        if share > 0 and not (over.any() or (point < low - slack).any() or (point > high + slack).any()):
            self._learn(point, suppressed)

    def learn_point(self, rows: Ints, point: Floats, suppressed: Mask) -> None:
        """Take in a point that fits all relations and bounds, given at the rows that it moves."""
        held = suppressed[rows]
        rows, value = rows[held], np.maximum(point[held], 0.0)
        self.low[rows] = np.minimum(self.low[rows], value)
        self.high[rows] = np.maximum(self.high[rows], value)

    def unproven(self, suppressed: Mask, primary: Mask) -> Ints:
        """Suppressed rows not yet proven wide enough."""
        return np.flatnonzero(suppressed & ~self.column.is_wide(self.low, self.high, primary))

    def _learn(self, point: Floats | None, suppressed: Mask) -> None:
        if point is None:
            return
        rows = np.flatnonzero(suppressed)
        self.low[rows] = np.minimum(self.low[rows], np.maximum(point[rows], 0.0))
        self.high[rows] = np.maximum(self.high[rows], point[rows])


class _Program:
    """The polytope for one pattern, solved again and again with other costs."""

    def __init__(self, attacker: Attacker, suppressed: Mask, moving: Mask | None = None) -> None:
        """moving: the only rows not held at their true values; by default all not known exactly."""
        column, rows = attacker.column, attacker.structure.rows
        free = np.ones(attacker.structure.cells, dtype=bool)
        free[:rows] = suppressed | (column.upper > column.lower) if moving is None else moving
        lower, upper = np.zeros(len(free)), np.full(len(free), attacker.cap)
        known = np.flatnonzero(~suppressed)
        lower[known], upper[known] = column.lower[known], column.upper[known]
        self.variables = np.flatnonzero(free)
        self.place = np.full(len(free), -1)
        self.place[self.variables] = np.arange(len(self.variables))
        self.values = attacker.values.copy()
        # A cell that is published as it is moves to the right-hand side.
        fixed = np.where(free, 0.0, attacker.values)
        constant = attacker.matrix @ fixed
        part = attacker.matrix[:, self.variables]
        used = np.diff(part.indptr) > 0
        self._model = load_program(
            part[used],
            (attacker.floor - constant)[used],
            (attacker.ceiling - constant)[used],
            lower[self.variables],
            upper[self.variables],
        )
        self._warm = len(self.variables) < INTERIOR_POINT_FROM
        if self._warm:
            self._keep_basis()
        else:
            self._model.setOptionValue("solver", "ipm")
            self._model.setOptionValue("run_crossover", "off")

    def _keep_basis(self) -> None:
        """Primal simplex from the last basis: another cost leaves the point feasible, so little is left to
        do."""
        self._warm = True
        self._model.setOptionValue("solver", "simplex")
        self._model.setOptionValue("presolve", "off")
        self._model.setOptionValue("simplex_strategy", 4)

    def solve(self, cells: Ints, weights: Floats, exact: bool = False) -> Floats | None:
        """A point that maximises the weighted cells; None where the solver has no answer."""
        cost = np.zeros(len(self.variables))
        cost[self.place[cells]] = -weights
        if exact and not self._warm:
            self._keep_basis()
        index = np.arange(len(cost), dtype=np.int32)
        self._model.changeColsCost(len(cost), index, cost)
        point = run_program(self._model)
        if point is None:
            return None
        values = self.values.copy()
        values[self.variables] = point
        return values


def relation_matrix(structure: Structure, loose: Mask) -> tuple[csr_array, Floats, Floats]:
    """Rows over cells with bounds: parts less total is 0.

    Across a loose dimension it is at least 0, and no part exceeds the total.
    """
    from scipy.sparse import coo_array, csr_array, vstack

    held = np.flatnonzero(structure.parents >= 0)
    shape = structure.children.shape
    totals = csr_array((np.ones(len(held)), (held, structure.parents[held])), shape=shape)
    matrix = csr_array(structure.children - totals)
    floor, ceiling = np.zeros(shape[0]), np.zeros(shape[0])
    open_: Mask = np.asarray(structure.across[:, loose].any(axis=1), dtype=np.bool_)
    if open_.any():
        ceiling[open_] = np.inf
        pairs = coo_array(structure.children)
        chosen = open_[pairs.row] & (structure.parents[pairs.row] >= 0)
        part, total = pairs.col[chosen], structure.parents[pairs.row[chosen]]
        row = np.arange(len(part))
        signs = np.repeat([1.0, -1.0], len(part))
        under = csr_array((signs, (np.tile(row, 2), np.append(total, part))), shape=(len(part), shape[1]))
        matrix = csr_array(vstack([matrix, under]))
        floor = np.append(floor, np.zeros(len(part)))
        ceiling = np.append(ceiling, np.full(len(part), np.inf))
    return matrix, floor, ceiling
