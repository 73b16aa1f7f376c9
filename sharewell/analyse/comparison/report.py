"""The findings of a matched cohort: flow, common support, balance, arms, effect with its sensitivity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.finding import Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from ..result_table import result_table
from .bounds import tipping
from .cohort import read_cohort
from .effect import Comparison, compare
from .measures import measured
from .method_words import method_said
from .methods import agreeing
from .rates import Estimate, e_value
from .sensitivity import hidden_sets, sensitivity

MAIN = "Main analysis"
HIDDEN = "For chance to explain who had any"
ONE_SIDED = 0.025
Row = Mapping[str, Any]


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from one row a person (`cohort.read_cohort`). Raises FitError with every cause seen."""
    covariates = [*params["covariates"], *(["history"] if "history" in table.column_names else [])]
    years = ((params["follow_to"] - params["follow_from"]).days + 1) / 365.25
    others = [
        name for name in ("history", "early", "late", "days", "placebo") if name in table.column_names
    ]
    cohort = read_cohort(table, covariates, agreeing(params), years, params["least"], others)
    made = compare(cohort, params)
    if len(made.matches.treated) < params["least"]:
        what = f"fewer than {params['least']} treated people find anybody like them"
        fix = "widen the pool or the caliper, or match on less"
        raise FitError(Problem("TOO_SMALL", what, "an estimate would say little", fix))
    return Finding(
        (
            _flow(made),
            support_table(made),
            balance_table(made),
            _arms(made),
            _effect(made, params),
            _difference(made),
            *_measures(made, params),
            _unmeasured(made),
        ),
        (
            Chart(
                "forest",
                "effect",
                f"Rate ratio of {params['outcome_as']}",
                {"label": "analysis", "estimate": "rate_ratio", "low": "low", "high": "high"},
                "The rate ratio with its 95% confidence interval, by the main analysis and by others.",
            ),
            Chart(
                "love",
                "balance",
                "Are the two groups alike?",
                {"label": "covariate", "before": "smd_before", "after": "smd_after"},
                "Standardised differences of each covariate before and after matching.",
            ),
        ),
        method_said(params),
        "Stuart 2010, Statistical Science 25:1; Cameron, Gelbach and Miller 2011, JBES 29:238",
        made.given.notes,
    )


def _flow(made: Comparison) -> ResultTable:
    cohort, kept, found = made.cohort, made.treated, made.matches
    stages = [
        ("In the linked data", cohort.held),
        ("Eligible", cohort.eligible),
        ("Within common support", (int(kept.sum()), int((~kept).sum()))),
        ("Matched", (len(found.treated), len(np.unique(found.matched_controls)))),
    ]
    rows = (
        []
        if cohort.records is None
        else [
            {"group": "Records of the service", "stage": name, "number": size}
            for name, size in zip(("Submitted", "Linked"), cohort.records, strict=True)
        ]
    )
    for place, group in enumerate(("Treated people", "Comparison people")):
        rows += [{"group": group, "stage": stage, "number": sizes[place]} for stage, sizes in stages]
    return result_table(
        "flow",
        "From records submitted to people compared",
        Output.FLOW,
        rows,
        ("group", "stage"),
        ("number",),
    )


def support_table(made: Comparison, bands: int = 10) -> ResultTable:
    """How many of each group lie in each band of the score."""
    edges = np.quantile(made.scores[made.treated], np.linspace(0, 1, bands + 1)[1:-1])
    band = np.searchsorted(edges, made.scores, side="right")
    rows = [
        {
            "band": f"{i + 1} of {bands}",
            "treated": int((made.treated & (band == i)).sum()),
            "comparison": int((~made.treated & (band == i)).sum()),
        }
        for i in range(bands)
    ]
    notes = ("Each band holds as many of the treated, from least to most likely to be treated.",)
    return result_table(
        "support",
        "Common support: people by how likely they were to be treated",
        Output.FREQUENCY,
        rows,
        ("band",),
        ("treated", "comparison"),
        notes=notes,
    )


def balance_table(made: Comparison) -> ResultTable:
    """Means and standardised differences of each covariate, before and after matching."""
    held = made.balance
    rows = [
        {
            "covariate": name,
            "treated": held.treated_mean[i],
            "comparison_before": held.before_mean[i],
            "comparison_after": held.after_mean[i],
            "smd_before": held.before[i],
            "smd_after": held.after[i],
            "variance_ratio": held.variance_ratio[i],
            "people": int(held.people[i]),
        }
        for i, name in enumerate(held.names)
    ]
    measures = (
        "treated",
        "comparison_before",
        "comparison_after",
        "smd_before",
        "smd_after",
        "variance_ratio",
    )
    notes = (
        "Means of numbers, shares of levels; the commonest level of each is left out.",
        "Standardised by the standard deviation of the treated before matching.",
        "People: the fewest that a row rests on, in either arm.",
    )
    return result_table(
        "balance",
        "Balance before and after matching",
        Output.BALANCE,
        rows,
        ("covariate",),
        ("people",),
        measures,
        notes,
    )


def _arms(made: Comparison) -> ResultTable:
    compared = made.rows()
    rows = []
    for name, arm, at in (
        ("Treated", True, made.matches.treated),
        ("Comparison", False, np.unique(made.matches.matched_controls)),
    ):
        people = np.flatnonzero(made.given.kept)[at]
        outcome, years = made.cohort.outcome[people], made.cohort.years[people]
        rows.append(
            {
                "arm": name,
                "people": len(at),
                "with_any": int((outcome > 0).sum()),
                "outcomes": float(outcome.sum()),
                "person_years": float(years.sum()),
                "rate": compared.rate(arm),
            }
        )
    measures = (
        Measure("outcomes", "with_any"),
        Measure("person_years", "people"),
        Measure("rate", "with_any"),
    )
    notes = ("Rate: outcomes a person-year, each matched set counting once.",)
    return result_table(
        "arms",
        "The two groups after matching",
        Output.FREQUENCY,
        rows,
        ("arm",),
        ("people", "with_any"),
        measures,
        notes,
    )


def _effect(made: Comparison, params: Params) -> ResultTable:
    main = (MAIN, made.ratio(), len(made.matches.treated))
    rows = [
        {"analysis": label, **figures("rate_ratio", found), "people": people}
        for label, found, people in (main, *sensitivity(made, params))
    ]
    measures = ("rate_ratio", "low", "high", "p_value", "degrees_of_freedom")
    return result_table(
        "effect",
        f"Rate ratio of {params['outcome_as']}, and how it moves with the choices made",
        Output.ESTIMATE,
        rows,
        ("analysis",),
        ("people",),
        measures,
        degrees_of_freedom="degrees_of_freedom",
    )


def _difference(made: Comparison) -> ResultTable:
    label = "Difference in outcomes a person-year"
    rows = [
        {"measure": label, **figures("difference", made.difference()), "people": len(made.matches.treated)}
    ]
    title = "Difference between the groups, as matched"
    return _estimates("difference", title, rows, "difference")


def _measures(made: Comparison, params: Params) -> Iterable[ResultTable]:
    """The outcomes declared besides the rate, in one table."""
    people = len(made.matches.treated)
    rows = [
        {"measure": label, **figures("figure", found), "people": people}
        for label, found in measured(made, params)
    ]
    if rows:
        title = f"The same people by other measures of {params['outcome_as']}"
        yield _estimates("measures", title, rows, "figure", ("Not adjusted for the covariates.",))


def _estimates(
    name: str, title: str, rows: Sequence[Row], figure: str, notes: tuple[str, ...] = ()
) -> ResultTable:
    columns = (figure, "low", "high", "p_value", "degrees_of_freedom")
    by, counts, freedom = ("measure",), ("people",), "degrees_of_freedom"
    return result_table(name, title, Output.ESTIMATE, rows, by, counts, columns, notes, freedom)


def _unmeasured(made: Comparison) -> ResultTable:
    people, main = len(made.matches.treated), made.ratio()
    strengths = list(
        zip(("To explain the estimate", "To bring its interval to one"), e_value(main), strict=True)
    )
    notes = ["How many times likelier an unmeasured cause must make both treatment and outcome (E-value)."]
    if sets := hidden_sets(made):
        strengths.append((HIDDEN, tipping(sets, ONE_SIDED)))
        notes.append(
            f"{HIDDEN}: the odds, within a matched set, of being the treated one, up to which a difference"
            " in who had any stays significant (Rosenbaum bounds, exact); nought where it is not."
        )
    rows = [
        {"measure": label, "strength": bound, "people": people, "degrees_of_freedom": float(main.freedom)}
        for label, bound in strengths
    ]
    return result_table(
        "unmeasured",
        "How strong an unmeasured cause would have to be",
        Output.ESTIMATE,
        rows,
        ("measure",),
        ("people",),
        ("strength", "degrees_of_freedom"),
        tuple(notes),
        "degrees_of_freedom",
    )


def figures(name: str, found: Estimate) -> dict[str, float]:
    """An estimate as columns."""
    return {
        name: found.value,
        "low": found.low,
        "high": found.high,
        "p_value": found.p,
        "degrees_of_freedom": float(found.freedom),
    }
