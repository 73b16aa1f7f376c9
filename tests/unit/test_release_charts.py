"""Charts: only what passed the gate, the same bytes each time, named, described, fit for a small page."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import lab_charts_example
import map_example
import pytest
from drawings_example import FAN, MOVES, WEEK, fan_table, lives, moves_table, roads, week_table
from release_example import checked, costs, evaluation

from sharewell.errors import PlanError, UnknownName
from sharewell.plan.finding import ALL, Chart
from sharewell.plan.released import CheckedTable, Product
from sharewell.release import draw, drawable
from sharewell.release.charts import DRAWINGS, Width
from sharewell.release.palette import COLOURS, SERIES, TEXT_PAIRS, contrast

SVG = "{http://www.w3.org/2000/svg}"


def drawn(product: Product) -> list[tuple[Chart, CheckedTable]]:
    tables = {table.name: table for table in product.tables}
    return [(chart, tables[chart.table]) for chart in product.charts]


EVERY = [
    *drawn(evaluation()),
    *drawn(costs()),
    *lab_charts_example.charts(),
    *map_example.EVERY,
    roads(),
    lives(),
    (WEEK, week_table()),
    (MOVES, moves_table(8)),
    (FAN, fan_table()),
]
KINDS = [chart.kind for chart, _ in EVERY]


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def bars(table: CheckedTable, **fields: str) -> tuple[Chart, CheckedTable]:
    return Chart("bar", table.name, "Bars", fields, "Bars of values."), table


def test_every_kind_is_tried() -> None:
    assert set(KINDS) == set(DRAWINGS)


@pytest.mark.parametrize(("chart", "table"), EVERY, ids=KINDS)
@pytest.mark.parametrize("width", Width)
def test_a_drawing_is_named_sized_and_fetches_nothing(
    chart: Chart, table: CheckedTable, width: Width
) -> None:
    svg = draw(chart, table, width)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    title, desc = (root.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == chart.title
    assert (desc.text or "").startswith(chart.alt)
    assert float((root.get("viewBox") or "").split()[2]) <= width + 1
    assert not root.get("width")
    assert "<script" not in svg
    assert "<image" not in svg
    assert "http" not in svg.replace("http://www.w3.org/", "")
    assert svg == draw(chart, table, width)


def test_ids_of_two_drawings_never_meet() -> None:
    ids: list[str] = []
    for chart, table in EVERY:
        for width in Width:
            svg = draw(chart, table, width)
            ids += {node.get("id") or "" for node in ET.fromstring(svg).iter() if node.get("id")}
    assert len(ids) == len(set(ids))


def test_another_process_draws_the_same_bytes() -> None:
    chart, table = EVERY[0]
    code = (
        "import hashlib, release_example as e; from sharewell.release import draw; p = e.evaluation();"
        "print(hashlib.sha256(draw(p.charts[0], p.tables[0]).encode()).hexdigest())"
    )
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hashlib.sha256(draw(chart, table).encode()).hexdigest()


def test_a_withheld_point_is_absent_and_said() -> None:
    chart, table = EVERY[0]
    held = drawable(chart, table)
    assert (len(held.rows), held.withheld) == (4, 1)
    svg = draw(chart, table)
    assert "Aged 16 to 24" not in svg
    assert "1 point is not drawn, because its figure was withheld." in svg


def test_a_stack_with_a_withheld_part_shows_no_total() -> None:
    chart, table = next(pair for pair in EVERY if pair[0].kind == "bar")
    said = texts(draw(chart, table))
    assert "part withheld" in said
    shown = [
        v
        for d, v in zip(*(table.data[c].to_pylist() for c in ("district", "pounds_per_head")), strict=True)
        if d == "Fen" and v
    ]
    assert f"{sum(shown):,.2f}" not in said


def test_totals_are_not_drawn_beside_their_parts() -> None:
    table = checked("t", "T", {"a": ["X", "X", "X"], "b": ["p", "q", ALL], "v": [1, 2, 3]}, by=("a", "b"))
    chart, table = bars(table, label="a", value="v", group="b")
    assert [row["group"] for row in drawable(chart, table).rows] == ["p", "q"]
    chart, table = bars(table, label="a", value="v")
    assert [row["value"] for row in drawable(chart, table).rows] == [3]


def test_a_chart_of_too_many_rows_draws_the_largest_and_says_so() -> None:
    names = [ALL] + [f"P{n}" for n in range(240)]
    table = checked("t", "T", {"p": names, "v": [0, *range(240)]}, by=("p",))
    chart, table = bars(table, label="p", value="v")
    held = drawable(chart, table)
    assert [row["label"] for row in held.rows] == [ALL, *[f"P{n}" for n in range(221, 240)]]
    assert held.caption == "The 20 largest, of 241, are drawn; the table holds them all."


def test_a_gap_of_too_many_rows_draws_those_furthest_from_the_whole() -> None:
    names, values = [ALL, *(f"P{n}" for n in range(100))], [1.0, *(n / 50 for n in range(100))]
    table = checked("t", "T", {"p": names, "v": values, "l": values, "h": values}, by=("p",))
    chart = Chart("gap", "t", "Gap", {"label": "p", "value": "v", "low": "l", "high": "h"}, "Gaps.")
    shown = [row["value"] for row in drawable(chart, table).rows]
    assert shown[0] == 1.0
    assert all(abs(value - 1) > 0.8 for value in shown[1:])
    assert "The 20 furthest from the whole, of 101" in draw(chart, table)


def test_nothing_to_draw_is_told() -> None:
    table = checked("t", "T", {"p": ["A"], "v": [None]}, held={"v": {0: "c"}})
    with pytest.raises(PlanError, match="nothing in it may be drawn"):
        draw(*bars(table, label="p", value="v"))


def test_every_fault_of_a_chart_is_told_at_once() -> None:
    table = checked("t", "T", {"p": ["A"], "v": [1]})
    with pytest.raises(PlanError) as stopped:
        draw(*bars(table, label="p", colour="v", group="nothing"))
    said = str(stopped.value)
    assert "needs a column for value" in said
    assert "has no colour" in said
    assert "group names no column" in said
    with pytest.raises(UnknownName, match="no chart is called 'pie'"):
        draw(Chart("pie", "t", "Pie", {}, ""), table)


def test_text_has_contrast_and_series_show_on_paper() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for ink, paper in TEXT_PAIRS:
        assert contrast(COLOURS[ink], COLOURS[paper]) >= 4.5, (ink, paper)
    for colour in SERIES:
        assert contrast(colour, COLOURS["paper"]) >= 4.5
