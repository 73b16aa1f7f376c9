"""What a recipient is known to hold, and how it is held against released rows.

Knowledge is written in the release's own columns and categories: whoever plays the attack first recodes
what is held as the release was recoded (an exact age to its band), as an intruder would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import DataError, Problem
from ..structure import Floats, Ints

Numbers = npt.NDArray[np.int32] | npt.NDArray[np.float64]


@dataclass(frozen=True)
class Knowledge:
    """Records held about people. columns: those that the release has too. about: for each record the
    released row about the same person, -1 where there is none; only the score uses it. tolerance: how
    far apart the numbers of a column may be and still be taken for the same.
    """

    name: str
    records: pa.Table
    columns: tuple[str, ...]
    about: Sequence[int]
    tolerance: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Aligned:
    """Records and the distinct tuples of a release, coded alike. held, released: a column each, whole
    numbers with 0 for null, or numbers with NaN for null where the column has a tolerance (`slack` is not
    None). rows: released rows in tuple order; those of tuple t are from starts[t] to starts[t + 1].
    """

    held: list[Numbers]
    released: list[Numbers]
    slack: list[float | None]
    rows: Ints
    starts: Ints

    def rows_of(self, tuples: Ints) -> Ints:
        """Released rows of these tuples."""
        parts = [self.rows[self.starts[t] : self.starts[t + 1]] for t in tuples]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def apart(self, record: int) -> npt.NDArray[np.int16]:
        """For each distinct tuple, in how many columns it contradicts this record. A null contradicts
        nothing."""
        found = np.zeros(len(self.starts) - 1, dtype=np.int16)
        for held, released, slack in zip(self.held, self.released, self.slack, strict=True):
            value = held[record]
            if slack is not None:
                # A comparison with NaN is false.
                found += np.abs(released - value) > slack
            elif value:
                found += (released != value) & (released != 0)
        return found


def align(
    released: pa.Table, records: pa.Table, columns: Sequence[str], tolerance: Mapping[str, float]
) -> Aligned:
    """DataError where a column is missing or cannot be compared."""
    if not columns:
        raise DataError(
            Problem("COLUMN", "nothing is known: no columns are named", fix="name what is held")
        )
    check_columns((released, records), columns)
    held: list[Numbers] = []
    shown: list[Numbers] = []
    for name in columns:
        mine, theirs = code_alike(name, [records.column(name), released.column(name)], name in tolerance)
        coded = name not in tolerance
        held.append((np.nan_to_num(mine, nan=-1.0) + 1).astype(np.int32) if coded else mine)
        shown.append((np.nan_to_num(theirs, nan=-1.0) + 1).astype(np.int32) if coded else theirs)
    first, of = _distinct(shown)
    rows = np.argsort(of, kind="stable").astype(np.int64)
    starts = np.append(0, np.cumsum(np.bincount(of, minlength=len(first)))).astype(np.int64)
    return Aligned(
        held, [codes[first] for codes in shown], [tolerance.get(n) for n in columns], rows, starts
    )


def _distinct(columns: Sequence[Numbers]) -> tuple[Ints, Ints]:
    """The first row of each distinct tuple, and the tuple of each row."""
    joint = np.zeros(len(columns[0]), dtype=np.int64)
    for codes in columns:
        # Renumbered at each step, so that the product never leaves 64 bits.
        values, number = np.unique(codes, return_inverse=True)
        joint = np.unique(joint * len(values) + number.reshape(-1), return_inverse=True)[1].reshape(-1)
    _, first, of = np.unique(joint, return_index=True, return_inverse=True)
    return first.astype(np.int64), of.reshape(-1).astype(np.int64)


def code_alike(name: str, columns: Sequence[pa.ChunkedArray], numeric: bool = False) -> list[Floats]:
    """The columns called `name` as numbers that agree where the values do; NaN for null.

    numeric: their own numbers, not codes. DataError TYPES where they cannot be compared.
    """
    try:
        tables = [pa.table({"v": _plain(column)}) for column in columns]
        joint = pa.concat_tables(tables, promote_options="permissive")["v"]
        if not numeric and not pa.types.is_null(joint.type):
            joint = joint.combine_chunks().dictionary_encode().indices
        codes = pc.cast(joint, pa.float64()).to_numpy(zero_copy_only=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        raise DataError(
            Problem("TYPES", f"{name} has another type in what is held", fix="write both alike")
        ) from None
    ends = np.cumsum([len(column) for column in columns])
    return [np.asarray(part, dtype=np.float64) for part in np.split(codes, ends[:-1])]


def check_columns(tables: Iterable[pa.Table], columns: Sequence[str]) -> None:
    """DataError naming every column that one of the tables lacks."""
    missing = sorted({name for table in tables for name in columns if name not in table.column_names})
    if missing:
        raise DataError(
            Problem("COLUMN", f"no column {name!r} on one side", fix="name what both hold")
            for name in missing
        )


def subjects(knowledge: Knowledge, released: int) -> Ints:
    """`about` as numbers. DataError where it is not one released row, or -1, a record."""
    about = np.asarray(knowledge.about, dtype=np.int64)
    if len(about) != knowledge.records.num_rows or (about < -1).any() or (about >= released).any():
        raise DataError(
            Problem(
                "ABOUT",
                f"{knowledge.name}: the true rows are not one a record",
                "success could not be told from failure",
                "give for each record the released row about the same person, or -1",
            )
        )
    return about


def number_people(released: pa.Table, subject: str | None) -> Ints:
    """The person of each row: by the column that codes the subject, or one a row; so is a null."""
    if subject is None:
        return np.arange(released.num_rows, dtype=np.int64)
    check_columns([released], [subject])
    codes = code_alike(subject, [released.column(subject)])[0]
    known = np.nan_to_num(codes, nan=-1.0).astype(np.int64)
    return np.where(known >= 0, known, released.num_rows + np.arange(released.num_rows))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
