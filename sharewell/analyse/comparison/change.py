"""Difference in differences: how each matched group changed, and how much more the treated did.

A Poisson model of the events before and after, with a term for the arm, one for the time and one for both:
the last is the ratio of the two groups' changes, the rate of the treated after over before, divided by that
of the comparison people. The difference subtracts in place of dividing. Every person is in the model twice,
so errors are clustered by person at the least (Bertrand, Duflo and Mullainathan 2004, QJE 119:249), here by
matched set and home, which hold whole people.

What went before is itself matched on in a matched cohort: groups alike before leave little to subtract, and
people picked for a high history fall back by themselves in both groups (Daw and Hatfield 2018, Health
Services Research 53:4138).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ..glm import fit_glm
from .rates import Estimate, Rows, clustered, exponentiated, interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """The four rates: events a person-year of each arm (treated, comparison), before and after."""

    before: tuple[float, float]
    after: tuple[float, float]
    ratio: Estimate
    difference: Estimate


def change(rows: Rows, before: Floats, years_before: Floats) -> Change:
    """How the arms of `rows` changed from `before` (events over `years_before`) to their outcome.

    FitError: NEGATIVE for a count below zero, NO_EVENTS where an arm had none before or after, EXPOSURE for
    no time before.
    """
    problems = []
    if (before < 0).any():
        problems.append(Problem("NEGATIVE", "a count of earlier events is below zero"))
    if not (years_before > 0).all():
        problems.append(Problem("EXPOSURE", "somebody was observed for no time before"))
    if problems:
        raise FitError(problems)
    times = (before, rows.outcome), (years_before, rows.years)
    masks = (rows.treated, ~rows.treated)
    rates = [[_rate(rows.weight, e, y, m) for m in masks] for e, y in zip(*times, strict=True)]
    if min(min(pair) for pair in rates) <= 0:
        what = "an arm had no event before or none after"
        raise FitError(Problem("NO_EVENTS", what, "a change does not exist"))
    (b1, b0), (a1, a0) = rates
    return Change((b1, b0), (a1, a0), _ratio(rows, *times), _difference(rows, *times))


def _rate(weight: Floats, events: Floats, years: Floats, mine: NDArray[np.bool_]) -> float:
    return float((weight * events)[mine].sum() / (weight * years)[mine].sum())


def _ratio(rows: Rows, events: tuple[Floats, Floats], years: tuple[Floats, Floats]) -> Estimate:
    arm = np.tile(rows.treated.astype(np.float64), 2)
    later = np.repeat([0.0, 1.0], len(rows.treated))
    matrix = np.column_stack([np.ones(len(arm)), arm, later, arm * later])
    counts, offset, weight = np.concatenate(events), np.log(np.concatenate(years)), np.tile(rows.weight, 2)
    model = fit_glm("poisson", matrix, counts, weights=weight, offset=offset)
    residual = weight * (counts - np.exp(model.linear(matrix) + offset))
    influence = (matrix @ model.inverse_information[3]) * residual
    error, freedom = clustered(influence, [np.tile(codes, 2) for codes in rows.clusters])
    return exponentiated(interval(float(model.coefficients[3]), error, freedom))


def _difference(rows: Rows, events: tuple[Floats, Floats], years: tuple[Floats, Floats]) -> Estimate:
    influence, value = np.zeros(len(rows.treated)), 0.0
    for count, time, when in zip(events, years, (-1.0, 1.0), strict=True):
        for mine, sign in ((rows.treated, when), (~rows.treated, -when)):
            rate = _rate(rows.weight, count, time, mine)
            total = float((rows.weight * time)[mine].sum())
            influence[mine] += sign * rows.weight[mine] * (count - rate * time)[mine] / total
            value += sign * rate
    error, freedom = clustered(influence, rows.clusters)
    return interval(value, error, freedom)
