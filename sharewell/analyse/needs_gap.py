"""needs-gap: how many people have a recorded need, against how many would be expected.

Expected: people times a published prevalence, by age band where one is given. The ratio's limits are Byar's
approximation to the exact Poisson limits (Breslow and Day 1987, Statistical Methods in Cancer Research II,
p. 69), as in the technical guides of English public health. A gap is between records and expectation: it
may be need that was not met, need that was not recorded, or a prevalence that does not hold here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ..errors import FitError, Problem
from ..plan.expressions import Col, Lit, call
from ..plan.finding import ALL, Chart, Finding, Measure, Output, ResultTable
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Story, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Derive, Group, Step
from .registry import RECIPES

UNKNOWN = "Not known"
_Z = 1.959963984540054

SIGNATURE = Signature(
    name="needs-gap",
    question="Where are fewer people recorded with {need_as} than would be expected?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("people", "one row a person"),),
    parameters=(
        Parameter("area", Takes.COLUMN, "where a person lives", True, of="people", types=(Type.TEXT,)),
        Parameter("band", Takes.COLUMN, "a person's age band", True, of="people", types=(Type.TEXT,)),
        Parameter(
            "need", Takes.COLUMN, "whether the need is recorded", True, of="people", types=(Type.BOOLEAN,)
        ),
        Parameter("need_as", Takes.TEXT, "the need in words", True),
        Parameter("prevalence", Takes.MAPPING, "expected share of people with the need, by age band", True),
        Parameter("prevalence_source", Takes.TEXT, "where the prevalence was published", True),
    ),
    source="Breslow and Day 1987",
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an area and band: people, and those with the need recorded."""
    people = inputs["people"]

    def known(name: str) -> tuple[str, Any]:
        return name, call("coalesce", Col(params[name], Type.TEXT), Lit(UNKNOWN, Type.TEXT))

    recorded = Aggregate("recorded", "rows", where=Col(params["need"], Type.BOOLEAN))
    labelled = Derive(people, (known("area"), known("band")))
    return Group(labelled, ("area", "band"), (Aggregate("people", "rows"), recorded))


def fit(table: pa.Table, params: Params) -> Finding:
    """Recorded and expected by area, and by age band. Raises FitError EMPTY or PREVALENCE."""
    _check(table, params)
    share = np.array([params["prevalence"].get(band, np.nan) for band in table["band"].to_pylist()], float)
    # A person whose band is not known is expected to be like everybody else.
    people = np.asarray(table["people"].to_numpy(), float)
    held = np.isfinite(share)
    share[~held] = float(share[held] @ people[held]) / float(people[held].sum())
    figures = np.column_stack([people, np.asarray(table["recorded"].to_numpy(), float), people * share])
    what = params["need_as"]
    tables = tuple(
        _by(name, column, title, table[column].to_pylist(), figures, params)
        for name, column, title in (
            ("areas", "area", f"Recorded {what} against expected, by area"),
            ("ages", "band", f"Recorded {what} against expected, by age band"),
        )
    )
    fields = {"label": "area", "value": "ratio", "low": "low", "high": "high"}
    chart = Chart(
        "gap",
        "areas",
        f"Recorded {what} as a ratio of expected",
        fields,
        "The ratio of recorded to expected for each area, with its 95% interval.",
    )
    method = "Expected: people by age band times the published prevalence. Ratio with Byar's 95% limits."
    source = f"Breslow and Day 1987; prevalence: {params['prevalence_source']}"
    return Finding(tables, (chart,), method, source)


def byar(count: float) -> tuple[float, float]:
    """95% limits of a Poisson mean of which `count` was seen (Byar's approximation)."""
    above = count + 1
    low = 0.0 if count == 0 else count * (1 - 1 / (9 * count) - _Z / (3 * count**0.5)) ** 3
    return low, above * (1 - 1 / (9 * above) + _Z / (3 * above**0.5)) ** 3


def _check(table: pa.Table, params: Params) -> None:
    problems = []
    if table.num_rows == 0 or sum(table["people"].to_pylist()) == 0:
        problems.append(Problem("EMPTY", "there are no people", "a prevalence of nobody does not exist"))
    bands = set(table["band"].to_pylist()) - {UNKNOWN}
    missing = bands - set(params["prevalence"])
    if missing or not bands:
        problems.append(
            Problem(
                "PREVALENCE",
                f"{len(missing)} of {len(bands)} age bands have no expected prevalence",
                fix="give one for each band, zero included",
            )
        )
    if not all(isinstance(v, int | float) and 0 <= v <= 1 for v in params["prevalence"].values()):
        problems.append(Problem("PREVALENCE", "a prevalence is not within 0 and 1", fix="give a share"))
    if problems:
        raise FitError(problems)


def _by(name: str, column: str, title: str, keys: list[str], figures: Any, params: Params) -> ResultTable:
    rows = []
    for key in [ALL, *sorted(set(keys))]:
        mine = np.array([key in (ALL, own) for own in keys])
        people, recorded, expected = figures[mine].sum(axis=0)
        low, high = (limit / expected if expected > 0 else None for limit in byar(recorded))
        rows.append(
            {
                column: key,
                "people": int(people),
                "recorded": int(recorded),
                "expected": round(expected, 1),
                "gap": round(expected - recorded, 1),
                "ratio": recorded / expected if expected > 0 else None,
                "low": low,
                "high": high,
            }
        )
    schema = pa.schema(
        [
            (column, pa.string()),
            ("people", pa.int64()),
            ("recorded", pa.int64()),
            *((m, pa.float64()) for m in ("expected", "gap", "ratio", "low", "high")),
        ]
    )
    measures = (
        Measure("expected", "people"),
        # Each of these with `expected` gives the recorded count away, so each rests on it.
        *(Measure(m, "recorded") for m in ("gap", "ratio", "low", "high")),
    )
    notes = (f"Expected from {params['prevalence_source']}.",)
    return ResultTable(
        name,
        title,
        Output.FREQUENCY,
        pa.Table.from_pylist(rows, schema),
        (column,),
        ("people", "recorded"),
        measures,
        notes,
    )


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """Where records differ from expectation, and where they do not; withheld figures are said to be."""
    rows = tables["areas"].to_pylist()
    areas = [row for row in rows if row["area"] not in (ALL, UNKNOWN)]
    shown = [row for row in areas if None not in (row["low"], row["high"])]
    fewer = [row["area"] for row in shown if row["high"] < 1]
    more = [row["area"] for row in shown if row["low"] > 1]
    what = params["need_as"]
    total = next(row for row in rows if row["area"] == ALL)
    head = f"The number of people recorded with {what} was withheld."
    if total["recorded"] is not None and total["expected"] is not None:
        head = f"{total['recorded']:,} people are recorded with {what}; expected: {total['expected']:,.0f}."
    sentences = [
        head,
        _named(f"Fewer than expected are recorded in {len(fewer)} of {len(shown)} areas shown", fewer),
    ]
    sentences.append(_named(f"More than expected are recorded in {len(more)}", more))
    same = len(shown) - len(fewer) - len(more)
    sentences.append(f"In {same} areas the records do not differ from what would be expected.")
    if len(areas) > len(shown):
        sentences.append(f"The figures of {len(areas) - len(shown)} areas were withheld.")
    return Story(
        tuple(sentences),
        (
            "A gap is between records and expectation: it may be need that was not met or not recorded,"
            " or a prevalence that does not hold here.",
            "With many areas, about one in twenty would differ by chance alone.",
        ),
    )


def _named(text: str, areas: list[str]) -> str:
    few = ", ".join(areas[:8]) + (" and others" if len(areas) > 8 else "")
    return f"{text}: {few}." if areas else f"{text}."


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
