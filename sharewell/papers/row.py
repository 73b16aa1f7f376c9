"""A register's entry as one row of CSV: the questions of the paper, and the same answers."""

from __future__ import annotations

import csv
import io

from .block import Paper, Table, plain_lines

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(paper: Paper) -> bytes:
    """A header and one row, UTF-8 with a mark so that spreadsheets read it as such.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    cells = [
        (plain_lines(row[0]), plain_lines(row[1]))
        for block in paper.body
        if isinstance(block, Table) and block.is_answers
        for row in block.rows
    ]
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow([question for question, _ in cells])
    writer.writerow([_safe(answer) for _, answer in cells])
    return held.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
