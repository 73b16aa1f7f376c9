"""The findings of outcome groups: who ends where, by which road, how long that takes and what it costs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...plan.finding import ALL, Chart, Finding, ResultTable
from ...plan.recipe import Params
from .dates_report import caveats, dates_table, noted
from .roads import YEAR, Check, doubtful, read_events, read_people
from .roads_report import Grouped, road_tables
from .tables import people_table, with_share

NO_RULE = "No rule"
UNDATED = "A date cannot be right"
SEVERAL = "Several hold: the first is taken"


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from the rows of `outcome_groups.prepare`. FitError as `roads.read_people`."""
    event = pc.fill_null(table["event"], False)
    grouped, checks = group_people(table.filter(pc.invert(event)), params)
    events, more, history = read_events(table.filter(event), grouped.people, params["before"])
    checks = [*checks, *more]
    horizon = params["years"] * YEAR
    tables = [_rules(grouped), _groups(grouped)]
    tables += [_groups_by(grouped, i, name) for i, name in enumerate(params["by"])]
    charts = [_bars("groups", "share", "How it ended", "The share of patients in each outcome group.")]
    if len(events.kinds):
        tables += road_tables(grouped, events, horizon, params)
        flows = Chart(
            "sankey",
            "pathways",
            f"From {params['start_as']} to how it ended",
            {"from": "from", "to": "to", "value": "patients_going"},
            "How many patients go from each step of care to the next, and to which outcome.",
        )
        cost = "Cost of care for each year of follow-up, in pounds"
        charts = [flows, *charts, _bars("care", "cost_per_year", cost, "By group.")]
    doubt = doubtful(checks, params["doubt"])
    told = [*caveats(checks, params["doubt"], history), *_rule_caveats(grouped)]
    return Finding(
        (*noted(tables, doubt, params["doubt"]), dates_table(checks)),
        tuple(charts),
        _method(params),
        "Macmillan Cancer Support and NCIN 2014, Routes from Diagnosis",
        tuple(told),
    )


def group_people(table: pa.Table, params: Params) -> tuple[Grouped, list[Check]]:
    """People with the group of each; nobody whose dates cannot be right is in one of the rules'."""
    people, checks = read_people(table, len(params["by"]))
    place, group = table["place"].to_numpy(), table["group"].to_pylist()
    ordered = dict(sorted(set(zip(place.tolist(), group, strict=True))))
    rest = iter(sorted(set(params["groups"]) - set(ordered.values())))
    rules = len(params["groups"])
    names = [ordered[i] if i in ordered else next(rest) for i in range(rules)]
    found = np.where(people.usable, place, -1).astype(np.int64)
    return Grouped(people, found, (*names, NO_RULE), table["met"].to_numpy()), checks


def _rules(grouped: Grouped) -> ResultTable:
    """Whom the groups leave out, and how often rules overlap. No rule is a group, and stands with them."""
    usable, met = grouped.people.usable, grouped.met
    rows = [
        {"rules": ALL, "patients_seen": grouped.people.count},
        {"rules": "One rule at most holds", "patients_seen": int((usable & (met <= 1)).sum())},
        {"rules": SEVERAL, "patients_seen": int((usable & (met > 1)).sum())},
        {"rules": UNDATED, "patients_seen": int((~usable).sum())},
    ]
    return people_table(
        "rules", "How many rules of the table hold for a patient", rows, ("rules",), count="patients_seen"
    )


def _groups(grouped: Grouped) -> ResultTable:
    size = grouped.sizes
    rows = [with_share({"group": ALL}, int(size.sum()), int(size.sum()))]
    rows += [with_share({"group": grouped.names[i]}, int(size[i]), int(size.sum())) for i in grouped.shown]
    return people_table("groups", "Outcome groups", rows, ("group",), ("share", "low", "high"), _NOTES)


_NOTES = ("Of patients whose dates can be right. The share's 95% interval is Wilson's.",)


def _groups_by(grouped: Grouped, column: int, name: str) -> ResultTable:
    held, values = grouped.people.by[column]
    usable, groups = grouped.people.usable, len(grouped.names)
    cells = np.bincount((held * groups + grouped.group)[usable], minlength=len(values) * groups)
    cells = cells.reshape(len(values), -1)
    rows = []
    for label, size in [(ALL, cells.sum(axis=0)), *zip(values, cells, strict=True)]:
        whole = int(size.sum())
        rows.append(with_share({name: label, "group": ALL}, whole, whole))
        rows += [
            with_share({name: label, "group": grouped.names[i]}, int(size[i]), whole) for i in grouped.shown
        ]
    title = f"Outcome groups by {name}"
    return people_table(f"groups_by_{name}", title, rows, (name, "group"), ("share", "low", "high"), _NOTES)


def _bars(table: str, value: str, title: str, alt: str) -> Chart:
    return Chart("bar", table, title, {"label": "group", "value": value}, alt)


def _rule_caveats(grouped: Grouped) -> list[str]:
    usable, told = grouped.people.usable, []
    if (usable & (grouped.met > 1)).any():
        told.append("More than one rule holds for some patients: the first in the order written was taken.")
    if (usable & (grouped.met == 0)).any():
        told.append(f"No rule of the table holds for some patients: they stand under {NO_RULE!r}.")
    return told


def _method(params: Params) -> str:
    rules = "; ".join(f"{name}: {rule}" for name, rule in params["groups"].items())
    return (
        f"Each patient is in the group of the first rule that holds, counted from {params['start_as']} to"
        f" {params['end_on']}, events of the first {params['years']:g} years. The rules: {rules}."
    )
