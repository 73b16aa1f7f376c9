"""Nearest neighbours by Mahalanobis distance, greedily, each comparison person once.

The distance counts every covariate in units of its spread within the arms, and what two covariates share
once (Rubin 1980, Biometrics 36:293; the pooled within-group covariance, as R MatchIt takes it). With a
`caliper` on the propensity score it is Rosenbaum and Rubin's (1985, American Statistician 39:33): the
nearest in the covariates among those near in the score.

Exact, not approximate: people are points in whitened covariates, where the distance is the ordinary one,
and a k-d tree (Bentley 1975; scipy's cKDTree) finds the nearest points. People alike in everything share a
point, which hands them out by the tie rule, so that covariates in few levels cost little. Past a dozen
covariates a k-d tree looks at nearly everybody and slows down.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem
from .matching import Matches, Order, Tie, check_arms, in_turn

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_DECIMALS = 9
"""Whitened covariates and distances are rounded, so that equal people are equally near."""
_FIRST, _WIDER = 8, 8
"""How many points are looked up at first, and how many times more when they do not suffice."""
_BATCH = 2_000
"""Choosers between two trees: a new tree forgets the points whose people are all taken."""


def whitened(columns: Floats, treated: Bools) -> Floats:
    """`columns` (n, k) so turned and scaled that Euclidean distance is Mahalanobis distance.

    FitError SINGULAR where a column is constant within both arms or repeats others.
    """
    inner = columns.astype(np.float64, copy=True)
    for arm in (True, False):
        inner[treated == arm] -= inner[treated == arm].mean(axis=0)
    spread = inner.T @ inner / max(len(columns) - 2, 1)
    size = np.sqrt(np.diag(spread))
    if not (size > 0).all() or np.linalg.cond(spread / np.outer(size, size)) > 1e12:
        what = "a covariate does not vary within the arms, or repeats others"
        raise FitError(Problem("SINGULAR", what, "no distance can be measured", "leave one of them out"))
    turned = np.linalg.solve(np.linalg.cholesky(spread), (columns - columns.mean(axis=0)).T).T
    return np.asarray(np.round(turned, _DECIMALS) + 0.0)


def match_near(
    columns: Floats,
    score: Floats,
    treated: Bools,
    *,
    ratio: int = 1,
    caliper: float | None = None,
    replace: bool = False,
    order: Order = "data",
    tie: Tie = "first",
    exact: Ints | None = None,
    seed: int = 0,
) -> Matches:
    """Match each treated row to `ratio` comparison rows, nearest in `columns` (n, k).

    `score` (n,) says who chooses first, and with a `caliper` (in its standard deviations) who is near
    enough at all; the rest is as in `matching.match`. Raises FitError: SINGULAR, and what `match` raises.
    """
    check_arms(score, treated, ratio, caliper)
    if tie == "below":
        raise FitError(Problem("TIE", "a distance has no below", fix="take first, last or random"))
    place = whitened(columns, treated)
    width = float("inf") if caliper is None else float(caliper * np.std(score, ddof=1))
    strata = np.zeros(len(score), np.int64) if exact is None else exact
    random = np.random.default_rng(seed)
    choosers = in_turn(np.flatnonzero(treated), score, order, random)
    pool = _preferred(np.flatnonzero(~treated), tie, random)
    found = np.full((len(choosers), ratio), -1, np.int64)
    for stratum in np.unique(strata[choosers]):
        here, mine = pool[strata[pool] == stratum], np.flatnonzero(strata[choosers] == stratum)
        if len(here):
            points = _Points(here, place, score, width)
            taken = points.again if replace else points.once
            found[mine] = taken(place[choosers[mine]], score[choosers[mine]], ratio)
    by_row = np.argsort(choosers)
    choosers, found = choosers[by_row], found[by_row]
    some = found[:, 0] >= 0
    return Matches(choosers[some], found[some], choosers[~some], width)


def _preferred(rows: Ints, tie: Tie, random: np.random.Generator) -> Ints:
    if tie == "random":
        return random.permutation(rows)
    return rows[::-1] if tie == "last" else rows


class _Points:
    """Comparison rows, in order of preference, gathered by where they stand; each point is a queue."""

    def __init__(self, rows: Ints, place: Floats, score: Floats, width: float) -> None:
        spots = np.column_stack([place[rows], score[rows]]) if np.isfinite(width) else place[rows]
        queue = np.lexsort(spots.T)  # a stable sort, so that each point keeps the order of preference
        new = np.ones(len(rows), bool)
        new[1:] = (np.diff(spots[queue], axis=0) != 0).any(axis=1)
        starts = np.flatnonzero(new)
        self.place, self.width = place[rows[queue[starts]]], width
        self.score: list[float] = score[rows[queue[starts]]].tolist()
        self.rows, self.preference = rows[queue].tolist(), queue.tolist()
        self.next: list[int] = starts.tolist()
        self.end: list[int] = [*starts[1:].tolist(), len(rows)]

    def once(self, place: Floats, score: Floats, ratio: int) -> Ints:
        """The matches of choosers at `place` with `score`, nobody taken twice; (choosers, ratio)."""
        found = np.full((len(place), ratio), -1, np.int64)
        for turn in range(ratio):
            for first in range(0, len(place), _BATCH):
                batch = slice(first, first + _BATCH)
                live = np.flatnonzero(np.asarray(self.next) < np.asarray(self.end))
                if not len(live):
                    return found
                near = _Near(self, live, place[batch])
                for i in range(len(place[batch])):
                    found[first + i, turn] = self._take(near, i, float(score[first + i]))
        return found

    def again(self, place: Floats, score: Floats, ratio: int) -> Ints:
        """The same where everybody chooses among all."""
        found = np.full((len(place), ratio), -1, np.int64)
        near = _Near(self, np.arange(len(self.next)), place)
        untouched = self.next.copy()
        for i in range(len(place)):
            for turn in range(ratio):
                found[i, turn] = self._take(near, i, float(score[i]))
            for point in near.points[i]:
                self.next[point] = untouched[point]
        return found

    def _take(self, near: _Near, chooser: int, score: float) -> int:
        """The nearest free row within the caliper, by the tie rule, now taken; -1 when there is none."""
        while True:
            best, apart, known = -1, float("inf"), 0.0
            for distance, point in zip(near.distance[chooser], near.points[chooser], strict=True):
                known = distance
                if distance > apart:
                    break
                if self.next[point] < self.end[point] and abs(self.score[point] - score) <= self.width:
                    if best < 0 or self._before(point, best):
                        best = point
                    apart = distance
            # A point beyond those looked up may be as near as the last of them.
            if known > apart or not near.widen(chooser):
                break
        if best < 0:
            return -1
        self.next[best] += 1
        return int(self.rows[self.next[best] - 1])

    def _before(self, point: int, other: int) -> bool:
        return bool(self.preference[self.next[point]] < self.preference[self.next[other]])


class _Near:
    """The nearest points of each chooser of a batch, and more of them on demand."""

    def __init__(self, points: _Points, live: Ints, place: Floats) -> None:
        from scipy.spatial import cKDTree

        self.live, self.place = live, place
        self.tree: Any = cKDTree(points.place[live])
        many = min(_FIRST, len(live))
        distance, at = self.tree.query(place, k=list(range(1, many + 1)))
        self.distance: list[list[float]] = np.round(distance, _DECIMALS).tolist()
        self.points: list[list[int]] = live[at].tolist()

    def widen(self, chooser: int) -> bool:
        """Look further for one chooser; False where all points are known."""
        many = min(len(self.points[chooser]) * _WIDER, len(self.live))
        if many == len(self.points[chooser]):
            return False
        distance, at = self.tree.query(self.place[chooser], k=list(range(1, many + 1)))
        self.distance[chooser] = np.round(distance, _DECIMALS).tolist()
        self.points[chooser] = self.live[at].tolist()
        return True
