"""Many units in order of how far each moves, with what is certain of it: a caterpillar plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from ...plan.finding import Chart
from ..charts import DRAWINGS, Drawing, Row, Width
from ..figures import heading
from ..palette import COLOURS, FAINT, SECOND
from .marks import data, fill, line_at

_NAMED = 5
"""Units named at either end, if so many are certain."""
_LINE = 10.5
"""CSS pixels that a name needs, so that none lies over another."""
_FEW = 12
"""Units up to which a wide page too has room for a line each, with its name beside it."""
_SIGNED = "(datum.value > 0 ? '+' : '') + format(datum.value, ',~f')"


def moves(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Each unit's move with its band, in order, about the line of no move.

    A unit whose band leaves that line out is a filled diamond, any other a hollow dot, so that they differ
    without colour too. The furthest that are certain are named on their marks, at either end.
    """
    lying = width is Width.NARROW or len(rows) <= _FEW
    ranked = sorted(rows, key=lambda row: row["value"], reverse=lying)
    placed = [
        {**row, "place": at + 0.5, "sure": row["low"] > 0 or row["high"] < 0}
        for at, row in enumerate(ranked)
    ]
    step = max(18 if len(rows) <= _FEW else 11, 160 / len(rows)) if lying else width * 0.94 / len(rows)
    far = [0.0, *(row["low"] for row in rows), *(row["high"] for row in rows)]
    room = (max(far) - min(far)) * (0.28 if lying else 0.2) or 1.0
    names: dict[str, Any] = {"title": heading(chart.fields["value"])}
    if not lying:
        names |= {"titleAnchor": "end", "titleAngle": 0, "titleAlign": "left", "titleY": -12}
    axis = alt.Axis(tickCount=5, labelExpr=_SIGNED, **names)
    scale = alt.Scale(domain=[min(far) - room, max(far) + room], nice=False)
    along = alt.Scale(domain=[len(rows), 0] if lying else [0, len(rows)], nice=False)
    made = _Plot(lying, scale, axis, along)
    layers = [made.level(), *made.marks(placed), *made.names(_apart(placed, step))]
    height = step * len(rows) + 20 if lying else 360
    return fill(alt.layer(*layers), width).properties(height=height)


class _Plot:
    """The two axes of a drawing that lies (a line a unit) or stands (a column a unit)."""

    def __init__(self, lying: bool, scale: Any, axis: Any, along: Any) -> None:
        self._lying, self._scale, self._axis, self._along = lying, scale, axis, along

    def _at(self, column: str, to: str = "") -> dict[str, Any]:
        """Channels that put a mark at a column's value, or stretch it to another's."""
        value, place = (alt.X, alt.Y) if self._lying else (alt.Y, alt.X)
        title = self._axis.title
        held = {
            "x" if self._lying else "y": value(
                f"{column}:Q", title=title, scale=self._scale, axis=self._axis
            ),
            "y" if self._lying else "x": place("place:Q", title=None, axis=None, scale=self._along),
        }
        return held | ({("x2" if self._lying else "y2"): f"{to}:Q"} if to else {})

    def level(self) -> Any:
        """The line of no move."""
        if self._lying:
            return line_at(0.0)
        return alt.Chart(data([{"at": 0.0}])).mark_rule(color=COLOURS["quiet"]).encode(y="at:Q")

    def marks(self, placed: Sequence[Row]) -> list[Any]:
        """Bands with their middles, those that are certain over the others."""
        layers = []
        for sure, colour, shape, size in (
            (False, COLOURS["quiet"], "circle", 34),
            (True, SECOND, "diamond", 62),
        ):
            if here := [row for row in placed if row["sure"] is sure]:
                base = alt.Chart(data(here))
                band = base.mark_rule(strokeWidth=2, color=colour if sure else FAINT)
                fill_ = colour if sure else "white"
                mark = base.mark_point(shape=shape, size=size, color=colour, fill=fill_, opacity=1)
                layers += [band.encode(**self._at("low", "high")), mark.encode(**self._at("value"))]
        return layers

    def names(self, named: Sequence[Row]) -> list[Any]:
        """Names beyond the outer end of their bands; along the columns where the drawing stands."""
        layers = []
        for up, end, align, nudge in ((True, "high", "left", 7), (False, "low", "right", -7)):
            if here := [row for row in named if (row["value"] > 0) is up]:
                turned = {"dx": nudge} if self._lying else {"dx": nudge, "angle": 270, "baseline": "middle"}
                mark = alt.Chart(data(here)).mark_text(align=align, fontSize=12, **turned)
                layers.append(mark.encode(**self._at(end), text="label:N"))
        return layers


def _apart(placed: Sequence[Row], step: float) -> list[Row]:
    """The certain ones at either end, furthest first, that have room for their names."""
    chosen: list[Row] = []
    for up in (True, False):
        ranked = sorted(
            (r for r in placed if r["sure"] and (r["value"] > 0) is up), key=lambda r: -abs(r["value"])
        )
        held: list[Row] = []
        for row in ranked:
            if all(abs(row["place"] - other["place"]) * step >= _LINE for other in held):
                held.append(row)
        chosen += held[: _NAMED if len(placed) > _FEW else _FEW]
    return chosen


DRAWINGS.add("moves", Drawing(moves, ("label", "value", "low", "high"), ("value", "low", "high")))
