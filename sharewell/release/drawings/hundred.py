"""A hundred figures a group, as many filled as the figure says: a share that can be counted."""

from __future__ import annotations

from typing import Any

import altair as alt

from ...plan.finding import Chart
from ..charts import DRAWINGS, Drawing, Row, Width
from ..palette import COLOURS, MAIN, SECOND
from .marks import data, fill

PERSON = (
    "M0 -1A0.3 0.3 0 1 1 0 -0.4A0.3 0.3 0 1 1 0 -1Z"
    "M-0.5 0.15A0.5 0.45 0 0 1 0.5 0.15V0.55H0.3V1H-0.3V0.55H-0.5Z"
)
"""Head and body, in the square from -1 to 1 in which shapes are drawn."""

_LINE, _HEAD, _GAP = 30, 26, 16
"""Pixels: a line of figures, the heading above them, and the space between groups."""


def hundred(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Each row as 100 figures; `value` of them, of 0 to 100, to the nearest whole one, are filled."""
    across = 10 if width is Width.NARROW else 25
    high = _HEAD + 100 // across * _LINE + _GAP
    people, names, said = [], [], []
    for place, row in enumerate(rows):
        filled, top = min(max(round(row["value"]), 0), 100), place * high
        names.append({"y": top + 10, "text": str(row["label"])})
        said.append({"y": top + 10, "text": f"{filled} of 100"})
        for i in range(100):
            at = {"x": i % across + 0.5, "y": top + _HEAD + (i // across + 0.5) * _LINE}
            people.append({**at, "tone": (MAIN, SECOND)[place % 2] if i < filled else COLOURS["rule"]})
    total = high * len(rows)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, across], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[total, 0], nice=False))
    figures = alt.Chart(data(people)).mark_point(shape=PERSON, filled=True, opacity=1, size=430)
    name = alt.Chart(data(names)).mark_text(align="left", fontSize=15)
    figure = alt.Chart(data(said)).mark_text(align="right", fontSize=15, fontWeight="bold")
    layers = [
        figures.encode(x=x, y=y, color=alt.Color("tone:N", scale=None)),
        name.encode(x=alt.value(0), y=y, text="text:N"),
        figure.encode(x=alt.value("width"), y=y, text="text:N"),
    ]
    return fill(alt.layer(*layers), width).properties(height=total)


DRAWINGS.add("hundred", Drawing(hundred, ("label", "value"), ("value",)))
