"""An engine for one linking: in memory, spilling encrypted, and gone when the linking ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

_MEMORY = "1500MB"
"""What the engine may hold; what the records say lies beside it, as codes."""
_FLUSH = "1MB"
"""Freed memory is given back at once: steps of a linking follow one another, each with large tables."""


@contextmanager
def session(threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for the time of one linking; what does not fit in memory is spilt, encrypted."""
    with tempfile.TemporaryDirectory(prefix="sharewell-link-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": _MEMORY,
            "temp_directory": spill,
            "temp_file_encryption": True,
        }
        with duckdb.connect(config=settings) as con:
            con.execute("SET enable_progress_bar = false")
            con.execute(f"SET allocator_flush_threshold = '{_FLUSH}'")
            con.execute(f"SET allocator_bulk_deallocation_flush_threshold = '{_FLUSH}'")
            yield con
