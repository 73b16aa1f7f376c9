"""What must be done to rows before they are grouped, so that one person can move a figure only so far.

Bounds are declared in the agreement and never read off the data: the largest value there is is somebody's.
What was done is a `Prepared`, which the noise asks for; a figure that was not bounded gets none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ...errors import DataError, Problem


@dataclass(frozen=True)
class Prepared:
    """What was done to the rows that a table was made of.

    clamped: measure -> (low, high), each person's value brought within them. means: which measures are the
    mean of such values (a median is none: one person can move it far). limited: dimension -> in how
    many of its categories a person was left. categories: dimension -> all that it can hold, known without
    the data; what is not named here is taken to be public as it stands in the table, and is said so.
    """

    clamped: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    means: Collection[str] = ()
    limited: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)


def clamp(values: pa.Array | pa.ChunkedArray, low: float, high: float) -> pa.Array | pa.ChunkedArray:
    """One value a person, brought within [low, high]; null stays null. DataError for one not finite."""
    if pa.types.is_floating(values.type) and pc.any(pc.invert(pc.is_finite(values))).as_py():
        raise DataError(
            Problem("NOT_FINITE", "a value to be bounded is NaN or infinite", fix="make it null")
        )
    floor, ceiling = pa.scalar(low).cast(values.type), pa.scalar(high).cast(values.type)
    return pc.min_element_wise(
        pc.max_element_wise(values, floor, skip_nulls=False), ceiling, skip_nulls=False
    )


def limit(rows: pa.Table, person: str, dimension: str, most: int) -> pa.Table:
    """The rows of each person's `most` categories, chosen by a hash of person and category.

    The choice looks at nobody else's rows, so that one person more changes only that person's cells.
    """
    import duckdb

    who, what = _quoted(person), _quoted(dimension)
    query = f"""
        SELECT * FROM rows QUALIFY dense_rank() OVER (
            PARTITION BY {who} ORDER BY md5({who}::VARCHAR || chr(31) || coalesce({what}::VARCHAR, '')),
            {what}) <= ?"""
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        kept: Any = connection.execute(query, [most]).to_arrow_table()
    return kept


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
