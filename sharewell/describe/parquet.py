"""Parquet: no text stage; a field of the right physical type is only held against the contract's rules."""

from __future__ import annotations

import duckdb

from ..errors import DataError, Problem, SharewellError
from .readers import READERS, Progress, check_header
from .source import Source
from .sql import literal, name, rows, run


def read(con: duckdb.DuckDBPyConnection, source: Source, relation: str, progress: Progress) -> None:
    """Stage a Parquet file. Raises DataError FILE where it is broken, COLUMNS where its fields differ."""
    progress("reading Parquet", 0.0)
    reading = f"read_parquet({literal(str(source.path))}, file_row_number=true)"
    header = [found for found in _columns(con, reading, source) if found != "file_row_number"]
    check_header(header, source.contract, source.where)
    fields = ", ".join(f"{name(p.header)} AS {name(p.name)}" for p in source.contract.properties)
    view = (
        "SELECT file_row_number + 1 AS _line, NULL::VARCHAR AS _fault, NULL::VARCHAR AS _original, "
        f"{fields} FROM {reading}"
    )
    run(con, f"CREATE OR REPLACE TEMP VIEW {name(relation)} AS {view}", doing="staging")


def _columns(con: duckdb.DuckDBPyConnection, reading: str, source: Source) -> list[str]:
    try:
        return [str(row[0]) for row in rows(con, f"DESCRIBE SELECT * FROM {reading}", "reading Parquet")]
    except SharewellError:
        pass
    what, fix = "the file is not whole Parquet", "ask its holder to write it again"
    raise DataError(Problem("FILE", what, "", fix, source.where))


READERS.add("parquet", read)
