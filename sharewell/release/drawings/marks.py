"""Marks that several kinds of chart are made of: rows, headings, intervals, reference lines, scales.

Names stand on the mark they name (a line above it), so that there is no legend to match and a narrow page
has room.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from ..charts import Row, Width, labels
from ..figures import decimals, write_figure
from ..palette import COLOURS, MAIN

# How far apart the ticks of a ratio stand, by how many times the top of its axis is the bottom.
_RATIO_TICKS = ((1.3, 0.05), (2.2, 0.1), (4.5, 0.5), (math.inf, 0.0))
_WIDE_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def intervals(rows: list[Row], width: Width, x: Any) -> list[Any]:
    """A dot and a bar for each row, and above them its name and its figures in words."""
    places = decimals([row[role] for row in rows for role in ("estimate", "low", "high")])
    written = [[write_figure(row[role], places) for role in ("estimate", "low", "high")] for row in rows]
    said = [f"{estimate} ({low} to {high})" for estimate, low, high in written]
    base = alt.Chart(data(rows)).encode(y=rows_axis(rows))
    return [
        base.mark_rule(strokeWidth=3, color=MAIN, opacity=0.55, yOffset=8, y2Offset=8).encode(
            x=x, x2="high:Q"
        ),
        base.mark_point(filled=True, size=95, opacity=1, color=MAIN, yOffset=8).encode(x="estimate:Q"),
        *headings(rows, width, said),
    ]


def headings(rows: list[Row], width: Width, said: Sequence[str]) -> list[Any]:
    """Above each row: its name at the left, its figure at the right."""
    told = [{"label": row["label"], "said": text} for row, text in zip(rows, said, strict=True)]
    room = width - 12 - 8 * max(len(text) for text in said)
    base = alt.Chart(data(told)).encode(y=rows_axis(rows))
    name = base.mark_text(align="left", dy=-11, limit=max(room, 90)).encode(x=alt.value(0), text="label:N")
    figure = base.mark_text(align="right", dy=-11, fontWeight="bold")
    return [name, figure.encode(x=alt.value("width"), text="said:N")]


def rows_axis(rows: list[Row]) -> Any:
    return alt.Y("label:N", sort=labels(rows), title=None, axis=None, scale=alt.Scale(padding=0))


def line_at(value: float, dash: bool = False) -> Any:
    dashes = [4, 3] if dash else [1, 0]
    mark = alt.Chart(data([{"at": value}])).mark_rule(color=COLOURS["quiet"], strokeDash=dashes)
    return mark.encode(x="at:Q")


def span(rows: list[Row], nothing: float, ratio: bool) -> tuple[Any, list[float]]:
    """The scale that holds every interval and the line of no effect, and the ticks of a log axis."""
    low, high = min(nothing, *(r["low"] for r in rows)), max(nothing, *(r["high"] for r in rows))
    if not ratio:
        room = (high - low) * 0.05 or 1.0
        return alt.Scale(domain=[low - room, high + room], nice=True), []
    room = max(math.log(high / low) * 0.08, 0.02)
    low, high = low / math.exp(room), high * math.exp(room)
    step = next(step for spread, step in _RATIO_TICKS if high / low < spread)
    ticks = [n * step for n in range(1, int(high / step) + 1)] if step else list(_WIDE_TICKS)
    return alt.Scale(type="log", domain=[low, high], nice=False), [t for t in ticks if low <= t <= high]


def written(rows: list[Row], role: str) -> list[str]:
    places = decimals([row[role] for row in rows])
    return [write_figure(row[role], places) for row in rows]


def data(rows: list[Row]) -> Any:
    return alt.Data(values=rows)


def fill(picture: Any, width: Width, step: int = 0) -> Any:
    size = alt.AutoSizeParams(type="fit-x", contains="padding")
    picture = picture.properties(width=int(width), autosize=size)
    return picture.properties(height=alt.Step(step)) if step else picture
