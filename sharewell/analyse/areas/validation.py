"""How well a model does on respondents that it has not seen: discrimination, calibration, Brier score.

Each respondent is predicted by a model fitted to the other parts of the survey (cross-validation). The area
under the curve is that of Mann and Whitney, with the weights; the Brier score (1950) is set against that of
knowing the base rate alone. Intervals are percentiles of 500 resamples of respondents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .fitting import Model, fit_logistic
from .terms import Codes, Floats

_AGAIN = 500


@dataclass(frozen=True)
class Figure:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """Respondents alike in what was predicted of them: which tenths, how many, predicted and observed."""

    name: str
    people: int
    predicted: float
    observed: Figure


@dataclass(frozen=True)
class Validation:
    """What held-out predictions are worth."""

    auc: Figure
    brier: Figure
    base: Figure
    slope: Figure
    bands: tuple[Band, ...]


def held_out(
    terms: Sequence[str], matrix: Floats, outcome: Floats, weights: Floats, folds: int, seed: int
) -> Floats:
    """Each respondent's probability by a model that did not see them. Folds hold equal shares of events."""
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(outcome)), outcome))
    fold = np.empty(len(outcome), np.int64)
    fold[order] = np.arange(len(outcome)) % folds
    predicted = np.empty(len(outcome))
    for part in range(folds):
        out = fold == part
        model = fit_logistic(terms, matrix[~out], outcome[~out], weights[~out])
        predicted[out] = model.chance(matrix[out])
    return predicted


def validate(predicted: Floats, outcome: Floats, weights: Floats, least: int, seed: int) -> Validation:
    """The figures of held-out predictions; bands are tenths, joined until each has `least` people with the
    outcome and `least` without."""
    random = np.random.default_rng(seed)
    levels, place = np.unique(predicted, return_inverse=True)
    rows = len(outcome)
    times = random.multinomial(rows, np.full(rows, 1 / rows), _AGAIN)
    auc = [_auc(place, len(levels), outcome, weights * each) for each in times]
    brier = [_brier(predicted, outcome, weights * each) for each in times]
    base = [_base(outcome, weights * each) for each in times]
    slope = _slope(predicted, outcome, weights)
    return Validation(
        _figure(_auc(place, len(levels), outcome, weights), auc),
        _figure(_brier(predicted, outcome, weights), brier),
        _figure(_base(outcome, weights), base),
        Figure(float(slope.coefficients[1]), *slope.interval(1)),
        tuple(_bands(predicted, outcome, weights, least)),
    )


def _figure(value: float, again: Sequence[float]) -> Figure:
    low, high = np.percentile(again, (2.5, 97.5))
    return Figure(value, float(low), float(high))


def _auc(place: Codes, levels: int, outcome: Floats, weights: Floats) -> float:
    """The chance that somebody with the outcome was predicted more than somebody without; ties half."""
    with_it = np.bincount(place, weights * outcome, levels)
    without = np.bincount(place, weights * (1 - outcome), levels)
    below = np.cumsum(without) - without
    return float((with_it * (below + without / 2)).sum() / (with_it.sum() * without.sum()))


def _brier(predicted: Floats, outcome: Floats, weights: Floats) -> float:
    return float(np.average((predicted - outcome) ** 2, weights=weights))


def _base(outcome: Floats, weights: Floats) -> float:
    rate = float(np.average(outcome, weights=weights))
    return rate * (1 - rate)


def _slope(predicted: Floats, outcome: Floats, weights: Floats) -> Model:
    """The calibration slope (Cox 1958): 1 where predictions are neither too bold nor too timid."""
    matrix = np.column_stack((np.ones(len(outcome)), np.log(predicted / (1 - predicted))))
    return fit_logistic(("constant", "prediction"), matrix, outcome, weights)


def _bands(predicted: Floats, outcome: Floats, weights: Floats, least: int) -> list[Band]:
    order = np.argsort(predicted, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    tenth = np.empty(len(order), np.int64)
    tenth[order] = np.minimum((reached - 1e-12) * 10, 9).astype(np.int64)
    groups: list[list[int]] = []
    open_: list[int] = []
    for at in range(10):
        open_.append(at)
        if _is_enough(outcome[np.isin(tenth, open_)], least):
            groups.append(open_)
            open_ = []
    if open_:
        groups = [*groups[:-1], (groups[-1] if groups else []) + open_]
    return [_band(group, np.isin(tenth, group), predicted, outcome, weights) for group in groups]


def _is_enough(outcome: Floats, least: int) -> bool:
    return bool(outcome.sum() >= least and (1 - outcome).sum() >= least)


def _band(
    group: list[int], held: NDArray[np.bool_], predicted: Floats, outcome: Floats, weights: Floats
) -> Band:
    """Wilson's interval (1927) with as many people as the weights leave (Kish 1965)."""
    mine, said, seen = weights[held], predicted[held], outcome[held]
    effective = float(mine.sum() ** 2 / (mine**2).sum())
    share = float(np.average(seen, weights=mine))
    z = 1.959964
    middle = (share + z * z / (2 * effective)) / (1 + z * z / effective)
    half = (
        z * np.sqrt(share * (1 - share) / effective + z * z / (4 * effective**2)) / (1 + z * z / effective)
    )
    name = f"Tenth {group[0] + 1}" if len(group) == 1 else f"Tenths {group[0] + 1} to {group[-1] + 1}"
    figure = Figure(share, float(middle - half), float(middle + half))
    return Band(name, int(held.sum()), float(np.average(said, weights=mine)), figure)
