"""Statements for DuckDB: names and literals quoted, and errors that never repeat what DuckDB says.

DuckDB's own messages quote the value that would not convert. They are dropped, not chained: the new error
is raised outside the `except`, so that not even `__context__` leads to a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from ..errors import EngineError, Problem, SharewellError, StorageError


def name(word: str) -> str:
    """An identifier in quotes."""
    return '"' + word.replace('"', '""') + '"'


def literal(value: str | int | float) -> str:
    """A constant."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def run(
    con: duckdb.DuckDBPyConnection, statement: str, values: Sequence[Any] = (), doing: str = "a statement"
) -> duckdb.DuckDBPyConnection:
    """Execute. Raises StorageError or EngineError without DuckDB's text; `doing` says what failed."""
    try:
        return con.execute(statement, list(values)) if values else con.execute(statement)
    except duckdb.Error as error:
        failure = _failure(error, doing)
    raise failure


def rows(con: duckdb.DuckDBPyConnection, statement: str, doing: str = "a count") -> list[tuple[Any, ...]]:
    """All rows of a small answer."""
    return run(con, statement, doing=doing).fetchall()


def number(con: duckdb.DuckDBPyConnection, statement: str, doing: str = "a count") -> int:
    """The one whole number of an answer."""
    return int(rows(con, statement, doing)[0][0])


def _failure(error: duckdb.Error, doing: str) -> SharewellError:
    if isinstance(error, duckdb.IOException):
        return StorageError(
            Problem(
                "STORAGE",
                f"{doing} could not read or write",
                fix="check the path, permissions and free disk",
            )
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return StorageError(
            Problem(
                "MEMORY", f"{doing} ran out of memory or of disk for spilling", fix="free some, or raise it"
            )
        )
    why = "its own text is withheld, because it may quote a row"
    return EngineError(Problem("ENGINE", f"{doing} failed ({type(error).__name__})", why))
