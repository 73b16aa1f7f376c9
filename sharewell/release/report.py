"""One self-contained HTML report of a run.

What was done, by which authority, what was found, what was withheld.

No script, and nothing is fetched: it can be mailed, printed, archived and read years later. It shows only
a bundle; every figure in it is also a table in it, and a file beside it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import pyarrow as pa

from ..errors import PlanError, Problem
from ..plan.finding import ALL, Chart
from ..plan.forms import Who
from ..plan.released import WITHHELD, CheckedTable, Headline, Product
from .bundle import ROAD, Bundle, RoadStep, map_path, quality_path, table_path
from .charts import Width, draw, drawable
from .figures import decimals, heading, write_day, write_figure
from .linkage import warnings_for
from .palette import css_variables
from .tabular import WITHHELD_SIGN

SHOWN = 20
"""Rows of a table shown at once; the rest open on request."""

MOST = 500
"""Rows of a table in the report at all; the CSV file holds every one."""


@dataclass(frozen=True)
class Cell:
    """One cell as it is shown. `kind`: "head" (row header), "figure", "text" or "withheld"."""

    text: str
    kind: str
    total: bool = False


@dataclass(frozen=True)
class Shown:
    """A table as it is shown: `first` rows at once, `more` on request, `beyond` only in the file."""

    id: str
    title: str
    columns: tuple[tuple[str, str], ...]
    first: tuple[tuple[Cell, ...], ...]
    more: tuple[tuple[Cell, ...], ...]
    beyond: int
    rows: int
    csv: str
    notes: tuple[str, ...]
    withheld: bool


@dataclass(frozen=True)
class Picture:
    """A chart as it is shown.

    Wide and narrow drawings, empty when nothing may be drawn, what is missing, and where a map of it lies
    that can be touched.
    """

    title: str
    wide: str
    narrow: str
    caption: str
    touch: str = ""


@dataclass(frozen=True)
class Part:
    """A table with its pictures above it."""

    pictures: tuple[Picture, ...]
    table: Shown


@dataclass(frozen=True)
class Answer:
    """A product as it is shown."""

    product: Product
    id: str
    headlines: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    named: bool


@dataclass(frozen=True)
class Stop:
    """One of the eight words and the steps taken under it."""

    word: str
    steps: tuple[RoadStep, ...]


Told = Callable[[str], None]
"""Told what is being drawn, because a report with many charts takes seconds."""


def silent(doing: str) -> None:
    """Progress that nobody watches."""


def answers_of(bundle: Bundle, told: Told = silent) -> tuple[Answer, ...]:
    """The products as they are shown, drawn. Raises PlanError as `charts.draw`."""
    return tuple(_answer(product, told) for product in bundle.products)


def render(bundle: Bundle, answers: Sequence[Answer] | None = None) -> str:
    """The report as one HTML document, with `answers` where they are drawn already.

    The same bundle gives the same text. Raises PlanError as `charts.draw`.
    """
    css, template = _page()
    text: str = template.render(
        bundle=bundle,
        css=css,
        made=_day(bundle.made),
        answers=answers_of(bundle) if answers is None else answers,
        road=[Stop(word, tuple(s for s in bundle.road if s.word == word)) for word in ROAD],
        authority=list(_rows(bundle.authority)),
        quality=[_show(f"quality-{t.name}", t, quality_path(t.name)) for t in bundle.quality],
        warnings={p.name: warnings_for(p.name, bundle.linkage) for p in bundle.products},
        titles={table.name: table.title for product in bundle.products for table in product.tables},
    )
    return text


def _answer(product: Product, told: Told) -> Answer:
    parts = []
    for table in product.tables:
        told(f"drawing {table.name} of {product.name}")
        pictures = tuple(
            _picture(chart, table, map_path(product.name, table.name))
            for chart in product.charts
            if chart.table == table.name
        )
        shown = _show(f"{product.name}-{table.name}", table, table_path(product.name, table.name))
        parts.append(Part(pictures, shown))
    headlines = tuple((_headline(h, product), h.label) for h in product.headlines)
    named = product.form.who is not Who.GROUP
    return Answer(product, f"product-{product.name}", headlines, tuple(parts), named)


def _picture(chart: Chart, table: CheckedTable, touch: str) -> Picture:
    held = drawable(chart, table)
    if not held.rows:
        return Picture(
            chart.title, "", "", "Nothing of this chart may be drawn: its figures were withheld."
        )
    wide, narrow = (draw(chart, table, width) for width in (Width.WIDE, Width.NARROW))
    return Picture(chart.title, wide, narrow, held.caption, touch if chart.kind == "map" else "")


def _headline(headline: Headline, product: Product) -> str:
    """The figure that a headline points at, as text; PlanError unless it points at exactly one cell."""
    table = next(table for table in product.tables if table.name == headline.table)
    data = table.data.to_pydict()
    rows = [
        i
        for i in range(table.data.num_rows)
        if all(str(data[name][i]) == value for name, value in headline.where.items() if name in data)
    ]
    if len(rows) != 1 or not set(headline.where) <= set(data):
        what = f"headline {headline.label!r} points at {len(rows)} rows of {table.name}, not at one"
        raise PlanError(Problem("HEADLINE", what, fix="name one row by its labels"))
    column = data[headline.column]
    if table.marks[headline.column][rows[0]].as_py() in WITHHELD:
        return WITHHELD_SIGN
    places = decimals(column)
    if headline.unit == "£":
        return "£" + write_figure(column[rows[0]], 2 if places else 0)
    return write_figure(column[rows[0]], places) + headline.unit


def _show(key: str, table: CheckedTable, path: str) -> Shown:
    names = table.data.column_names
    heads = set(table.by) or set(names[:1])
    figures = {name for name in names if name not in heads and _holds_figures(table.data[name].type)}
    rows = tuple(_cells(table, heads, figures))
    kept = rows[:MOST]
    return Shown(
        id=_slug(key),
        title=table.title,
        columns=tuple((heading(name), "figure" if name in figures else "text") for name in names),
        first=kept[:SHOWN] if len(rows) > SHOWN + 5 else kept,
        more=kept[SHOWN:] if len(rows) > SHOWN + 5 else (),
        beyond=len(rows) - len(kept),
        rows=len(rows),
        csv=f"{path}.csv",
        notes=table.notes,
        withheld=any(cell.kind == "withheld" for row in rows for cell in row),
    )


def _cells(table: CheckedTable, heads: set[str], figures: set[str]) -> Iterator[tuple[Cell, ...]]:
    names = table.data.column_names
    data = [table.data[name].to_pylist() for name in names]
    marks = [table.marks[name].to_pylist() for name in names]
    places = [decimals(column) if name in figures else 0 for name, column in zip(names, data, strict=True)]
    for index in range(table.data.num_rows):
        total = any(column[index] == ALL for name, column in zip(names, data, strict=True) if name in heads)
        row = []
        for at, name in enumerate(names):
            if marks[at][index] in WITHHELD:
                row.append(Cell(WITHHELD_SIGN, "withheld", total))
                continue
            kind = "head" if name in heads else "figure" if name in figures else "text"
            row.append(Cell(write_figure(data[at][index], places[at]), kind, total))
        yield tuple(row)


def _holds_figures(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _rows(authority: Mapping[str, str | tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for label, value in authority.items():
        yield label, (value,) if isinstance(value, str) else tuple(value)


def _day(text: str) -> str:
    return write_day(dt.date.fromisoformat(text))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", text.lower())


def _is_link(text: str) -> bool:
    return bool(re.fullmatch(r"https?://[^\s<>\"']+", text))


@lru_cache(maxsize=1)
def _page() -> tuple[Any, Any]:
    """The style sheet and the compiled template."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    here = resources.files(__package__)
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["drawn"] = Markup
    page.tests["link"] = _is_link
    css = css_variables() + here.joinpath("report.css").read_text(encoding="utf-8")
    return Markup(css), page.from_string(here.joinpath("report.html.jinja").read_text(encoding="utf-8"))
