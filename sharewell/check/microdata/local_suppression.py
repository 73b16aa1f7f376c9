"""Suppression of single cells: few people fail, and lose a few values instead of leaving altogether.

What a suppressed cell means. A reader who takes `*` for "unknown" holds that it matches anything (a
wildcard: sdcMicro counts so); a reader who takes it for a value of its own holds that it matches `*` alone.
Rows alike in the second sense are alike in the first too, so that at least as many match, and k is made to
hold in the second, the stricter one. It costs more: a row on its own cannot be hidden by its own cells
only, because k rows must show the same `*`, and some that were safe lend themselves.

Small cases are solved exactly (integer programming by HiGHS, over which people of which class show which
pattern); it is the k-anonymity by suppression of Meyerson and Williams (2004), which is NP-hard. Others are
solved greedily: the cheapest sets of columns first, as many as can be helped by each, then by borrowing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations

import numpy as np

from .cell_moves import Columns, Move, Moves, patterns_of, price, price_of_leaving
from .cell_program import solve_exactly
from .tuples import Ints

EXACT = 1500
"""The most ways (class and set of columns) for which the exact method is tried."""
_SUBSETS = 1024


def suppress_cells(
    codes: Ints, people: Ints, k: int, weights: Sequence[float], removable: int = 0
) -> Moves | None:
    """Which cells to suppress so that every class has k people or more, or none.

    codes: classes x columns. people: of each class. weights: what a cell of each column costs. removable:
    how many rows may leave instead. None where it cannot be done (fewer than k people, and they may not
    leave).
    """
    if (people[people > 0] >= k).all():
        return Moves((), True, 0.0)
    subsets = _subsets(weights)
    if len(subsets) == 2 ** len(weights) and len(people) * (len(subsets) + 1) <= EXACT:
        found = solve_exactly(codes, people, k, weights, removable, subsets)
        if found is not None:
            return found
    return _Greedy(codes, people, k, weights, removable, subsets).run()


def _subsets(weights: Sequence[float]) -> list[Columns]:
    """Sets of columns, cheapest first; where there are too many, those of up to three columns and all."""
    columns = range(len(weights))
    sizes = columns if 2 ** len(weights) <= _SUBSETS else range(min(4, len(weights)))
    found = chain.from_iterable(combinations(columns, size) for size in sizes)
    cheapest = sorted(found, key=lambda each: (price(each, weights), len(each), each))
    return [*cheapest, tuple(columns)]


class _Greedy:
    """The cheapest sets of columns first. `waiting`: people of each class not yet helped; `intact`: people
    who show everything and are at least k; `shown`: people who show a pattern already."""

    def __init__(
        self,
        codes: Ints,
        people: Ints,
        k: int,
        weights: Sequence[float],
        removable: int,
        subsets: Sequence[Columns],
    ) -> None:
        self.codes, self.k, self.weights, self.removable = codes, k, weights, removable
        self.subsets = [subset for subset in subsets if subset]
        self.waiting = np.where(people < k, people, 0)
        self.intact = np.where(people >= k, people, 0)
        self.shown: dict[tuple[Columns, int], int] = {}
        self.moves: list[Move] = []
        self.patterns: list[int] = []
        self.cost = 0.0

    def run(self) -> Moves | None:
        full = self.subsets[-1]
        for subset in self.subsets[:-1]:
            self._help(subset, borrow=False)
        for subset in self.subsets[:-1]:
            self._help(subset, borrow=True)
        self._help(full, borrow=False)
        left = int(self.waiting.sum())
        if left and left <= self.removable:
            for of in np.flatnonzero(self.waiting):
                self._move(int(of), None, int(self.waiting[of]), -1)
            self.waiting[:] = 0
        elif left:
            self._help(full, borrow=True)
            self._widen(full)
        return None if self.waiting.any() else Moves(tuple(self.moves), False, self.cost)

    def _help(self, subset: Columns, borrow: bool) -> None:
        """Suppress `subset` for everybody who then is one of k, people who lend themselves included where
        that is cheaper than to suppress everything of those who wait."""
        if not self.waiting.any():
            return
        for pattern, members in self._groups(subset):
            waiting = int(self.waiting[members].sum())
            missing = self.k - waiting - self.shown.get((subset, pattern), 0)
            if missing > 0:
                cheap = price(subset, self.weights) * (waiting + missing) <= waiting * sum(self.weights)
                if not borrow or not (cheap or subset == self.subsets[-1]):
                    continue
                if not self._lend(subset, pattern, members, missing):
                    continue
            for of in members[self.waiting[members] > 0]:
                self._move(int(of), subset, int(self.waiting[of]), pattern)
            self.waiting[members] = 0
            self.shown[subset, pattern] = max(self.k, waiting)

    def _groups(self, subset: Columns) -> Iterator[tuple[int, Ints]]:
        """Each pattern that somebody waiting would show, and all classes that would show it."""
        patterns = patterns_of(self.codes, subset)
        order = np.argsort(patterns, kind="stable")
        edges = np.searchsorted(patterns[order], np.arange(patterns.max() + 2))
        for pattern in np.unique(patterns[self.waiting > 0]):
            yield int(pattern), order[edges[pattern] : edges[pattern + 1]]

    def _lend(self, subset: Columns, pattern: int, members: Ints, missing: int) -> bool:
        """People of intact classes join: first those a class can spare, then whole classes, small first."""
        spare = np.where(self.intact[members] > 0, self.intact[members] - self.k, 0)
        plan = np.zeros(len(members), dtype=np.int64)
        for at in np.argsort(-spare, kind="stable"):
            plan[at] = min(spare[at], missing - plan.sum())
        if plan.sum() < missing:
            plan[:] = 0
            sizes = np.where(self.intact[members] > 0, self.intact[members], np.iinfo(np.int64).max)
            for at in np.argsort(sizes, kind="stable"):
                if plan.sum() >= missing or self.intact[members[at]] == 0:
                    break
                plan[at] = self.intact[members[at]]
            if plan.sum() < missing:
                return False
        for at in np.flatnonzero(plan):
            self.intact[members[at]] -= plan[at]
            self._move(int(members[at]), subset, int(plan[at]), pattern)
        return True

    def _widen(self, full: Columns) -> None:
        """Nobody intact is left to lend: one pattern loses everything, so that the last may join."""
        shown: dict[tuple[Columns, int], list[int]] = {}
        for at, (move, pattern) in enumerate(zip(self.moves, self.patterns, strict=True)):
            if move.columns is not None:
                shown.setdefault((move.columns, pattern), []).append(at)
        if not self.waiting.any() or not shown:
            return

        def extra(group: tuple[Columns, int]) -> float:
            more = sum(self.weights) - price(group[0], self.weights)
            return more * sum(self.moves[at].people for at in shown[group])

        cheapest = min(shown, key=extra)
        self.cost += extra(cheapest)
        for at in shown[cheapest]:
            self.moves[at] = Move(self.moves[at].of, full, self.moves[at].people)
        for of in np.flatnonzero(self.waiting):
            self._move(int(of), full, int(self.waiting[of]), 0)
        self.waiting[:] = 0

    def _move(self, of: int, columns: Columns | None, people: int, pattern: int) -> None:
        self.moves.append(Move(of, columns, people))
        self.patterns.append(pattern)
        each = price_of_leaving(self.weights) if columns is None else price(columns, self.weights)
        self.cost += each * people
