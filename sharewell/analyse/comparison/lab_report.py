"""The findings of a matched comparison of reoffending: how far the list came, groups, three measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from ...plan.finding import Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from ..result_table import result_table
from .bounds import MOST, tipping, worst_p
from .lab_choices import choices
from .rates import Estimate
from .reoffending import TIME, Lab, Measured, measures, read_lab
from .report import Row, balance_table, figures, support_table

TREATED, COMPARED = "Took part", "Like them, did not"
DECLARED = "As declared"
SENT, RECORDED, INDEXED, ANALYSED = (
    "On the charity's list",
    "On the police record",
    "With an index sentence",
    "Analysed",
)
WITHSTANDS = "The result withstands up to"
GAMMAS = (1.0, 1.1, 1.25, 1.5, 2.0)
_PER_BAND = 20
"""Treated people a band of common support should hold at least, so that its counts may be told."""


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from a table of `index_sentence.prepare`. Raises FitError as `reoffending.read_lab`."""
    lab = read_lab(table, params)
    told = list(measures(lab, params))
    main = told[0].difference
    bands = int(np.clip(len(lab.made.matches.treated) // _PER_BAND, 2, 10))
    tables = [
        _groups(told),
        _differences(told, params),
        _list(lab),
        _pool(lab),
        _choices(lab, main, params),
        balance_table(lab.made),
        support_table(lab.made, bands),
    ]
    if told[0].telling and main.p <= params["significance"]:
        tables.append(_hidden(lab, main, params))
    return Finding(tuple(tables), tuple(_charts(params)), _method(params), _SOURCE, lab.made.given.notes)


_SOURCE = (
    "Ministry of Justice 2013, Justice Data Lab methodology paper; Stuart 2010, Statistical Science 25:1;"
    " Rosenbaum 2002, Observational Studies"
)


def _groups(told: list[Measured]) -> ResultTable:
    rate = told[0]
    rows = [
        {
            "group": name,
            "people": rate.people[arm],
            "reoffenders": rate.reoffenders[arm],
            "reoffend": (rate.treated, rate.comparison)[arm],
            "offences": (told[1].treated, told[1].comparison)[arm],
        }
        for arm, name in enumerate((TREATED, COMPARED))
    ]
    notes = (
        "Reoffend: of every 100 people. Offences: proven reoffences by every 100 people.",
        "Each matched set counts once, however many it holds.",
    )
    return result_table(
        "groups",
        "For every 100 people",
        Output.FREQUENCY,
        rows,
        ("group",),
        ("people", "reoffenders"),
        (Measure("reoffend", "reoffenders"), Measure("offences", "reoffenders")),
        notes,
    )


def _differences(told: list[Measured], params: Params) -> ResultTable:
    rows: list[Row] = []
    for each in told:
        shown = figures("difference", each.difference)
        if not each.telling:
            shown |= {"low": float("nan"), "high": float("nan"), "p_value": float("nan")}
        rows.append(
            {
                "measure": each.name,
                "took_part": each.treated,
                "did_not": each.comparison,
                **shown,
                "people": each.people[0],
                "reoffenders": min(each.reoffenders),
            }
        )
    notes = ["Difference: who took part less who did not. Low and high: 95% confidence interval."]
    if not any(each.name == TIME for each in told):
        notes.append(
            f"The time to the first is left out: fewer than {params['least_for_time']} people of a group"
            " reoffended."
        )
    if not told[0].telling:
        notes.append("Too few people for an interval or words on significance.")
    return result_table(
        "measures",
        "Three measures of proven reoffending within a year",
        Output.ESTIMATE,
        rows,
        ("measure",),
        ("people", "reoffenders"),
        ("took_part", "did_not", "difference", "low", "high", "p_value", "degrees_of_freedom"),
        tuple(notes),
        "degrees_of_freedom",
    )


def _list(lab: Lab) -> ResultTable:
    told = lab.listed
    stages = (
        (SENT, told.sent), (RECORDED, told.recorded), (INDEXED, told.indexed),
        (ANALYSED, len(lab.made.matches.treated)),
    )  # fmt: skip
    return _flow("list", "From the charity's list to the people analysed", stages)


def _pool(lab: Lab) -> ResultTable:
    kept = lab.made.treated
    stages = (
        ("Sentenced in the window, and not on the list", lab.made.cohort.eligible[1]),
        ("Resemble somebody who took part", int((~kept).sum())),
        ("Matched", len(np.unique(lab.made.matches.matched_controls))),
    )
    return _flow("pool", "Whom they are compared with", stages)


def _flow(name: str, title: str, stages: Iterable[tuple[str, int]]) -> ResultTable:
    rows = [{"stage": stage, "people": people} for stage, people in stages]
    return result_table(name, title, Output.FLOW, rows, ("stage",), ("people",))


def _choices(lab: Lab, main: Estimate, params: Params) -> ResultTable:
    found = [(DECLARED, main, len(lab.made.matches.treated)), *choices(lab, main, params)]
    rows = [
        {"analysis": label, **figures("difference", estimate), "people": people}
        for label, estimate, people in found
    ]
    return result_table(
        "choices",
        "How the difference moves with the choices made (percentage points)",
        Output.ESTIMATE,
        rows,
        ("analysis",),
        ("people",),
        ("difference", "low", "high", "p_value", "degrees_of_freedom"),
        degrees_of_freedom="degrees_of_freedom",
    )


def _hidden(lab: Lab, main: Estimate, params: Params) -> ResultTable:
    sets, people = lab.sets(), len(lab.made.matches.treated)
    level = params["significance"] / 2  # one-sided, to go with a two-sided interval
    holds = tipping(sets, level)
    rows: list[Row] = [{"bias": WITHSTANDS, "odds": holds, "p_value": level}] if 1 <= holds < MOST else []
    rows += [
        {"bias": f"If one were {gamma:g} times as likely", "odds": gamma, "p_value": worst_p(sets, gamma)}
        for gamma in GAMMAS
    ]
    rows = [{**row, "people": people, "degrees_of_freedom": float(main.freedom)} for row in rows]
    notes = (
        "How many times as likely a cause not recorded makes one of two matched people to take part.",
        "P value: at worst, one-sided (Rosenbaum bounds, exact).",
    )
    return result_table(
        "hidden",
        "How strong a hidden cause would have to be",
        Output.ESTIMATE,
        rows,
        ("bias",),
        ("people",),
        ("odds", "p_value", "degrees_of_freedom"),
        notes,
        "degrees_of_freedom",
    )


def _charts(params: Params) -> Iterator[Chart]:
    yield Chart(
        "hundred",
        "groups",
        "Of 100 typical people, how many committed a proven reoffence within a year?",
        {"label": "group", "value": "reoffend"},
        "A hundred figures for each group, those who committed a proven reoffence filled.",
    )
    yield Chart(
        "flow",
        "list",
        "How far the list came",
        {"label": "stage", "value": "people"},
        "How many participants remain at each stage, from the charity's list to the analysis.",
    )
    yield Chart(
        "forest",
        "choices",
        "Had other choices been made (percentage points)",
        {
            "label": "analysis",
            "estimate": "difference",
            "low": "low",
            "high": "high",
            "scale": "difference",
        },
        "The difference in the rate with its 95% confidence interval, as declared and otherwise.",
    )
    yield Chart(
        "lights",
        "balance",
        "Are the two groups alike?",
        {
            "label": "covariate",
            "before": "smd_before",
            "after": "smd_after",
            "green": f"{params['green']:g}",
            "amber": f"{params['amber']:g}",
        },
        "Standardised differences of each covariate before and after matching, by green, amber and red.",
    )


def _method(params: Params) -> str:
    caliper = "no caliper" if params["caliper"] is None else f"a caliper of {params['caliper']:g}"
    pool = "of the same region" if params["controls"] == "regional" else "of the whole country"
    exact = f" Matches agree on {', '.join(params['exact'])}." if params["exact"] else ""
    stated = f" Stated beforehand: {params['hypothesis']}." if params["hypothesis"] else ""
    return (
        f"Index sentences from {params['window_from']:%-d %B %Y} to {params['window_to']:%-d %B %Y}: of"
        " participants the last on or before the programme began, of others the first. A proven reoffence"
        f" was committed within {params['follow_days']} days and proven within them or"
        f" {params['settle_days']} more. Logistic propensity score; nearest neighbour, {params['ratio']} to"
        f" 1, {'with' if params['replace'] else 'without'} replacement, {caliper}, order"
        f" {params['order']}, tie rule {params['tie']}; comparison people {pool}.{exact} Differences of"
        f" means, each matched set counting once; errors clustered by set.{stated}"
    )
