"""Stepped curves over time with their intervals, each named at its end, the number followed under the axis.

With a `panel` each of its values has a small picture of its own, all on the same scales (Tufte's small
multiples), because more than a handful of curves in one picture cannot be told apart. The intervals are
bands; where curves are grey on paper their dashes still differ. (Pocock, Clayton and Altman 2002, Lancet
359:1686, on how survival should be drawn: numbers at risk, intervals, and no curve where few are left.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from ...plan.finding import Chart
from ..charts import DRAWINGS, Drawing, Row, Width, labels
from ..figures import write_figure
from ..palette import COLOURS, SERIES
from .marks import data

YEAR = 365.25
_DASHES = ([1, 0], [7, 3], [2, 2], [10, 3, 2, 3], [4, 4], [12, 4])
_LEAST_APART = 15.0
"""Pixels between two names at the ends of curves."""


def curves(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Curves of a survival table: a row a label and day."""
    rows = [{**row, "years": float(row["time"]) / YEAR, "label": str(row["label"])} for row in rows]
    far = max(row["years"] for row in rows)
    if "panel" in chart.fields:
        return _panels(rows, width, far)
    return _together(rows, width, far, "followed" in chart.fields)


def _together(rows: list[Row], width: Width, far: float, followed: bool) -> Any:
    """All curves in one picture, under it how many of each are still followed."""
    names = labels(rows)
    wide, high = _plot(width, names), 330 if width is Width.WIDE else 280
    picture = _layers(rows, names, far, high).properties(width=wide, height=high)
    if not followed:
        return picture
    table = _followed(rows, names, far, wide, width)
    return alt.vconcat(picture, table, spacing=12).resolve_scale(color="shared")


def _plot(width: Width, names: Sequence[str]) -> int:
    """What is left for the curves beside the axis and the names at their ends."""
    return int(width) - (78 if width is Width.WIDE else 62) - min(8 * max(map(len, names)) + 8, 150)


def _layers(
    rows: list[Row], names: list[str], far: float, high: float, title: str | None = "Years since"
) -> Any:
    shown = [name for name in names if any(row["label"] == name for row in rows)]
    held = [{**row, "name": row["label"]} for row in rows]
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=[SERIES[i % len(SERIES)] for i in range(len(names))]),
        legend=None,
    )
    dash = alt.StrokeDash(
        "name:N",
        scale=alt.Scale(domain=names, range=[_DASHES[i % len(_DASHES)] for i in range(len(names))]),
        legend=None,
    )
    ticks = list(range(0, int(far + 0.02) + 1, 1 if far < 9 else 5))
    x = alt.X(
        "years:Q",
        title=title,
        scale=alt.Scale(domain=[0, max(far, round(far))], nice=False),
        axis=alt.Axis(values=ticks, format="d", grid=False),
    )
    y = alt.Y(
        "survival:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format="%"),
    )
    base = alt.Chart(data(held)).encode(x=x)
    banded = [row for row in held if row.get("low") is not None and row.get("high") is not None]
    layers = []
    if banded:
        band = alt.Chart(data(banded)).mark_area(interpolate="step-after", opacity=0.16)
        layers.append(band.encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour))
    line = base.mark_line(interpolate="step-after", strokeWidth=2)
    layers.append(line.encode(y=y, color=colour, strokeDash=dash))
    layers += _ends(held, shown, x, high, colour)
    return alt.layer(*layers)


def _ends(rows: list[Row], names: list[str], x: Any, high: float, colour: Any) -> list[Any]:
    """The name of each curve at its end, moved apart where two ends are near."""
    ends = [
        max((row for row in rows if row["label"] == name), key=lambda row: row["years"]) for name in names
    ]
    ends.sort(key=lambda row: -row["survival"])
    heights = apart([high * (1 - row["survival"]) for row in ends], _LEAST_APART, high)
    told = [
        {"name": row["name"], "years": row["years"], "survival": 1 - at / high}
        for row, at in zip(ends, heights, strict=True)
    ]
    base = alt.Chart(data(told)).encode(x=x, y=alt.Y("survival:Q"), text="name:N")
    put = {"align": "left", "baseline": "middle", "dx": 6, "fontWeight": "bold"}
    edge = base.mark_text(**put, stroke="white", strokeWidth=3.5, strokeJoin="round")
    return [edge, base.mark_text(**put).encode(color=colour)]


def apart(heights: list[float], least: float, most: float) -> list[float]:
    """Sorted heights moved so that none is nearer than `least` to the next, and none below `most`."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + least) if placed else height)
    limit = most
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - least
    return placed


def _followed(rows: list[Row], names: list[str], far: float, wide: float, width: Width) -> Any:
    """A line a curve: how many are still followed at some of the days that are told."""
    step = 1 if width is Width.WIDE else 2
    marks = []
    for name in names:
        mine = [row for row in rows if row["label"] == name and row.get("followed") is not None]
        for year in range(0, int(far + 0.02) + 1, step):
            near = min(mine, key=lambda row: abs(row["years"] - year), default=None)
            if near is not None and abs(near["years"] - year) < 0.3:
                marks.append({"name": name, "year": year, "said": write_figure(int(near["followed"]), 0)})
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=[SERIES[i % len(SERIES)] for i in range(len(names))]),
        legend=None,
    )
    y = alt.Y("name:N", sort=names, axis=None, title=None)
    x = alt.X("year:Q", scale=alt.Scale(domain=[0, max(far, round(far))], nice=False), axis=None)
    size = 12 if width is Width.WIDE else 10.5
    figures = alt.Chart(data(marks)).mark_text(fontSize=size).encode(x=x, y=y, text="said:N")
    heads = alt.Chart(data([{"name": name} for name in names]))
    said = heads.mark_text(align="left", fontSize=12).encode(
        x=alt.value(wide + (28 if width is Width.WIDE else 16)), y=y, text="name:N", color=colour
    )
    title = alt.TitleParams(
        "Still followed", anchor="start", fontSize=13, fontWeight="normal", color=COLOURS["quiet"]
    )
    return alt.layer(figures, said).properties(width=wide, height=alt.Step(16), title=title)


def _panels(rows: list[Row], width: Width, far: float) -> Any:
    """A small picture a panel; the names of the curves stand in the first, those alone that it has."""
    panels = list(dict.fromkeys(str(row["panel"]) for row in rows))
    names = sorted({row["label"] for row in rows})
    across = 3 if width is Width.WIDE else 1
    wide = (int(width) - across * 46 - (across - 1) * 12 - _side(names) * across) // across
    high = 150 if width is Width.WIDE else 140
    pictures = []
    for i, panel in enumerate(panels):
        mine = [row for row in rows if str(row["panel"]) == panel]
        layers = _layers(mine, names, far, high, None if i < len(panels) - across else "Years since")
        title = alt.TitleParams(panel, anchor="start", fontSize=13, color=COLOURS["ink"])
        pictures.append(layers.properties(width=wide, height=high, title=title))
    grid = [alt.hconcat(*pictures[i : i + across], spacing=12) for i in range(0, len(pictures), across)]
    return alt.vconcat(*grid, spacing=16)


def _side(names: list[str]) -> int:
    return min(7 * max(map(len, names)) + 8, 96)


DRAWINGS.add(
    "curves",
    Drawing(
        curves,
        ("label", "time", "survival"),
        ("time", "survival"),
        ("low", "high", "followed", "panel"),
    ),
)
