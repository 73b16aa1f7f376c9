"""Percentiles and extremes: a figure at a place in the order of people is somebody's own value.

It may be told where at least the minimum number of people lie at or below it and as many at or above it,
so that nobody near it is singled out. A maximum or a minimum has one person at one side of it, and so
never passes unless the minimum number of people share that very value. Where everybody has the same
value, it tells that value of each of them. (SACRO, guide to statistical output checking, 2023: position,
extreme values.)
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Measure, Output, ResultTable
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Rows with a percentile that too few people lie beyond. GateError EVIDENCE where it is not said how
    many do, or what is said cannot be."""
    table = evidence.table
    lacking = [m for m in table.measures if m.beyond is None and table.output is Output.POSITION]
    placed = [
        m for m in table.measures if m.beyond is not None and table.output is not Output.CONCENTRATION
    ]
    problems = [_lacks(m, table, policy) for m in lacking]
    near, same = np.zeros(evidence.rows, dtype=bool), np.zeros(evidence.rows, dtype=bool)
    for measure in placed:
        below, above = beyond(table, measure)
        people = evidence.counts[measure.count]
        told = has_figure(table, measure.column)
        if (told & ((below + above < people) | (np.maximum(below, above) > people))).any():
            problems.append(_impossible(measure, table))
        near |= told & (np.minimum(below, above) < policy.minimum)
        same |= told & (np.minimum(below, above) >= people)
    if problems:
        raise GateError(problems)
    why = f"fewer than {policy.minimum} people lie at or below, or at or above, the figure"
    everyone = "everybody in the group has this very value"
    return [Breach("position", why, near), Breach("position", everyone, same)] if placed else []


def beyond(table: ResultTable, measure: Measure) -> tuple[Floats, Floats]:
    """How many people lie at or below, and at or above, a figure; one value a row."""
    low, high = measure.beyond or ("", "")
    return _floats(table, low), _floats(table, high)


def has_figure(table: ResultTable, column: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows where the column is not null: no figure tells nothing."""
    return np.asarray(table.data.column(column).is_valid().to_numpy(zero_copy_only=False), dtype=bool)


def _floats(table: ResultTable, name: str) -> Floats:
    values: Floats = table.data.column(name).to_numpy(zero_copy_only=False).astype(np.float64)
    return values


def _lacks(measure: Measure, table: ResultTable, policy: Policy) -> Problem:
    return Problem(
        "EVIDENCE",
        f"{measure.column} is a percentile or an extreme, and nothing says how many people lie beyond it",
        f"at least {policy.minimum} must lie at or below it, and at or above it",
        "let the recipe name both columns in `beyond`",
        f"table {table.name}",
    )


def _impossible(measure: Measure, table: ResultTable) -> Problem:
    return Problem(
        "EVIDENCE",
        f"the people beyond {measure.column} are more than there are, or too few to make up all of them",
        "everybody lies at or below a figure, at or above it, or both",
        f"count them among the people of {measure.count}",
        f"table {table.name}",
    )
