"""Why noise cannot be laid on a table that the gate can read: every cause, before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import Problem
from ...plan.finding import Measure, Output, ResultTable
from ..policy import Noise
from ..structure import Floats
from .layout import Layout
from .rows import Prepared

Bounds = tuple[float, float]
JUDGED = (Output.FREQUENCY, Output.MAGNITUDE)
_LARGEST = 2**50
"""Beyond it a float does not hold every whole number and its rounding."""


def problems_of(table: ResultTable, layout: Layout, noise: Noise, prepared: Prepared) -> list[Problem]:
    """Every cause; what can only be asked once the earlier ones are mended comes after them."""
    problems = [*_table_problems(table), *_bound_problems(table, layout, noise, prepared)]
    problems = problems or [*_value_problems(table, noise)] or [*_sum_problems(table, layout)]
    return [Problem(p.code, p.what, p.why, p.fix, f"table {table.name}") for p in problems]


def _table_problems(table: ResultTable) -> Iterator[Problem]:
    if table.output not in JUDGED:
        yield Problem(
            "OUTPUT",
            f"noise is not defined for a {table.output.value}",
            "only counts, bounded sums, means and shares have a known sensitivity",
            "give it to a policy without noise, or to a person for review",
        )
    if table.degrees_of_freedom:
        yield Problem("OUTPUT", "it has degrees of freedom, which are exact counts", fix="leave them out")


def _bound_problems(
    table: ResultTable, layout: Layout, noise: Noise, prepared: Prepared
) -> Iterator[Problem]:
    if noise.delta:
        yield Problem(
            "DELTA",
            "the noise used here is pure: it spends no delta",
            "a delta is a chance that the promise does not hold at all",
            "leave delta out",
        )
    for measure in table.measures:
        if not measure.share:
            yield from _clamp_problems(measure, noise.bounds, prepared)
    for name, axis in zip(table.by, layout.axes, strict=True):
        if name in table.overlapping:
            yield from _limit_problems(name, len(axis.leaves), noise.bounds, prepared.limited)


def _clamp_problems(measure: Measure, bounds: Mapping[str, Any], prepared: Prepared) -> Iterator[Problem]:
    name = measure.column
    if not (measure.additive or name in prepared.means) or measure.beyond:
        yield Problem(
            "OUTPUT",
            f"{name} is neither a sum, a share nor a mean of bounded values",
            "one person can move a median or a ratio further than any noise here covers",
            "show a mean, or leave it out",
        )
    elif name not in bounds:
        yield Problem(
            "BOUNDS",
            f"{name} has no declared bounds of what one person can add",
            "without them one person can move it without limit, and no noise covers that",
            f"declare noise: {{bounds: {{{name}: [least, greatest]}}}}, or leave {name} out",
        )
    elif tuple(prepared.clamped.get(name, ())) != tuple(bounds[name]):
        yield Problem(
            "CLAMP",
            f"{name} was not made of values brought within its declared bounds",
            "a value beyond them would show through the noise",
            "bring each person's value within them before it is summed",
        )
    elif measure.additive and bounds[name][0] < 0:
        yield Problem(
            "BOUNDS", f"{name} is additive and may be negative", fix="show it as a mean, or as two"
        )


def _limit_problems(
    name: str, categories: int, bounds: Mapping[str, Any], limited: Mapping[str, int]
) -> Iterator[Problem]:
    most = bounds.get(name, (0, 0))[1]
    if most < 1 or most != int(most):
        yield Problem(
            "CONTRIBUTIONS",
            f"one person may stand in several categories of {name}, and in how many is not declared",
            "the noise must cover all that one person can change",
            f"declare noise: {{bounds: {{{name}: [0, how many]}}}}",
        )
    elif most < categories and not 1 <= limited.get(name, 0) <= most:
        yield Problem(
            "LIMIT",
            f"rows were not limited to {int(most)} categories of {name} a person",
            "somebody in more of them would show through the noise",
            "limit them before they are grouped, or declare as many as there are categories",
        )


def _value_problems(table: ResultTable, noise: Noise) -> Iterator[Problem]:
    for measure in table.measures:
        bounds = (0.0, 1.0) if measure.share else noise.bounds[measure.column]
        if fault := _measure_fault(table, measure, bounds):
            yield Problem("VALUE", f"{measure.column} {fault}", fix="bound each value, then group")


def _measure_fault(table: ResultTable, measure: Measure, bounds: Bounds) -> str:
    values, people = values_of(table, measure.column), values_of(table, measure.count)
    low, high = bounds
    if (np.isnan(values) & (people > 0)).any():
        return "lacks a value where people stand"
    if measure.additive:
        steps = values / unit_of(max(abs(low), abs(high)))
        shown = values[:0] if measure.largest is None else values_of(table, measure.largest[0])
    else:
        unit = 1.0 if measure.share else unit_of((high - low) / 2)
        steps = (values - (low + high) / 2) * people / unit
        shown = values[people > 0]
    if (shown > high + 1e-9 * abs(high)).any() or (shown < low - 1e-9 * abs(low)).any():
        return "was made of values beyond its bounds"
    return "is too large for its bounds" if (np.abs(np.nan_to_num(steps)) > _LARGEST).any() else ""


def _sum_problems(table: ResultTable, layout: Layout) -> Iterator[Problem]:
    """Margins are shown as the sums of cells, so they must have been that."""
    parts = {name: values_of(table, name) for name in table.counts}
    for measure in table.measures:
        people = 1.0 if measure.additive else parts[measure.count]
        parts[measure.column] = np.nan_to_num(values_of(table, measure.column) * people)
    for name, values in parts.items():
        for level in layout.levels:
            sums = layout.total(level, layout.exact(level.base, values))
            rows = np.array([layout.rows.get(key, -1) for key in layout.keys(level)])
            apart = np.abs(sums - np.append(values, 0.0)[rows]) > 1e-6 * (1 + np.abs(sums))
            if (apart & (rows >= 0)).any():
                yield Problem(
                    "NOT_ADDITIVE",
                    f"{name}: a margin is not the sum of its cells",
                    "it would be shown as another figure than it is",
                    "total the same people, unrounded; declare a dimension that overlaps",
                )
                break


def unit_of(reach: float) -> float:
    """A power of ten, between a thousandth and a ten-thousandth of what one person can move."""
    return float(10.0 ** (math.floor(math.log10(reach)) - 3))


def values_of(table: ResultTable, name: str) -> Floats:
    """A column as float64, null as NaN."""
    column = table.data.column(name).cast(pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
