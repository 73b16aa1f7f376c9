"""A drawing of many moves: certain ones marked and named, names apart, nothing fetched, same bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from drawings_example import MOVES, moves_table
from release_example import checked

from sharewell.release import draw, drawable
from sharewell.release.charts import Width

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("width", Width)
@pytest.mark.parametrize("count", [1, 8, 64, 200])
def test_the_furthest_that_are_certain_are_named(count: int, width: Width) -> None:
    svg = draw(MOVES, moves_table(count), width)
    assert svg == draw(MOVES, moves_table(count), width)
    assert float((ET.fromstring(svg).get("viewBox") or "").split()[2]) <= width + 1
    named = [text for text in texts(svg) if text.startswith("P")]
    assert len(named) == len(set(named)) <= max(12, 10)
    if count >= 64:
        assert {"P000", f"P{count - 1:03d}"} <= set(named)
        assert f"P{count // 2:03d}" not in named, "it does not move for certain"
    assert "All" not in texts(svg), "the total does not move"
    assert "Move per cent" in texts(svg)


def test_nothing_is_named_where_nothing_is_certain() -> None:
    svg = draw(MOVES, moves_table(40, reach=50))
    assert not [text for text in texts(svg) if text.startswith("P")]


def test_a_withheld_move_is_not_drawn_and_said() -> None:
    held = checked(
        "w",
        "Weights",
        {"practice": ["P1", "P2"], "move_pc": [None, 2.0], "low": [None, 1.0], "high": [None, 3.0]},
        held={"move_pc": {0: "c"}, "low": {0: "c"}, "high": {0: "c"}},
        by=("practice",),
    )
    assert "1 point is not drawn" in drawable(MOVES, held).caption
    assert "P2" in texts(draw(MOVES, held))
