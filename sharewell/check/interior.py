"""Many points of one polytope at once: random objectives followed a part of the way from its centre.

Whoever wants to know how far each of thousands of unknowns can move needs many points of the polytope that
lie far apart, and none of them at an exact optimum. From its analytic centre (the point that keeps off all
bounds, by a logarithmic barrier) a few Newton steps towards each of several random objectives, at a
rising weight, go most of the way. All objectives take their steps together; each step is solved by
conjugate gradients over sparse relations, with nothing factorised, so that it stays cheap where interior
point methods for a single program no longer are. (Barrier and path: Boyd and Vandenberghe, Convex
Optimization, 2004, chapter 11; steps in the metric of the barrier: Dikin, 1967.)

Every point is put back on the relations to the last digits and drawn towards the centre until it keeps all
bounds: it proves what it shows, whatever became of its objective.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .conjugate import conjugate_gradients
from .structure import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_STEPS = 200
"""Steps of conjugate gradients for one step of Newton's."""
CENTRING, CENTRED = 25, 0.3
"""Newton steps to the centre at most, and how near to it is enough, in the metric of the barrier."""
ROUGH, EXACT = 1e-3, 1e-7
SNAP = 0.3
"""How near to a bound, in people, a point is put on it."""
FITS = 1e-9
"""How far off a relation a point may be, as a share of the figures in it."""
ROUNDING = 1e-13
"""What of a relation is rounding error, as a share of the figures in it."""
INSIDE = 0.9
"""The share of the way to the nearest bound that a step may go."""


class Interior:
    """floor <= matrix x <= ceiling, lower <= x <= upper, the bounds finite and apart.

    start: some x, at best one that fits. centre: the analytic centre, or None where none was found (there
    is no interior, or it is too thin for this method): then there are no points.
    """

    def __init__(
        self,
        matrix: csr_array,
        bounds: tuple[Floats, Floats],
        lower: Floats,
        upper: Floats,
        start: Floats,
    ) -> None:
        """bounds: floor and ceiling of the relations, finite ones."""
        from scipy.sparse import csr_array, eye_array, hstack

        floor, ceiling = bounds
        loose = np.flatnonzero(ceiling > floor)
        # A relation with something to spare is an equality with an unknown of its own.
        spare = eye_array(len(floor), format="csr")[:, loose]
        self._matrix = csr_array(hstack([matrix, -spare])) if len(loose) else csr_array(matrix)
        self._across = csr_array(self._matrix.T)
        self._squares = self._matrix.power(2)
        self._right = np.where(ceiling > floor, 0.0, floor)[:, None]
        self._own = len(start)
        self._lower = np.append(lower, floor[loose])[:, None]
        self._upper = np.append(upper, ceiling[loose])[:, None]
        values = np.append(start, (matrix @ start)[loose])[:, None]
        self._scale = 1.0 + abs(self._matrix) @ np.abs(values)
        self._centre = self._find_centre(values)

    @property
    def centre(self) -> Floats | None:
        return None if self._centre is None else self._centre[: self._own, 0]

    def follow(self, objectives: Floats, weights: tuple[float, ...], snap: bool = False) -> Floats:
        """Points (unknowns x objectives) on the way to the most of each objective, through the minima of
        weight x -objective + barrier for one rising weight after another."""
        if self._centre is None:
            return np.zeros((self._own, 0))
        cost = np.zeros((len(self._lower), objectives.shape[1]))
        cost[: self._own] = -objectives
        points = np.repeat(self._centre, objectives.shape[1], axis=1)
        for weight in weights:
            points, _ = self._step(points, weight * cost, ROUGH)
        if snap:
            points = np.hstack([points, self._snap(points)])
        return self._fit(points, self._centre)[: self._own]

    def _snap(self, points: Floats) -> Floats:
        """The points with what is near to a bound put on it: where an optimum lies on these bounds, so does
        the point then, once it is put back on the relations."""
        points = np.where(points - self._lower < SNAP, self._lower, points)
        return np.where(self._upper - points < SNAP, self._upper, points)

    def _find_centre(self, values: Floats) -> Floats | None:
        gap = self._upper - self._lower
        if not np.isfinite(gap).all() or (gap <= 0).any():
            return None
        edge = np.minimum(0.1 * gap, 0.1)
        centre = np.clip(values, self._lower + edge, self._upper - edge)
        none = np.zeros_like(centre)
        for _ in range(CENTRING):
            centre, far = self._step(centre, none, 1e-4)
            if far < CENTRED and self._off(centre) < 1e-3:
                break
        centre = self._correct(centre)
        inside = (centre > self._lower).all() and (centre < self._upper).all()
        return centre if inside and self._off(centre) <= FITS else None

    def _step(self, points: Floats, cost: Floats, accuracy: float) -> tuple[Floats, float]:
        """One damped step of Newton's for each column, which also takes back what relations are off."""
        below, above = points - self._lower, self._upper - points
        slope = cost - 1 / below + 1 / above
        room = 1 / (1 / below**2 + 1 / above**2)
        missing = self._right - self._matrix @ points
        dual = self._solve(room, -(self._matrix @ (room * slope)) - missing, accuracy)
        by = -room * (slope + self._across @ dual)
        far = float(np.sqrt((by * by / room).sum(axis=0)).max(initial=0.0))
        nearest = np.maximum(-by / below, by / above).max(axis=0, initial=1e-9)
        return points + np.minimum(1.0, INSIDE / nearest) * by, far

    def _fit(self, points: Floats, centre: Floats) -> Floats:
        """Those points that can be put back on the relations, each drawn towards the centre until it keeps
        the bounds."""
        points = self._correct(points)
        by = points - centre
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(by < 0, (self._lower - centre) / by, (self._upper - centre) / by)
        share = np.where(by == 0, np.inf, room).min(axis=0, initial=np.inf)
        points = centre + np.minimum(1.0, share * (1 - 1e-9)) * by
        off = np.abs(self._matrix @ points - self._right) / self._scale
        return points[:, off.max(axis=0, initial=0.0) <= FITS]

    def _correct(self, points: Floats) -> Floats:
        """The points, moved onto the relations where they have most room."""
        for _ in range(2):
            missing = self._right - self._matrix @ points
            if np.abs(missing / self._scale).max(initial=0.0) <= FITS / 100:
                break
            room = np.minimum(np.abs(points - self._lower), np.abs(self._upper - points)) ** 2 + 1e-12
            points = points + room * (self._across @ self._solve(room, missing, EXACT))
        return points

    def _off(self, points: Floats) -> float:
        return float(np.abs((self._matrix @ points - self._right) / self._scale).max(initial=0.0))

    def _solve(self, room: Floats, right: Floats, accuracy: float) -> Floats:
        """(matrix room matrix') x = right, column by column, by conjugate gradients with the diagonal as
        preconditioner. (Relations that follow from others do no harm: what is asked for is in their span.)
        """
        scale = 1.0 / np.maximum(self._squares @ room, 1e-300)
        size = (right * (scale * right)).sum(axis=0)
        noise = (scale * (ROUNDING * self._scale) ** 2).sum(axis=0)
        enough = np.maximum(accuracy**2 * size, noise)
        return conjugate_gradients(
            lambda step: self._matrix @ (room * (self._across @ step)), scale, right, enough, MOST_STEPS
        )
