"""A map that can be touched: one page beside the report, offline, with nothing fetched and nothing sent.

Leaflet 1.9.4 (BSD 2-Clause, `leaflet/LICENSE`) is carried whole and unchanged, because every wheel that
ships it brings a web framework with it. The page holds everything that it needs, so that it opens from a
folder; its content security policy names its scripts and styles by hash and forbids everything else. Where
scripts may not run the still picture stands, with the same figures. It shows a checked table and nothing
else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from importlib import resources
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from ..plan.finding import ALL, Chart
from ..plan.released import WITHHELD, CheckedTable
from ..plan.shapes import Outline, Shapes
from .charts import Width, draw
from .drawings.map import tiers_of
from .figures import decimals, heading, write_figure
from .palette import tints
from .tabular import WITHHELD_SIGN

KIND = "map"
_FINE = 4_000
"""Outlines are simplified to this part of the map's width."""


def map_page(chart: Chart, table: CheckedTable, *, csv: str, back: str, synthetic: bool) -> bytes:
    """The page of a map chart that has its shapes. `csv` and `back` are paths from the page.

    The same chart and table give the same bytes. Raises PlanError as `charts.draw`.
    """
    from markupsafe import Markup

    assert chart.shapes is not None
    parts = _parts()
    told = _told(chart, chart.shapes, table)
    data = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    still = re.sub(
        r' style="[^"]*"', "", draw(chart, table, Width.WIDE)
    )  # the policy allows no inline style
    text: str = _template().render(
        title=chart.title,
        policy=_policy(parts),
        licence=parts["licence"],
        css=Markup(parts["css"]),
        leaflet=Markup(parts["leaflet"]),
        script=Markup(parts["script"]),
        still=Markup(still),
        data=Markup(data.replace("<", "\\u003c").replace("&", "\\u0026")),
        caveats=[line for line in chart.fields.get("caveats", "").splitlines() if line],
        key=_key(chart, told),
        csv=csv,
        back=back,
        synthetic=synthetic,
    )
    return text.encode()


def _told(chart: Chart, shapes: Shapes, table: CheckedTable) -> dict[str, Any]:
    """What the script reads: outlines, and for each place its tier and its row in words."""
    said = _said(chart, table)
    tier = dict(
        zip(
            table.data[chart.fields["area"]].to_pylist(),
            table.data[chart.fields["tier"]].to_pylist(),
            strict=True,
        )
    )
    outlines = _simple(shapes.outlines)
    missing = [["", "No figure"]]
    return {
        "unit": str(shapes.unit),
        "attribution": shapes.said,
        "tiers": list(tints(len(tiers_of(chart)))),
        "places": {
            name: {
                "tier": None if (at := tier.get(name)) is None else int(at),
                "said": said.get(name, missing),
            }
            for name in outlines
        },
        "outlines": [_feature(name, outline) for name, outline in outlines.items()],
        "larger": [_feature(name, outline) for name, outline in _simple(shapes.larger).items()],
    }


def _key(chart: Chart, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Names, shades and how many places each has, as on the still picture."""
    tiers = [place["tier"] for place in told["places"].values()]
    key = [
        {"name": name, "fill": fill, "count": f"{tiers.count(at):,}"}
        for at, (name, fill) in enumerate(zip(tiers_of(chart), told["tiers"], strict=True), 1)
    ]
    none = tiers.count(None)
    return [*key, *([{"name": "No figure", "fill": "url(#none)", "count": f"{none:,}"}] if none else [])]


def _said(chart: Chart, table: CheckedTable) -> dict[str, list[list[str]]]:
    """By place, each released figure of its row: heading and text; the tier by its name."""
    data, marks = table.data.to_pydict(), table.marks.to_pydict()
    area, tiers = chart.fields["area"], tiers_of(chart)
    names = [name for name in data if name != area]
    written = {name: [write_figure(value, decimals(data[name])) for value in data[name]] for name in names}
    tier = chart.fields["tier"]
    written[tier] = ["" if value is None else tiers[int(value) - 1] for value in data[tier]]
    return {
        str(place): [
            [heading(name), WITHHELD_SIGN if marks[name][at] in WITHHELD else written[name][at]]
            for name in names
        ]
        for at, place in enumerate(data[area])
        if place != ALL
    }


def _simple(outlines: dict[str, Outline] | Any) -> dict[str, Outline]:
    """Outlines simplified alike on both sides of an edge."""
    if not outlines:
        return {}
    held = [shape(dict(outline)) for outline in outlines.values()]
    west, south, east, north = shapely.total_bounds(held)
    fine = max(east - west, north - south) / _FINE
    # Half a step of the simplification: no coordinate is written finer than it is drawn.
    places = max(0, -int(f"{fine / 2:e}".split("e")[1]))
    simple = shapely.transform(shapely.coverage_simplify(held, fine), lambda points: points.round(places))
    return {name: mapping(one) for name, one in zip(outlines, simple, strict=True)}


def _feature(name: str, outline: Outline) -> dict[str, Any]:
    return {"type": "Feature", "id": name, "properties": {}, "geometry": outline}


def _policy(parts: dict[str, str]) -> str:
    scripts, style = [_hash(parts["leaflet"]), _hash(parts["script"])], _hash(parts["css"])
    return (
        f"default-src 'none'; script-src {' '.join(scripts)}; style-src {style}; base-uri 'none';"
        " form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=1)
def _parts() -> dict[str, str]:
    here = resources.files(__package__)
    read = {
        "leaflet": "leaflet/leaflet.js",
        "licence": "leaflet/LICENSE",
        "leaflet_css": "leaflet/leaflet.css",
        "css": "map_page.css",
        "script": "map_page.js",
    }
    parts = {
        name: here.joinpath(path).read_bytes().decode().replace("\r\n", "\n") for name, path in read.items()
    }
    return parts | {"css": parts["leaflet_css"] + parts["css"]}


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    path = resources.files(__package__).joinpath("map_page.html.jinja")
    return page.from_string(path.read_text(encoding="utf-8"))
