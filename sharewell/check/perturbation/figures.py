"""Figures beside rounded counts: limited so that the exact count cannot be had back from them.

A reader who has a sum and the mean of the same people divides one by the other and has their number. So a
mean whose sum is shown too is worked out again from the published sum and the published count, and then
tells nothing more (OpenSAFELY: figures derived from counts use the rounded ones). A sum that is the same
for every person is their number in another unit, and is refused. And a mean of whole numbers betrays how
many were divided: 2.38 can be the mean of 8 people and not of 9, 10, 11 or 12 (Brown and Heathers 2017,
The GRIM test). Such a mean is given with fewer figures, until every count that the published one stands
for could have it.
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Measure, Output
from ..evidence import Evidence
from ..structure import Floats, Mask
from .rounding import round_figures

DERIVED_TO = 0.005
"""A mean times its count that is this near to a sum, in every row, is the mean of that sum."""
TARIFF_TO = 1e-6


def limit(
    evidence: Evidence,
    measure: Measure,
    shown: Floats,
    bounds: tuple[Floats, Floats],
    figures: int,
) -> Floats:
    """A measure (no share) as it is published, NaN where it does not exist.

    shown: the published counts that it rests on; bounds: the counts that each of them stands for.
    GateError TARIFF for a sum that is the count in another unit.
    """
    values = _values(evidence, measure.column)
    people = evidence.counts[measure.count]
    if measure.additive:
        _check_tariff(evidence, measure, values, people)
        return round_figures(values, figures)
    whole = _sum_of(evidence, measure, values, people)
    if whole is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(shown > 0, round_figures(whole, figures) / shown, np.nan)
        return round_figures(np.where(np.isfinite(values), mean, np.nan), figures)
    if evidence.table.output in (Output.FREQUENCY, Output.MAGNITUDE):
        return _without_grain(values, people, shown, bounds, figures)
    return round_figures(values, figures)


def _values(evidence: Evidence, name: str) -> Floats:
    column = evidence.table.data.column(name).to_numpy(zero_copy_only=False)
    return np.asarray(column, dtype=np.float64)


def _check_tariff(evidence: Evidence, measure: Measure, values: Floats, people: Floats) -> None:
    held = people > 0
    if len(np.unique(people[held])) < 2:
        return
    each = values[held] / people[held]
    if each.max() > 0 and np.ptp(each) <= TARIFF_TO * each.max():
        raise GateError(
            Problem(
                "TARIFF",
                f"{measure.column} is the same for every person, so it is {measure.count} in another unit",
                f"{measure.count} is rounded, and this would give the exact number back",
                f"leave out {measure.column}; a reader can multiply",
                f"table {evidence.table.name}",
            )
        )


def _sum_of(evidence: Evidence, measure: Measure, values: Floats, people: Floats) -> Floats | None:
    """The sum in the same table whose mean this is, if any."""
    held = np.isfinite(values) & (people > 0)
    for other in evidence.table.measures:
        if other.additive and other.count == measure.count and held.any():
            total = evidence.sums[other.column]
            apart = np.abs(values[held] * people[held] - total[held])
            if (apart <= DERIVED_TO * np.maximum(np.abs(total[held]), 1e-12)).all():
                return total
    return None


def _without_grain(
    values: Floats, people: Floats, shown: Floats, bounds: tuple[Floats, Floats], figures: int
) -> Floats:
    """Means with as many figures as every possible count could have given them.

    Where not even one figure will do, the whole number is divided by the published count.
    """
    means = round_figures(values, figures)
    todo = np.flatnonzero(np.isfinite(values) & (values != 0) & (people > 0) & (shown > 0))
    for fewer in range(figures, 0, -1):
        means[todo] = round_figures(values[todo], fewer)
        todo = todo[_tells(means[todo], people[todo], (bounds[0][todo], bounds[1][todo]), fewer)]
    means[todo] = round_figures(np.round(values[todo] * people[todo]) / shown[todo], figures)
    return means


def _tells(mean: Floats, people: Floats, bounds: tuple[Floats, Floats], figures: int) -> Mask:
    """Where the mean of whole numbers can belong to the true count but not to all others.

    A mean that not even the true count can give is not one of whole numbers, and its grain says nothing.
    """
    half = 0.5 * 10.0 ** (np.floor(np.log10(np.abs(mean))) - figures + 1)
    possible = np.ones(len(mean), dtype=bool)
    for step in range(int((bounds[1] - bounds[0]).max(initial=0)) + 1):
        count = np.minimum(bounds[0] + step, bounds[1])
        possible &= (count <= 0) | _divides(mean, half, count)
    return _divides(mean, half, people) & ~possible


def _divides(mean: Floats, half: Floats, count: Floats) -> Mask:
    """Whether some whole number divided by `count` rounds to `mean`."""
    slack = 1e-9 * np.maximum(1.0, np.abs(mean * count))
    near = np.round(mean * count)
    divides: Mask = np.abs(near - mean * count) <= half * count + slack
    return divides
