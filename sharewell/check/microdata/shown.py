"""Rows as they are shown: at the levels chosen, sorted by what they show, single cells replaced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .classes import Classes, Node
from .hierarchy import TOP
from .tuples import Ints, Mask, Tuples

_RANK = "\0rank"


def at_levels(table: pa.Table, tuples: Tuples, node: Node, rows: Ints) -> pa.Table:
    """Some rows, each quasi-identifier at its level; a column left exact keeps its type."""
    of_row = tuples.of_row[rows]
    data: dict[str, pa.Array | None] = dict.fromkeys(table.column_names)
    for column, level in enumerate(node):
        quasi = tuples.quasi[column]
        if level or table.schema.field(quasi.name).type == pa.string():
            codes = quasi.groups[level][tuples.quasi_codes[column]][of_row]
            data[quasi.name] = pa.array(quasi.labels[level], pa.string()).take(pa.array(codes))
    take = pa.array(rows)
    return pa.table(
        {name: table.column(name).take(take) if held is None else held for name, held in data.items()}
    )


def published_order(
    tuples: Tuples, classes: Classes, stays: Mask, table: pa.Table, other: Sequence[str]
) -> Ints:
    """The rows that stay, sorted by what they show, so that their order says no more than they do."""
    parts = [
        column.groups[level][codes]
        for column, codes, level in zip(tuples.quasi, tuples.quasi_codes, classes.node, strict=True)
    ]
    codes = np.stack([*parts, *tuples.sensitive_codes])
    order = np.lexsort(codes[::-1])
    steps = (np.diff(codes[:, order], axis=1) != 0).any(axis=0)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.concatenate([[0], np.cumsum(steps)])
    rows = np.flatnonzero(stays[classes.of][tuples.of_row])
    ranks = rank[tuples.of_row[rows]]
    if not other:
        # A radix sort, where there are few different ranks.
        small = ranks.astype(np.min_scalar_type(int(rank.max())))
        return rows[np.argsort(small, kind="stable")]
    held = table.select(list(other)).take(pa.array(rows)).append_column(_RANK, pa.array(ranks))
    keys = [(_RANK, "ascending"), *((name, "ascending") for name in other)]
    sorted_rows: Ints = rows[pc.sort_indices(held, sort_keys=keys).to_numpy()]
    return sorted_rows


def star(data: pa.Table, name: str, starred: Mask) -> pa.Table:
    """A column with some cells replaced by `*`; it becomes text, unless there are none."""
    if not starred.any():
        return data
    text = data.column(name).cast(pa.string())
    column = pc.if_else(pa.array(starred), pa.scalar(TOP), text)
    return data.set_column(data.column_names.index(name), name, column)
