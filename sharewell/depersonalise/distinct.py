"""A column of identifiers changed value by value, each distinct one once."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import DataError, Problem


def change_distinct(
    values: pa.Array | pa.ChunkedArray, change: Callable[[list[str]], pa.Array], what: str
) -> pa.Array | pa.ChunkedArray:
    """The column with `change` of its distinct texts in place of each; null stays null, chunks stay chunks.

    DataError for values that are not text, or that are empty (all the empty ones would become one person).
    `what` says in it what the values are.
    """
    if not isinstance(values, pa.ChunkedArray):
        changed = change_distinct(pa.chunked_array([values]), change, what)
        return changed.combine_chunks()
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise DataError(Problem("TYPE", f"{what} is {kind}", fix="read it as text"))
    encoded = values.cast(pa.string()).dictionary_encode().unify_dictionaries()
    if not encoded.num_chunks:
        return pa.chunked_array([], type=pa.string())
    texts = encoded.chunk(0).dictionary
    if pc.any(pc.equal(texts, "")).as_py():
        raise DataError(
            Problem(
                "EMPTY",
                f"{what} is an empty text",
                "all the empty ones would become one person",
                "make it null, or let the asset's contract quarantine it",
            )
        )
    changed = change(texts.to_pylist())
    return pa.chunked_array([changed.take(chunk.indices) for chunk in encoded.chunks], type=pa.string())
