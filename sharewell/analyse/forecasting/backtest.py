"""How wrong a method would have been on years that are known: the only ground for a fan.

Each known year is in turn taken as the last; what the method then says of the years after it is held
against what came, and so is the naive forecast (Tashman 2000, International Journal of Forecasting 16:437,
rolling origin). The fan is the root mean square of those errors on the log scale, with Student's t for how
few they are: it holds whatever bias the method had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Method = Callable[[Floats, int], Floats]

INNER, OUTER = 0.5, 0.8
"""Shares of the years to come that the two bands of a fan are to hold."""


@dataclass(frozen=True)
class Backtest:
    """Forecasts of known figures: a row an area, origin and step ahead."""

    area: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    forecast: Floats
    naive: Floats
    actual: Floats

    def of(self, step: int) -> Backtest:
        """Those `step` ahead."""
        rows = self.step == step
        return Backtest(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def errors(self) -> Floats:
        """On the log scale; half a person more keeps an empty ward from having none."""
        return np.asarray(np.log((self.actual + 0.5) / (self.forecast + 0.5)))


def backtest(series: Floats, least: int, ahead: int, method: Method, naive: Method) -> Backtest:
    """`series` is areas x periods x anything; the first origin has `least` periods behind it."""
    areas, periods = series.shape[:2]
    actual = series.reshape(areas, periods, -1).sum(axis=2)
    parts = []
    for last in range(least, periods):
        reach = min(ahead, periods - last)
        said, plain = method(series[:, :last], reach), naive(series[:, :last], reach)
        for step in range(1, reach + 1):
            came = actual[:, last + step - 1]
            parts.append(
                (
                    np.arange(areas),
                    np.full(areas, step),
                    said[:, step - 1],
                    plain[:, step - 1],
                    came,
                )
            )
    return Backtest(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def percentage_error(forecast: Floats, actual: Floats) -> float:
    """Mean absolute percentage error, as a share; areas where nobody came to be are left out."""
    there = actual > 0
    if not there.any():
        return float("nan")
    return float(np.mean(np.abs(forecast[there] - actual[there]) / actual[there]))


def spread(tested: Backtest, ahead: int, by_size: bool) -> Floats:
    """The root mean square error for each step ahead, on the log scale.

    `by_size`: of an area of one person, to be divided by the root of its people, since the smaller area
    errs more. No step is held to be surer than the one before it.
    """
    found = []
    for step in range(1, ahead + 1):
        held = tested.of(step)
        scale = np.sqrt(held.forecast + 0.5) if by_size else 1.0
        found.append(float(np.sqrt(np.mean((held.errors * scale) ** 2))))
    return np.maximum.accumulate(np.array(found))


def reach(share: float, degrees: int) -> float:
    """How many root mean squares either side hold this share, by Student's t."""
    from scipy.stats import t

    return float(t.ppf(0.5 + share / 2, degrees))
