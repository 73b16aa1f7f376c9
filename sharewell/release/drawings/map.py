"""A map of tiers: places shaded in a few classes, the rest hatched and counted, its caveats printed on it.

A recipe on wards, hot spots or any other places uses it so: a table with a row a place, whose column `tier`
is a whole number from 1 (palest) and a `Measure`, so that it is withheld with its row; a
`Chart("map", ...)` whose fields name the columns `area` and `tier`; and as settings `tiers` (the names of
the tiers, "|" between them, from 1), `caveats` (sentences, a line each, printed on the picture), `of` (the
property of the workspace's boundaries that names these places: area, ward, district) and `over` (the
property of larger places, drawn as lines with their names). A recipe with shapes of its own, such as the
cells of a grid, hands them in as `Chart.shapes`.

The shade of a tier is one hue whose luminance falls in equal ratios, so that it can be told apart in grey
and by those who see colours otherwise. Shapes are planar: degrees are drawn at the scale of their middle
latitude, which for a county is nearer than a line is wide.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt

from ...errors import PlanError, Problem
from ...plan.finding import Chart
from ...plan.shapes import Shapes
from ..charts import DRAWINGS, Drawing, Row, Width
from ..palette import COLOURS, tints
from .land import Frame, frame, hatched, joined, lay, middle
from .marks import data

_LINE, _SWATCH, _LETTER = 19, 14, 6.9
_TALLEST = {Width.WIDE: 560.0, Width.NARROW: 400.0}


def tiers_of(chart: Chart) -> list[str]:
    """The names of the tiers from 1. PlanError where there are fewer than two or more than seven."""
    names = [name.strip() for name in chart.fields.get("tiers", "").split("|") if name.strip()]
    if not 2 <= len(names) <= 7:
        what = f"{chart.title}: a map has two to seven tiers, not {len(names)}"
        raise PlanError(Problem("CHART", what, "more shades cannot be told apart", "join some"))
    return names


@dataclass(frozen=True)
class _Sorted:
    """The shapes by tier (index 0 is tier 1), and those that no figure may be said of."""

    names: list[str]
    tiers: list[list[Any]]
    empty: list[Any]

    @property
    def key(self) -> list[tuple[str, int]]:
        """What the key says: a name and a number of places a tier; last, those without a figure."""
        said = [(name, len(held)) for name, held in zip(self.names, self.tiers, strict=True)]
        return [*said, *([("No figure", len(self.empty))] if self.empty else [])]


def draw_map(rows: list[Row], width: Width, chart: Chart) -> Any:
    """Tiers, hatching, larger places, key, scale and caveats, one under another. PlanError without shapes,
    for a tier that has no name, or where no place of the table has a shape."""
    shapes = chart.shapes
    if shapes is None:
        what = f"{chart.title}: there are no boundaries to draw it with"
        fix = "say in sharewell.toml where they are: [places] boundaries"
        raise PlanError(Problem("SHAPES", what, fix=fix))
    seen = frame(shapes, int(width), _TALLEST[width])
    held = _sort(rows, chart, lay(shapes.outlines, seen))
    key, below = _key(held, width, seen.high + 12)
    layers = [*_land(held, seen), *_larger(shapes, seen), *key, *_scale_bar(seen)]
    said = [*chart.fields.get("caveats", "").splitlines(), shapes.said]
    text, high = _printed([line for line in said if line], width, below + 8)
    layers += text
    projection = alt.Projection(type="identity", scale=1, translate=[0, 0])
    whole = alt.layer(*layers).properties(width=int(width), height=high, projection=projection)
    # Everything is laid out here to the pixel; left to itself the page grows by the land's outline.
    whole = whole.properties(autosize=alt.AutoSizeParams(type="none"), padding=0)
    return whole.resolve_scale(color="independent")


def _sort(rows: list[Row], chart: Chart, laid: Mapping[str, Any]) -> _Sorted:
    names = tiers_of(chart)
    tier = {str(row["area"]): row["tier"] for row in rows if not row["withheld"]}
    wrong = [name for name, at in tier.items() if not (float(at).is_integer() and 1 <= at <= len(names))]
    if wrong:
        what = f"{chart.title}: {len(wrong)} places have a tier that is not named"
        raise PlanError(Problem("CHART", what, fix="name every tier in `tiers`"))
    drawn = {name: shape for name, shape in laid.items() if name in tier}
    if not drawn:
        what = f"{chart.title}: none of the {len(tier)} places of the table is in the boundaries"
        why = "they were drawn for other places, or name them otherwise"
        fix = "check [places] in sharewell.toml: `key` and the vintage of the file"
        raise PlanError(Problem("SHAPES", what, why, fix))
    shades = [
        [shape for n, shape in drawn.items() if int(tier[n]) == at] for at in range(1, len(names) + 1)
    ]
    return _Sorted(names, shades, [shape for name, shape in laid.items() if name not in tier])


def _land(held: _Sorted, seen: Frame) -> list[Any]:
    """One path a tier: its shapes with a white edge, thin where shapes are small; then the hatched ones."""
    layers = []
    count = sum(map(len, held.tiers)) + len(held.empty)
    edge = min(0.8, 0.03 * (seen.wide * seen.high / count) ** 0.5)
    for shade, shapes in zip(tints(len(held.names)), held.tiers, strict=True):
        if shapes:
            mark = alt.Chart(alt.Data(values=[joined(shapes)]))
            layers.append(mark.mark_geoshape(clip=False, fill=shade, stroke="white", strokeWidth=edge))
    if held.empty:
        mark = alt.Chart(alt.Data(values=[joined(held.empty)]))
        layers.append(
            mark.mark_geoshape(clip=False, fill="white", stroke=COLOURS["quiet"], strokeWidth=0.5)
        )
        lines = alt.Chart(alt.Data(values=[hatched(held.empty)]))
        layers.append(
            lines.mark_geoshape(clip=False, filled=False, stroke=COLOURS["quiet"], strokeWidth=0.9)
        )
    return layers


def _larger(shapes: Shapes, seen: Frame) -> list[Any]:
    """The edges of larger places, and the names of those that have room for them."""
    if not shapes.larger:
        return []
    laid = lay(shapes.larger, seen)
    lines = alt.Chart(alt.Data(values=[joined(list(laid.values()))]))
    layers = [lines.mark_geoshape(clip=False, filled=False, stroke=COLOURS["ink"], strokeWidth=1.1)]
    placed: list[tuple[float, float, float]] = []
    names = []
    for name, shape in sorted(laid.items(), key=lambda item: -item[1].area):
        x, y = middle(shape)
        half = len(name) * _LETTER / 2
        x = min(max(x, half), seen.wide - half)
        if all(abs(y - other) > 16 or abs(x - at) > half + room for at, other, room in placed):
            placed.append((x, y, half))
            names.append({"x": x, "y": y, "said": name})
    return layers + _words(names, "center", edge=True, bold=True)


def _key(held: _Sorted, width: Width, top: float) -> tuple[list[Any], float]:
    """Swatches with their names and how many places each has: in a row if there is room, else in lines."""
    shades = [*tints(len(held.names)), "white"]
    said = [f"{name} ({count:,})" for name, count in held.key]
    wide = [_SWATCH + 8 + len(text) * _LETTER + 12 for text in said]
    in_row = sum(wide) <= int(width)
    boxes, words, left = [], [], 0.0
    for place, text in enumerate(said):
        x, y = (left, top) if in_row else (0.0, top + place * _LINE)
        left += wide[place]
        ring = [
            [x + 1, y],
            [x + 1 + _SWATCH, y],
            [x + 1 + _SWATCH, y + _SWATCH],
            [x + 1, y + _SWATCH],
            [x + 1, y],
        ]
        square = {"type": "Polygon", "coordinates": [ring]}
        fill = shades[place] if place < len(held.names) else "white"
        boxes.append(_box(square, fill))
        if place == len(held.names):
            boxes.append(_hatch_of(ring))
        words.append({"x": x + _SWATCH + 8, "y": y + _SWATCH / 2, "said": text})
    lines = 1 if in_row else len(said)
    return [*boxes, *_words(words, "left")], top + lines * _LINE


def _box(square: Mapping[str, Any], fill: str) -> Any:
    mark = alt.Chart(alt.Data(values=[{"type": "Feature", "geometry": square}]))
    return mark.mark_geoshape(clip=False, fill=fill, stroke=COLOURS["quiet"], strokeWidth=0.8)


def _hatch_of(ring: list[list[float]]) -> Any:
    import shapely

    lines = alt.Chart(alt.Data(values=[hatched([shapely.Polygon(ring)])]))
    return lines.mark_geoshape(clip=False, filled=False, stroke=COLOURS["quiet"], strokeWidth=0.9)


def _scale_bar(seen: Frame) -> list[Any]:
    """A length that can be laid against the map, in a corner of it."""
    length = max(
        (n for n in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if n * seen.per_kilometre < 90), default=0.1
    )
    end, y = seen.wide - 4, seen.high - 4
    ring = [[end - length * seen.per_kilometre, y], [end, y]]
    mark = alt.Chart(
        alt.Data(values=[{"type": "Feature", "geometry": {"type": "LineString", "coordinates": ring}}])
    )
    bar = mark.mark_geoshape(clip=False, filled=False, stroke=COLOURS["ink"], strokeWidth=2)
    return [bar, *_words([{"x": end, "y": y - 9, "said": f"{length:g} km"}], "right", edge=True)]


def _printed(said: list[str], width: Width, top: float) -> tuple[list[Any], float]:
    """Caveats on the picture itself: whoever copies the picture copies them."""
    letters = int(int(width) / _LETTER)
    lines = [line for text in said for line in textwrap.wrap(text, letters)]
    words = [
        {"x": 0.0, "y": top + 8 + place * (_LINE - 2), "said": line} for place, line in enumerate(lines)
    ]
    return _words(words, "left"), top + len(lines) * (_LINE - 2) + 8


def _words(words: list[dict[str, Any]], align: str, edge: bool = False, bold: bool = False) -> list[Any]:
    """Text at pixels, with a pale edge where it stands on land."""
    if not words:
        return []
    pixels = {"scale": None, "axis": None}
    base = alt.Chart(data(words)).encode(alt.X("x:Q", **pixels), alt.Y("y:Q", **pixels), text="said:N")
    style: dict[str, Any] = {"align": align, "baseline": "middle"} | (
        {"fontWeight": "bold"} if bold else {}
    )
    marks = [base.mark_text(**style)]
    if edge:
        marks.insert(0, base.mark_text(**style, stroke="white", strokeWidth=3.5, strokeJoin="round"))
    return marks


DRAWINGS.add(
    "map",
    Drawing(
        draw_map, ("area", "tier"), ("tier",), settings=("tiers", "caveats", "of", "over"),
        parts="area", withheld=True,
    ),
)  # fmt: skip
