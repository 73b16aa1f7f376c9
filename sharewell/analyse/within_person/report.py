"""The finding of a study within people: flow, rates before and after, ratios, other models and placebos."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.finding import Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from ..result_table import result_table
from .effect import Analysis, Ratio, Side, analyse, holm, only_improved, per_thousand, sides
from .panel import months_of
from .study import Study, read_study

Row = Mapping[str, Any]
Sides = Mapping[str, Side]
_ESTIMATE = ("rate_ratio", "low", "high", "p_value", "p_holm", "degrees_of_freedom")


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from the table of `preparing.prepare`. Raises FitError with every cause seen."""
    study = read_study(table, params)
    months = months_of(study)
    made = analyse(study, params, months=months)
    found = {kind: sides(made, place) for place, kind in enumerate(study.kinds)}
    told = {kind: side for kind, side in found.items() if side.within >= params["least"]}
    if not told:
        raise FitError(_too_few(params))
    notes = [*study.notes, *_unreported(made, told, params)]
    models, failed = _models(study, made, params)
    lead = analyse(study, params, months=months, lead=True)
    early = [ratio for ratio in lead.ratios if ratio.change.endswith(", a year early")]
    tables = [
        _flow(study, made),
        _rates(told),
        _ratios(made.ratios, told, params),
        _estimates("models", "The same by other models and choices", models, told, "analysis"),
        _estimates("placebo_date", "Placebo: the year before each change", [("", early)], told),
    ]
    if study.placebo is not None:
        other = analyse(study, params, months=months, happened=study.placebo)
        tables.append(
            _estimates(
                "placebo_outcome",
                f"Placebo: rate ratio of {params['placebo_as'] or 'the placebo outcome'}",
                [("", other.ratios)],
                {kind: sides(other, place) for place, kind in enumerate(study.kinds) if kind in told},
            )
        )
    return Finding(
        tuple(tables),
        _charts(params, study.placebo is not None),
        _method(study, params),
        "Hausman, Hall and Griliches 1984, Econometrica 52:909; Wooldridge 1999, Journal of Econometrics"
        " 90:77; Rodgers et al. 2018, Public Health Research 6:12",
        (*notes, *failed),
    )


def _too_few(params: Params) -> Problem:
    """Without the number there was: it may be of very few people."""
    return Problem(
        "TOO_SMALL",
        f"no change has {params['least']} people with an event who lived through it",
        "there is nothing that could be reported of any",
        "follow for longer, or put kinds of change together",
    )


def _models(
    study: Study, made: Analysis, params: Params
) -> tuple[list[tuple[str, Sequence[Ratio]]], list[str]]:
    """The other models, and a caveat for each that gives no answer."""
    asked: dict[str, Callable[[], Sequence[Ratio]]] = {
        "Homes changed at some time only": lambda: analyse(only_improved(study), params).ratios,
        "With no month left out": lambda: analyse(study, params, washout=0).ratios,
        "Three months left out": lambda: analyse(study, params, washout=3).ratios,
    }
    if params["sensitivity"] == "negative binomial":
        asked = {"Negative binomial (NB2)": made.dispersed, **asked}
    if study.improved.all():
        del asked["Homes changed at some time only"]
    done: list[tuple[str, Sequence[Ratio]]] = []
    failed = []
    for name, model in asked.items():
        try:
            done.append((name, model()))
        except FitError as error:
            failed.append(f"{name}: no answer, because {error.problems[0].what}.")
    return done, failed


def _flow(study: Study, made: Analysis) -> ResultTable:
    person = made.panel.months.person[made.panel.kept]
    events = np.bincount(person, made.happened[made.panel.kept], len(study.home)) > 0
    rows = [{"group": "Records of changes", "stage": "Submitted", "number": study.records[0]}]
    rows += [
        {
            "group": "Records of changes",
            "stage": "At the home of somebody looked at",
            "number": study.records[1],
        }
    ]
    rows += [{"group": "Everybody", "stage": stage, "number": number} for stage, number in study.flow]
    for group, theirs in (
        ("People in changed homes", study.improved),
        ("People in other homes", ~study.improved),
    ):
        rows.append({"group": group, "stage": "Looked at", "number": int(theirs.sum())})
        rows.append({"group": group, "stage": "With any event", "number": int((theirs & events).sum())})
    return _table(
        "flow", "From the linked data to those compared", Output.FLOW, rows, ("group", "stage"), ("number",)
    )


def _rates(told: Sides) -> ResultTable:
    rows = []
    for kind, side in told.items():
        before, after = (
            1_000 * e / y if y else math.nan for e, y in zip(side.events, side.years, strict=True)
        )
        rows.append(
            {
                "change": kind,
                "people": side.people,
                "with_event": side.with_event,
                "events_before": side.events[0],
                "person_years_before": side.years[0],
                "rate_before": before,
                "events_after": side.events[1],
                "person_years_after": side.years[1],
                "rate_after": after,
            }
        )
    measures = [
        Measure(f"{name}_{side}", "people" if name == "person_years" else "with_event")
        for side in ("before", "after")
        for name in ("events", "person_years", "rate")
    ]
    return _table(
        "rates",
        "Rates per 1,000 person-years before and after each change, not adjusted",
        Output.MAGNITUDE,
        rows,
        ("change",),
        ("people", "with_event"),
        measures,
        ("Time passed, and other changes were made: the difference is not the effect of the change.",),
    )


def _ratios(ratios: Sequence[Ratio], told: Sides, params: Params) -> ResultTable:
    shown = [ratio for ratio in ratios if ratio.change in told]
    rows = []
    for row, ratio in zip(_estimate_rows(shown, told), shown, strict=True):
        after = told[ratio.change].events[1] / max(told[ratio.change].years[1], 1e-9)
        limits = {"per_1000": ratio.value, "per_1000_low": ratio.low, "per_1000_high": ratio.high}
        rows.append({**row, **{name: per_thousand(value, after) for name, value in limits.items()}})
    notes = (
        "People: those with an event who lived through the change, on whom the ratio rests.",
        "p_holm: adjusted for all kinds being looked at. Intervals are for one kind at a time.",
        "per_1000: events per 1,000 person-years more (under zero: fewer) than without the change.",
    )
    return _table(
        "ratios",
        f"Rate ratio of {params['outcome_as']} after each change, all in one model",
        Output.ESTIMATE,
        rows,
        ("change",),
        ("people",),
        (*_ESTIMATE, "per_1000", "per_1000_low", "per_1000_high"),
        notes,
    )


def _estimates(
    name: str, title: str, models: Sequence[tuple[str, Sequence[Ratio]]], told: Sides, by: str = ""
) -> ResultTable:
    rows = []
    for label, ratios in models:
        shown = [ratio for ratio in ratios if ratio.change.removesuffix(", a year early") in told]
        rows += [{**({by: label} if by else {}), **row} for row in _estimate_rows(shown, told)]
    dimensions = (by, "change") if by else ("change",)
    return _table(name, title, Output.ESTIMATE, rows, dimensions, ("people",), _ESTIMATE)


def _estimate_rows(shown: Sequence[Ratio], told: Sides) -> list[dict[str, Any]]:
    adjusted = holm([ratio.p for ratio in shown]) if shown else np.zeros(0)
    return [
        {
            "change": ratio.change.removesuffix(", a year early"),
            "people": told[ratio.change.removesuffix(", a year early")].within,
            "rate_ratio": ratio.value,
            "low": ratio.low,
            "high": ratio.high,
            "p_value": ratio.p,
            "p_holm": float(p),
            "degrees_of_freedom": float(ratio.freedom),
        }
        for ratio, p in zip(shown, adjusted, strict=True)
    ]


def _unreported(made: Analysis, told: Sides, params: Params) -> list[str]:
    few = [kind for kind in made.study.kinds if kind not in told and kind not in made.dropped]
    notes = []
    if few:
        notes.append(
            f"Not reported, because fewer than {params['least']} people with an event lived through it:"
            f" {', '.join(few)}."
        )
    if made.dropped:
        notes.append(
            f"Not in the model, because no event fell on one side of it: {', '.join(made.dropped)}."
        )
    return notes


def _charts(params: Params, placebo: bool) -> tuple[Chart, ...]:
    fields = {"label": "change", "estimate": "rate_ratio", "low": "low", "high": "high"}
    asked = [
        ("ratios", f"Rate ratio of {params['outcome_as']} after each change", "after each kind of change"),
        (
            "placebo_date",
            "Placebo: had anything moved in the year before?",
            "in the year before each change",
        ),
    ]
    if placebo:
        what = params["placebo_as"] or "what no change can move"
        asked.append(("placebo_outcome", f"Placebo: {what}", f"of {what} after each change"))
    return tuple(
        Chart("forest", table, title, fields, f"The rate ratio {alt}, with its 95% confidence interval.")
        for table, title, alt in asked
    )


def _method(study: Study, params: Params) -> str:
    parts = [
        "Months at risk compared within the same person by conditional Poisson regression, all kinds of"
        f" change in one model, with calendar year, {'month, ' if params['season'] else ''}and age in bands"
        " as they change; errors clustered by home.",
        f"People aged {params['from_age']} or over, from moving in, birth or the start of follow-up to"
        " death or its end.",
        f"The first {params['washout_months']} month(s) from a change on are left out."
        if params["washout_months"]
        else "",
        f"At most {params['comparison']:,} people in homes never changed, of the same regions, share the"
        " calendar." if not study.improved.all() else "",
        f"Stated beforehand: {params['hypothesis']}" if params["hypothesis"] else "",
    ]  # fmt: skip
    return " ".join(part for part in parts if part)


def _table(
    name: str,
    title: str,
    output: Output,
    rows: Sequence[Row],
    by: tuple[str, ...],
    counts: tuple[str, ...],
    measures: Sequence[str | Measure] = (),
    notes: tuple[str, ...] = (),
) -> ResultTable:
    freedom = "degrees_of_freedom" if "degrees_of_freedom" in measures else None
    return result_table(name, title, output, rows, by, counts, measures, notes, freedom)
