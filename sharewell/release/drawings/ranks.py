"""Ranks with their intervals, in their order (a caterpillar plot, Goldstein and Spiegelhalter 1996).

With few rows each has its name and figures on it. With many, each is a thin line standing over its place
in the order, so that a reader sees how far intervals reach past their neighbours, and which places cannot
be told apart.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from ...plan.finding import Chart
from ..charts import DRAWINGS, Drawing, Row, Width
from ..figures import heading
from ..palette import COLOURS, FAINT, MAIN
from .marks import data, fill, intervals

NAMED = 25
"""Rows that can be named and still be read."""


def ranks(rows: list[Row], width: Width, chart: Chart) -> Any:
    """In the order of `value`, lowest first, whatever the order of the table."""
    rows = sorted(rows, key=lambda row: (row["value"], str(row.get("label"))))
    if len(rows) <= NAMED and "label" in chart.fields:
        named = [{**row, "estimate": row["value"]} for row in rows]
        x = alt.X("low:Q", title=heading(chart.fields["value"]), axis=alt.Axis(tickCount=5))
        return fill(alt.layer(*intervals(named, width, x)), width, step=46)
    placed = [{**row, "place": place} for place, row in enumerate(rows, 1)]
    first, last = 0.5, len(rows) + 0.5
    across = alt.Scale(domain=[first, last], nice=False)
    x = alt.X("place:Q", title="Place in the order", scale=across, axis=alt.Axis(tickCount=5, grid=False))
    y_axis = alt.Axis(
        tickCount=5, format=",~f", titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-12
    )
    top = max(row["high"] for row in rows)
    up = alt.Scale(domain=[min(row["low"] for row in rows), top], nice=False, reverse=_is_rank(rows))
    y = alt.Y("low:Q", title=f"{heading(chart.fields['value'])}, with its interval", scale=up, axis=y_axis)
    base = alt.Chart(data(placed)).encode(x=x)
    thin = max(0.6, min(4.0, 0.6 * int(width) / len(rows)))
    middle = base.mark_line(color=COLOURS["ink"], strokeWidth=2, interpolate="monotone")
    if thin < 1:  # lines that would lie on each other say no more than the space they fill
        whole = base.mark_area(color=FAINT, opacity=0.6).encode(y=y, y2="high:Q")
    else:
        whole = base.mark_rule(color=MAIN, opacity=0.7, strokeWidth=thin).encode(y=y, y2="high:Q")
    layers = [whole, middle.encode(y="value:Q")]
    return fill(alt.layer(*layers), width).properties(height=340 if width is Width.WIDE else 300)


def _is_rank(rows: list[Row]) -> bool:
    """Whole numbers from 1 to as many as there are: the first belongs at the top."""
    return all(float(row["value"]).is_integer() and 1 <= row["value"] <= len(rows) for row in rows)


DRAWINGS.add("ranks", Drawing(ranks, ("value", "low", "high"), ("value", "low", "high"), ("label",)))
