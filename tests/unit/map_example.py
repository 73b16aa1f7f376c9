"""A grid of twelve cells with a table of tiers: what the tests of maps draw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from sharewell.plan.finding import Chart, Output
from sharewell.plan.released import CheckedTable
from sharewell.plan.shapes import Shapes

CELLS = {f"c{n:02d}": (float(n % 4), float(n // 4)) for n in range(12)}
CAVEAT = "It compares areas. It says nothing of any person or household in them."


def table(withheld: tuple[str, ...] = ("c03",), names: list[str] | None = None) -> CheckedTable:
    cells = names or list(CELLS)[:11]  # c11 has no row at all
    tiers = [None if name in withheld else at % 3 + 1 for at, name in enumerate(cells)]
    figures = [None if tier is None else tier * 1.5 for tier in tiers]
    data = pa.table({"cell": cells, "tier": pa.array(tiers, pa.int64()), "index": figures})
    marks = ["c" if name in withheld else "" for name in cells]
    marked = pa.table({"cell": [""] * len(cells), "tier": marks, "index": marks})
    return CheckedTable("cells", "Cells", Output.RISK, data, marked, ("cell",))


def chart(**changed: Any) -> Chart:
    fields = {"area": "cell", "tier": "tier", "tiers": "low|middle|high", "caveats": CAVEAT}
    made = Chart(
        "map", "cells", "Where it is", fields, "A map.", Shapes.squares(CELLS, 1.0, said="Our grid.")
    )
    return replace(made, **changed)


def ranked(count: int = 40) -> tuple[Chart, CheckedTable]:
    """A rank with its interval for each of so many places."""
    rank = list(range(1, count + 1))
    low, high = [max(1, at - 4) for at in rank], [min(count, at + 6) for at in rank]
    data = pa.table({"area": [f"A{at:02d}" for at in rank], "rank": rank, "low": low, "high": high})
    marks = pa.table({name: [""] * count for name in data.column_names})
    fields = {"label": "area", "value": "rank", "low": "low", "high": "high"}
    made = Chart("ranks", "ranks", "How sure the order is", fields, "Ranks with their intervals.")
    return made, CheckedTable("ranks", "Ranks", Output.RISK, data, marks, ("area",))


EVERY = [(chart(), table()), ranked(), ranked(8)]
