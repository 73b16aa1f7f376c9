"""Flows from place to place as ribbons, as wide as the number of people who go that way (Sankey 1898).

Names and figures stand on the places. On a wide page the road runs from left to right, on a narrow one from
top to bottom, where there is room for names. A flow whose figure was withheld is drawn hatched and of one
thin width, because its own width would tell it; a place with such a flow has no figure.
"""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt

from ...plan.finding import ALL, Chart
from ..charts import DRAWINGS, Drawing, Row, Width
from ..palette import COLOURS, FAINT, MAIN
from .marks import data
from .sankey_layout import HATCHED, Place, Ribbon, find_places, lay_out, ribbons

_SMOOTH = [i / 16 for i in range(17)]
_EASE = [t * t * (3 - 2 * t) for t in _SMOOTH]
_LINE = 15


def sankey(rows: list[Row], width: Width, chart: Chart) -> Any:
    """The flows of a table as ribbons between places; the places are found from the flows themselves."""
    rows = [row for row in rows if ALL not in (row["from"], row["to"])]
    places = find_places(rows)
    columns = [
        sorted((p for p in places.values() if p.column == c), key=_rank)
        for c in range(max(p.column for p in places.values()) + 1)
    ]
    drawn = _upright if width is Width.NARROW else _lying
    return drawn(rows, places, columns)


def _rank(place: Place) -> tuple[bool, float, str]:
    """The most people first; what is left over (other roads) at the end."""
    return place.name.endswith("other roads"), -place.people, place.name


def _lying(rows: list[Row], places: dict[str, Place], columns: list[list[Place]]) -> Any:
    """From left to right, the names beside the places."""
    page, high, bar, right = float(Width.WIDE) - 6, 480.0, 9.0, 184.0
    room = lay_out(rows, columns, high, 20.0)
    step = (page - right - bar) / max(len(columns) - 1, 1)
    shapes: list[Row] = []
    hatched: list[Row] = []
    for number, ribbon in enumerate(ribbons(rows, places, room)):
        ends = ribbon.one.column * step + bar, ribbon.two.column * step
        (hatched if ribbon.row["withheld"] else shapes).extend(_outline(number, ribbon, *ends))
    bars = [
        {
            "x": p.column * step,
            "x2": p.column * step + bar,
            "y": p.start,
            "y2": p.start + p.size,
            "kind": _kind(p),
        }
        for p in places.values()
    ]
    names = [
        {
            "x": p.column * step + bar + 5,
            "y": p.start + p.size / 2 + (i - (len(lines) - 1) / 2) * _LINE,
            "said": line,
        }
        for p in places.values()
        for lines in (textwrap.wrap(p.said, 22),)
        for i, line in enumerate(lines)
    ]
    layers = [
        *_flows(shapes, hatched, "x", "y", page, high),
        _boxes(bars, page, high),
    ]
    layers += _texts(names, page, high, "left")
    return alt.layer(*layers).properties(width=page, height=high)


def _upright(rows: list[Row], places: dict[str, Place], columns: list[list[Place]]) -> Any:
    """From top to bottom. The names of a row of places stand under it, each on its own line with a lead."""
    wide_page, bar, between = float(Width.NARROW) - 8, 7.0, 74.0
    room = lay_out(rows, columns, wide_page, 5.0)
    lines = {place.name: textwrap.wrap(place.said, 32) for column in columns for place in column}
    depth = [bar + _LINE * sum(len(lines[place.name]) for place in column) + 8 for column in columns]
    tops, at = [], 6.0
    for deep in depth:
        tops.append(at)
        at += deep + between
    high = at - between
    shapes: list[Row] = []
    hatched: list[Row] = []
    for number, ribbon in enumerate(ribbons(rows, places, room)):
        ends = tops[ribbon.one.column] + depth[ribbon.one.column], tops[ribbon.two.column]
        (hatched if ribbon.row["withheld"] else shapes).extend(_outline(number, ribbon, *ends))
    bars, tints, names, leads = [], [], [], []
    for top, deep, column in zip(tops, depth, columns, strict=True):
        y = top + bar
        for place in column:
            across = {"x": place.start, "x2": place.start + place.size}
            bars.append(across | {"y": top, "y2": top + bar, "kind": _kind(place)})
            tints.append(across | {"y": top + bar, "y2": top + deep, "kind": "tint"})
            middle = place.start + place.size / 2
            leads.append({"x": middle, "x2": middle, "y": top + bar, "y2": y + _LINE, "kind": "lead"})
            for line in lines[place.name]:
                names.append(_beside(line, middle, y + 0.7 * _LINE, wide_page))
                y += _LINE
    size = wide_page, high
    layers = [_boxes(tints, *size), *_flows(shapes, hatched, "y", "x", *size), _boxes(bars, *size)]
    layers.append(_rules(leads, *size))
    layers += _texts([n for n in names if not n["right"]], *size, "left")
    layers += _texts([n for n in names if n["right"]], *size, "right")
    return alt.layer(*layers).properties(width=size[0], height=high)


def _beside(said: str, middle: float, y: float, far: float) -> Row:
    """A name right of its lead, else left of it, else wherever on the page it has room."""
    room = 7.2 * len(said) + 5
    if middle + room <= far or middle - room < 0:
        return {"x": min(middle + 4, max(far - room, 0)), "y": y, "said": said, "right": False}
    return {"x": middle - 4, "y": y, "said": said, "right": True}


def _outline(number: int, ribbon: Ribbon, start: float, end: float) -> list[Row]:
    """Points along a ribbon from `start` to `end`, with both its edges."""
    lows = [ribbon.leave + (ribbon.arrive - ribbon.leave) * ease for ease in _EASE]
    return [
        {"id": number, "along": start + (end - start) * t, "low": low, "high": low + ribbon.width}
        for t, low in zip(_SMOOTH, lows, strict=True)
    ]


def _kind(place: Place) -> str:
    return "hidden" if place.hidden and not place.people else "place"


_FILL = {"place": MAIN, "hidden": FAINT, "tint": "#dfe6ee", "lead": COLOURS["quiet"]}


def _scale(channel: type[Any], name: str, far: float, reverse: bool) -> Any:
    scale = alt.Scale(domain=[0, far], nice=False, reverse=reverse, zero=False)
    return channel(f"{name}:Q", scale=scale, axis=None, title=None)


def _xy(x: str, y: str, wide: float, high: float) -> dict[str, Any]:
    return {"x": _scale(alt.X, x, wide, False), "y": _scale(alt.Y, y, high, True)}


def _flows(
    shapes: list[Row], hatched: list[Row], along: str, across: str, wide: float, high: float
) -> list[Any]:
    """Ribbons as areas; those withheld as dashed lines of one width."""
    layers = []
    other = {f"{across}2": "high:Q"}
    names = {along: "along", across: "low"}
    if shapes:
        lying = "vertical" if along == "x" else "horizontal"
        mark = alt.Chart(data(shapes)).mark_area(color=MAIN, opacity=0.3, orient=lying)
        layers.append(mark.encode(**_xy(names["x"], names["y"], wide, high), **other, detail="id:N"))
    if hatched:
        lines = [{**point, "low": point["low"] + HATCHED / 2} for point in hatched]
        mark = alt.Chart(data(lines)).mark_line(
            color=COLOURS["quiet"], strokeWidth=HATCHED - 1, strokeDash=[1.5, 2]
        )
        order = alt.Order("along:Q")
        layers.append(mark.encode(**_xy(names["x"], names["y"], wide, high), detail="id:N", order=order))
    return layers


def _boxes(boxes: list[Row], wide: float, high: float) -> Any:
    kinds = sorted({box["kind"] for box in boxes})
    scale = alt.Scale(domain=kinds, range=[_FILL[kind] for kind in kinds])
    mark = alt.Chart(data(boxes)).mark_rect()
    colour = alt.Color("kind:N", scale=scale, legend=None)
    return mark.encode(**_xy("x", "y", wide, high), x2="x2:Q", y2="y2:Q", color=colour)


def _rules(lines: list[Row], wide: float, high: float) -> Any:
    mark = alt.Chart(data(lines)).mark_rule(color=COLOURS["quiet"], strokeWidth=1)
    return mark.encode(**_xy("x", "y", wide, high), x2="x2:Q", y2="y2:Q")


def _texts(names: list[Row], wide: float, high: float, align: str) -> list[Any]:
    """Names with a pale edge, so that they can be read over a ribbon."""
    if not names:
        return []
    base = alt.Chart(data(names)).encode(**_xy("x", "y", wide, high), text="said:N")
    edge = base.mark_text(
        align=align, baseline="middle", stroke="white", strokeWidth=3.5, strokeJoin="round"
    )
    return [edge, base.mark_text(align=align, baseline="middle")]


DRAWINGS.add("sankey", Drawing(sankey, ("from", "to", "value"), ("value",), withheld=True))
