"""A love plot over three bands of light: which covariates are alike enough, and which are not."""

from __future__ import annotations

from typing import Any

import altair as alt

from ...plan.finding import Chart
from ..charts import DRAWINGS, Drawing, Row, Width, labels
from ..palette import COLOURS, FAINT
from .marks import data, fill

TONES = {"green": "#1b7f3b", "amber": "#b26a00", "red": "#b3261e"}
SHAPES = {"green": "circle", "amber": "diamond", "red": "triangle-up"}
"""The form says it too, for whoever sees or prints no colour."""


def light(value: float, green: float, amber: float) -> str:
    """The light of a standardised difference, whatever its sign."""
    size = abs(value)
    return "green" if size <= green else "amber" if size <= amber else "red"


def lights(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Standardised differences before (ring) and after matching, largest first, by green, amber and red.

    `green` and `amber` are settings: the greatest difference of each. Love plots: Ahmed et al. 2006.
    """
    green, amber = float(chart.fields["green"]), float(chart.fields["amber"])
    rows = [
        {"label": _name(row["label"]), "before": abs(row["before"]), "after": abs(row["after"])}
        for row in rows
    ]
    rows = sorted(rows, key=lambda row: -row["before"])
    far = max(amber * 1.3, *(max(row["before"], row["after"]) for row in rows)) * 1.06
    x_scale = alt.Scale(domain=[0, far], nice=False)
    axis = alt.Axis(tickCount=5, format="%", grid=False)
    limit = 118 if width is Width.NARROW else 260
    y = alt.Y("label:N", sort=labels(rows), title=None, axis=alt.Axis(labelLimit=limit, grid=True))
    before = alt.X("before:Q", title="Standardised difference", scale=x_scale, axis=axis)
    base = alt.Chart(data(rows)).encode(y=y)
    ring = base.mark_point(size=60, filled=False, strokeWidth=2, color=COLOURS["quiet"], fill="white")
    ends = zip((0, green, amber), (green, amber, far), TONES.values(), strict=True)
    bands = [{"low": low, "high": high, "tone": tone} for low, high, tone in ends]
    wash = alt.Chart(data(bands)).mark_rect(opacity=0.09)
    layers = [
        wash.encode(
            x=alt.X("low:Q", scale=x_scale), x2="high:Q", color=alt.Color("tone:N", scale=None, legend=None)
        ),
        base.mark_rule(color=FAINT, strokeWidth=2).encode(x=before, x2="after:Q"),
        ring.encode(x=before),
    ]
    for name, tone in TONES.items():
        held = [row for row in rows if light(row["after"], green, amber) == name]
        if held:
            mark = alt.Chart(data(held)).mark_point(
                size=95, filled=True, opacity=1, color=tone, shape=SHAPES[name]
            )
            layers.append(mark.encode(y=y, x=alt.X("after:Q", scale=x_scale)))
    after = f"\N{BLACK CIRCLE} green to {green:.0%}   \N{BLACK DIAMOND} amber to {amber:.0%}"
    rest = "\N{BLACK UP-POINTING TRIANGLE} red   \N{WHITE CIRCLE} before matching"
    narrow = width is Width.NARROW
    said = alt.TitleParams(
        [after, rest] if narrow else f"{after}   {rest}",
        anchor="start",
        font="sans-serif",
        fontSize=13,
        fontWeight="normal",
        color=COLOURS["quiet"],
        offset=10,
    )
    return fill(alt.layer(*layers, title=said), width, step=26)


def _name(label: Any) -> str:
    """A covariate as people say it: a yes/no stands for its yes."""
    return str(label).removesuffix(": true").replace("_", " ")


DRAWINGS.add(
    "lights",
    Drawing(
        lights,
        ("label", "before", "after"),
        ("before", "after"),
        settings=("green", "amber"),
        ranked="before",
    ),
)
