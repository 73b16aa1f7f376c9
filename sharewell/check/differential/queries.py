"""What is asked of the people behind a table, figure by figure, and how far one of them can move it.

A figure is asked for as whole numbers: a count as it is; a share as the number of people that it stands
for; a sum in its own units; a mean as the sum of what each person is above or below the middle of the
bounds, which halves what one person can move (Li, Lyu, Su and Yang 2016, Differential Privacy, section 2).
Sums of floats are brought to a unit that is fixed by the bounds, because a sum's last digits depend on the
order of its terms (Casacuberta et al. 2022): one unit is added to what one person can move.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ...errors import GateError
from ...plan.finding import Measure, ResultTable
from ..policy import Noise
from ..structure import Floats, Ints
from .layout import Layout, Totals
from .refusals import Bounds, problems_of, unit_of, values_of
from .rows import Prepared


@dataclass(frozen=True)
class Query:
    """A figure of one slab: its exact cells in whole `unit`s, and what one person can do to it.

    `kind` is count, share, sum or mean. A person stands in at most `contributions` of the cells and moves
    each by at most `bound` units. `bounds` are each person's, and a mean is measured from their `centre`;
    `count` is the column that a share or mean is divided by. `rounded` cells were brought to the unit.
    """

    column: str
    kind: str
    base: Totals
    cells: Ints
    contributions: int
    bound: int = 1
    unit: float = 1.0
    bounds: Bounds = (0.0, 1.0)
    count: str = ""
    rounded: bool = False

    @property
    def centre(self) -> float:
        return sum(self.bounds) / 2 if self.kind == "mean" else 0.0

    @property
    def sensitivity(self) -> int:
        """How far all cells together move (L1) when one person is added or removed."""
        return self.contributions * self.bound


def plan_queries(table: ResultTable, layout: Layout, noise: Noise, prepared: Prepared) -> tuple[Query, ...]:
    """The queries of a table. GateError with every reason why its figures cannot be noised."""
    problems = problems_of(table, layout, noise, prepared)
    if problems:
        raise GateError(problems)
    return tuple(
        query
        for base in layout.bases
        for query in _queries(table, layout, noise, base, _contributions(table, layout, noise, base))
    )


def _queries(
    table: ResultTable, layout: Layout, noise: Noise, base: Totals, contributions: int
) -> Iterator[Query]:
    counts = {name: layout.exact(base, values_of(table, name)) for name in table.counts}
    for name, people in counts.items():
        yield Query(name, "count", base, _whole(people), contributions)
    for measure in table.measures:
        values = layout.exact(base, values_of(table, measure.column))
        if measure.share:
            cells = _whole(values * counts[measure.count])
            yield Query(measure.column, "share", base, cells, contributions, count=measure.count)
            continue
        low, high = noise.bounds[measure.column]
        if measure.additive:
            whole = pa.types.is_integer(table.data.schema.field(measure.column).type)
            yield _sum(measure, base, values, contributions, (low, high), whole)
        else:
            yield _mean(measure, base, values, counts[measure.count], contributions, (low, high))


def _sum(
    measure: Measure, base: Totals, values: Floats, contributions: int, bounds: Bounds, whole: bool
) -> Query:
    reach = max(abs(bounds[0]), abs(bounds[1]))
    unit = 1.0 if whole else unit_of(reach)
    bound = math.ceil(reach) if whole else math.ceil(reach / unit) + 1
    held = (_whole(values / unit), contributions, bound, unit, bounds, measure.count, not whole)
    return Query(measure.column, "sum", base, *held)


def _mean(
    measure: Measure, base: Totals, values: Floats, people: Floats, contributions: int, bounds: Bounds
) -> Query:
    reach, centre = (bounds[1] - bounds[0]) / 2, sum(bounds) / 2
    unit = unit_of(reach)
    above = _whole((values - centre) * people / unit)
    held = (above, contributions, math.ceil(reach / unit) + 1, unit, bounds, measure.count, True)
    return Query(measure.column, "mean", base, *held)


def _whole(values: Floats) -> Ints:
    """The nearest whole numbers; a figure about nobody is 0."""
    return np.rint(np.nan_to_num(values, nan=0.0)).astype(np.int64)


def _contributions(table: ResultTable, layout: Layout, noise: Noise, base: Totals) -> int:
    """In how many finest cells of a slab one person can stand."""
    cells = 1
    for name, axis, total in zip(table.by, layout.axes, base, strict=True):
        if name in table.overlapping and not total:
            cells *= min(int(noise.bounds[name][1]), len(axis.leaves))
    return cells
