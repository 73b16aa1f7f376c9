"""Rows of figures made into a result's table, and read again from a table that was checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ..plan.finding import Measure, Output, ResultTable

DIGITS = 10
"""Significant digits of a figure: no more than it can mean."""


def result_table(
    name: str,
    title: str,
    output: Output,
    rows: Sequence[Mapping[str, Any]],
    by: tuple[str, ...],
    counts: tuple[str, ...],
    measures: Sequence[str | Measure] = (),
    notes: tuple[str, ...] = (),
    degrees_of_freedom: str | None = None,
) -> ResultTable:
    """A table of rows; a measure named alone rests on the first of `counts`."""
    judged = tuple(m if isinstance(m, Measure) else Measure(m, counts[0]) for m in measures)
    data = finite_rows(rows)
    return ResultTable(name, title, output, data, by, counts, judged, notes, degrees_of_freedom)


def finite_rows(rows: Sequence[Mapping[str, Any]], digits: int = DIGITS) -> pa.Table:
    """The rows as columns. A figure that does not exist is null."""
    return pa.Table.from_pylist([{k: _finite(value, digits) for k, value in row.items()} for row in rows])


def rows_of(tables: Mapping[str, pa.Table], name: str) -> list[dict[str, Any]]:
    """The rows of a released table; none where it was not released."""
    rows: list[dict[str, Any]] = tables[name].to_pylist() if name in tables else []
    return rows


def _finite(value: Any, digits: int) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None
