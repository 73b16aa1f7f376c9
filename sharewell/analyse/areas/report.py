"""The finding about small areas: ranks and their map, larger areas, coefficients, held-out validation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ...plan.finding import Chart, Finding, Fitted, Measure, Output, ResultTable
from ...plan.recipe import Params
from .analysis import Analysis, analyse
from .fitting import Model

DISCRIMINATION, BRIER, BASE, SLOPE = (
    "Discrimination (area under the curve)",
    "Brier score of the model",
    "Brier score of knowing only how common it is",
    "Calibration slope",
)
_PEOPLE = "People: those counted who live there, not those it happened to."
ECOLOGICAL = "What holds for an area need not hold for any person in it."
UNSURE = (
    "An interval holds what the size of the survey leaves open, and by how much people may differ in"
    " what only"
    " the survey asks. It does not hold that people alike in all this may fare otherwise in another area."
)


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from the prepared table (`reading.read`). Raises FitError with every cause seen."""
    made = analyse(table, params)
    tables = (_ranks(made), *_larger(made), _coefficients(made), _bands(made), _validation(made))
    source = "Iparraguirre 2016; Rao and Molina 2015; Goldstein and Spiegelhalter 1996; Binder 1983"
    return Finding(tables, _charts(made), _method(made), source, _caveats(made))


def first_name(params: Params) -> str:
    """What the areas ranked first are called: the likeliest tenth, where `top` is 0.1."""
    share = params["top"]
    return {0.1: "likeliest tenth", 0.2: "likeliest fifth", 0.25: "likeliest quarter"}.get(
        share, f"likeliest {share:.0%}"
    )


def _ranks(made: Analysis) -> ResultTable:
    counted, placed = made.counted, made.ranked
    columns: dict[str, Any] = {"area": counted.areas, **counted.within, "people": counted.size}
    columns |= {"rank": placed.rank, "rank_low": placed.low, "rank_high": placed.high, "tier": made.tier}
    columns |= {"index": np.round(made.index, 3), "sure_of_first": np.round(placed.sure, 3)}
    for name, near in made.nearer.items():
        columns |= {f"{name}_rank": near.rank, f"{name}_low": near.low, f"{name}_high": near.high}
    figures = [name for name in columns if name not in ("area", "people", *counted.within)]
    data = pa.table(columns).sort_by("rank")
    notes = [
        f"Rank 1: the area where people are likeliest to be {made.params['outcome_as']}. Low and high:"
        " 95 of 100"
        f" simulations of the survey put it there.",
        "Index: how likely people of the area are, against everybody counted (1). No number of people"
        " can be had"
        " from it.",
        f"Sure of first: share of simulations in which the area is in the {first_name(made.params)}.",
        f"Tier: 5 is the {first_name(made.params)}, 4 the rest of the first quarter, 3 to 1 the others.",
        _PEOPLE,
        *made.params["caveats"].values(),
    ]
    if counted.few:
        notes.append(
            f"Areas with fewer than {made.params['least']} people counted are not ranked: {counted.few:,}."
        )
    return ResultTable(
        "ranks", "Areas in the order of the model", Output.RISK, data, ("area",), ("people",),
        tuple(Measure(name, "people") for name in figures), tuple(notes),
    )  # fmt: skip


def _larger(made: Analysis) -> Iterable[ResultTable]:
    """For each kind of larger area: how many of its areas are among the first."""
    counted, top = made.counted, max(1, round(made.params["top"] * len(made.counted.areas)))
    for name, where in counted.within.items():
        rows = []
        for place in sorted(set(where)):
            here = np.array([one == place for one in where])
            people = counted.size[here]
            rows.append(
                {
                    name: place,
                    "people": int(people.sum()),
                    "areas": int(here.sum()),
                    "areas_among_first": int((made.ranked.rank[here] <= top).sum()),
                    "index": round(float(np.average(made.index[here], weights=people)), 3),
                }
            )
        yield ResultTable(
            f"{name}s", f"How many areas of each {name} are in the {first_name(made.params)}", Output.RISK,
            pa.Table.from_pylist(rows), (name,), ("people",),
            tuple(Measure(column, "people") for column in ("areas", "areas_among_first", "index")),
            (_PEOPLE, *made.params["caveats"].values()),
        )  # fmt: skip


def _coefficients(made: Analysis) -> ResultTable:
    full, used, asked = made.full, made.used, made.respondents
    scored = dict(zip(used.terms, used.coefficients.tolist(), strict=True))
    rows = len(asked.outcome)
    table = [
        {
            "term": term,
            "respondents": _behind(made.matrix[:, at], rows),
            **_log_odds(full, at),
            "published": made.params["published"].get(term),
            "used": scored.get(term),
            "degrees_of_freedom": float(rows - len(full.terms)),
        }
        for at, term in enumerate(full.terms)
    ]
    names = [
        f"{p.name} {p.levels[0]}"
        for p in (*asked.predictors, *asked.tested)
        if p.levels and len(p.terms) > 1
    ]
    notes = (
        f"Log-odds of being {made.params['outcome_as']}, with 95% intervals, everything in one model."
        f" Compared with: {', '.join(names)}.",
        "Used: the log-odds that made the ranks, fitted again without what only the survey asks.",
        f"Respondents left out because an answer is missing: {asked.missing:,}." if asked.missing else "",
    )
    figures = ("log_odds", "low", "high", "p_value", "published", "used")
    return ResultTable(
        "coefficients", "What went with it in the survey", Output.REGRESSION, _typed(table), ("term",),
        ("respondents",),
        tuple(Measure(name, "respondents") for name in figures), tuple(note for note in notes if note),
        degrees_of_freedom="degrees_of_freedom", fitted=Fitted(rows, len(full.terms)),
    )  # fmt: skip


def _typed(rows: list[dict[str, Any]]) -> pa.Table:
    """Figures that no row has are still figures."""
    kinds = {str: pa.string(), int: pa.int64()}
    return pa.table(
        {
            name: pa.array([row[name] for row in rows], kinds.get(type(rows[0][name]), pa.float64()))
            for name in rows[0]
        }
    )


def _behind(column: Any, rows: int) -> int:
    """Respondents behind a coefficient: those in the category; of a number, all."""
    return int(column.sum()) if np.isin(column, (0.0, 1.0)).all() else rows


def _log_odds(model: Model, at: int) -> Mapping[str, float]:
    low, high = model.interval(at)
    value = float(model.coefficients[at])
    return {"log_odds": value, "low": low, "high": high, "p_value": model.p_value(at)}


def _bands(made: Analysis) -> ResultTable:
    rows = [
        {
            "band": band.name,
            "respondents": band.people,
            "predicted": band.predicted,
            "observed": band.observed.value,
            "low": band.observed.low,
            "high": band.observed.high,
        }
        for band in made.validation.bands
    ]
    least = made.params["least"]
    notes = (
        "Respondents in tenths by what a model that had not seen them predicted, the lowest first."
        " Tenths are"
        f" joined until {least} or more respondents are {made.params['outcome_as']}.",
    )
    measures = (
        Measure("observed", "respondents", share=True),
        *(Measure(n, "respondents") for n in ("predicted", "low", "high")),
    )
    return ResultTable(
        "calibration", "Predicted and observed share, by tenth of what was predicted", Output.MAGNITUDE,
        pa.Table.from_pylist(rows), ("band",), ("respondents",), measures, notes,
    )  # fmt: skip


def _validation(made: Analysis) -> ResultTable:
    held, rows = made.validation, len(made.respondents.outcome)
    named = {DISCRIMINATION: held.auc, BRIER: held.brier, BASE: held.base, SLOPE: held.slope}
    table = [
        {
            "figure": name,
            "respondents": rows,
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "degrees_of_freedom": float(rows - len(made.used.terms)),
        }
        for name, figure in named.items()
    ]
    notes = (
        f"On respondents that the model had not seen, in {made.params['folds']} parts. Discrimination:"
        " 0.5 is"
        " chance, 1 is perfect. Brier score: the smaller the better. Calibration slope: 1 is right, less"
        " is too"
        " bold.",
    )
    return ResultTable(
        "validation", "How well the model predicts people it has not seen", Output.ESTIMATE,
        pa.Table.from_pylist(table), ("figure",), ("respondents",),
        tuple(Measure(name, "respondents") for name in ("value", "low", "high")), notes,
        degrees_of_freedom="degrees_of_freedom",
    )  # fmt: skip


def _charts(made: Analysis) -> tuple[Chart, ...]:
    params, outcome = made.params, made.params["outcome_as"]
    tiers = (
        "least likely quarter",
        "second quarter",
        "third quarter",
        "next likeliest",
        first_name(params),
    )
    printed = [*params["caveats"].values(), ECOLOGICAL]
    over = {"over": params["within"][0]} if params["within"] else {}
    return (
        Chart(
            "map",
            "ranks",
            f"Where people are likelier to be {outcome}",
            {
                "area": "area",
                "tier": "tier",
                "tiers": "|".join(tiers),
                "caveats": "\n".join(printed),
                **over,
            },
            "Map of the areas in five tiers by their rank, from the least likely quarter to the"
            f" {first_name(params)}.",
        ),
        Chart(
            "ranks",
            "ranks",
            "How sure the order is",
            {"label": "area", "value": "rank", "low": "rank_low", "high": "rank_high"},
            "The rank of each area with the interval that the survey leaves it, in their order.",
        ),
        Chart(
            "forest",
            "coefficients",
            f"What went with being {outcome}",
            {"label": "term", "estimate": "log_odds", "low": "low", "high": "high", "scale": "difference"},
            "Log-odds with 95% intervals, about the line of no association.",
        ),
        Chart(
            "gap",
            "calibration",
            "Predicted beside observed",
            {"label": "band", "value": "observed", "low": "low", "high": "high", "target": "predicted"},
            "Observed share with its interval in each band of prediction, and a mark at what was"
            " predicted.",
        ),
    )


def _method(made: Analysis) -> str:
    used = ", ".join(predictor.name.replace("_", " ") for predictor in made.respondents.predictors)
    return (
        f"Logistic regression on {len(made.respondents.outcome):,} respondents with their weights and"
        " linearised"
        f" standard errors; carried to {int(made.counted.size.sum()):,} people by {used}, which both"
        " hold; areas"
        f" ranked by their mean probability, with intervals from {made.params['draws']:,} draws of the"
        f" coefficients; validated on respondents held out, in {made.params['folds']} parts."
    )


def _caveats(made: Analysis) -> tuple[str, ...]:
    params, said = made.params, list(made.params["caveats"].values())
    said += [ECOLOGICAL, UNSURE]
    if made.respondents.tested:
        names = ", ".join(predictor.name.replace("_", " ") for predictor in made.respondents.tested)
        said.append(f"Missing from the ranks, because only the survey asks it: {names}.")
    if made.counted.missing:
        said.append(f"People left out because a value is missing: {made.counted.missing:,}.")
    if made.counted.few:
        said.append(
            f"Areas not ranked, because fewer than {params['least']} people are counted there:"
            f" {made.counted.few:,}."
        )
    if made.beyond:
        said.append(
            f"People with a number beyond any that a respondent gave: {made.beyond:,}; the model reaches"
            " past its survey for them."
        )
    return tuple(said)
