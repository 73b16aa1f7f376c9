"""Months ahead: exponential smoothing with trend and season, and the year before carried forward.

Holt and Winters' additive method on the log scale with a damped trend (Hyndman, Koehler, Ord and Snyder
2008, Forecasting with Exponential Smoothing; statsmodels), held against the seasonal naive forecast: the
same month of the last year.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SEASON = 12
LEAST = 3 * SEASON
"""Fewest months that a season and a trend are fitted to."""
STEPS = 15
"""Steps of the search for the fit: more are no better on months to come, and the backtest is long."""


def smooth(series: Floats, ahead: int) -> Floats:
    """The mean forecast of each series (rows) for the months to come; `series` is series x months, above
    nought."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Matrices of a dozen rows: threads would only wait for one another.
    with threadpool_limits(1, "blas"):
        return np.vstack([_one(np.log(row), ahead) for row in series])


def _one(logs: Floats, ahead: int) -> Floats:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        # Where the search stops early the forecast is a little worse, and the backtest shows it.
        warnings.simplefilter("ignore")
        made: Any = ExponentialSmoothing(
            logs, trend="add", damped_trend=True, seasonal="add", seasonal_periods=SEASON
        ).fit(use_brute=False, minimize_kwargs={"options": {"maxiter": STEPS}})
    return np.asarray(np.exp(made.forecast(ahead)), dtype=np.float64)


def last_year(series: Floats, ahead: int) -> Floats:
    """Each month as it was a year before."""
    season = series[:, -SEASON:]
    return np.asarray(np.tile(season, (1, -(-ahead // SEASON)))[:, :ahead], dtype=np.float64)
