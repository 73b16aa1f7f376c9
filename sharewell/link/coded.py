"""Columns of text as codes into their distinct values, so that work is done once a value and not a
record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
_ROOM = 2**62


@dataclass(frozen=True)
class Coded:
    """A column: `codes[row]` points into `values` (distinct text), -1 where the row says nothing."""

    codes: Codes
    values: pa.Array

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Coded:
        """Encode a column, whatever its type; numbers and dates become text."""
        # Encoding a chunked column gives every chunk the one dictionary of the whole.
        whole = column.dictionary_encode()
        if not whole.num_chunks:
            return cls.silent(0)
        codes = np.concatenate(
            [pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in whole.chunks]
        )
        return cls(codes.astype(np.int32), whole.chunk(whole.num_chunks - 1).dictionary.cast(pa.string()))

    @classmethod
    def held(cls, column: pa.ChunkedArray) -> Coded:
        """A dictionary column, as `column` made it, of one dictionary."""
        codes = [pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in column.chunks]
        return cls(np.concatenate(codes), column.chunk(0).dictionary) if codes else cls.silent(0)

    @classmethod
    def silent(cls, count: int) -> Coded:
        """A column that says nothing."""
        return cls(np.full(count, -1, np.int32), pa.array([], pa.string()))

    def spelt(self, values: pa.Array) -> Coded:
        """The same rows, each distinct value now written as in `values` (null: says nothing)."""
        again = values.dictionary_encode()
        onto = pc.fill_null(again.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        return Coded(np.append(onto, np.int32(-1))[self.codes], again.dictionary)

    def take(self, rows: Ints) -> Coded:
        return Coded(self.codes[rows], self.values)

    def column(self) -> pa.Array:
        """As an Arrow dictionary, which any engine reads as text."""
        codes = pa.array(self.codes, mask=self.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, self.values)


def first_known(columns: Sequence[Coded]) -> Coded:
    """Row by row the first column that says something. At least one column, all of one length."""
    if len(columns) == 1:
        return columns[0]
    codes, start = columns[0].codes.copy(), len(columns[0].values)
    for column in columns[1:]:
        silent = (codes < 0) & (column.codes >= 0)
        codes[silent] = column.codes[silent] + start
        start += len(column.values)
    every = pa.concat_arrays([column.values for column in columns])
    return Coded(codes, every).spelt(every)


def stacked(above: Coded, below: Coded) -> Coded:
    """The rows of one column and then those of another."""
    every = pa.concat_arrays([above.values, below.values])
    shifted = np.where(below.codes < 0, np.int32(-1), below.codes + np.int32(len(above.values)))
    return Coded(np.concatenate([above.codes, shifted]), every).spelt(every)


def distinct_rows(columns: Sequence[Coded]) -> tuple[Ints, Ints]:
    """Number the distinct rows in order of first appearance: (number of each row, first row of each
    number).

    Codes are packed side by side into one integer as long as there is room, so that nothing is lost.
    """
    count = len(columns[0].codes)
    key, room = np.zeros(count, np.int64), 1
    for column in columns:
        width = len(column.values) + 1
        if room * width >= _ROOM:
            key, room = _renumbered(key)
        key, room = key * width + (column.codes + np.int64(1)), room * width
    key, _ = _renumbered(key)
    first = np.full(int(key.max(initial=-1)) + 1, count, np.int64)
    np.minimum.at(first, key, np.arange(count))
    return key, first


def _renumbered(key: Ints) -> tuple[Ints, int]:
    again = pa.array(key).dictionary_encode()
    return again.indices.to_numpy().astype(np.int64), len(again.dictionary)
