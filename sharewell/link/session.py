"""An engine for one piece of linking: in memory, spilling encrypted or not at all, gone when it ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_MEMORY = "1500MB"
"""What the engine may hold; what the records say lies beside it, as codes."""
_FLUSH = "1MB"
"""Freed memory is given back at once: steps of a linking follow one another, each with large tables."""


@contextmanager
def session(threads: int, *, spills: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for the time of one piece of work.

    What does not fit in memory is spilt, encrypted under a key that only this connection holds, to a folder
    that goes with it. With `spills` false nothing is ever written: for what is small.
    """
    with tempfile.TemporaryDirectory(prefix="sharewell-link-") as folder:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "temp_directory": folder if spills else "",
            "temp_file_encryption": True,
        }
        with duckdb.connect(config=settings) as con:
            con.execute("SET enable_progress_bar = false")
            con.execute(f"SET allocator_flush_threshold = '{_FLUSH}'")
            con.execute(f"SET allocator_bulk_deallocation_flush_threshold = '{_FLUSH}'")
            if spills:
                load_crypto(con)
                con.execute(f"SET memory_limit = '{_MEMORY}'")
            yield con


def load_crypto(con: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB write encrypted files. It does so only with this extension's OpenSSL, which comes as a
    wheel and never by network (decision 0005).
    """
    import duckdb_extension_httpfs

    folder = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    quoted = str(folder / "httpfs.duckdb_extension").replace("'", "''")
    con.execute(f"LOAD '{quoted}'")
