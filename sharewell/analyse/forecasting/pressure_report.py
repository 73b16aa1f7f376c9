"""From events by month to the tables and pictures of a forecast of pressure."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.finding import Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from .backtest import INNER, OUTER, Backtest, backtest, percentage_error, reach, spread
from .seasonal import LEAST, last_year, smooth

Floats = npt.NDArray[np.float64]
Month = tuple[int, int]

EVERY = "All kinds, every month ahead"
COUNTED, FORECAST = "Counted", "Forecast"
SHOWN = 36
"""Months of the past that stand in the picture and its table."""


def fit(table: pa.Table, params: Params) -> Finding:
    """A table `month-KIND` of each kind, and `accuracy`. FitError EMPTY, MONTHS or HISTORY."""
    months, kinds = _months(params), dict(sorted(params["kinds"].items()))
    counts = _counts(table, list(kinds), months)
    _check(counts, list(kinds.values()), params)
    ahead = params["months"]
    first = counts.shape[1] - ahead - params["origins"] + 1
    tables, charts, tests = [], [], {}
    for row, (kind, said) in zip(counts, kinds.items(), strict=True):
        series = row[None, :]
        tested = backtest(series, first, ahead, smooth, last_year)
        tests[kind] = tested
        name = f"month-{slug(kind)}"
        tables.append(_by_month(name, said, row, smooth(series, ahead)[0], tested, months))
        charts.append(_chart(name, said))
    tables.append(_accuracy(tests, counts, kinds))
    method = (
        "Exponential smoothing with a damped trend and a season, on the log scale. The bands hold half and"
        f" four fifths of the months to come, if the method errs as it did on the last {ahead} to"
        f" {ahead + params['origins'] - 1} months."
    )
    source = "Hyndman, Koehler, Ord and Snyder 2008"
    return Finding(tuple(tables), tuple(charts), method, source)


def _months(params: Params) -> list[Month]:
    """Every month from the first to the last, in whole months. FitError MONTHS where they are cut."""
    first, last = params["from"], params["to"]
    if first.day != 1 or (last + dt.timedelta(days=1)).day != 1 or last < first:
        raise FitError(
            Problem(
                "MONTHS",
                f"{first} to {last} are not whole months",
                "a month that is cut looks like a quiet one",
                "count from the first of a month to the last of another",
            )
        )
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [(n // 12, n % 12 + 1) for n in range(start, end + 1)]


def _counts(table: pa.Table, kinds: list[str], months: list[Month]) -> Floats:
    place = {month: i for i, month in enumerate(months)}
    counts = np.zeros((len(kinds), len(months)))
    for row in table.to_pylist():
        counts[kinds.index(row["kind"]), place[row["year"], row["month"]]] = row["events"]
    return counts


def _check(counts: Floats, names: list[str], params: Params) -> None:
    needed = LEAST + params["months"] + params["origins"] - 1
    problems = []
    if counts.shape[1] < needed:
        problems.append(
            Problem(
                "HISTORY",
                f"{counts.shape[1]} months are counted, and {needed} are needed",
                f"a forecast of {params['months']} months is tested on {params['origins']} known months at"
                f" each step, each resting on {LEAST} before it",
                "give a longer history, or forecast fewer months",
            )
        )
    for name, row in zip(names, counts, strict=True):
        if (row == 0).any():
            problems.append(
                Problem(
                    "EMPTY",
                    f"{name}: {int((row == 0).sum())} months hold none",
                    "a month without any is missing, or the events are too rare for a season",
                    "leave that kind out, or begin later",
                )
            )
    if problems:
        raise FitError(problems)


def _by_month(
    name: str, said: str, row: Floats, made: Floats, tested: Backtest, months: list[Month]
) -> ResultTable:
    wide = spread(tested, len(made), by_size=False)
    degrees = len(tested.of(1).actual)
    bands = {"low": -1.0, "high": 1.0, "inner_low": -1.0, "inner_high": 1.0}
    size = {label: reach(INNER if "inner" in label else OUTER, degrees) for label in bands}
    rows: list[dict[str, Any]] = [
        {"month": _label(month), "known": COUNTED, "events": int(n), **dict.fromkeys(bands, float(n))}
        for month, n in list(zip(months, row, strict=True))[-SHOWN:]
    ]
    for step, number in enumerate(made):
        fan = {b: float(number * math.exp(sign * size[b] * wide[step])) for b, sign in bands.items()}
        month = _later(months[-1], step + 1)
        rows.append({"month": _label(month), "known": FORECAST, "events": round(float(number)), **fan})
    return ResultTable(
        name,
        f"{said} by month",
        Output.FREQUENCY,
        pa.Table.from_pylist(rows),
        ("month",),
        ("events",),
        tuple(Measure(band, "events") for band in bands),
        ("Low and high hold four fifths of what may come.",),
    )


def _later(month: Month, by: int) -> Month:
    n = month[0] * 12 + month[1] - 1 + by
    return n // 12, n % 12 + 1


def _label(month: Month) -> str:
    return f"{dt.date(*month, 1):%b %Y}"


def slug(kind: str) -> str:
    """A kind as part of a table's name."""
    return "".join(c if c.isalnum() else "-" for c in kind.lower()).strip("-")


def _accuracy(tests: dict[str, Backtest], counts: Floats, kinds: dict[str, str]) -> ResultTable:
    last = counts[:, -12:].sum(axis=1)
    rows: list[dict[str, Any]] = [
        {"kind": kinds[kind], "events": int(n), **_errors([tested])}
        for (kind, tested), n in zip(tests.items(), last, strict=True)
    ]
    rows.append({"kind": EVERY, "events": int(last.sum()), **_errors(list(tests.values()))})
    return ResultTable(
        "accuracy",
        "Mean absolute percentage error on months that are known, as a share",
        Output.FREQUENCY,
        pa.Table.from_pylist(rows),
        ("kind",),
        ("events",),
        tuple(Measure(name, "events") for name in ("error", "naive_error", "better")),
        ("The naive forecast is the same month of the year before. Events are those of the last year.",),
        overlapping=("kind",),
    )


def _errors(tests: list[Backtest]) -> dict[str, float]:
    forecast, naive, actual = (
        np.concatenate([getattr(tested, name) for tested in tests])
        for name in ("forecast", "naive", "actual")
    )
    error, plain = percentage_error(forecast, actual), percentage_error(naive, actual)
    return {"error": error, "naive_error": plain, "better": plain - error}


def _chart(table: str, said: str) -> Chart:
    fields = {"time": "month", "value": "events", "low": "low", "high": "high", "state": "known"}
    fields |= {"inner_low": "inner_low", "inner_high": "inner_high"}
    alt = "A line of the number counted each month, going on as a forecast inside a fan."
    return Chart("fan", table, f"{said}: how many there were, and how many there may be", fields, alt)
