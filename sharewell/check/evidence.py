"""What the rules judge by, gathered from a table and checked for sense; no rule is applied here.

Refused at once, with every cause: a kind of output or a column the gate cannot place, a missing or negative
count, a figure that is not finite, totals that do not add up. A gate that cannot read a table does not let
it through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import GateError, Problem
from ..plan.finding import Measure, Output, ResultTable
from .additive import NOISE, check_additive
from .structure import Floats, Mask, Structure, build_structure


@dataclass(frozen=True)
class Evidence:
    """The figures of one table as arrays, one value a row.

    counts: people behind a row. implied: people that a share stands for (share x count), NaN where there is
    no share. sums: additive measures. largest: the two largest contributions to a sum. degrees: residual
    degrees of freedom. overlapping: dimensions along which counts do not add.
    """

    table: ResultTable
    structure: Structure
    counts: dict[str, Floats]
    implied: dict[str, Floats]
    sums: dict[str, Floats]
    largest: dict[str, tuple[Floats, Floats]]
    degrees: Floats | None
    overlapping: Mask

    @property
    def rows(self) -> int:
        return int(self.table.data.num_rows)


def gather(table: ResultTable) -> Evidence:
    """Read a table. GateError holds every reason why it cannot be judged."""
    problems = _column_problems(table)
    if problems:
        raise GateError(_at(table, problems))
    problems = _value_problems(table)
    if problems:
        raise GateError(_at(table, problems))
    counts = {name: np.round(_floats(table.data, name)) for name in table.counts}
    implied = {m.column: _floats(table.data, m.column) * counts[m.count] for m in table.measures if m.share}
    sums = {m.column: _floats(table.data, m.column) for m in table.measures if m.additive}
    largest = {
        m.column: (_floats(table.data, m.largest[0]), _floats(table.data, m.largest[1]))
        for m in table.measures
        if m.largest
    }
    degrees = _floats(table.data, table.degrees_of_freedom) if table.degrees_of_freedom else None
    structure = _structure(table)
    dimensions = () if table.output is Output.FLOW else table.by
    overlapping = np.array([name in table.overlapping for name in dimensions], dtype=bool)
    none = np.zeros_like(overlapping)
    for name, values in counts.items():
        problems += check_additive(structure, values, overlapping, name)
    for name, values in sums.items():
        problems += check_additive(structure, values, none, name)
    if problems:
        raise GateError(_at(table, problems))
    return Evidence(table, structure, counts, implied, sums, largest, degrees, overlapping)


def _structure(table: ResultTable) -> Structure:
    """A flow's rows follow one another: its stages never total, so it has no relations."""
    by = () if table.output is Output.FLOW else table.by
    columns = [table.data.column(name) for name in by]
    try:
        return build_structure(
            columns, table.data.num_rows, [table.hierarchies.get(name, {}) for name in by]
        )
    except GateError as error:
        raise GateError(_at(table, error.problems)) from None


def _at(table: ResultTable, problems: Iterable[Problem]) -> list[Problem]:
    return [Problem(p.code, p.what, p.why, p.fix, p.where or f"table {table.name}") for p in problems]


def _column_problems(table: ResultTable) -> list[Problem]:
    held = set(table.data.column_names)
    named = [*table.by, *table.counts, *(m.column for m in table.measures), *table.evidence]
    named += [m.count for m in table.measures] + [c for c in [table.degrees_of_freedom] if c]
    problems = [
        Problem("COLUMN", f"there is no column {name!r}", fix="name a column of the table")
        for name in sorted(set(named) - held)
    ]
    problems += [
        Problem("HIERARCHY", f"{name!r} nests categories and is no dimension", fix="name it in `by`")
        for name in sorted(set(table.hierarchies) - set(table.by))
    ]
    if not table.counts:
        problems.append(
            Problem(
                "NO_COUNTS",
                "no column says how many people stand behind a figure",
                "the gate cannot tell a safe figure from one about a single person",
                "add a count column and name it in `counts`",
            )
        )
    problems += [
        Problem("COUNT", f"{m.column} rests on {m.count!r}, which is not among `counts`", fix="add it")
        for m in table.measures
        if table.counts and m.count not in table.counts
    ]
    for name in sorted(held - set(named)):
        if not _is_text(table.data.schema.field(name).type):
            problems.append(
                Problem(
                    "UNDECLARED",
                    f"{name} is neither a dimension, a count nor a measure, and is not text",
                    "a figure that is not declared cannot be judged",
                    "name it in `counts` or `measures`, or drop it",
                )
            )
    return problems


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _value_problems(table: ResultTable) -> list[Problem]:
    problems = []
    for name in table.by:
        column = table.data.column(name)
        if not _is_text(column.type) or column.null_count:
            problems.append(
                Problem("DIMENSION", f"{name} must be text without nulls", fix="name each group")
            )
    for name in table.counts:
        problems += _count_problems(name, table.data.column(name))
    additive = {m.column for m in table.measures if m.additive}
    for name in dict.fromkeys([*(m.column for m in table.measures), *sorted(table.evidence)]):
        must_be = name in additive or name in table.evidence
        problems += _measure_problems(name, table.data.column(name), must_be)
    problems += [p for m in table.measures if m.share for p in _share_problems(m, table.data)]
    if not problems:
        problems += [p for m in table.measures if m.additive for p in _sum_problems(m, table.data)]
    if table.degrees_of_freedom:
        name = table.degrees_of_freedom
        problems += _measure_problems(name, table.data.column(name), must_be=False)
    return problems


def _count_problems(name: str, column: pa.ChunkedArray) -> list[Problem]:
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return [
            Problem(
                "COUNT",
                f"{name} is not a number of people",
                "marks of what was withheld, or ranges, cannot be judged",
                "give whole numbers, straight from the data",
            )
        ]
    if column.null_count:
        return [
            Problem(
                "NULL_COUNT",
                f"{name} has rows without a count",
                "a figure that was withheld before cannot be judged again",
                "count them, or drop them; pass on as it is what has already been released",
            )
        ]
    values = np.asarray(column.cast(pa.float64()))
    if not np.isfinite(values).all():
        return [Problem("NOT_FINITE", f"{name} holds NaN or infinity", fix="give whole numbers")]
    if (values < 0).any():
        return [
            Problem("NEGATIVE", f"{name} holds a negative count", "people are not negative", "count again")
        ]
    if (np.abs(values - np.round(values)) > NOISE * np.maximum(values, 1.0)).any():
        return [Problem("COUNT", f"{name} holds a part of a person", fix="count people, not weights")]
    return []


def _measure_problems(name: str, column: pa.ChunkedArray, must_be: bool) -> list[Problem]:
    """`must_be`: a sum, or evidence of one, which is never absent nor negative."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return [Problem("MEASURE", f"{name} is not a number", fix="make text a label, or give numbers")]
    values = np.asarray(column.drop_null().cast(pa.float64()))
    if not np.isfinite(values).all():
        return [
            Problem(
                "NOT_FINITE", f"{name} holds NaN or infinity", "it may be a division by nobody", "use null"
            )
        ]
    if must_be and column.null_count:
        return [Problem("NULL_SUM", f"{name} is additive and lacks values", fix="write the sum, or zero")]
    if must_be and (values < 0).any():
        return [
            Problem(
                "NEGATIVE",
                f"{name} is additive and holds a negative value",
                "protection intervals and the dominance rules assume that contributions are not negative",
                "show income and expenditure as two measures",
            )
        ]
    return []


def _sum_problems(measure: Measure, data: pa.Table) -> list[Problem]:
    """Sums that the people behind them, or their largest contributions, contradict."""
    total, problems = _floats(data, measure.column), []
    if ((total > 0) & (_floats(data, measure.count) == 0)).any():
        problems.append(
            Problem(
                "NOBODY",
                f"{measure.column} is a sum where {measure.count} counts nobody",
                "people with a weight of zero still stand behind a figure, and others do behind this one",
                "count everybody who contributes, not their weights",
            )
        )
    if measure.largest:
        first, second = (_floats(data, name) for name in measure.largest)
        slack = 1e-9 * np.maximum(total, 1e-6)
        if (first > total + slack).any() or (second > first + slack).any():
            problems.append(
                Problem(
                    "EVIDENCE",
                    f"{measure.column}: a largest contribution exceeds the sum, or the second the largest",
                    "contributions below zero hide how large others are, and dominance cannot be judged",
                    "show what is paid and what is received as two measures, each with its own largest",
                )
            )
    return problems


def _share_problems(measure: Measure, data: pa.Table) -> list[Problem]:
    column = data.column(measure.column)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)) or column.length() == 0:
        return []
    bounds = pc.min_max(column).as_py()
    if bounds["min"] is not None and (bounds["min"] < 0 or bounds["max"] > 1 + 1e-9):
        return [Problem("SHARE", f"{measure.column} is not between 0 and 1", fix="give a proportion")]
    return []


def _floats(data: pa.Table, name: str) -> Floats:
    """A column as float64, null as NaN."""
    values: Floats = data.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return values
