"""Recorded and expected by area and by age band, with the limits of their ratio."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.finding import ALL, UNKNOWN, Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params

_Z = 1.959963984540054


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
