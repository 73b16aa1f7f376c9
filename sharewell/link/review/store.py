"""The file of a review: one encrypted DuckDB file, its owner's alone, to which things are only added.

It holds which records were paired, weights, and who answered what; no name, date or address. A record that
is erased loses its place in it, and the answers stand for the counts.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from ...errors import LinkError, Problem
from ..session import load_crypto

_SCHEMA = (
    "batches (batch VARCHAR PRIMARY KEY, made VARCHAR, threshold DOUBLE, budget BIGINT, seed BIGINT)",
    "strata (batch VARCHAR, stratum BIGINT, low DOUBLE, high DOUBLE, sources VARCHAR, rule VARCHAR,"
    " linked BOOLEAN, population BIGINT, likely DOUBLE, drawn BIGINT)",
    "pairs (batch VARCHAR, pair VARCHAR, source_l VARCHAR, record_l VARCHAR, source_r VARCHAR,"
    " record_r VARCHAR, rule VARCHAR, weight DOUBLE, joined BOOLEAN, stratum BIGINT, chance DOUBLE)",
    "taken (pair VARCHAR, reader VARCHAR, since VARCHAR, until VARCHAR)",
    "answers (answer VARCHAR PRIMARY KEY, pair VARCHAR, reader VARCHAR, verdict VARCHAR, reason VARCHAR,"
    " said VARCHAR, place BIGINT)",
    "passed (pair VARCHAR, moment VARCHAR)",
)
_PAUSE = 0.05


@contextmanager
def opened(path: Path, key: bytes, wait: float = 10.0) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the review's file, created if absent; other processes wait for it up to `wait` s.

    LinkError with code REVIEW-KEY if the key is not the file's, BUSY if another process keeps it, STORAGE
    if it cannot be read or written, ENGINE if DuckDB failed (its text is withheld: it may quote a row).
    """
    con = duckdb.connect(config=_CONFIG)
    try:
        con.execute("SET enable_progress_bar = false")
        load_crypto(con)
        _attach(con, path, hmac.digest(key, b"review file", "sha256").hex(), time.monotonic() + wait)
        _prepare(con)
        yield con
    except duckdb.Error as error:
        kind = type(error).__name__
        why = "its text may quote a row"
        raise LinkError(Problem("ENGINE", f"the review's store stopped ({kind})", why)) from None
    finally:
        con.close()


_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
    "temp_file_encryption": True,
    "threads": 1,
}


def _attach(con: duckdb.DuckDBPyConnection, path: Path, key: str, until: float) -> None:
    fresh = not path.exists()
    while True:
        try:
            con.execute(f"ATTACH {_quoted(path)} AS review (ENCRYPTION_KEY '{key}')")
            break
        except duckdb.Error as error:
            _refuse(error, until)
            time.sleep(_PAUSE)
    if fresh:
        path.chmod(0o600)


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("SET enable_external_access = false")
    con.execute("USE review")
    if con.execute("SELECT 1 FROM duckdb_tables() WHERE database_name = 'review'").fetchall():
        return
    con.begin()
    for table in _SCHEMA:
        con.execute(f"CREATE TABLE {table}")
    con.commit()


def _refuse(error: duckdb.Error, until: float) -> None:
    """Raise unless the file is only busy and there is time left to wait for it."""
    text = str(error)  # another process has it, or another connection of this one
    busy = "set lock" in text or "file handle conflict" in text or "already attached" in text
    if busy and time.monotonic() < until:
        return
    if busy:
        fix = "wait until the other reader is done"
        raise LinkError(Problem("BUSY", "another process keeps the review's file", fix=fix)) from None
    if isinstance(error, duckdb.InvalidInputException):
        fix = "is this its key, and its file?"
        raise LinkError(Problem("REVIEW-KEY", "the key does not open the review's file", fix=fix)) from None
    what, fix = (
        "the review's file could not be read or written",
        "check its folder, its rights and the disk",
    )
    raise LinkError(Problem("STORAGE", what, fix=fix)) from None


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
