"""Fixed-width text: fields by position, in the contract's order, no header. Widths count characters."""

from __future__ import annotations

import duckdb

from .readers import READERS, Progress, Reason, Sheet
from .source import Encoding, Source
from .sql import name, run


def read(con: duckdb.DuckDBPyConnection, source: Source, relation: str, progress: Progress) -> None:
    """Stage a fixed-width file; a line too short, or with text beyond its end, is at fault."""
    widths = source.contract.server.widths
    whole, table = sum(widths), f"{relation}_text"
    encoding = Encoding(source)
    if source.seems:
        encoding.check()
    sheet = Sheet(con, table)
    for line in encoding.lines():
        if not line.sound:
            sheet.fault(line.number, Reason.BYTES, line.text)
        elif len(line.text) < whole or line.text[whole:].strip():
            sheet.fault(line.number, Reason.FIELDS, line.text)
        else:
            sheet.whole(line.number, line.text)
        if line.number % 100_000 == 0:
            progress("reading lines", line.number / source.lines)
    sheet.close()
    encoding.check()
    starts = [1 + sum(widths[:i]) for i in range(len(widths))]
    fields = ", ".join(
        f"substring(_whole, {start}, {width}) AS {name(p.name)}"
        for p, start, width in zip(source.contract.properties, starts, widths, strict=True)
    )
    view = f"SELECT _line, _fault, coalesce(_original, _whole) AS _original, {fields} FROM {name(table)}"
    run(con, f"CREATE OR REPLACE TEMP VIEW {name(relation)} AS {view}", doing="staging")


READERS.add("fixed", read)
