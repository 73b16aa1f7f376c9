"""Rows as whole numbers: each column coded, and the rows that agree on several columns numbered together.

Rows come as an Arrow table, or as a DuckDB relation, which is first grouped into its distinct tuples by
DuckDB so that only those are held in memory. A null (and a NaN) is a category of its own here;
`wildcards` reads it as "could be anything".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import DataError, Problem
from ..structure import Floats, Ints

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

Rows: TypeAlias = "pa.Table | DuckDBPyRelation"

PEOPLE = "sharewell people"
"""The column in which DuckDB puts how many rows a tuple stands for."""
_LARGEST = 2**62


@dataclass(frozen=True)
class Coded:
    """Columns as numbers. codes: one array a column, 0 for null, others from 1; sizes: codes a column can
    have. people: how many people each row stands for.
    """

    names: tuple[str, ...]
    codes: tuple[Ints, ...]
    sizes: tuple[int, ...]
    people: Ints

    @property
    def rows(self) -> int:
        return len(self.people)


def gather(rows: Rows, columns: Sequence[str], weight: str | None = None) -> tuple[pa.Table, Ints]:
    """`columns` of the rows, and how many people each row of the answer stands for.

    weight: a column of whole numbers, for rows that are distinct tuples with the number of people
    behind each. DataError COLUMN for a column that is not there or is named twice, WEIGHT for weights
    that are not whole, finite and at least zero. Tuples of nobody are dropped.
    """
    held = list(rows.column_names if isinstance(rows, pa.Table) else rows.columns)
    wanted = [*columns, *([weight] if weight else [])]
    problems = [
        Problem("COLUMN", f"there is no column {name!r}, or it is named twice", fix="name each column once")
        for name in dict.fromkeys(wanted)
        if held.count(name) != 1 or wanted.count(name) > 1
    ]
    if not columns:
        problems.append(Problem("COLUMN", "no columns are named", fix="name the quasi-identifiers"))
    if problems:
        raise DataError(problems)
    if not isinstance(rows, pa.Table):
        return _group(rows, list(columns), weight)
    table = rows.select(list(columns))
    if weight is None:
        return table, np.ones(rows.num_rows, dtype=np.int64)
    people = _weights(rows.column(weight))
    return table.filter(pa.array(people > 0)), people[people > 0]


def encode(table: pa.Table, people: Ints) -> Coded:
    """Each column as codes: null is 0, values are numbered from 1 as they appear."""
    parts = [_encode(name, table.column(name)) for name in table.column_names]
    return Coded(
        tuple(table.column_names),
        tuple(codes for codes, _ in parts),
        tuple(size for _, size in parts),
        people,
    )


def number(parts: Sequence[Ints], sizes: Sequence[int]) -> tuple[Ints, int]:
    """The class of each row, numbered from 0, and how many classes there are. At least one part."""
    joint, size = parts[0].astype(np.int64), int(sizes[0])
    for codes, count in zip(parts[1:], sizes[1:], strict=True):
        if size * count >= _LARGEST:
            joint, size = _renumber(joint, size)
        joint, size = joint * count + codes, size * count
    return _renumber(joint, size)


def count(classes: Ints, number_of: int, people: Ints) -> Ints:
    """People in each class."""
    return weigh(classes, number_of, people).astype(np.int64)


def weigh(classes: Ints, number_of: int, weights: Floats | Ints) -> Floats:
    """Sum of weights in each class."""
    return np.bincount(classes, weights=weights, minlength=number_of).astype(np.float64)


def _renumber(joint: Ints, size: int) -> tuple[Ints, int]:
    """Numbers without gaps. Where the range is short a table of what is present is quicker than
    hashing.
    """
    if size <= 4 * len(joint):
        present = np.bincount(joint, minlength=size) > 0
        return (np.cumsum(present) - 1)[joint].astype(np.int64), int(present.sum())
    coded = pa.array(joint).dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), len(coded.dictionary)


def _encode(name: str, column: pa.ChunkedArray) -> tuple[Ints, int]:
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if pa.types.is_null(column.type):
        return np.zeros(len(column), dtype=np.int64), 1
    if pa.types.is_nested(column.type):
        raise DataError(Problem("COLUMN", f"{name} holds values within values", fix="flatten it"))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    coded = column.combine_chunks().dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes + 1, len(coded.dictionary) + 1


def _group(rows: Any, columns: list[str], weight: str | None) -> tuple[pa.Table, Ints]:
    quoted = ", ".join(_quote(name) for name in columns)
    total = f"sum({_quote(weight)})" if weight else "count(*)"
    table = rows.aggregate(f'{quoted}, {total} as "{PEOPLE}"', quoted).to_arrow_table()
    people = _weights(table.column(PEOPLE))
    return table.drop_columns([PEOPLE]).filter(pa.array(people > 0)), people[people > 0]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _weights(column: pa.ChunkedArray) -> Ints:
    values = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.floor(values)).any():
        raise DataError(
            Problem(
                "WEIGHT",
                "a number of people is absent, negative or not whole",
                fix="count people in each row",
            )
        )
    return values.astype(np.int64)
