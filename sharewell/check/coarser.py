"""Tables made coarser or shorter, from their own figures alone: what a suggestion may try.

Counts, sums and shares add up again exactly; the two largest contributions to a sum are the two largest
of its parts. Any other figure (a median, a mean of means) must be worked out again from the data, and is
left out here. Nothing is added up along a dimension in which one person may stand under several values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from ..plan.finding import ALL, UNKNOWN, Measure, Output, ResultTable

ADDS = frozenset({Output.FREQUENCY, Output.MAGNITUDE, Output.MAP})
"""Kinds whose rows are groups that may be put together."""
ORDERED = frozenset({Output.FLOW, Output.SURVIVAL, Output.BALANCE, Output.PATHWAY})
"""Kinds whose dimensions have a meaning of their own: a stage, a time, a covariate, a place."""
OTHER = "Other"

PERIODS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    (r"\d{4}-\d{2}-\d{2}", "month", lambda value: value[:7]),
    (r"\d{4}-\d{2}", "quarter", lambda value: f"{value[:4]} Q{(int(value[5:]) + 2) // 3}"),
    (r"\d{4}[ -]?Q[1-4]", "year", lambda value: value[:4]),
)
"""How a period is written, and the next longer one."""

Key = tuple[str, ...]


def leave_out(table: ResultTable, dimension: str) -> ResultTable | None:
    """The table without a dimension: the totals over it where they are given, else the sums."""
    if table.output in ORDERED or len(table.by) < 2:
        return None
    place = table.by.index(dimension)
    keys = read_keys(table)
    rest = [(*key[:place], *key[place + 1 :]) for key in keys]
    totals = [row for row, key in enumerate(keys) if key[place] == ALL]
    by = tuple(name for name in table.by if name != dimension)
    if {rest[row] for row in totals} == set(rest):
        short = table.data.take(pa.array(totals, pa.int64())).drop_columns([dimension])
        return _narrow(table, by, short, table.measures)
    if dimension in table.overlapping or table.hierarchies.get(dimension):
        return None
    parts = [row for row, key in enumerate(keys) if key[place] != ALL]
    return _add_up(table, by, {row: rest[row] for row in parts})


def merge(table: ResultTable, dimension: str, into: Mapping[str, str]) -> ResultTable | None:
    """The table with some values of a dimension put together under another name."""
    if dimension in table.overlapping or table.hierarchies.get(dimension):
        return None
    place = table.by.index(dimension)
    new = {
        row: (*key[:place], into.get(key[place], key[place]), *key[place + 1 :])
        for row, key in enumerate(read_keys(table))
    }
    return _add_up(table, table.by, new)


def rarest(table: ResultTable, dimension: str) -> list[str]:
    """The values of a dimension, those with the fewest people first."""
    people: dict[str, int] = {}
    counts = table.data.column(table.counts[0]).to_pylist()
    for value, number in zip(table.data.column(dimension).to_pylist(), counts, strict=True):
        people[value] = people.get(value, 0) + number
    return sorted(set(people) - {ALL, OTHER}, key=lambda value: (people[value], value))


def one_level_up(table: ResultTable, dimension: str) -> ResultTable | None:
    """The table without the finest values of a dimension whose coarser ones are rows already."""
    parents = table.hierarchies.get(dimension, {})
    values = table.data.column(dimension).to_pylist()
    finest = {value for value in values if value in parents} - set(parents.values())
    if not finest or not set(values) & set(parents.values()) - {ALL}:
        return None
    rows = [row for row, value in enumerate(values) if value not in finest]
    return replace(table, data=table.data.take(pa.array(rows, pa.int64())))


def longer_period(table: ResultTable, dimension: str) -> tuple[str, ResultTable] | None:
    """The next longer period and the table by it, where the values of a dimension are periods."""
    values = set(table.data.column(dimension).to_pylist()) - {ALL, UNKNOWN}
    for pattern, name, lengthen in PERIODS:
        if values and all(re.fullmatch(pattern, value) for value in values):
            made = merge(table, dimension, {value: lengthen(value) for value in values})
            return None if made is None else (name, made)
    return None


def without_totals(table: ResultTable, dimension: str) -> ResultTable | None:
    """The table without the rows that total over a dimension."""
    values = table.data.column(dimension).to_pylist()
    rows = [row for row, value in enumerate(values) if value != ALL]
    if len(rows) in (0, len(values)):
        return None
    return replace(table, data=table.data.take(pa.array(rows, pa.int64())))


def without_figure(table: ResultTable, column: str) -> ResultTable | None:
    """The table without a measure, or without a count on which nothing rests; evidence of it goes too.

    Only where rows are groups can a count go: elsewhere (the arms of an estimate) it is evidence itself.
    """
    if column in table.counts:
        rests = any(measure.count == column for measure in table.measures)
        if rests or len(table.counts) < 2 or table.output not in ADDS:
            return None
        counts = tuple(name for name in table.counts if name != column)
        safe = tuple(name for name in table.zero_safe if name != column)
        table = replace(table, counts=counts, zero_safe=safe)
        return _narrow(table, table.by, table.data.drop_columns([column]), table.measures)
    measures = tuple(measure for measure in table.measures if measure.column != column)
    return _narrow(table, table.by, table.data.drop_columns([column]), measures)


def read_keys(table: ResultTable) -> list[Key]:
    """The values of the dimensions, one tuple a row."""
    columns = [table.data.column(name).to_pylist() for name in table.by]
    return list(zip(*columns, strict=True)) if columns else [()] * table.data.num_rows


def _narrow(
    table: ResultTable, by: tuple[str, ...], data: pa.Table, measures: Sequence[Measure]
) -> ResultTable:
    """The table with these dimensions and measures, and no evidence of others."""
    made = replace(
        table,
        by=by,
        measures=tuple(measures),
        overlapping=tuple(name for name in table.overlapping if name in by),
        hierarchies={name: parents for name, parents in table.hierarchies.items() if name in by},
        cell_keys={name: key for name, key in table.cell_keys.items() if name in table.counts},
    )
    unneeded = table.evidence - made.evidence - {*made.counts, *(m.column for m in measures)}
    return replace(made, data=data.drop_columns([name for name in data.column_names if name in unneeded]))


def _add_up(table: ResultTable, by: tuple[str, ...], keys: Mapping[int, Key]) -> ResultTable | None:
    """Rows with the same new key as one."""
    if table.output not in ADDS or table.degrees_of_freedom is not None:
        return None
    groups: dict[Key, list[int]] = {}
    for row, key in keys.items():
        groups.setdefault(key, []).append(row)
    whole = {name: table.data.column(name).to_pylist() for name in table.data.column_names}
    measures = [measure for measure in table.measures if measure.additive or measure.share]
    added = [*table.counts, *table.cell_keys.values(), *(m.column for m in measures if m.additive)]
    data: dict[str, list[Any]] = {name: [key[i] for key in groups] for i, name in enumerate(by)}
    for name in added:
        data[name] = [sum(whole[name][row] for row in rows) for rows in groups.values()]
    for measure in measures:
        if measure.share and not measure.additive:
            data[measure.column] = [_share(whole, measure, rows) for rows in groups.values()]
        if measure.largest is not None:
            first, second = measure.largest
            both = [sorted((*_pick(whole[first], r), *_pick(whole[second], r))) for r in groups.values()]
            data[first], data[second] = [pair[-1] for pair in both], [pair[-2] for pair in both]
    kept = tuple(replace(measure, beyond=None) for measure in measures)
    return _narrow(table, by, pa.table(data), kept)


def _pick(values: Sequence[Any], rows: Sequence[int]) -> list[Any]:
    return [values[row] for row in rows]


def _share(whole: Mapping[str, list[Any]], measure: Measure, rows: Sequence[int]) -> float | None:
    """The share among all the people of several rows; null where one of them, with people, has none."""
    held = [row for row in rows if whole[measure.count][row]]
    people = sum(whole[measure.count][row] for row in held)
    if not people or any(whole[measure.column][row] is None for row in held):
        return None
    have = sum(whole[measure.column][row] * whole[measure.count][row] for row in held)
    return float(min(have / people, 1.0))
