"""How much of what is treated is recorded, as tables, a picture and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.finding import ALL, UNKNOWN, Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params, Story
from .placing import CODE, RECORDED, TREATED
from .reporting import Events, Ints, Matched, estimate, match

_METHOD = (
    "Matched by place, day and hour; what shifting by whole weeks still finds is taken off; shared"
    " over records "
    "with a known place. Wilson's interval."
)
_SOURCE = "Sutherland et al. 2021; Wilson 1927"
_FIGURES = ("share", "low", "high", "found_near", "by_chance")


def fit_share(table: pa.Table, params: Params) -> Finding:
    """The share overall and by each group. FitError EMPTY, PLACE or SPAN."""
    treated, recorded, rows = read_two(table)
    matched = match(treated, recorded, days=params["days"], hours=params["hours"], shifts=params["shifts"])
    tables = [_placed(treated, recorded, params)]
    tables += [_by(name, rows, matched, params) for name in params["by"]] or [
        _by(None, rows, matched, params)
    ]
    first = tables[1]
    fields = {"label": first.by[0], "value": "share", "low": "low", "high": "high"}
    title = f"Share of {params['treated_as']} that is in {params['recorded_as']}"
    alt = f"{title}, with 95% intervals; the dashed line is the whole."
    caveats = (
        f"Two incidents at one place and hour count as one; what chance would match is estimated and"
        f" taken off, "
        f"over {params['shifts']} shifts.",
    )
    return Finding(
        tuple(tables), (Chart("gap", first.name, title, fields, alt),), _METHOD, _SOURCE, caveats
    )


def read_two(table: pa.Table) -> tuple[Events, Events, pa.Table]:
    """Events of both services with places numbered alike, and the rows of those treated with a day.

    FitError EMPTY where a service has none.
    """
    names = {name: number for number, name in enumerate(sorted(set(table[CODE].to_pylist()) - {None}))}
    events, kept = {}, {}
    for role in (TREATED, RECORDED):
        rows = table.filter(pa.array([r == role and d is not None for r, d in _pairs(table)], pa.bool_()))
        if not rows.num_rows:
            what = f"no incident is {role} on a known day"
            raise FitError(
                Problem("EMPTY", what, "a share of nothing does not exist", "look at another span")
            )
        place = [names.get(code, -1) for code in rows[CODE].to_pylist()]
        day = rows["day"].cast(pa.int32()).to_numpy().astype(np.int64)
        events[role] = Events(np.array(place, np.int64), day, _hours(rows))
        kept[role] = rows
    return events[TREATED], events[RECORDED], kept[TREATED]


def _pairs(table: pa.Table) -> list[tuple[str, date | None]]:
    return list(zip(table["role"].to_pylist(), table["day"].to_pylist(), strict=True))


def _hours(rows: pa.Table) -> Ints:
    """0 to 23; anything else is not known."""
    hour = np.array([-1 if h is None else h for h in rows["hour"].to_pylist()], np.int64)
    return np.where((hour >= 0) & (hour < 24), hour, -1)


def _placed(treated: Events, recorded: Events, params: Params) -> ResultTable:
    """How many of each have a place that is known, on which everything rests."""
    parts = {params["treated_as"]: treated, params["recorded_as"]: recorded}
    rows = [(who, len(held.place), int((held.place >= 0).sum())) for who, held in parts.items()]
    names, everyone, known = zip(*rows, strict=True)
    data = pa.table({"incidents": list(names), "all": list(everyone), "place_known": list(known)})
    title = "Incidents whose place the gazetteer knows"
    return ResultTable("placed", title, Output.FREQUENCY, data, ("incidents",), ("all", "place_known"))


def _by(name: str | None, rows: pa.Table, matched: Matched, params: Params) -> ResultTable:
    """One row a group, and the whole."""
    held = rows[name].to_pylist() if name else []
    group = np.array(
        [UNKNOWN if value is None else str(value) for value in held] or [ALL] * rows.num_rows, object
    )
    group = group[matched.rows]
    keys = [ALL, *sorted(set(group.tolist()) - {ALL})]
    found = [estimate(matched, None if key == ALL else group == key) for key in keys]
    figures = [(s.share, s.low, s.high, s.found / s.treated, s.chance) for s in found]
    column = name or "group"
    data = pa.table(
        {
            column: keys,
            "treated": [s.treated for s in found],
            **{figure: [row[i] for row in figures] for i, figure in enumerate(_FIGURES)},
        }
    )
    # Found near is itself a share of those treated; the estimate implies about as many.
    measures = tuple(Measure(f, "treated", share=f in ("share", "found_near")) for f in _FIGURES)
    what = f" by {column.replace('_', ' ')}" if name else ""
    title = f"Share of {params['treated_as']} in {params['recorded_as']}{what}"
    return ResultTable(
        f"by-{column.replace('_', '-')}", title, Output.FREQUENCY, data, (column,), ("treated",), measures
    )


def tell_share(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """The share of all, where it is lowest and highest among groups shown, and how sure that is."""
    first = next(table for name, table in tables.items() if name.startswith("by-"))
    column = first.column_names[0]
    rows = first.to_pylist()
    whole = next(row for row in rows if row[column] == ALL)
    what, where = params["treated_as"], params["recorded_as"]
    if whole["share"] is None:
        return Story((f"What share of {what} is in {where} was withheld.",), _CAVEATS)
    said = [
        f"About {whole['share']:.0%} of {what} are in {where} (95% interval {whole['low']:.0%} to "
        f"{whole['high']:.0%}); the rest no patrol and no licence hearing would know of from records"
        f" alone.",
        f"{whole['found_near']:.0%} have a record near in place and time; {whole['by_chance']:.0%}"
        f" would by chance.",
    ]
    return Story((*said, *_between(rows, column, whole)), _CAVEATS)


def _between(rows: list[dict[str, Any]], column: str, whole: Mapping[str, Any]) -> list[str]:
    """Groups whose interval lies wholly beside that of all, or that none does."""
    groups = [row for row in rows if row[column] != ALL and row["share"] is not None]
    apart = [r for r in groups if r["high"] < whole["low"] or r["low"] > whole["high"]]
    name = column.replace("_", " ")
    if not apart:
        return [f"No group by {name} differs clearly from the whole, of {len(groups)} shown."]
    told = ", ".join(
        f"{r[column]} ({r['share']:.0%})" for r in sorted(apart, key=lambda r: float(r["share"]))
    )
    return [f"Clearly beside the whole: {told}."]


_CAVEATS = (
    "Nobody's identity was compared: two incidents are taken for one by place and hour alone.",
    "An assault that is not recorded may have been told and not written down, or written under another"
    " place.",
)
