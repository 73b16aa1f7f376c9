"""The same matched people measured otherwise, where declared: counts, time to the first event, change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...plan.recipe import Params
from .change import change
from .effect import Comparison
from .rates import Estimate, difference
from .timing import first_times, hazard_ratio, restricted_mean

HUNDRED = 100.0
COUNTS = "More (or fewer) for every 100 people"
HAZARD = "Hazard ratio to the first"
FREE = "More (or fewer) days free of them"
RATIO_OF_CHANGES = "Change since the history: ratio of the two groups' changes"
DIFFERENCE_OF_CHANGES = "Change since the history: difference, for every 100 people a year"
Measured = tuple[str, Estimate]


def measured(made: Comparison, params: Params) -> Iterator[Measured]:
    """A label and its figure for each outcome declared. Raises FitError where one cannot be computed."""
    rows = made.rows()
    if params["counts"]:
        counted = replace(rows, years=np.ones(len(rows.years)))
        yield COUNTS, _times(difference(counted), HUNDRED)
    if params["time"]:
        horizon = float((params["follow_to"] - params["follow_from"]).days + 1)
        times = first_times(made.of_matched(made.cohort.other("days")), horizon)
        yield HAZARD, hazard_ratio(rows, times)
        yield FREE, restricted_mean(rows, times, horizon)[2]
    if params["change"]:
        years = (params["intake_from"] - params["history_from"]).days / 365.25
        before = made.of_matched(made.cohort.other("history"))
        found = change(rows, before, np.full(len(before), years))
        yield RATIO_OF_CHANGES, found.ratio
        yield DIFFERENCE_OF_CHANGES, _times(found.difference, HUNDRED)


def _times(found: Estimate, factor: float) -> Estimate:
    return replace(found, value=found.value * factor, low=found.low * factor, high=found.high * factor)
