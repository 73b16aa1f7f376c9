"""The tables and pictures of an association."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ...plan.finding import Chart, Finding, Fitted, Measure, Output, ResultTable
from ...plan.recipe import Params
from .mixed import MIXED, Slope, fit_slope
from .rows import Rows, read_rows

MAIN, UNADJUSTED = "Adjusted", "Unadjusted"


def fit(table: pa.Table, params: Params) -> Finding:
    """Tables `estimate` and, where bands are given, `bands`. FitError as `read_rows` and `fit_slope`."""
    rows = read_rows(table, list(params["covariates"]), params["least"])
    factor = rows.factor[:, None]
    found = {UNADJUSTED: fit_slope(rows.outcome, factor, rows.cluster)}
    found[MAIN] = fit_slope(rows.outcome, np.column_stack([factor, rows.matrix]), rows.cluster)
    tables = [_estimate(found, params), *([_bands(rows, params)] if params["bands"] else [])]
    what, on = params["factor_as"], params["outcome_as"]
    charts = [
        Chart(
            "forest",
            "estimate",
            f"Difference in {on} for one more of {what}",
            {
                "label": "analysis",
                "estimate": "difference",
                "low": "low",
                "high": "high",
                "scale": "difference",
            },
            f"The difference in {on} that goes with one more of {what}, with and without what else"
            " is known, each with its 95% interval, about a line at no difference.",
        )
    ]
    if params["bands"]:
        title, alt = f"Mean {on} by {what}", f"A bar for each band of {what}: the mean {on} in it."
        charts.append(Chart("gap", "bands", title, {**_INTERVAL, "label": "band"}, alt))
    method = _method(found[MAIN], rows, params)
    source = "Laird and Ware 1982; Liang and Zeger 1986"
    return Finding(tuple(tables), tuple(charts), method, source, tuple(_caveats(rows, found[MAIN])))


_INTERVAL = {"value": "mean", "low": "low", "high": "high"}


def _estimate(found: dict[str, Slope], params: Params) -> ResultTable:
    rows = [
        {
            "analysis": name,
            "people": slope.people,
            "difference": slope.value,
            "low": slope.low,
            "high": slope.high,
            "p": slope.p,
            "free": slope.clusters - slope.parameters,
        }
        for name, slope in found.items()
    ]
    main = found[MAIN]
    return ResultTable(
        "estimate",
        f"Difference in {params['outcome_as']} for one more of {params['factor_as']}",
        Output.REGRESSION,
        pa.Table.from_pylist(rows),
        ("analysis",),
        ("people",),
        tuple(Measure(name, "people") for name in ("difference", "low", "high", "p", "free")),
        (f"Adjusted for {', '.join(params['covariates']) or 'nothing else'}.",),
        degrees_of_freedom="free",
        overlapping=("analysis",),
        fitted=Fitted(main.people, main.parameters, explained=main.explained),
    )


def _bands(rows: Rows, params: Params) -> ResultTable:
    """Means of the outcome by band of the factor: what a reader can check the line by."""
    from scipy.stats import t

    edges = sorted(params["bands"].items(), key=lambda pair: pair[1])
    place = np.searchsorted([edge for _, edge in edges], rows.factor, side="right") - 1
    told: list[dict[str, Any]] = []
    for i, (name, _) in enumerate(edges):
        mine = rows.outcome[place == i]
        sure = mine.size > 1
        mean = float(mine.mean()) if mine.size else None
        half = float(t.ppf(0.975, mine.size - 1) * mine.std(ddof=1) / mine.size**0.5) if sure else None
        told.append(
            {
                "band": name,
                "people": int(mine.size),
                "mean": mean,
                "low": None if mean is None or half is None else mean - half,
                "high": None if mean is None or half is None else mean + half,
            }
        )
    schema = pa.schema(
        [("band", pa.string()), ("people", pa.int64())]
        + [(name, pa.float64()) for name in ("mean", "low", "high")]
    )
    # The mean of a yes/no tells a number of people, and is judged as one.
    is_share = bool(np.isin(rows.outcome, (0.0, 1.0)).all())
    below = int((place < 0).sum())
    notes = (f"{below} people lie below the lowest band.",) if below >= params["least"] else ()
    return ResultTable(
        "bands",
        f"Mean {params['outcome_as']} by {params['factor_as']}, unadjusted",
        Output.ESTIMATE,
        pa.Table.from_pylist(told, schema),
        ("band",),
        ("people",),
        (Measure("mean", "people", share=is_share), Measure("low", "people"), Measure("high", "people")),
        notes,
    )


def _method(main: Slope, rows: Rows, params: Params) -> str:
    said = f"Of {rows.given:,} people {len(rows.outcome):,} were used: {main.method}"
    said += f", adjusted for {', '.join(params['covariates']) or 'nothing else'}."
    if rows.cluster is not None and main.method != MIXED:
        said += " A mixed model did not settle, so the simpler one stands in for it."
    return said


def _caveats(rows: Rows, main: Slope) -> list[str]:
    found = []
    if rows.no_outcome:
        found.append("People of whom the outcome is not known are left out; they may differ from the rest.")
    if rows.no_covariate:
        found.append("People of whom something else in the model is not known are left out.")
    found += [f"{name} is alike for everybody, and is left out of the model." for name in rows.constant]
    if rows.cluster is not None and main.method != MIXED:
        found.append("Hardly anybody shares a home here: what homes share could not be told apart.")
    return found
