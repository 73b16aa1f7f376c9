"""The roads of people in groups: paths through care, days between, days in hospital and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from ...plan.finding import ALL, Measure, Output, ResultTable
from ...plan.recipe import Params
from .paths import Steps, cut, first_times, in_order, layers, merge_repeats, sequences, variants
from .roads import YEAR, Bools, Events, Ints, People
from .tables import Row, people_table, with_share

MORE = "other roads"
NOTHING = "no more care"
REST = "All other paths"
FOLLOWING = "patients_following"
SHOWN = 20
"""Paths told apart, at most."""


@dataclass(frozen=True)
class Grouped:
    """People in their groups: `group` is a position in `names`, -1 where a date cannot be right; `met`: how
    many rules held."""

    people: People
    group: Ints
    names: tuple[str, ...]
    met: Ints

    @property
    def sizes(self) -> Ints:
        return np.bincount(self.group[self.people.usable], minlength=len(self.names))

    @property
    def shown(self) -> list[int]:
        """The groups of the rules, and that of no rule (the last) where anybody is in it."""
        size = self.sizes
        return [i for i in range(len(self.names)) if i < len(self.names) - 1 or size[i]]


def road_tables(grouped: Grouped, events: Events, horizon: float, params: Params) -> list[ResultTable]:
    mine = events.begin <= horizon
    steps = merge_repeats(in_order(events.person[mine], events.begin[mine], events.kind[mine]))
    return [
        _pathways(grouped, steps, events.kinds, params),
        _variants(grouped, cut(steps, params["steps"]), events.kinds, params),
        _gaps(steps, events.kinds, params),
        _care(grouped, events, mine, horizon),
    ]


def _pathways(grouped: Grouped, steps: Steps, kinds: tuple[str, ...], params: Params) -> ResultTable:
    """Each patient once from the beginning through `steps` places to a group; as many come as go."""
    usable = np.flatnonzero(grouped.people.usable)
    nothing, other = len(kinds), len(kinds) + 1
    names = (*kinds, NOTHING, MORE)
    mine = np.full(grouped.people.count, -1)
    mine[usable] = np.arange(len(usable))
    held = replace(steps, person=mine[steps.person])
    table = layers(held, grouped.group[usable], params["steps"], params["rare"], nothing, other)
    rows = []
    places = [[params["start_as"]]]
    codes = np.zeros((len(usable), 1), np.int64)
    for at in range(params["steps"]):
        places.append([f"{at + 1} · {name}" for name in names])
    places.append(list(grouped.names))
    codes = np.column_stack([codes, table, grouped.group[usable]])
    for at in range(codes.shape[1] - 1):
        pair = codes[:, at] * len(places[at + 1]) + codes[:, at + 1]
        for cell, people in zip(*np.unique(pair, return_counts=True), strict=True):
            one, two = divmod(int(cell), len(places[at + 1]))
            rows.append({"from": places[at][one], "to": places[at + 1][two], "patients_going": int(people)})
    notes = (
        f"The first {params['steps']} steps after {params['start_as']}; one kind in a row is one step.",
        f"{MORE}: where fewer than {params['rare']} patients went the same way, from there to the end.",
    )
    title = "From one step of care to the next, and to the outcome"
    return people_table(
        "pathways", title, rows, ("from", "to"), notes=notes, output=Output.PATHWAY, count="patients_going"
    )


def _variants(grouped: Grouped, steps: Steps, kinds: tuple[str, ...], params: Params) -> ResultTable:
    people = grouped.people
    variant, sizes, example = variants(steps, people.count)
    size = np.bincount(variant[people.usable], minlength=len(sizes))
    many = [i for i in np.argsort(-size, kind="stable")[:SHOWN] if size[i] >= params["rare"]]
    whole = int(size.sum())
    rows = [with_share({"path": ALL}, whole, whole, FOLLOWING)]
    for i, path in zip(many, sequences(steps, example[many], kinds), strict=True):
        rows.append(with_share({"path": " > ".join(path) or NOTHING}, int(size[i]), whole, FOLLOWING))
    rows.append(with_share({"path": REST}, whole - int(size[many].sum()), whole, FOLLOWING))
    notes = (f"The first {params['steps']} steps of each path; those of few patients are told together.",)
    measures, title = ("share", "low", "high"), "The most frequent paths"
    return people_table("paths", title, rows, ("path",), measures, notes, count=FOLLOWING)


def _gaps(steps: Steps, kinds: tuple[str, ...], params: Params) -> ResultTable:
    before, after, days = first_times(steps)
    rows = []
    cell = (before + 1) * (len(kinds) + 1) + after
    for code in np.unique(cell):
        mine = np.sort(days[cell == code])
        one, two = divmod(int(code), len(kinds) + 1)
        if len(mine) < params["rare"]:
            continue
        row: Row = {"earlier": params["start_as"] if one == 0 else kinds[one - 1], "later": kinds[two]}
        row["patients_waiting"] = len(mine)
        for name, part in (("lower_quarter", 0.25), ("median", 0.5), ("upper_quarter", 0.75)):
            # A day that somebody waited, so that the people at or beyond it can be counted.
            value = float(np.quantile(mine, part, method="inverted_cdf"))
            row[name] = value
            row[f"{name}_below"] = int((mine <= value).sum())
            row[f"{name}_above"] = int((mine >= value).sum())
        rows.append(row)
    rows.sort(key=lambda row: -row["patients_waiting"])
    names = ("lower_quarter", "median", "upper_quarter")
    measures = tuple(
        Measure(name, "patients_waiting", beyond=(f"{name}_below", f"{name}_above")) for name in names
    )
    columns = (
        "earlier",
        "later",
        "patients_waiting",
        *(f"{n}{end}" for n in names for end in ("", "_below", "_above")),
    )
    data = pa.table({name: [row[name] for row in rows] for name in columns}) if rows else _no_gaps(columns)
    notes = (
        "Days from one step to the next, of each patient the first time. Half lie between the quarters.",
    )
    return ResultTable(
        "gaps", "Days between one step of care and the next", Output.POSITION, data,
        ("earlier", "later"), ("patients_waiting",), measures, notes,
    )  # fmt: skip


def _no_gaps(columns: Sequence[str]) -> pa.Table:
    text = ("earlier", "later")
    return pa.table({n: pa.array([], pa.string() if n in text else pa.int64()) for n in columns})


def _care(grouped: Grouped, events: Events, mine: Bools, horizon: float) -> ResultTable:
    """Days in hospital and cost, all of them and for each year that the group was followed."""
    count = grouped.people.count
    person = events.person[mine]
    stay = np.bincount(person, events.stay[mine], count)
    pence = np.bincount(person, events.pence[mine], count)
    years = grouped.people.time(horizon)[0] / YEAR
    whole = [(ALL, grouped.people.usable)]
    parts = [(grouped.names[i], grouped.group == i) for i in grouped.shown]
    rows = [_care_row(name, stay[of], pence[of] / 100, years[of]) for name, of in whole + parts]
    notes = ("Cost in pounds. A year: of those followed, until death or the end of follow-up.",)
    measures = (
        Measure("days_in_hospital", "patients", additive=True, largest=("days_1", "days_2")),
        Measure("cost", "patients", additive=True, largest=("cost_1", "cost_2")),
        Measure("days_per_year", "patients"),
        Measure("cost_per_year", "patients"),
        Measure("cost_per_patient", "patients"),
    )
    return ResultTable(
        "care", "Days in hospital and cost, by outcome group", Output.MAGNITUDE,
        pa.Table.from_pylist(rows), ("group",), ("patients",), measures, notes,
    )  # fmt: skip


def _care_row(name: str, stay: Any, pounds: Any, years: Any) -> Row:
    days_top, cost_top = (np.sort(np.append(values, [0.0, 0.0]))[::-1] for values in (stay, pounds))
    followed, people = float(years.sum()), len(stay)
    return {
        "group": name,
        "patients": people,
        "days_in_hospital": float(stay.sum()),
        "cost": round(float(pounds.sum()), 2),
        "days_per_year": float(stay.sum()) / followed if followed else None,
        "cost_per_year": float(pounds.sum()) / followed if followed else None,
        "cost_per_patient": float(pounds.sum()) / people if people else None,
        "days_1": float(days_top[0]),
        "days_2": float(days_top[1]),
        "cost_1": float(cost_top[0]),
        "cost_2": float(cost_top[1]),
    }
