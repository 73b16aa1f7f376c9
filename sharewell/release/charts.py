"""Charts as SVG, made here rather than in the reader's browser: no script, same bytes each time.

A chart draws a checked table and nothing else, so it cannot show what the gate withheld: a row with a
withheld figure is not drawn, and the chart says how many there are. Each is drawn twice, wide and narrow,
because a wide chart shrunk to a telephone cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any
from xml.sax.saxutils import escape

from ..errors import PlanError, Problem
from ..plan.finding import ALL, Chart
from ..plan.released import WITHHELD, CheckedTable
from ..registry import Registry
from .palette import COLOURS

Row = dict[str, Any]


class Width(IntEnum):
    """The whole width of a drawing in CSS pixels. NARROW leaves the margins of a page 320 wide."""

    WIDE = 736
    NARROW = 272


@dataclass(frozen=True)
class Drawing:
    """One kind of chart. `draw(rows, width, chart)` gives an Altair chart from rows keyed by role.

    `roles` must each name a column; `figures` are those of them whose absence leaves nothing to draw;
    `optional` may. A `setting` takes a word rather than a column. Where there are more labels than MOST,
    those largest by the role `ranked` are drawn, or, if `about`, those furthest from the total. Rows that
    total over the role `parts` are left out: beside its parts, a total would count twice or dwarf them.
    With `withheld`, rows whose figure was withheld are handed on too, without it, to be drawn as such.
    """

    draw: Callable[[list[Row], Width, Chart], Any]
    roles: tuple[str, ...]
    figures: tuple[str, ...]
    optional: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    ranked: str = ""
    about: bool = False
    parts: str = ""
    withheld: bool = False


MOST = 20
"""Labels that a chart of labelled rows can hold and still be read."""


@dataclass(frozen=True)
class Drawable:
    """The rows that are drawn, how many were withheld, and how many labels the table has."""

    rows: list[Row]
    withheld: int
    labels: int
    about: bool = False
    hatched: bool = False

    @property
    def caption(self) -> str:
        """What is not in the picture, in sentences; empty when nothing is missing."""
        said = []
        if self.labels > MOST and len(labels(self.rows)) < self.labels:
            which = "furthest from the whole" if self.about else "largest"
            said.append(f"The {MOST} {which}, of {self.labels:,}, are drawn; the table holds them all.")
        if self.withheld:
            one = self.withheld == 1
            points, whose = ("point is", "its figure was") if one else ("points are", "their figures were")
            how = "drawn hatched, in one way for all" if self.hatched else "not drawn"
            said.append(f"{self.withheld:,} {points} {how}, because {whose} withheld.")
        return " ".join(said)


DRAWINGS: Registry[Drawing] = Registry(
    "release",
    "chart",
    (
        "sharewell.release.drawings.groups",
        "sharewell.release.drawings.sankey",
        "sharewell.release.drawings.curves",
        "sharewell.release.drawings.fan",
        "sharewell.release.drawings.lights",
        "sharewell.release.drawings.hundred",
        "sharewell.release.drawings.moves",
        "sharewell.release.drawings.week",
        "sharewell.release.drawings.map",
        "sharewell.release.drawings.ranks",
    ),
)


def draw(chart: Chart, table: CheckedTable, width: Width = Width.WIDE) -> str:
    """The chart as one `<svg>` element with a title and a description, to stand inside a page.

    The same chart and table give the same bytes. Raises UnknownName for a kind there is not, PlanError for
    a role left out, a column that is absent, or a table of which nothing may be drawn.
    """
    import vl_convert

    drawing = DRAWINGS[chart.kind]
    check_fields(chart, drawing, table)
    held = _drawable(chart, drawing, table)
    if not held.rows:
        raise PlanError(
            Problem("CHART", f"{chart.title}: nothing in it may be drawn", fix="show the table")
        )
    spec = drawing.draw(held.rows, width, chart).to_dict(validate=False) | {"config": _theme()}
    return _embed(vl_convert.vegalite_to_svg(json.dumps(spec, sort_keys=True)), chart, width, held.caption)


def drawable(chart: Chart, table: CheckedTable) -> Drawable:
    """What of the table the chart can draw; PlanError as `draw`."""
    drawing = DRAWINGS[chart.kind]
    check_fields(chart, drawing, table)
    return _drawable(chart, drawing, table)


def check_fields(chart: Chart, drawing: Drawing, table: CheckedTable) -> None:
    """Raise PlanError with every role that is missing, unknown, or names no column."""
    where = f"chart {chart.title}"
    known = drawing.roles + drawing.optional + drawing.settings
    problems = [
        Problem("CHART", f"a {chart.kind} chart needs a column for {role}", where=where)
        for role in drawing.roles
        if role not in chart.fields
    ]
    problems += [
        Problem("CHART", f"a {chart.kind} chart has no {role}", fix=f"use: {', '.join(known)}", where=where)
        for role in chart.fields
        if role not in known
    ]
    problems += [
        Problem("CHART", f"{role} names no column of {table.name}", where=where)
        for role, column in chart.fields.items()
        if role not in drawing.settings and role in known and column not in table.data.column_names
    ]
    if problems:
        raise PlanError(problems)


def _drawable(chart: Chart, drawing: Drawing, table: CheckedTable) -> Drawable:
    """The rows that can be drawn, keyed by role; `partial` marks a label of which some row was withheld."""
    columns = {role: name for role, name in chart.fields.items() if role not in drawing.settings}
    data = {role: [_plain(v) for v in table.data[name].to_pylist()] for role, name in columns.items()}
    marks = [table.marks[name].to_pylist() for name in columns.values()]
    kept: list[Row] = []
    gone: list[Row] = []
    for index in _over_other_dimensions(table, set(columns.values())):
        row = {role: values[index] for role, values in data.items()}
        if drawing.parts and row.get(drawing.parts) == ALL:
            continue
        if any(column[index] in WITHHELD for column in marks):
            gone.append(row)
        elif all(row.get(role) is not None for role in drawing.figures):
            kept.append(row)
    partial = {row.get("label") for row in gone}
    if drawing.withheld and kept:
        kept = [{**row, "withheld": False} for row in kept] + [{**row, "withheld": True} for row in gone]
    kept = [{**row, "partial": row.get("label") in partial} for row in kept]
    return Drawable(_first(kept, drawing), len(gone), len(labels(kept)), drawing.about, drawing.withheld)


def _over_other_dimensions(table: CheckedTable, drawn: set[str]) -> list[int]:
    """The rows that total over every dimension that is not drawn (where the table has such totals)."""
    others = [table.data[name].to_pylist() for name in table.by if name not in drawn]
    totalled = [values for values in others if ALL in values]
    return [i for i in range(table.data.num_rows) if all(values[i] == ALL for values in totalled)]


def _plain(value: Any) -> Any:
    """A value as JSON holds it; pounds and pence come as Decimal."""
    return float(value) if isinstance(value, Decimal) else value


def _first(rows: list[Row], drawing: Drawing) -> list[Row]:
    """The rows of the labels that rank first (and of the total), in the order of the table."""
    names = labels(rows)
    if not drawing.ranked or len(names) <= MOST:
        return rows
    sums = dict.fromkeys(names, 0.0)
    for row in rows:
        sums[str(row["label"])] += row[drawing.ranked] if drawing.about else abs(row[drawing.ranked])
    middle = sums.get(ALL, statistics.median(sums.values())) if drawing.about else 0.0
    kept = set(sorted(names, key=lambda name: (name != ALL, -abs(sums[name] - middle)))[:MOST])
    return [row for row in rows if str(row["label"]) in kept]


def _theme() -> dict[str, Any]:
    """Quiet axes, generic fonts, nothing that needs a legend to be read."""
    ink, quiet, rule = COLOURS["ink"], COLOURS["quiet"], COLOURS["rule"]
    return {
        "aria": False,
        "background": "transparent",
        "font": "sans-serif",
        "padding": 2,
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "labelColor": ink,
            "titleColor": quiet,
            "domain": False,
            "ticks": False,
            "gridColor": "#e3e5e8",
            "labelPadding": 6,
            "titlePadding": 10,
            "labelLimit": 240,
        },
        "axisX": {"domain": True, "domainColor": rule},
        "text": {"fontSize": 13, "color": ink},
        "legend": {
            "labelFontSize": 13,
            "labelColor": ink,
            "title": None,
            "orient": "top",
            "symbolType": "square",
            "symbolSize": 160,
            "labelLimit": 260,
        },
    }


_NUMBER = re.compile(r"(?<=[\s,(\"])(-?\d+\.\d{3})\d+")
_ID = re.compile(r"\bid=\"([^\"]+)\"")
_USED = re.compile(r"(\bid=\"|url\(#|href=\"#)([^\")]+)")
_ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


def _embed(svg: str, chart: Chart, width: Width, caption: str) -> str:
    """Give the drawing a name, a description and ids of its own, and let it take the width it is given."""
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    # Ids come numbered by all that this process has drawn; here by their place in this drawing.
    places = {name: at for at, name in enumerate(dict.fromkeys(_ID.findall(body)))}
    body = _NUMBER.sub(r"\1", _USED.sub(lambda held: f"{held[1]}@{places.get(held[2], held[2])}", body))
    own = "c" + hashlib.sha256(f"{chart}{width}{body}".encode()).hexdigest()[:10]
    body = _USED.sub(lambda held: f"{held[1]}{own}-{held[2][1:]}", body)
    body = _ROLES.sub("", body)  # the drawing is one picture: marks within it have no names of their own
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if not found:
        raise PlanError(Problem("CHART", f"{chart.title}: the drawing has no size"))
    wide, high = found.groups()
    said = f"{chart.alt} {caption}".strip()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="drawing" viewBox="0 0 {wide} {high}" '
        f'style="max-width:{wide}px" aria-labelledby="{own}-title {own}-desc">'
        f'<title id="{own}-title">{escape(chart.title)}</title>'
        f'<desc id="{own}-desc">{escape(said)}</desc>{body}'
    )


def labels(rows: Sequence[Row]) -> list[str]:
    """The labels of the rows in the order of the table, each once."""
    return list(dict.fromkeys(str(row["label"]) for row in rows if row.get("label") is not None))
