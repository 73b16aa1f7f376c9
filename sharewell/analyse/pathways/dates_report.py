"""What is said of dates that cannot be right: a table of the checks, a note on every table, caveats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from ...plan.finding import Output, ResultTable
from .roads import Check, doubtful


def dates_table(checks: Sequence[Check]) -> ResultTable:
    """Each check, with how many records failed it and how many it looked at."""
    data = pa.table(
        {
            "check": [check.name for check in checks],
            "found": [check.found for check in checks],
            "looked_at": [check.of for check in checks],
        }
    )
    notes = ("Found dates are not used. A date can also be wrong and look right: those nobody can count.",)
    title = "Dates that cannot be right"
    return ResultTable(
        "dates", title, Output.FREQUENCY, data, ("check",), ("found", "looked_at"), (), notes
    )


def noted(tables: Iterable[ResultTable], doubt: bool, share: float) -> tuple[ResultTable, ...]:
    """The tables, each with the note that its dates are doubtful, where they are."""
    if not doubt:
        return tuple(tables)
    return tuple(replace(table, notes=(f"{warning(share)}.", *table.notes)) for table in tables)


def warning(share: float) -> str:
    """What every table then says."""
    return f"Doubtful dates: more than {share:.0%} of them cannot be right"


def caveats(checks: Sequence[Check], share: float, history: int = 0) -> list[str]:
    """What limits the reading, without a number that the gate has not seen."""
    told = []
    if doubtful(checks, share):
        told.append(
            f"{warning(share)}. Others will be wrong and look right, so read every figure with that;"
            " see the table of dates."
        )
    elif any(check.found for check in checks):
        told.append("Some dates cannot be right and are not used; see the table of dates.")
    if history:
        told.append("Events before the beginning are history: they are on no path and in no cost.")
    return told
