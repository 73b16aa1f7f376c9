"""Whether a promised benefit came: one rule, for the screen, the public page and the review.

Nulls are told as plainly as gains: a figure whose interval holds the one from before shows no change,
however near to the target it lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .weighing import Benefit

UNMEASURED_DUE = "not measured, and due"
NO_CHANGE = "no evidence of change"
MET = "met"


@dataclass(frozen=True)
class Observed:
    """What a benefit's measure last came to; without an interval where somebody entered it by hand."""

    value: float
    low: float | None = None
    high: float | None = None


def came(
    baseline: float | None, target: float | None, due: date | None, observed: Observed | None, today: date
) -> str:
    """Whether it came, in words. Which way is better is told by the baseline and the target; without a
    baseline nobody can say.
    """
    past = due is not None and due < today
    if observed is None:
        return UNMEASURED_DUE if past else "not measured yet"
    if baseline is None or target is None:
        return "measured; no baseline and target to hold it to"
    if observed.low is not None and observed.high is not None and observed.low <= baseline <= observed.high:
        return NO_CHANGE if past else "too early to tell: no evidence of change yet"
    sign = 1 if target >= baseline else -1
    if sign * observed.value >= sign * target:
        return MET
    if observed.low is not None and sign * observed.value < sign * baseline:
        return "worse than before"
    return "missed" if past else "not met yet"


def is_unmeasured(benefit: Benefit, measured: bool, today: date) -> bool:
    """Whether its day is past and nobody has measured it."""
    return not measured and benefit.due is not None and benefit.due < today
