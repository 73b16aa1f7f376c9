"""One function a kind of chart. Loaded on first use, because Altair is slow to import.

Each takes rows keyed by role, and gives an Altair chart that fills its width. Names stand on the mark
they name (a line above it), so that there is no legend to match and a narrow page has room; only stacked
bars need one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from ...plan.finding import ALL, Chart
from ..charts import DRAWINGS, Drawing, Row, Width, labels
from ..figures import heading
from ..palette import COLOURS, FAINT, MAIN, SECOND, SERIES
from .marks import data, fill, headings, intervals, line_at, rows_axis, span, written

THRESHOLD = 0.1
"""The standardised difference under which groups are held to be alike (Austin 2009)."""


_QUIET = COLOURS["quiet"]


def love(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Standardised differences before and after matching, largest first, with the 0.1 line (Love 2004)."""
    rows = [{**r, "before": abs(r["before"]), "after": abs(r["after"])} for r in rows]
    rows = sorted(rows, key=lambda row: -row["before"])
    order, top = labels(rows), rows[0]
    limit = 118 if width is Width.NARROW else 260
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=limit, grid=False))
    far = max(*(r["before"] for r in rows), *(r["after"] for r in rows), THRESHOLD)
    x_scale = alt.Scale(domain=[0, far * 1.12], nice=False)
    x = alt.X("before:Q", title="Standardised difference", scale=x_scale, axis=alt.Axis(tickCount=5))
    base = alt.Chart(data(rows)).encode(y=y)
    near = abs(top["before"] - top["after"]) < far * (0.3 if width is Width.NARROW else 0.15)
    sign = 0 if not near else 1 if top["before"] >= top["after"] else -1
    first = alt.Chart(data([top])).encode(y=y)
    layers = [
        line_at(THRESHOLD, dash=True),
        base.mark_rule(color=FAINT, strokeWidth=2).encode(x=x, x2="after:Q"),
        base.mark_point(size=70, filled=False, strokeWidth=2, color=SECOND, fill="white").encode(x=x),
        base.mark_point(size=80, filled=True, opacity=1, color=MAIN).encode(x="after:Q"),
        _named(first, "before", SECOND, sign),
        _named(first, "after", MAIN, -sign),
    ]
    return fill(alt.layer(*layers), width, step=26)


def forest(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Estimates with their intervals about the line of no effect.

    1 for a ratio (log scale), 0 for a difference.
    """
    ratio = chart.fields.get("scale", "ratio") == "ratio" and all(row["low"] > 0 for row in rows)
    nothing = 1.0 if ratio else 0.0
    scale, ticks = span(rows, nothing, ratio)
    axis = alt.Axis(values=ticks, format=",~f") if ticks else alt.Axis(tickCount=5)
    x = alt.X("low:Q", title=heading(chart.fields["estimate"]), scale=scale, axis=axis)
    return fill(alt.layer(line_at(nothing), *intervals(rows, width, x)), width, step=46)


def gap(rows: list[Row], width: Width, chart: Chart) -> Any:
    """A figure a row with its interval, a line at that of the whole, and a mark at what was expected."""
    rows = [{**row, "estimate": row["value"]} for row in rows]
    figures = [row[role] for row in rows for role in ("low", "high", "target") if row.get(role) is not None]
    scale = alt.Scale(domain=[min(0.0, *figures), max(figures)], nice=True)
    x = alt.X("low:Q", title=heading(chart.fields["value"]), scale=scale, axis=alt.Axis(tickCount=5))
    whole = [line_at(row["value"], dash=True) for row in rows if row["label"] == ALL]
    layers = [*whole, *intervals(rows, width, x)]
    aimed = [row for row in rows if row.get("target") is not None]
    if not aimed:
        return fill(alt.layer(*layers), width, step=46)
    marks = alt.Chart(data(aimed)).mark_tick(color=SECOND, opacity=1, thickness=3, size=20, yOffset=8)
    layers.append(marks.encode(y=rows_axis(rows), x="target:Q"))
    name = f"| {heading(chart.fields['target'])}"
    title = alt.TitleParams(name, anchor="end", color=SECOND, fontSize=13, fontWeight="bold")
    return fill(alt.layer(*layers, title=title), width, step=46)


def bar(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Bars from zero in the order of the table; with `group`, stacked, and the total written at the end."""
    if "group" in chart.fields:
        return _stacked(rows, width, chart)
    return fill(alt.layer(*_bars(rows, width, written(rows, "value"))), width, step=46)


def flow(rows: list[Row], width: Width, chart: Chart) -> Any:
    """How many remain at each step, with the share of the first."""
    first = rows[0]["value"]
    shares = [f" ({row['value'] / first:.0%})" if first and i else "" for i, row in enumerate(rows)]
    said = [text + share for text, share in zip(written(rows, "value"), shares, strict=True)]
    return fill(alt.layer(*_bars(rows, width, said)), width, step=46)


def funnel(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Figures against the size they rest on, within control limits (Spiegelhalter 2005).

    Those outside are named.
    """
    rows = [{**row, "out": _is_out(row)} for row in sorted(rows, key=lambda row: row["size"])]
    size = alt.Scale(zero=False, nice=True, padding=8)
    x = alt.X(
        "size:Q", title=heading(chart.fields["size"]), scale=size, axis=alt.Axis(tickCount=4, format=",~f")
    )
    y_axis = alt.Axis(
        tickCount=5, format=",~f", titleAnchor="end", titleAngle=0, titleAlign="left", titleY=-12
    )
    y = alt.Y("value:Q", title=heading(chart.fields["value"]), scale=alt.Scale(zero=False), axis=y_axis)
    base = alt.Chart(data(rows))
    layers = [
        base.mark_line(color=colour, strokeDash=dash, strokeWidth=1.5).encode(x=x, y=alt.Y(f"{role}:Q"))
        for role, colour, dash in (
            ("centre", _QUIET, [1, 0]),
            ("low", FAINT, [6, 4]),
            ("high", FAINT, [6, 4]),
            ("inner_low", FAINT, [2, 3]),
            ("inner_high", FAINT, [2, 3]),
        )
        if role in chart.fields
    ]
    inside = [row for row in rows if not row["out"]]
    outside = [row for row in rows if row["out"]]
    if inside:
        dots = alt.Chart(data(inside)).mark_point(filled=True, size=45, color=MAIN, opacity=0.65)
        layers.append(dots.encode(x=x, y=y))
    if outside:
        base = alt.Chart(data(outside)).encode(x=x, y=y)
        layers.append(base.mark_point(filled=True, shape="diamond", size=110, color=SECOND, opacity=1))
        layers.append(_beside(_apart(outside), x, y, rows))
    return fill(alt.layer(*layers), width).properties(height=340 if width is Width.WIDE else 300)


DRAWINGS.add("love", Drawing(love, ("label", "before", "after"), ("before", "after"), ranked="before"))
DRAWINGS.add(
    "forest",
    Drawing(forest, ("label", "estimate", "low", "high"), ("estimate", "low", "high"), settings=("scale",)),
)
DRAWINGS.add(
    "gap",
    Drawing(
        gap,
        ("label", "value", "low", "high"),
        ("value", "low", "high"),
        ("target",),
        ranked="value",
        about=True,
    ),
)
DRAWINGS.add("bar", Drawing(bar, ("label", "value"), ("value",), ("group",), ranked="value", parts="group"))
DRAWINGS.add("flow", Drawing(flow, ("label", "value"), ("value",)))
DRAWINGS.add(
    "funnel",
    Drawing(
        funnel,
        ("size", "value"),
        ("size", "value"),
        ("label", "centre", "low", "high", "inner_low", "inner_high"),
        parts="label",
    ),
)


def _stacked(rows: list[Row], width: Width, chart: Chart) -> Any:
    sums = _totals(rows)
    figures = written(sums, "value")
    said = ["part withheld" if row["partial"] else text for row, text in zip(sums, figures, strict=True)]
    parts = list(dict.fromkeys(str(row["group"]) for row in rows))
    order = {part: place for place, part in enumerate(parts)}
    held = [{**row, "place": order[str(row["group"])]} for row in rows]
    columns = 2 if width is Width.NARROW else min(len(parts), 5)
    colour = alt.Color(
        "group:N",
        sort=parts,
        scale=alt.Scale(domain=parts, range=[SERIES[i % len(SERIES)] for i in range(len(parts))]),
        legend=alt.Legend(columns=columns),
    )
    far = alt.Scale(domain=[0, max(row["value"] for row in sums) or 1])
    x = alt.X("value:Q", stack="zero", title=None, axis=None, scale=far)
    bars = alt.Chart(data(held)).mark_bar(height=18, yOffset=8, stroke="white", strokeWidth=1)
    bars = bars.encode(y=rows_axis(sums), x=x, color=colour, order="place:Q")
    return fill(alt.layer(bars, *headings(sums, width, said)), width, step=46)


def _totals(rows: list[Row]) -> list[Row]:
    """The length of each stack."""
    stacks = {name: [row for row in rows if str(row["label"]) == name] for name in labels(rows)}
    return [
        {"label": name, "value": math.fsum(row["value"] for row in parts), "partial": parts[0]["partial"]}
        for name, parts in stacks.items()
    ]


def _bars(rows: list[Row], width: Width, said: Sequence[str]) -> list[Any]:
    x = alt.X(
        "value:Q", title=None, axis=None, scale=alt.Scale(domain=[0, max(r["value"] for r in rows) or 1])
    )
    bars = alt.Chart(data(rows)).mark_bar(height=16, yOffset=8, color=MAIN).encode(y=rows_axis(rows), x=x)
    return [bars, *headings(rows, width, said)]


def _named(first: Any, role: str, colour: str, sign: int) -> Any:
    """The name of a series over its first point; where the two points are near, written outwards."""
    align = {1: "left", -1: "right", 0: "center"}[sign]
    mark = first.mark_text(align=align, dx=-4 * sign, dy=-14, color=colour, fontWeight="bold")
    return mark.encode(x=f"{role}:Q", text=alt.value(role))


def _beside(rows: list[Row], x: Any, y: Any, everyone: list[Row]) -> Any:
    """Names beside the points outside the limits, on the side where there is room."""
    middle = (everyone[0]["size"] + everyone[-1]["size"]) / 2
    layers = []
    for align, nudge, side in (("left", 9, True), ("right", -9, False)):
        here = [row for row in rows if (row["size"] <= middle) is side and row.get("label") is not None]
        if here:
            mark = alt.Chart(data(here)).mark_text(align=align, dx=nudge, fontSize=12)
            layers.append(mark.encode(x=x, y=y, text="label:N"))
    return alt.layer(*layers) if layers else alt.Chart(data(rows)).mark_point(opacity=0).encode(x=x, y=y)


def _apart(rows: list[Row], most: int = 8) -> list[Row]:
    """At most `most` rows, those furthest from the centre.

    More names than that would lie over each other.
    """
    middle = [row.get("centre") for row in rows]
    ranked = sorted(
        zip(rows, middle, strict=True),
        key=lambda pair: -abs(pair[0]["value"] - (pair[1] if pair[1] is not None else 0)),
    )
    return [row for row, _ in ranked[:most]]


def _is_out(row: Row) -> bool:
    low, high = row.get("low"), row.get("high")
    return (low is not None and row["value"] < low) or (high is not None and row["value"] > high)
