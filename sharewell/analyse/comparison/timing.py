"""Time to the first event, compared between matched arms: the hazard ratio, and days free of an event.

The hazard ratio is that of Cox (1972, JRSS B 34:187) on the arm, with the set weights and Efron's way with
equal times; its errors are clustered by the influence of each person (Lin and Wei 1989, JASA 84:1074; for
matched sets Austin 2014, Statistics in Medicine 33:1242). The restricted mean is the area under each arm's
weighted Kaplan-Meier curve up to a horizon: days lived free of an event, which needs no proportional
hazards (Royston and Parmar 2013, BMC Medical Research Methodology 13:152).

lifelines fits the model, because it takes weights and statsmodels' PHReg does not (they agree where all
weights are one: tested). Own code are the influences, which lifelines can neither cluster two ways nor
find in less than the square of the rows, and the error of the restricted mean, which it does not cluster.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem
from .rates import Estimate, Rows, clustered, exponentiated, interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Times:
    """How long each row was followed, and whether that ended with an event (else it was cut off)."""

    days: Floats
    happened: Bools

    def __post_init__(self) -> None:
        """FitError NEGATIVE for a time that is not above nought, or missing."""
        if not (self.days > 0).all():
            what = "a time to the event is missing, nought or negative"
            raise FitError(Problem("NEGATIVE", what, "dates may be swapped", "correct the dates"))


def first_times(days: Floats, horizon: float) -> Times:
    """Times from the day of each first event, counted from one, NaN where there was none by `horizon`."""
    happened = np.isfinite(days)
    return Times(np.where(happened, days, horizon), happened)


def hazard_ratio(rows: Rows, times: Times, covariates: Floats | None = None) -> Estimate:
    """The treated arm's hazard over the comparison arm's; `covariates` (n, k) adjust it.

    FitError: NO_EVENTS where an arm has none, COX where the likelihood has no maximum.
    """
    _check_events(rows, times)
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    extra = np.zeros((len(times.days), 0)) if covariates is None else covariates
    data = pd.DataFrame(extra, columns=[f"x{i}" for i in range(extra.shape[1])])
    data.insert(0, "arm", rows.treated.astype(float))
    data = data.assign(days=times.days, happened=times.happened, weight=rows.weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its advice on weights is followed: the errors are clustered here
        try:
            model = CoxPHFitter().fit(data, "days", "happened", weights_col="weight")
        except ConvergenceError:
            what = "the hazard model has no answer"
            why = "a covariate decides who has the event, or repeats another"
            raise FitError(Problem("COX", what, why, "leave it out")) from None
    matrix = np.column_stack([data["arm"], extra])
    influence = _scores(matrix @ model.params_.to_numpy(), matrix, times, rows.weight)
    error, freedom = clustered(influence @ model.variance_matrix_.to_numpy()[:, 0], rows.clusters)
    return exponentiated(interval(float(model.params_["arm"]), error, freedom))


def _scores(linear: Floats, matrix: Floats, times: Times, weight: Floats) -> Floats:
    """Each row's weighted score (n, k): what it adds to the slope of the likelihood (Lin and Wei 1989).

    Events of one time share one risk set.
    """
    _, place = np.unique(times.days, return_inverse=True)
    hazard = np.exp(linear - linear.max())
    risk = weight * hazard

    def to_come(values: Floats) -> Floats:
        return cast("Floats", np.cumsum(np.bincount(place, values)[::-1])[::-1])

    whole = to_come(risk)
    mean = np.column_stack([to_come(risk * column) for column in matrix.T]) / whole[:, None]
    step = np.bincount(place, weight * times.happened) / whole
    passed, drawn = np.cumsum(step)[place], np.cumsum(step[:, None] * mean, axis=0)[place]
    own = times.happened[:, None] * (matrix - mean[place])
    return cast("Floats", weight[:, None] * (own - hazard[:, None] * (matrix * passed[:, None] - drawn)))


def restricted_mean(rows: Rows, times: Times, horizon: float) -> tuple[float, float, Estimate]:
    """Mean days free of an event up to `horizon` of the treated, of the others, and the difference.

    FitError HORIZON where an arm is not followed so far: the area would be a guess.
    """
    if not horizon > 0:
        raise FitError(Problem("HORIZON", "the horizon is not above nought", fix="give days"))
    influence = np.zeros(len(times.days))
    means = []
    for arm, sign in ((True, 1.0), (False, -1.0)):
        mine = rows.treated == arm
        mean, own = _area(times.days[mine], times.happened[mine], rows.weight[mine], horizon)
        influence[mine] = sign * own
        means.append(mean)
    error, freedom = clustered(influence, rows.clusters)
    return means[0], means[1], interval(means[0] - means[1], error, freedom)


def _area(days: Floats, happened: Bools, weight: Floats, horizon: float) -> tuple[float, Floats]:
    """Area under the weighted curve up to `horizon`, and each person's influence on it."""
    if not len(days) or days.max() < horizon:
        what = "nobody of an arm is followed up to the horizon"
        raise FitError(Problem("HORIZON", what, "what follows is not known", "take a nearer one"))
    at, place = np.unique(np.minimum(days, horizon), return_inverse=True)
    event = happened & (days <= horizon)
    dead = np.bincount(place, weight * event, len(at))
    at_risk = np.cumsum(np.bincount(place, weight, len(at))[::-1])[::-1]
    alive = np.cumprod(1.0 - dead / at_risk)
    steps = np.diff(np.concatenate([[0.0], at]))
    pieces = np.concatenate([[1.0], alive[:-1]]) * steps
    # What is left of the area after each time: a person who has the event then takes it from the curve.
    left = pieces.sum() - np.cumsum(pieces)
    # Where the last are all lost at once, nothing is left of the area, and their share of it is nought.
    still = at_risk - dead
    lost = np.divide(left, still, out=np.zeros(len(at)), where=still > 0)
    pressed = np.cumsum(lost * dead / at_risk)
    return float(pieces.sum()), cast("Floats", weight * (pressed[place] - event * lost[place]))


def _check_events(rows: Rows, times: Times) -> None:
    for arm, name in ((True, "treated"), (False, "comparison")):
        if not (times.happened & (rows.treated == arm)).any():
            what = f"no event was counted in the {name} arm"
            raise FitError(Problem("NO_EVENTS", what, "a hazard ratio does not exist"))
