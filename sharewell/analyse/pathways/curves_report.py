"""The findings of survival: curves with at-risk numbers, medians, and whether groups differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.finding import Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from .dates_report import caveats, dates_table, noted
from .durations import Bools, Curve, Floats, Ints, followed, grid, kaplan_meier, log_rank
from .roads import YEAR, People, doubtful, read_people

MOST_GROUPS = 200
"""Curves at most: with more, most would be of too few people, and the tables of no use."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Cohort:
    """People with a usable time: days followed, whether they died, and the group of each."""

    time: Floats
    died: Bools
    group: Ints
    names: tuple[tuple[str, ...], ...]
    by: tuple[str, ...]

    def of(self, group: int) -> tuple[Floats, Bools]:
        mine = self.group == group
        return self.time[mine], self.died[mine]


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from the rows of `survival.prepare`. FitError as `roads.read_people`, LANDMARK for one
    that is no day, GROUPS for over 200 curves, EMPTY where no date is right."""
    marks = _landmarks(params)
    people, checks = read_people(table, len(params["by"]))
    tables: list[ResultTable] = []
    charts: list[Chart] = []
    tests: list[Row] = []
    for depth in sorted({1, len(params["by"])}):
        cohort = cohort_by(people, params["by"][:depth], params["years"] * YEAR)
        tables += [_curves(cohort, params, marks), _medians(cohort, params)]
        charts.append(_chart(cohort, params))
        tests += _tests(cohort)
    if tests:
        tables.append(_log_rank(tests))
    told = caveats(checks, params["doubt"])
    if not people.usable.all():
        told.append("People with a date that cannot be right are in no curve.")
    if not cohort.died.any():
        told.append("Nobody died while followed: the curves stay at one, and no interval can be given.")
    doubt = doubtful(checks, params["doubt"])
    return Finding(
        (*noted(tables, doubt, params["doubt"]), dates_table(checks)),
        tuple(charts),
        _method(params),
        "Kaplan and Meier 1958, JASA 53:457; Mantel 1966, Cancer Chemotherapy Reports 50:163",
        tuple(told),
    )


def cohort_by(people: People, by: Sequence[str], horizon: float) -> Cohort:
    """Those whose dates can be right, grouped by the first columns that they are told apart by."""
    if not people.usable.any():
        raise FitError(Problem("EMPTY", "nobody has dates that can be right", "nobody can be followed"))
    time, died = people.time(horizon)
    code = np.zeros(people.count, np.int64)
    for held, values in people.by[: len(by)]:
        code = code * len(values) + held
    kept = people.usable
    found, group = np.unique(code[kept], return_inverse=True)
    if len(found) > MOST_GROUPS:
        what = f"{len(found):,} curves were asked for"
        raise FitError(
            Problem("GROUPS", what, f"at most {MOST_GROUPS} are made", "tell fewer apart in `by`")
        )
    names = []
    for number in found.tolist():
        parts: list[str] = []
        for _, values in reversed(people.by[: len(by)]):
            number, place = divmod(number, len(values))
            parts.append(values[place])
        names.append(tuple(reversed(parts)))
    return Cohort(time[kept], died[kept], group, tuple(names), tuple(by))


def _landmarks(params: Params) -> dict[str, float]:
    marks = params["landmarks"]
    wrong = [
        name for name, day in marks.items() if isinstance(day, bool) or not isinstance(day, int | float)
    ]
    wrong += [name for name, day in marks.items() if name not in wrong and not day > 0]
    if wrong:
        what = f"landmarks {', '.join(sorted(wrong))} are no days after the beginning"
        raise FitError(Problem("LANDMARK", what, fix="give each a number of days, such as 365"))
    return dict(marks)


def _curves(cohort: Cohort, params: Params, marks: dict[str, float]) -> ResultTable:
    """Every curve at the same days, so that the gate can hold a group against its parts; it is the gate
    that ends a curve where too few are followed."""
    days = grid(
        min(params["years"] * YEAR, float(cohort.time.max())), params["bin_days"], list(marks.values())
    )
    named = {round(day): name for name, day in marks.items()}
    rows: list[Row] = []
    for group, labels in enumerate(cohort.names):
        time, died = cohort.of(group)
        curve = kaplan_meier(time, died, params["scale"])
        told = dict(zip(cohort.by, labels, strict=True))
        # The first row is the beginning itself: a death on that very day is counted by the next.
        rows.append(told | _point(0, "", (len(time), 0), (1.0, np.nan, np.nan)))
        for day, risk, dead in zip(days, *followed(time, died, days)[:2], strict=True):
            if day:
                rows.append(told | _point(day, named.get(day, ""), (risk, dead), curve.at(day)))
    notes = (
        "Followed: known to be alive on that day; who is neither followed nor dead was lost to view."
        f" Interval: 95%, on the {params['scale']} scale. Days are in steps of {params['bin_days']}.",
    )
    measures = tuple(Measure(name, "followed") for name in ("survival", "low", "high"))
    return ResultTable(
        _name("survival", cohort), f"Survival by {' and '.join(cohort.by)}", Output.SURVIVAL, _arrow(rows),
        (*cohort.by, "day"), ("followed", "died"), measures, notes,
    )  # fmt: skip


def _point(day: int, mark: str, people: tuple[int, int], figures: tuple[float, float, float]) -> Row:
    survival, low, high = (None if np.isnan(figure) else float(figure) for figure in figures)
    counts = {"followed": int(people[0]), "died": int(people[1])}
    return {"day": str(day), "landmark": mark, **counts, "survival": survival, "low": low, "high": high}


_NUMBERS = ("survival", "low", "high", "median")


def _arrow(rows: list[Row]) -> pa.Table:
    """Rows as a table; a figure that nobody has is still a column of numbers."""
    made = pa.Table.from_pylist(rows)
    for place, name in enumerate(made.column_names):
        if name in _NUMBERS:
            made = made.set_column(place, name, made[name].cast(pa.float64()))
    return made


def _medians(cohort: Cohort, params: Params) -> ResultTable:
    rows: list[Row] = []
    for group, labels in enumerate(cohort.names):
        time, died = cohort.of(group)
        curve: Curve = kaplan_meier(time, died, params["scale"])
        row: Row = {
            **dict(zip(cohort.by, labels, strict=True)),
            "people": len(time),
            "deaths": int(died.sum()),
        }
        for name, day in zip(("median", "low", "high"), curve.median, strict=True):
            reached = not np.isnan(day)
            row[name] = day if reached else None
            row[f"{name}_below"] = int((time <= day).sum()) if reached else 0
            row[f"{name}_above"] = int((time >= day).sum()) if reached else 0
        rows.append(row)
    measures = tuple(
        Measure(name, "people", beyond=(f"{name}_below", f"{name}_above"))
        for name in ("median", "low", "high")
    )
    notes = ("Days by which half have died, with the 95% interval; none where fewer than half did.",)
    return ResultTable(
        _name("medians", cohort), f"Median survival by {' and '.join(cohort.by)}", Output.POSITION,
        _arrow(rows), cohort.by, ("people", "deaths"), measures, notes,
    )  # fmt: skip


def _tests(cohort: Cohort) -> list[Row]:
    found = log_rank(cohort.time, cohort.died, cohort.group)
    if found is None:
        return []
    return [
        {
            "compared": " and ".join(cohort.by),
            "chi_squared": found.chi2,
            "degrees": float(found.freedom),
            "p_value": found.p,
            "people": len(cohort.time),
            "residual": float(len(cohort.time) - found.freedom - 1),
        }
    ]


def _log_rank(rows: list[Row]) -> ResultTable:
    measures = tuple(Measure(name, "people") for name in ("chi_squared", "degrees", "p_value"))
    notes = ("Log-rank test: whether people of the groups live differently long.",)
    return ResultTable(
        "differences", "Do the groups differ?", Output.ESTIMATE, pa.Table.from_pylist(rows), ("compared",),
        ("people",), measures, notes, "residual",
    )  # fmt: skip


def _chart(cohort: Cohort, params: Params) -> Chart:
    fields = {"time": "day", "survival": "survival", "low": "low", "high": "high", "followed": "followed"}
    told = ("label",) if len(cohort.by) == 1 else ("panel", "label")
    fields |= dict(zip(told, cohort.by, strict=False))
    title = f"Share still alive after {params['start_as']}, by {' and '.join(cohort.by[:2])}"
    alt = "Stepped survival curves with their 95% intervals, and how many are still followed."
    return Chart("curves", _name("survival", cohort), title, fields, alt)


def _name(what: str, cohort: Cohort) -> str:
    return what if len(cohort.by) == 1 else f"{what}_by_{'_'.join(cohort.by)}"


def _method(params: Params) -> str:
    return (
        f"Kaplan-Meier from {params['start_as']}, people alive on {params['end_on']} counted until then and"
        f" nobody for longer than {params['years']:g} years; 95% intervals on the"
        f" {params['scale']} scale from Greenwood's variance. Curves are computed from days and shown in"
        " steps, so that no step is the death of one person."
    )
