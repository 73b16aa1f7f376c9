"""Readers, one a format: each turns a source into rows of text that the contract is then held against.

A reader leaves a DuckDB view with `_line` (where the row stands in the source), `_fault` (a `Reason`, where
the row could not be read whole), `_original` (the row as it stood, where it was not split) and the
contract's fields.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from enum import StrEnum

import duckdb
import pyarrow as pa

from ..errors import DataError, Problem
from ..registry import Registry
from .contract import Contract
from .source import Source
from .sql import name, run


class Reason(StrEnum):
    """Why a row is in quarantine."""

    BYTES = "undecodable bytes"
    QUOTES = "broken quotes"
    FIELDS = "too many or too few fields"
    CELL = "an error in a cell"
    MISSING = "missing"
    TYPE = "not of its type"
    DATE = "not a date, or an impossible one"
    RANGE = "out of range"
    LENGTH = "too short or too long"
    PATTERN = "not of its pattern"
    DUPLICATE = "a key seen before"


Progress = Callable[[str, float], None]
"""Told what is being done and how far it is, 0 to 1."""

Reader = Callable[[duckdb.DuckDBPyConnection, Source, str, Progress], None]
"""`reader(con, source, relation, progress)` creates the view `relation`, and tables named after it."""

READERS: Registry[Reader] = Registry(
    "describe",
    "format",
    (
        "sharewell.describe.csv",
        "sharewell.describe.excel",
        "sharewell.describe.fixed",
        "sharewell.describe.parquet",
    ),
)

BATCH = 100_000
"""Rows held as Python objects at a time."""


def check_header(found: list[str], contract: Contract, where: str) -> None:
    """Raises DataError COLUMNS where the fields are not the contract's: missing, unexpected or repeated.

    Names are repeated only where most are the contract's: otherwise the line may be a person's row, not a
    header.
    """
    wanted = [p.header for p in contract.properties]
    missing = [header for header in wanted if header not in found]
    extra = [header for header in dict.fromkeys(found) if header not in wanted]
    twice = sorted({header for header in found if header in wanted and found.count(header) > 1})
    if not (missing or extra or twice):
        return
    why = "the asset changed since it was described"
    if 2 * len(missing) > len(wanted):
        lacking = f"{len(missing)} of {len(wanted)} fields are not in it"
        what = f"the first line is not the header of {contract.id}: {lacking}"
        fix = "check the delimiter, and that the file has a header; or describe the asset anew"
        raise DataError(Problem("COLUMNS", what, why, fix, f"{where}:1"))
    faults = [_missing(header, extra) for header in missing] + [
        _unexpected(header, missing) for header in extra
    ]
    faults += [(f"the field {header!r} is there twice", "ask its holder") for header in twice]
    raise DataError(Problem("COLUMNS", what, why, fix, f"{where}:1") for what, fix in faults)


def _missing(header: str, extra: Iterable[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(header, list(extra), n=1)
    hint = f"; {near[0]!r} may be meant" if near else ""
    return f"the field {header!r} is missing{hint}", "describe the asset anew, or ask its holder"


def _unexpected(header: str, missing: Iterable[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(header, list(missing), n=1)
    shown = repr(header[:40])
    hint = f"; it may be {near[0]!r}" if near else ""
    return f"the field {shown} is not in the contract{hint}", "drop it, or describe the asset anew"


class Sheet:
    """A table that grows by batches of lines. DuckDB splits a line that was left whole.

    Its columns: `_line`, `_fault`, `_original` (the line at fault), `_whole` (a sound line) or `_cells`
    (its fields, where they had to be told apart here).
    """

    _COLUMNS = {
        "_line": pa.int64(),
        "_fault": pa.string(),
        "_original": pa.string(),
        "_whole": pa.string(),
        "_cells": pa.list_(pa.string()),
    }

    def __init__(self, con: duckdb.DuckDBPyConnection, table: str) -> None:
        self._con, self._table = con, table
        self._rows: list[tuple[object, ...]] = []
        columns = "_line BIGINT, _fault VARCHAR, _original VARCHAR, _whole VARCHAR, _cells VARCHAR[]"
        run(con, f"CREATE OR REPLACE TEMP TABLE {name(table)} ({columns})", doing="staging")

    def whole(self, line: int, text: str) -> None:
        self._push((line, None, None, text, None))

    def cells(self, line: int, fields: list[str]) -> None:
        self._push((line, None, None, None, fields))

    def fault(self, line: int, reason: Reason, original: str) -> None:
        self._push((line, reason.name, original, None, None))

    def _push(self, row: tuple[object, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self.close()

    def close(self) -> None:
        """Write what is held."""
        if self._rows:
            columns = zip(*self._rows, strict=True)
            types = self._COLUMNS.values()
            arrays = [pa.array(column, of) for column, of in zip(columns, types, strict=True)]
            self._con.register("_batch", pa.Table.from_arrays(arrays, names=list(self._COLUMNS)))
            run(self._con, f"INSERT INTO {name(self._table)} SELECT * FROM _batch", doing="staging")
            self._con.unregister("_batch")
        self._rows = []
