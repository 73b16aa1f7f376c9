"""The week as a grid: weekdays across, hours down, darker where there is more, the figure in each field.

The shade only repeats the figure, so that nothing is lost in grey or to somebody who does not see colours.
"""

from __future__ import annotations

from calendar import day_name
from typing import Any

import altair as alt

from ...plan.finding import ALL, Chart
from ..charts import DRAWINGS, Drawing, Row, Width
from ..figures import write_figure
from ..palette import COLOURS, MAIN, contrast
from ..tabular import WITHHELD_SIGN
from .marks import data

_PALE = "#eef2f6"
_INKS = ("#000000", COLOURS["paper"])
"""Black and not the ink of pages: on every shade between, one of these two has a contrast of 4.5."""
_SHORT = 3
"""Letters of a weekday that a narrow page has room for."""


def week(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Fields from Monday and from midnight; totals are left out, and what was withheld says so."""
    rows = [row for row in rows if ALL not in (row["day"], row["hours"])]
    top = max((row["value"] for row in rows), default=0) or 1
    narrow = width is Width.NARROW
    fields = [_field(row, top, narrow) for row in rows]
    days = sorted({field["day"] for field in fields}, key=_of_week)
    hours = sorted({field["hours"] for field in fields})
    shown = {(field["day"], field["hours"]) for field in fields}
    gone = [{"day": d, "hours": h} for d in days for h in hours if (d, h) not in shown]
    x = alt.X("day:N", sort=days, title=None, axis=alt.Axis(orient="top", labelAngle=0, labelLimit=90))
    y = alt.Y("hours:N", sort=hours, title=None)
    base = alt.Chart(data(fields)).encode(x=x, y=y)
    shade = alt.Color("shade:N", scale=None, legend=None)
    ink = alt.Color("ink:N", scale=None, legend=None)
    layers = [base.mark_rect(stroke="white", strokeWidth=2).encode(color=shade)]
    if len(hours) <= 12:
        layers.append(base.mark_text(fontSize=11 if narrow else 13).encode(text="said:N", color=ink))
    if gone:
        empty = alt.Chart(data(gone)).mark_text(color=COLOURS["quiet"], fontSize=11)
        layers.append(empty.encode(x=x, y=y, text=alt.value(WITHHELD_SIGN)))
    busiest = [field for field in fields if field["most"]]
    layers.append(
        alt.Chart(data(busiest))
        .mark_rect(filled=False, stroke=COLOURS["ink"], strokeWidth=2.5)
        .encode(x=x, y=y)
    )
    size = alt.AutoSizeParams(type="fit-x", contains="padding")
    step = 34 if len(hours) <= 12 else 17
    return alt.layer(*layers).properties(width=int(width), height=alt.Step(step), autosize=size)


def _of_week(day: str) -> tuple[int, str]:
    """Monday first, in whichever length; words that are no weekday after them."""
    at = next((number for number, name in enumerate(day_name) if name.startswith(day)), len(day_name))
    return at, day


def _field(row: Row, top: float, narrow: bool) -> Row:
    shade = _mixed(row["value"] / top)
    ink = max(_INKS, key=lambda colour: contrast(colour, shade))
    day = str(row["day"])
    return {
        "day": day[:_SHORT] if narrow else day,
        "hours": str(row["hours"]),
        "said": write_figure(row["value"], 0),
        "shade": shade,
        "ink": ink,
        "most": row["value"] == top,
    }


def _mixed(share: float) -> str:
    """Between the palest shade and the colour of data, evenly."""
    ends = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (_PALE, MAIN)]
    mixed = [round(low + (high - low) * share) for low, high in zip(*ends, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


DRAWINGS.add("week", Drawing(week, ("day", "hours", "value"), ("value",)))
