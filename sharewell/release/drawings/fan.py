"""What was counted as a line, and what is forecast as a fan that widens with time.

After the fan charts of the Bank of England (Britton, Fisher and Whitley 1998): the bands hold a stated
share of what may come. Names stand above the line they name; the forecast is dashed, so that it is told
apart without colour.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from ...plan.finding import Chart
from ..charts import DRAWINGS, Drawing, Row, Width
from ..figures import decimals, write_figure
from ..palette import COLOURS, MAIN
from .marks import data, fill

_LETTERS = {Width.WIDE: 66, Width.NARROW: 18}
"""Letters that the labels of the axis may have together."""


def fan(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Rows in order of time; `state` tells what is counted (that of the first row) from what is
    forecast.
    """
    known = [row for row in rows if row["state"] == rows[0]["state"]]
    # The fan opens at the last count, so that line and forecast meet.
    ahead = [_point(known[-1]), *(row for row in rows if row["state"] != rows[0]["state"])]
    times = [str(row["time"]) for row in rows]
    x = alt.X(
        "time:O",
        title=None,
        sort=times,
        scale=alt.Scale(domain=times, padding=0.15),
        axis=alt.Axis(values=_ticks(times, _LETTERS[width]), labelAngle=0, grid=False),
    )
    y = alt.Y("value:Q", title=None, scale=_scale(rows), axis=alt.Axis(tickCount=5, format=",~f"))
    layers = [
        alt.Chart(data([row for row in ahead if row.get(low) is not None and row.get(high) is not None]))
        .mark_area(color=MAIN, opacity=opacity, clip=True)
        .encode(x=x, y=alt.Y(f"{low}:Q"), y2=f"{high}:Q")
        for low, high, opacity in (("low", "high", 0.18), ("inner_low", "inner_high", 0.28))
        if all(role in chart.fields for role in (low, high))
    ]
    line = alt.Chart(data(known)).mark_line(color=COLOURS["ink"], strokeWidth=2.5)
    dashed = alt.Chart(data(ahead)).mark_line(color=MAIN, strokeWidth=2.5, strokeDash=[5, 4])
    layers += [line.encode(x=x, y=y), dashed.encode(x=x, y=y), *_names(known, ahead, x, y)]
    return fill(alt.layer(*layers), width).properties(height=300 if width is Width.WIDE else 240)


def _point(row: Row) -> Row:
    """A row as a fan of no width."""
    return {**row, **dict.fromkeys(("low", "high", "inner_low", "inner_high"), row["value"])}


def _scale(rows: list[Row]) -> Any:
    """From nought where the figures are near it; else from a little under the least, as the axis tells."""
    low = min(min(row["value"], row["low"]) for row in rows)
    high = max(max(row["value"], row["high"]) for row in rows)
    room = (high - low) * 0.12 or 1
    bottom = 0 if low < high * 0.4 else low - room
    return alt.Scale(domain=[bottom, high + room], nice=True, zero=False)


def _ticks(times: list[str], letters: int) -> list[str]:
    """Some of the times, the last counted back from, so that the end of the forecast is always named."""
    most = max(letters // (max(map(len, times)) + 1), 2)
    step = -(-len(times) // most)
    return times[::-1][::step][::-1]


def _names(known: list[Row], ahead: list[Row], x: Any, y: Any) -> list[Any]:
    """The name of each part above the highest of what lies under it; that of the forecast at its end, with
    its last figure."""
    said = f"{ahead[-1]['state']} {write_figure(ahead[-1]['value'], decimals([ahead[-1]['value']]))}"
    left, right = known[: max(2, len(known) * 2 // 5)], (known + ahead[1:])[-max(2, len(known) * 2 // 5) :]
    layers = _name(
        left[0], max(row["value"] for row in left), known[0]["state"], "left", COLOURS["ink"], x, y
    )
    if len(ahead) > 1:
        layers += _name(ahead[-1], max(row["high"] for row in right), said, "right", MAIN, x, y)
    return layers


def _name(row: Row, at: float, said: str, align: str, colour: str, x: Any, y: Any) -> list[Any]:
    mark = alt.Chart(data([{"time": row["time"], "value": at, "said": said}]))
    put = {"align": align, "dy": -12, "fontWeight": "bold"}
    edge = mark.mark_text(**put, stroke="white", strokeWidth=4, strokeJoin="round")
    return [
        edge.encode(x=x, y=y, text="said:N"),
        mark.mark_text(**put, color=colour).encode(x=x, y=y, text="said:N"),
    ]


DRAWINGS.add(
    "fan",
    Drawing(
        fan,
        ("time", "value", "low", "high", "state"),
        ("value", "low", "high"),
        ("inner_low", "inner_high"),
    ),
)
