"""What people's rights ask of every act, whoever does it and why."""

from __future__ import annotations

import duckdb

from . import corrections, severance
from .resolve import Write


def uphold(con: duckdb.DuckDBPyConnection) -> None:
    """Over what has just been taken in: corrections stand, and a severed record brings nothing old."""
    corrections.overlay(con)
    severance.strip(con)


def closing(write: Write | None) -> Write:
    """What an act writes, and then what keeps those rights."""

    def both(con: duckdb.DuckDBPyConnection, run: int) -> None:
        if write is not None:
            write(con, run)
        corrections.lapse(con)
        severance.seal(con)

    return both
