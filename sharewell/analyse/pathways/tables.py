"""Tables of people and of shares of them, as the gate wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ...plan.finding import Measure, Output, ResultTable

Row = dict[str, Any]


def with_share(row: Row, part: int, whole: int, count: str = "patients") -> Row:
    low, high = wilson(part, whole)
    return {**row, count: part, "share": part / whole if whole else None, "low": low, "high": high}


def wilson(part: int, whole: int, z: float = 1.959963984540054) -> tuple[float | None, float | None]:
    """The 95% interval of a share (Wilson 1927, JASA 22:209); none of nobody."""
    if not whole:
        return None, None
    share, square = part / whole, z * z / whole
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * (share * (1 - share) / whole + square / (4 * whole)) ** 0.5
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def people_table(
    name: str,
    title: str,
    rows: Sequence[Row],
    by: tuple[str, ...],
    measures: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    output: Output = Output.FREQUENCY,
    count: str = "patients",
) -> ResultTable:
    """A table of how many people, in the column `count`.

    Tables that break the same people down by the same columns share the name of their count, so that the
    gate holds them against one another; tables that have nothing but their total in common do not.
    """
    judged = tuple(Measure(measure, count) for measure in measures)
    return ResultTable(name, title, output, pa.Table.from_pylist(list(rows)), by, (count,), judged, notes)
