"""Ribbons and stepped curves: what is withheld is drawn as such or not at all, names stand on the marks."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from drawings_example import lives, roads

from sharewell.release import draw, drawable
from sharewell.release.charts import Width
from sharewell.release.drawings.curves import apart
from sharewell.release.drawings.sankey_layout import find_places, lay_out, ribbons

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


EVERY = {"roads": roads(), "curves": lives(), "panels": lives(panel=True)}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("width", Width)
def test_a_drawing_fits_its_page_and_is_the_same_again(name: str, width: Width) -> None:
    svg = draw(*EVERY[name], width)
    root = ET.fromstring(svg)
    assert float((root.get("viewBox") or "").split()[2]) <= width + 1
    assert svg == draw(*EVERY[name], width)
    assert root.get("role") == "img"
    assert "<script" not in svg
    assert "http" not in svg.replace("http://www.w3.org/", "")


@pytest.mark.parametrize("width", Width)
def test_names_and_figures_stand_on_the_places(width: Width) -> None:
    told = " ".join(texts(draw(*roads(()), width)))
    for name in ("diagnosis 1,000", "surgery 700", "drugs 300", "died 360"):
        assert name in told
    assert "1 ·" not in told, "the column says which step it is"


@pytest.mark.parametrize("width", Width)
def test_a_withheld_flow_is_hatched_and_gives_no_figure(width: Width) -> None:
    svg = draw(*roads(), width)
    told = " ".join(texts(svg))
    assert "stroke-dasharray" in svg
    assert "stroke-dasharray" not in draw(*roads(()), width)
    assert "died" in told
    assert "died 3" not in told, "what comes to it is not all known"
    assert "surgery 700" in told
    assert drawable(*roads()).caption == (
        "1 point is drawn hatched, in one way for all, because its figure was withheld."
    )


def test_a_withheld_flow_is_as_thin_whatever_it_was() -> None:
    chart, held = roads()
    rows = drawable(chart, held).rows
    assert [row["value"] for row in rows if row["withheld"]] == [None]
    places = find_places(rows)
    columns = [[p for p in places.values() if p.column == c] for c in range(3)]
    room = lay_out(rows, columns, 480.0, 20.0)
    widths = {row.row["to"]: row.width for row in ribbons(rows, places, room) if row.row["withheld"]}
    assert widths == {"died": 3.0}


def test_ribbons_never_lie_over_one_another_at_a_place() -> None:
    rows = [{**row, "withheld": False} for row in drawable(*roads(())).rows]
    places = find_places(rows)
    columns = [[p for p in places.values() if p.column == c] for c in range(3)]
    found = ribbons(rows, places, lay_out(rows, columns, 480.0, 20.0))
    for place in places.values():
        ends = sorted((r.leave, r.width) for r in found if r.one is place)
        assert all(one[0] + one[1] <= two[0] + 1e-9 for one, two in pairwise(ends))
        for start, width in ends:
            assert place.start - 1e-9 <= start <= start + width <= place.start + place.size + 1e-9


def test_curves_are_named_at_their_ends_and_say_who_is_followed() -> None:
    told = texts(draw(*lives(), Width.WIDE))
    assert {"lung", "breast", "Still followed", "900", "400", "90", "800"} <= set(told)
    assert "100%" in told


def test_a_withheld_point_is_merged_into_the_step_to_the_next() -> None:
    whole, less = draw(*lives(), Width.WIDE), draw(*lives(withheld=(1,)), Width.WIDE)
    assert "400" not in texts(less)
    assert whole != less
    assert "1 point is not drawn, because its figure was withheld." in less


def test_names_are_moved_apart_and_stay_on_the_page() -> None:
    assert apart([10, 12, 40], 15, 300) == [10, 25, 40]
    assert apart([290, 295, 299], 15, 300) == [270, 285, 300]
