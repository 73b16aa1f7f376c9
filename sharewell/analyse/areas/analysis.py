"""The whole analysis on arrays: model, validation, areas ranked. Tables and words are made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.recipe import Params
from .fitting import Model, fit_logistic
from .reading import Counted, Respondents, read
from .scoring import Places, Ranked, drawn, means, patterns_of, ranked, spread
from .terms import Coded, Floats, coded, matrix_of, names_of
from .validation import Validation, held_out, validate

CUTS = (0.0, 0.25, 0.5, 0.75)
"""Shares of the areas, from the least likely, at which tiers begin; the last tier begins at 1 - top."""


@dataclass(frozen=True)
class Analysis:
    """`full` holds everything the survey asks, `used` what the census holds too, and made the ranks.

    `index` is each area's mean probability against that of everybody counted; `tier` from 1, the least
    likely. `beyond` people had a number outside what respondents gave.
    """

    params: Params
    respondents: Respondents
    counted: Counted
    full: Model
    used: Model
    matrix: Floats
    validation: Validation
    index: Floats
    ranked: Ranked
    nearer: dict[str, Ranked]
    tier: Floats
    beyond: int


def analyse(table: pa.Table, params: Params) -> Analysis:
    """Everything from the prepared table. FitError with every cause seen at each stage."""
    asked, counted = read(table, params)
    used_matrix = matrix_of(asked.predictors, asked.columns)
    everything = (*asked.predictors, *asked.tested)
    matrix = matrix_of(everything, asked.columns)
    full = fit_logistic(names_of(everything), matrix, asked.outcome, asked.weight)
    _check_published(full, params)
    terms = names_of(asked.predictors)
    used = fit_logistic(terms, used_matrix, asked.outcome, asked.weight)
    out = held_out(terms, used_matrix, asked.outcome, asked.weight, params["folds"], params["seed"])
    validation = validate(out, asked.outcome, asked.weight, params["least"], params["seed"])
    columns = _coded(asked, counted)
    patterns, areas = patterns_of(columns), len(counted.areas)
    mean = means(patterns.chance(used.coefficients), patterns.code, counted.area, counted.people, areas)
    differ = spread(full.chance(matrix), used.chance(used_matrix), asked.weight)
    where = Places(counted.area, counted.people, areas)
    again = drawn(used, patterns, where, differ, params["draws"], params["seed"])
    placed = ranked(mean, again, params["top"])
    nearer = {name: _within(mean, again, where, params["top"]) for name, where in counted.within.items()}
    whole = float(np.average(mean, weights=counted.size))
    return Analysis(
        params, asked, counted, full, used, matrix, validation, mean / whole, placed, nearer,
        _tiers(placed, params["top"]), _beyond(asked, counted),
    )  # fmt: skip


def _coded(asked: Respondents, counted: Counted) -> list[Coded]:
    problems, columns = list[Problem](), list[Coded]()
    for predictor in asked.predictors:
        try:
            columns.append(coded(predictor, counted.columns[predictor.name]))
        except FitError as error:
            problems += error.problems
    if problems:
        raise FitError(problems)
    return columns


def _within(mean: Floats, again: Floats, where: list[str], top: float) -> Ranked:
    """Ranks within each larger area, in the order of all areas."""
    names = np.asarray(where, dtype=object)
    parts = np.zeros((4, len(mean)))
    for name in dict.fromkeys(where):
        here = np.flatnonzero(names == name)
        one = ranked(mean[here], again[:, here], top)
        parts[:, here] = (one.rank, one.low, one.high, one.sure)
    rank, low, high = (part.astype(np.int64) for part in parts[:3])
    return Ranked(rank, low, high, parts[3])


def _tiers(placed: Ranked, top: float) -> Floats:
    """1 for the quarter ranked last, up to 5 for the first `top` of all."""
    from_last = 1 - (placed.rank - 0.5) / len(placed.rank)
    first = max(1, round(top * len(placed.rank)))
    tier = np.searchsorted(np.array(CUTS[1:]), from_last, side="right") + 1
    return np.where(placed.rank <= first, len(CUTS) + 1, tier)


def _beyond(asked: Respondents, counted: Counted) -> int:
    """People with a number that is smaller or larger than any respondent's."""
    out = np.zeros(len(counted.people), dtype=bool)
    for predictor in asked.predictors:
        if not predictor.levels:
            seen = asked.columns[predictor.name].to_numpy()
            theirs = counted.columns[predictor.name].to_numpy()
            out |= (theirs < seen.min()) | (theirs > seen.max())
    return int(counted.people[out].sum())


def _check_published(full: Model, params: Params) -> None:
    unknown = sorted(set(params["published"]) - set(full.terms))
    if unknown:
        what = f"published log-odds of {', '.join(unknown)}, which the model has not"
        fix = f"its terms are: {', '.join(full.terms)}"
        raise FitError(Problem("PUBLISHED", what, "they could not be compared", fix))
