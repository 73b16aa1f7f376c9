"""How long until it happens, with those to whom it has not yet happened counted for as long as known.

Kaplan and Meier 1958 (JASA 53:457) with Greenwood's variance and the log-rank test (Mantel 1966), as
statsmodels computes them; intervals on the log(-log) scale (Kalbfleisch and Prentice 1980) or, as R does
without being told otherwise, on the log scale; the interval of a median after Brookmeyer and Crowley 1982.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Scale = Literal["log-log", "log"]

SCALES: tuple[Scale, ...] = ("log-log", "log")
Z = 1.959963984540054


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve of `people`: at each of `times` somebody died. `error` is Greenwood's.

    `low` and `high` are NaN where there is no interval: before the first death, and at nought.
    """

    people: int
    times: Floats
    survival: Floats
    error: Floats
    low: Floats
    high: Floats

    def at(self, day: float) -> tuple[float, float, float]:
        """Survival at a day with its interval."""
        place = int(np.searchsorted(self.times, day, side="right")) - 1
        if place < 0:
            return 1.0, float("nan"), float("nan")
        return float(self.survival[place]), float(self.low[place]), float(self.high[place])

    @property
    def median(self) -> tuple[float, float, float]:
        """The first day by which half have died, with its interval; NaN where it was not reached."""
        return self._first(self.survival), self._first(self.low), self._first(self.high)

    def _first(self, values: Floats) -> float:
        below = np.flatnonzero(np.nan_to_num(values, nan=1.0) <= 0.5 + 1e-12)
        return float(self.times[below[0]]) if len(below) else float("nan")


@dataclass(frozen=True)
class Difference:
    """A log-rank test: chi squared, its degrees of freedom, and p."""

    chi2: float
    freedom: int
    p: float


def kaplan_meier(time: Floats, died: Bools, scale: Scale = "log-log", z: float = Z) -> Curve:
    """The curve of people followed for `time` days, of whom some `died` at the end of it.

    Raises FitError EMPTY, or NEGATIVE for a time under nought or none at all.
    """
    _check(time)
    if not died.any():
        none = np.zeros(0)
        return Curve(len(time), none, none, none, none, none)
    from statsmodels.duration.survfunc import SurvfuncRight

    made = SurvfuncRight(time, died.astype(int))
    survival = np.asarray(made.surv_prob, float)
    error = np.nan_to_num(np.asarray(made.surv_prob_se, float))
    low, high = interval(survival, error, scale, z)
    return Curve(len(time), np.asarray(made.surv_times, float), survival, error, low, high)


def interval(survival: Floats, error: Floats, scale: Scale, z: float) -> tuple[Floats, Floats]:
    """Pointwise limits; NaN at one and at nought, where the scale has no end."""
    inside = (survival > 0) & (survival < 1)
    s = np.where(inside, survival, 0.5)
    if scale == "log":
        reach = z * error / s
        low, high = s * np.exp(-reach), np.minimum(s * np.exp(reach), 1.0)
    else:
        reach = z * error / (s * np.abs(np.log(s)))
        low, high = s ** np.exp(reach), s ** np.exp(-reach)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def log_rank(time: Floats, died: Bools, group: Ints) -> Difference | None:
    """Whether the groups live differently long; None with fewer than two groups or without a death."""
    _check(time)
    groups = len(np.unique(group))
    if groups < 2 or not died.any():
        return None
    from statsmodels.duration.survfunc import survdiff

    chi2, p = survdiff(time, died.astype(int), group)
    return Difference(float(chi2), groups - 1, float(p))


def grid(last: float, step: int, landmarks: Sequence[float]) -> list[int]:
    """Days at which a curve is told: each `step`, and the landmarks in place of those half one away."""
    kept = {round(day) for day in landmarks if 0 < day <= last}
    bins = range(step, int(last) + 1, step)
    far = [day for day in bins if all(abs(day - mark) >= step / 2 for mark in kept)]
    return sorted({0, *far, *kept})


def followed(time: Floats, died: Bools, days: Sequence[int]) -> tuple[Ints, Ints, Ints]:
    """At the end of each of `days`: known to be alive then, died by then, lost to view before. They add up.

    Whoever was last known of on that very day was alive on it: deaths come before losses.
    """
    ends = np.asarray(days, float)
    dead = np.searchsorted(np.sort(time[died]), ends, side="right")
    lost = np.searchsorted(np.sort(time[~died]), ends, side="left")
    return len(time) - dead - lost, dead, lost


def _check(time: Floats) -> None:
    if not len(time):
        raise FitError(Problem("EMPTY", "nobody is followed", "there is nothing to count"))
    if not np.isfinite(time).all() or (time < 0).any():
        raise FitError(
            Problem(
                "NEGATIVE",
                "somebody was followed for less than no time, or for how long is not known",
                "dates may be swapped or missing",
                "leave such people out and say how many they are",
            )
        )
