"""Maps: tiers that survive grey, hatching that is counted, caveats on them, and the page one can touch."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from dataclasses import replace
from importlib import resources
from typing import Any

import pyarrow as pa
import pytest
from map_example import CAVEAT, CELLS, chart, ranked, table

from sharewell.errors import PlanError
from sharewell.plan.finding import ALL
from sharewell.plan.shapes import Shapes, Unit
from sharewell.release.charts import Width, draw, drawable
from sharewell.release.drawings.land import frame, lay
from sharewell.release.map_page import map_page
from sharewell.release.palette import contrast, tints

SUMS = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    "LICENSE": "53e8dc25862014e4324741ca18fbe3611e11d42ef69f59f86ea8c5389647d4cb",
}
"""Leaflet 1.9.4 as its makers published it."""


def words(svg: str) -> str:
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


@pytest.mark.parametrize("width", list(Width))
def test_what_is_withheld_and_what_has_no_row_is_hatched_and_counted(width: Width) -> None:
    svg = draw(chart(), table(), width)
    assert "No figure (2)" in words(svg)
    assert {"low (3)", "middle (4)", "high (3)"} <= set(re.findall(r"\w+ \(\d\)", words(svg)))
    assert svg.count(f'fill="{tints(3)[2]}"') == 2, "the tier, and its swatch in the key"


@pytest.mark.parametrize("width", list(Width))
def test_caveats_and_source_stand_on_the_picture(width: Width) -> None:
    said = words(draw(chart(), table(), width))
    assert CAVEAT in said
    assert "Our grid." in said


def test_nothing_is_drawn_outside_the_picture() -> None:
    for width in Width:
        svg = draw(chart(), table(), width)
        wide = float(re.search(r'viewBox="0 0 ([\d.]+)', svg).group(1))  # type: ignore[union-attr]
        assert wide <= int(width) + 20


def test_tiers_can_be_told_apart_in_grey() -> None:
    for count in range(2, 8):
        shades = tints(count)
        steps = [contrast(one, two) for one, two in itertools.pairwise(shades)]
        assert min(steps) > 1.4
        assert max(steps) / min(steps) < 1.05
    assert contrast("#ffffff", tints(5)[0]) > 1.1, "the palest is not taken for hatched white"


def test_the_same_table_gives_the_same_bytes() -> None:
    assert draw(chart(), table()) == draw(chart(), table())
    page = {map_page(chart(), table(), csv="t.csv", back="r.html", synthetic=True) for _ in range(2)}
    assert len(page) == 1


def test_totals_are_not_places() -> None:
    held = table(names=[ALL, *list(CELLS)[:11]])
    assert "No figure (2)" in words(draw(chart(), held))


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(PlanError, match="there are no boundaries"):
        draw(chart(shapes=None), table())
    with pytest.raises(PlanError, match="none of the 10 places of the table is in the boundaries"):
        draw(chart(shapes=Shapes.squares({"elsewhere": (0, 0)}, 1.0)), table())
    with pytest.raises(PlanError, match="4 places have a tier that is not named"):
        draw(chart(fields=chart().fields | {"tiers": "low|middle"}), retiered())
    with pytest.raises(PlanError, match="two to seven tiers"):
        draw(chart(fields=chart().fields | {"tiers": "only"}), table())
    assert not drawable(chart(), table(withheld=tuple(CELLS))).rows


def retiered() -> Any:
    """Four places of the third tier, none withheld."""
    held = table(withheld=())
    tiers = pa.array([3 if at < 4 else 1 for at in range(held.data.num_rows)])
    return replace(held, data=held.data.set_column(1, "tier", tiers))


@pytest.mark.parametrize(
    ("unit", "side", "kilometre"),
    [("kilometres", 1.0, 1.0), ("metres", 1_000.0, 1.0), ("degrees", 0.01, 1.11195)],
)
def test_a_kilometre_is_as_long_in_every_unit(unit: str, side: float, kilometre: float) -> None:
    shapes = Shapes.squares({"a": (0.0, 0.0)}, side, unit)
    seen = frame(shapes, 1_000, 500)
    assert seen.per_kilometre == pytest.approx(500 / kilometre)
    assert lay(shapes.outlines, seen)["a"].bounds == pytest.approx((250, 0, 750, 500), abs=0.2)


def test_degrees_are_narrower_away_from_the_equator() -> None:
    north = frame(
        Shapes({"a": Shapes.squares({"a": (0.0, 59.5)}, 1.0).outlines["a"]}, Unit.DEGREES), 1_000, 500
    )
    assert north.across / north.up == pytest.approx(0.5)


def test_leaflet_is_as_its_makers_published_it() -> None:
    folder = resources.files("sharewell.release").joinpath("leaflet")
    held = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }
    assert held == SUMS


def page(**changed: Any) -> str:
    made = map_page(chart(**changed), table(), csv="../t.csv", back="../r.html", synthetic=True)
    return made.decode()


def test_the_page_fetches_nothing_and_its_policy_names_all_that_runs() -> None:
    text = page()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    said = policy.group(1).replace("&#39;", "'")
    assert "default-src 'none'" in said
    assert "unsafe" not in said
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    for part in (*scripts, *styles):
        assert base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() in said
    assert len(scripts) == 2
    without = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r'\b(?:src|href)="(?!\.\./|#)', without)
    assert ' style="' not in text, "the policy would not let it stand"


def test_the_page_tells_what_was_released_and_nothing_else() -> None:
    text = page()
    told = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL).group(1))  # type: ignore[union-attr]
    assert told["places"]["c00"] == {"tier": 1, "said": [["Tier", "low"], ["Index", "1.5"]]}
    assert told["places"]["c03"] == {"tier": None, "said": [["Tier", "[c]"], ["Index", "[c]"]]}
    assert told["places"]["c11"] == {"tier": None, "said": [["", "No figure"]]}
    assert CAVEAT in text
    assert "No figure (2)" in text
    assert "Redistribution and use in source and binary forms" in text


def test_a_name_cannot_break_out_of_the_page() -> None:
    evil = "</script><script>alert(1)</script>"
    cells = {evil: (0.0, 0.0), "c01": (1.0, 0.0)}
    held = table(names=[evil, "c01"])
    made = map_page(
        chart(shapes=Shapes.squares(cells, 1.0)), held, csv="t.csv", back="r.html", synthetic=False
    ).decode()
    assert "<script>alert" not in made


def test_few_ranks_are_named_and_many_stand_in_their_order() -> None:
    for width in Width:
        few, many = ranked(8), ranked(400)
        named = words(draw(few[0], few[1], width))
        assert "A01" in named
        assert "1 (1 to 7)" in named
        said = words(draw(many[0], many[1], width))
        assert "A01" not in said
        assert "Place in the order" in said


def test_ranks_are_drawn_in_their_order_whatever_that_of_the_table() -> None:
    made, held = ranked(40)
    turned = pa.array(range(39, -1, -1))
    other = replace(held, data=held.data.take(turned), marks=held.marks.take(turned))
    assert draw(made, held) == draw(made, other)
