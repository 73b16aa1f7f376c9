"""Empty combinations made rows, for policies to which nobody is a small number.

A group-by yields no row for nobody, and a missing row says "nobody" as plainly as a zero does. Where zero
is small every combination therefore gets its row, so that it can be withheld like any other. A combination
that cannot exist is told by naming the count in `zero_safe`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pyarrow as pa

from ...errors import GateError, Problem
from ...plan.finding import ALL, Output, ResultTable

MOST_CELLS = 200_000


def complete(table: ResultTable) -> ResultTable:
    """The table with a row of zeros for each absent combination of a published level."""
    counts = set(table.counts) - set(table.zero_safe)
    if not counts or not table.by or table.output not in (Output.FREQUENCY, Output.MAGNITUDE):
        return table
    keys = list(zip(*(table.data.column(name).to_pylist() for name in table.by), strict=True))
    if any(value is None for key in keys for value in key):
        return table
    levels = {tuple(value == ALL for value in key) for key in keys}
    axes = [sorted({key[d] for key in keys} - {ALL}) for d in range(len(table.by))]
    size = sum(_size(level, axes) for level in levels)
    if size > MOST_CELLS:
        raise GateError(
            Problem(
                "TOO_SPARSE",
                f"the table has {size} combinations, most of them empty",
                "under this policy an empty cell is withheld, and each would need its row",
                "group more coarsely, or name counts whose zeros are structural in `zero_safe`",
                f"table {table.name}",
            )
        )
    held = set(keys)
    absent = [
        key
        for level in sorted(levels)
        for key in product(*([ALL] if total else axis for total, axis in zip(level, axes, strict=True)))
        if key not in held
    ]
    if not absent:
        return table
    return replace(table, data=pa.concat_tables([table.data, _zeros(table, absent)]))


def _size(level: tuple[bool, ...], axes: list[list[str]]) -> int:
    size = 1
    for total, axis in zip(level, axes, strict=True):
        size *= 1 if total else len(axis)
    return size


def _zeros(table: ResultTable, absent: list[tuple[str, ...]]) -> pa.Table:
    zero = {*table.counts, *(m.column for m in table.measures if m.additive), *table.evidence}
    columns = []
    for field in table.data.schema:
        if field.name in table.by:
            values: list[object] = [key[table.by.index(field.name)] for key in absent]
        else:
            values = [0 if field.name in zero else None] * len(absent)
        columns.append(pa.array(values, type=field.type))
    return pa.table(columns, schema=table.data.schema)
