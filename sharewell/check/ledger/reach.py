"""How far each count that is asked for can move, given everything published: linear programs in batches.

The attacker's polytope holds every table that fits what was published. A point of it is a witness: it
proves of every count at once that its interval reaches that far. So one solution, for random costs over all
counts not yet proven wide enough, settles many of them (the method of `suppression.attacker`). The first
solutions are sought from the inside, where no count may take more room than it needs, so that one does not
hold up another; those after them by simplex from the last basis, each for next to nothing. What no batch
moves is tried together: if a random weighted sum of counts is the same at its greatest and its least,
every one of them is the same in all tables that fit, but for weights of probability nought; that proves
hundreds exposed with two solutions. Only counts that move, and not far enough, get programs of their own.

Integrality is used in the bounds (`reduce`) and in rounding intervals to whole people, not in the programs:
an interval found here is never narrower than that of whole-number tables. Whole numbers could narrow it
further only where every whole table keeps off a vertex of the polytope, which needs odd cycles of
overlapping cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..program import load_program, run_program
from ..structure import Floats, Ints, Mask
from .reduce import SLACK, Relations, contradiction

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BATCHES = 40
FEW = 6
"""Counts left open by the batches that each get programs of their own at once."""
MOST_ALONE = 100
"""Counts that move, and not far enough in any batch, whose exact ends are sought. More are left
as they are, and taken for exposed: they could not be shown to be safe."""
INTERIOR_POINT_FROM = 400
"""Unknowns from which the first solutions are sought by interior point."""
FIRST = 2
"""Batches by interior point; those after them start from a basis."""
SIMPLEX_UP_TO = 30_000
"""Unknowns up to which a first basis is found in less time than it saves."""
STILL = 1e-3
"""How much a sum may move, by the tolerance of the solver, and count as still."""


@dataclass
class Intervals:
    """What is proven of each count that is asked for.

    low, high: reached by some table that fits. least, most: passed by none. Where both meet the interval is
    known exactly.
    """

    low: Floats
    high: Floats
    least: Floats
    most: Floats

    def width(self) -> Floats:
        """The width that is proven to be reached, in whole people."""
        found: Floats = np.floor(self.high + SLACK) - np.ceil(self.low - SLACK)
        return found


class Reach:
    """The programs over one system. asked: counts x unknowns, with 1 for each unknown that a count sums.

    width: how wide the interval of each count must be. truth: the people of each unknown where they are
    known; the first witness.
    """

    def __init__(self, relations: Relations, asked: csr_array, width: Floats, truth: Floats | None) -> None:
        self.relations, self.asked, self.width = relations, asked, width
        # Rows that only bound one unknown are gone into `least` and `most` (`tighten`); ties add them up.
        ends = np.concatenate([relations.ceiling, relations.most])
        largest = float(ends[np.isfinite(ends)].max(initial=0.0)) + float(relations.least.sum())
        cap = 2 * largest + 10 * float(width.max(initial=1.0)) + 1
        self.upper = np.minimum(relations.most, np.maximum(cap, relations.least))
        self.component, self.part = _components(relations, asked, self.upper > relations.least)
        self._random = np.random.default_rng(20240229)
        self.base = self._feasible() if truth is None else truth
        start = np.asarray(asked @ self.base)
        bounds = asked @ relations.least, asked @ self.upper
        self.intervals = Intervals(start, start.copy(), *(np.asarray(each) for each in bounds))

    def _feasible(self) -> Floats:
        """Some table that fits what was published. GateError CONTRADICTION where none does."""
        self.base = self.relations.least
        free = np.flatnonzero(self.upper > self.relations.least)
        point = (
            _Program(self, free, self.upper).solve(np.zeros(self.relations.unknowns))
            if len(free)
            else self.base
        )
        if point is None:
            raise contradiction()
        return point

    def settle(self) -> Mask:
        """Find every count whose interval is narrower than required: true where it is."""
        todo = np.flatnonzero(~self._exposed() & ~self._wide())
        if len(todo):
            todo = self._inside(todo)
        if len(todo):
            program = self._program(todo)
            todo = self._batches(program, todo)[:MOST_ALONE]
            program.start_from_basis()
            for count in todo[np.argsort(self.part[todo], kind="stable")]:
                self._own(program, int(count))
        return np.asarray(self.intervals.width() < self.width, dtype=np.bool_)

    def _program(self, counts: Ints, most: Floats | None = None) -> _Program:
        """The program of the parts that counts are in. most: the upper bounds of unknowns, if not
        those that are known."""
        unknowns = np.flatnonzero(np.isin(self.component, self.part[counts]))
        return _Program(self, unknowns, self.upper if most is None else most)

    def _exposed(self) -> Mask:
        narrow: Mask = self.intervals.most - self.intervals.least < self.width
        return narrow

    def _wide(self) -> Mask:
        wide: Mask = self.intervals.width() >= self.width
        return wide

    def _inside(self, todo: Ints) -> Ints:
        """Those of `todo` that a few batches from the inside, with no more room than is asked for, leave
        open."""
        room = np.maximum(self.base + float(self.width.max()), self.relations.least)
        program = self._program(todo, np.minimum(self.upper, room))
        if len(program.variables) < INTERIOR_POINT_FROM:
            return todo
        program.start_inside()
        for _ in range(FIRST):
            self._push(program, todo)
            todo = todo[~self._wide()[todo]]
            if not len(todo):
                break
        return todo

    def _batches(self, program: _Program, todo: Ints) -> Ints:
        """Those of `todo` that are neither proven wide nor proven to be still."""
        interval, idle = self.intervals, 0
        if len(program.variables) > SIMPLEX_UP_TO:
            program.start_inside()
        for _ in range(BATCHES):
            before = len(todo)
            self._push(program, todo)
            todo = todo[~self._wide()[todo]]
            if before - len(todo) > before // 10 and len(todo):
                continue
            still = todo[interval.high[todo] - interval.low[todo] <= STILL]
            if len(still) and self._both_ways(program, still) <= STILL:
                interval.least[still], interval.most[still] = interval.low[still], interval.high[still]
                todo = np.setdiff1d(todo, still)
            elif len(still):
                continue
            idle = idle + 1 if before == len(todo) else 0
            if len(todo) <= FEW or idle == 2:
                break
        return todo

    def _push(self, program: _Program, counts: Ints) -> None:
        """Move these counts all at once, each at random up or down, and then the other way; but always up
        where one has been as low as it can be. Any points that fit will do."""
        weights, interval = self._weights(len(counts)), self.intervals
        for sign in (1.0, -1.0):
            lowest = interval.low[counts] <= interval.least[counts] + SLACK
            cost = np.where(lowest, np.abs(weights), sign * weights) * ~self._wide()[counts]
            self._solve(program, counts, cost, exact=False)

    def _weights(self, size: int) -> Floats:
        weights: Floats = self._random.uniform(0.5, 1.0, size) * self._random.choice((-1.0, 1.0), size)
        return weights

    def _both_ways(self, program: _Program, counts: Ints) -> float:
        """The most and the least of a random sum of counts: how far apart they are, infinity if the solver
        failed."""
        weights = self._weights(len(counts))
        most, least = (self._solve(program, counts, sign * weights) for sign in (1.0, -1.0))
        return np.inf if most is None or least is None else most + least

    def _own(self, program: _Program, count: int) -> None:
        """The exact ends of one interval; what the solver cannot answer stays unproven, and is exposed."""
        one, interval = np.array([count]), self.intervals
        if self._wide()[count]:
            return
        most, least = (self._solve(program, one, np.array([sign])) for sign in (1.0, -1.0))
        if most is not None and least is not None:
            interval.most[count], interval.least[count] = most, -least

    def _solve(self, program: _Program, counts: Ints, weights: Floats, exact: bool = True) -> float | None:
        point = program.solve(self.asked[counts].T @ weights, exact)
        if point is None:
            return None
        values = self.asked @ point
        self.intervals.low = np.minimum(self.intervals.low, values)
        self.intervals.high = np.maximum(self.intervals.high, values)
        return float(weights @ values[counts])


class _Program:
    """The polytope over some unknowns, solved again and again with other costs; all others stay as they are
    in the base, which they can, since no relation joins them. most: upper bounds of all unknowns."""

    def __init__(self, reach: Reach, unknowns: Ints, most: Floats) -> None:
        relations = reach.relations
        self.base = reach.base.copy()
        self.variables = unknowns[most[unknowns] > relations.least[unknowns]]
        self.base[self.variables] = 0.0
        part = relations.matrix[:, self.variables]
        used = np.diff(part.indptr) > 0
        self.rows = np.flatnonzero(used)
        constant = (relations.matrix @ self.base)[used]
        self._part = part[used]
        self._floor, self._ceiling = relations.floor[used] - constant, relations.ceiling[used] - constant
        self._least, self._most = relations.least[self.variables], most[self.variables]
        self._model = load_program(self._part, self._floor, self._ceiling, self._least, self._most)
        self.start_from_basis()

    def start_from_basis(self) -> None:
        """Solve by primal simplex from the last basis: another cost leaves the point feasible, so little is
        left to do."""
        self._model.setOptionValue("solver", "simplex")
        self._model.setOptionValue("simplex_strategy", 4)

    def start_inside(self) -> None:
        """Solve by interior point, without looking for a basis."""
        self._model.setOptionValue("solver", "ipm")
        self._model.setOptionValue("run_crossover", "off")

    def solve(self, weights: Floats, exact: bool = True) -> Floats | None:
        """A point that makes the weighted unknowns most; None where the solver has no answer. Without
        `exact` any point does that fits what was published and goes some way."""
        cost = -np.asarray(weights)[self.variables]
        self._model.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        point = run_program(self._model)
        if point is None and not exact:
            point = self._fitting()
        if point is None:
            return None
        values = self.base.copy()
        values[self.variables] = point
        return values

    def _fitting(self) -> Floats | None:
        """Where the solver stopped, if that fits all relations: a witness, whatever it says of it."""
        point = np.asarray(self._model.getSolution().col_value)
        if len(point) != len(self.variables) or not np.isfinite(point).all():
            return None
        sums = self._part @ point
        apart = [self._floor - sums, sums - self._ceiling, self._least - point, point - self._most]
        return point if max(float(each.max(initial=0.0)) for each in apart) <= SLACK else None

    def resting(self) -> Ints:
        """The relations that the last solution rests on."""
        duals = np.asarray(self._model.getSolution().row_dual)
        rows: Ints = self.rows[np.abs(duals) > SLACK]
        return rows


def _components(relations: Relations, asked: csr_array, free: Mask) -> tuple[Ints, Ints]:
    """Which part of the system each unknown is in (-1 where it is fixed), and each count (-1 where all its
    unknowns are fixed). Parts share no relation and no count."""
    from scipy.sparse import coo_array, vstack
    from scipy.sparse.csgraph import connected_components

    both = coo_array(vstack([relations.matrix, asked]))
    held = free[both.col]
    size = both.shape[0] + both.shape[1]
    graph = coo_array((np.ones(held.sum()), (both.row[held], both.shape[0] + both.col[held])), (size, size))
    _, label = connected_components(graph, directed=False)
    unknown = np.where(free, label[both.shape[0] :], -1)
    touched = np.asarray(asked @ free.astype(float)) > 0
    return unknown, np.where(touched, label[relations.matrix.shape[0] : both.shape[0]], -1)


def name_sources(relations: Relations, asked: csr_array, truth: Floats | None) -> list[Ints]:
    """For each count asked for, the releases on whose figures its two ends rest: those with a part in the
    dual solution.

    All that the relations come from where the solver has no answer.
    """
    reach = Reach(relations, asked, np.ones(asked.shape[0]), truth)
    movable = np.flatnonzero(reach.part >= 0)
    program = reach._program(movable) if len(movable) else None
    return [
        _rests_on(program if reach.part[i] >= 0 else None, relations, asked[[i]])
        for i in range(len(reach.part))
    ]


def _rests_on(program: _Program | None, relations: Relations, count: csr_array) -> Ints:
    told = np.zeros(relations.sources.shape[1], dtype=bool)
    for sign in (1.0, -1.0):
        if program is None or program.solve(sign * count.toarray().reshape(-1)) is None:
            return np.flatnonzero(relations.sources.any(axis=0))
        told |= relations.sources[program.resting()].any(axis=0)
    return np.flatnonzero(told)
