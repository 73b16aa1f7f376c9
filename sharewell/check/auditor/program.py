"""What figures can be, given what is published: bounds and relations as a linear program (scipy)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from .relations import Key

Bounds = dict[Key, tuple[float, float]]
Tie = tuple[Sequence[Key], Sequence[Key], bool]
"""Parts, total, and whether the parts may overlap."""


class Program:
    """The linear program of one column. Cells known exactly are constants."""

    def __init__(self, bounds: Bounds, relations: Sequence[Tie], width: float) -> None:
        free = [key for key, (low, high) in bounds.items() if high > low]
        self.place = {key: i for i, key in enumerate(free)}
        known = max((high for _, high in bounds.values() if math.isfinite(high)), default=0.0)
        self.cap = 4 * known + 20 * width + 1
        self.limits = [(bounds[key][0], min(bounds[key][1], self.cap)) for key in free]
        equal: list[tuple[dict[int, float], float]] = []
        under: list[tuple[dict[int, float], float]] = []
        for parts, total, loose in relations:
            row = self._row([(k, 1.0) for k in parts] + [(k, -1.0) for k in total], bounds)
            if not loose:
                equal.append(row)
                continue
            under.append(({i: -w for i, w in row[0].items()}, -row[1]))
            under += [self._row([(k, 1.0), (t, -1.0)], bounds) for k in parts for t in total]
        self.equal, self.under = self._matrix(equal), self._matrix(under)

    def _row(self, terms: list[tuple[Key, float]], bounds: Bounds) -> tuple[dict[int, float], float]:
        row: dict[int, float] = {}
        right = 0.0
        for key, weight in terms:
            if key in self.place:
                row[self.place[key]] = row.get(self.place[key], 0.0) + weight
            else:
                right -= weight * bounds[key][0]
        return row, right

    def _matrix(self, rows: list[tuple[dict[int, float], float]]) -> tuple[Any, Any]:
        used = [row for row in rows if row[0]]
        if not used:
            return None, None
        entries = [(r, i, w) for r, (row, _) in enumerate(used) for i, w in row.items()]
        at, column, weight = zip(*entries, strict=True)
        matrix = csr_array((weight, (at, column)), shape=(len(used), len(self.place)))
        return matrix, np.array([right for _, right in used])

    def spans(self, cells: list[Key], is_wide: Any) -> dict[Key, tuple[float, float]] | None:
        """Least and greatest value of each cell; a cell already seen to vary enough is not pressed
        further."""
        low = dict.fromkeys(cells, math.inf)
        high = dict.fromkeys(cells, -math.inf)

        def look(cost: Any) -> bool:
            point = self._solve(cost)
            if point is None:
                return False
            for key in cells:
                value = float(point[self.place[key]])
                low[key], high[key] = min(low[key], value), max(high[key], value)
            return True

        random = np.random.default_rng(7)
        for _ in range(8):
            todo = [key for key in cells if low[key] > high[key] or not is_wide(key, low[key], high[key])]
            if not todo:
                break
            cost = np.zeros(len(self.place))
            cost[[self.place[key] for key in todo]] = random.normal(size=len(todo))
            if not (look(cost) and look(-cost)):
                return None
        for key in cells:
            if not is_wide(key, low[key], high[key]):
                cost = np.zeros(len(self.place))
                cost[self.place[key]] = 1.0
                if not (look(cost) and look(-cost)):
                    return None
        return {key: (low[key], high[key]) for key in cells}

    def _solve(self, cost: Any) -> Any:
        a_ub, b_ub = self.under
        a_eq, b_eq = self.equal
        done = linprog(cost, A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=self.limits, method="highs")
        return done.x if done.status == 0 else None
