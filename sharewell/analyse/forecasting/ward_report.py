"""From counts by ward, year and age to the tables and pictures of a forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import FitError, Problem
from ...plan.finding import UNKNOWN, Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from .backtest import INNER, OUTER, Backtest, backtest, percentage_error, reach, spread
from .cohorts import carry, project

Floats = npt.NDArray[np.float64]

OVERALL = "Over all of these"
BASE = 4
"""Fewest years that a forecast may rest on: three changes from one to the next."""

ORIGINS = 3
"""Fewest known years that each step ahead is tested on."""

SMALL = 100
"""Below so many people a forecast is rounded to tens, else to fives: more would be pretence."""

OBSERVED, FORECAST = "Counted", "Forecast"


@dataclass(frozen=True)
class Forecast:
    """What was counted (wards x years x ages), what is forecast (wards x years ahead), and how wrong the
    method was on known years, by ward and for all wards together."""

    areas: tuple[str, ...]
    counts: Floats
    made: Floats
    tested: Backtest
    tested_whole: Backtest
    ahead: int

    def fan(self, share: float) -> tuple[Floats, Floats]:
        """By year ahead, how many times the forecast for all wards the band may lie from it."""
        degrees = len(self.tested_whole.of(1).actual)
        wide = reach(share, degrees) * spread(self.tested_whole, self.ahead, by_size=False)
        return np.exp(-wide), np.exp(wide)

    def wards(self, share: float) -> tuple[Floats, Floats]:
        """The band of each ward in the last year ahead."""
        degrees = len(self.tested.of(self.ahead).actual)
        people = self.made[:, -1]
        wide = reach(share, degrees) * spread(self.tested, self.ahead, by_size=True)[-1]
        factor = np.exp(wide / np.sqrt(people + 0.5))
        return people / factor, people * factor


def column_of(year: int, age: int) -> str:
    """The column of those of an age in a year of the history, counted from its first."""
    return f"y{year}_a{age}"


def forecast(areas: list[str], counts: Floats, ahead: int) -> Forecast:
    """Forecast and test. FitError HISTORY where there are too few years, EMPTY where there is nobody."""
    _check(counts, ahead)
    tested = backtest(counts, BASE, ahead, project, carry)
    return Forecast(tuple(areas), counts, project(counts, ahead), tested, _summed(tested), ahead)


def _summed(tested: Backtest) -> Backtest:
    """The same test for all areas together, forecast as the sum of theirs: a row an origin and step."""
    areas = int(tested.area.max()) + 1
    fold = {name: getattr(tested, name).reshape(-1, areas) for name in ("forecast", "naive", "actual")}
    first = {name: getattr(tested, name).reshape(-1, areas)[:, 0] for name in ("area", "step")}
    return Backtest(**first, **{name: values.sum(axis=1) for name, values in fold.items()})


def _check(counts: Floats, ahead: int) -> None:
    by_year = counts.sum(axis=(0, 2))
    if not counts.size or not by_year.any():
        raise FitError(
            Problem("EMPTY", "nobody of these ages was counted", fix="look at the ages and days")
        )
    known = int((by_year > 0).sum())
    needed = BASE + ahead + ORIGINS - 1
    if known < needed or (by_year == 0).any():
        raise FitError(
            Problem(
                "HISTORY",
                f"people were counted in {known} of {len(by_year)} years, and {needed} are needed",
                f"a forecast of {ahead} years is tested on {ORIGINS} known years at each step, each resting"
                f" on at least {BASE} before it",
                "give a longer history, or forecast fewer years",
            )
        )


def fit(table: pa.Table, params: Params) -> Finding:
    """Tables `years`, `wards` and `accuracy`. FitError EMPTY, HISTORY or AGES."""
    ages = range(params["from_age"], params["to_age"] + 1)
    if len(ages) < 2:
        raise FitError(
            Problem("AGES", "a single age has no cohorts to follow", fix="forecast two ages or more")
        )
    years = range(params["history"] + 1)
    held = table.filter(pc.not_equal(table["area"], UNKNOWN)).sort_by("area")
    lost = table.num_rows - held.num_rows
    columns = [[held[column_of(y, a)].to_numpy() for a in ages] for y in years]
    counts = np.array(columns, dtype=np.float64).reshape(len(years), len(ages), held.num_rows)
    found = forecast(held["area"].to_pylist(), counts.transpose(2, 0, 1), params["years"])
    caveats = (
        "Births go on by their own mean growth: the register of children holds no mothers.",
        *(("People whose ward is not known are left out.",) if lost else ()),
    )
    method = (
        "Hamilton-Perry cohort change ratios, drawn towards those of all wards as if sixty more people had"
        " behaved like everybody. The bands hold half and four fifths of the years to come, if the method"
        " errs as it did on known years."
    )
    tables = (_years(found, params), _wards(found, params), _accuracy(found, params))
    return Finding(tables, _charts(params), method, "Hamilton and Perry 1962; Smith et al. 2013", caveats)


def _rounded(value: float) -> float:
    step = 10 if value < SMALL else 5
    return float(step * math.floor(value / step + 0.5))


def _years(found: Forecast, params: Params) -> ResultTable:
    counted = found.counts.sum(axis=(0, 2))
    last = params["at"].year
    bands = ("low", "high", "inner_low", "inner_high")
    rows: list[dict[str, Any]] = [
        {
            "year": str(last - len(counted) + 1 + i),
            "known": OBSERVED,
            "people": int(number),
            **dict.fromkeys(bands, float(number)),
        }
        for i, number in enumerate(counted)
    ]
    outer, inner = found.fan(OUTER), found.fan(INNER)
    for step, number in enumerate(found.made.sum(axis=0)):
        factors = (outer[0][step], outer[1][step], inner[0][step], inner[1][step])
        rows.append(
            {
                "year": str(last + step + 1),
                "known": FORECAST,
                "people": round(number),
                **{name: float(number * factor) for name, factor in zip(bands, factors, strict=True)},
            }
        )
    title = f"People aged {params['from_age']} to {params['to_age']}, all wards together"
    return ResultTable(
        "years",
        title,
        Output.FREQUENCY,
        pa.Table.from_pylist(rows),
        ("year",),
        ("people",),
        tuple(Measure(name, "people") for name in bands),
        (f"Counted on {params['at'].day} {params['at']:%B} of each year; low and high hold four fifths.",),
    )


def _wards(found: Forecast, params: Params) -> ResultTable:
    now = found.counts[:, -1].sum(axis=1)
    low, high = found.wards(OUTER)
    rows = [
        {
            "ward": name,
            "people": int(now[i]),
            "forecast": _rounded(found.made[i, -1]),
            "low": _rounded(low[i]),
            "high": _rounded(high[i]),
        }
        for i, name in enumerate(found.areas)
    ]
    year = params["at"].year + found.ahead
    return ResultTable(
        "wards",
        f"People aged {params['from_age']} to {params['to_age']} now, and as forecast for {year}",
        Output.FREQUENCY,
        pa.Table.from_pylist(rows),
        ("ward",),
        ("people",),
        tuple(Measure(name, "people") for name in ("forecast", "low", "high")),
        (f"Forecasts to the nearest five; to the nearest ten in wards of fewer than {SMALL}.",),
    )


def _accuracy(found: Forecast, params: Params) -> ResultTable:
    people = int(found.counts[:, -1].sum())
    rows = [
        {"ahead": _steps(step), "people": people, **_errors(found.tested.of(step))}
        for step in range(1, found.ahead + 1)
    ]
    rows.append({"ahead": OVERALL, "people": people, **_errors(found.tested)})
    names = ("error", "error_low", "error_high", "naive_error", "better")
    return ResultTable(
        "accuracy",
        "Mean absolute percentage error by ward on years that are known, as a share",
        Output.FREQUENCY,
        pa.Table.from_pylist(rows),
        ("ahead",),
        ("people",),
        tuple(Measure(name, "people") for name in names),
        ("The naive forecast is as many as there were in the last year counted.",),
        overlapping=("ahead",),
    )


def _steps(step: int) -> str:
    return "1 year ahead" if step == 1 else f"{step} years ahead"


def _errors(tested: Backtest) -> dict[str, float | None]:
    """The error with its interval over wards, that of the naive forecast, and how much less it is."""
    from scipy.stats import t

    error = percentage_error(tested.forecast, tested.actual)
    naive = percentage_error(tested.naive, tested.actual)
    by_ward = np.array(
        [
            percentage_error(tested.forecast[mine], tested.actual[mine])
            for mine in (tested.area == ward for ward in np.unique(tested.area))
        ]
    )
    by_ward = by_ward[np.isfinite(by_ward)]
    half = (
        float(t.ppf(0.975, len(by_ward) - 1) * by_ward.std(ddof=1) / math.sqrt(len(by_ward)))
        if len(by_ward) > 1
        else math.nan
    )
    figures = {
        "error": error,
        "error_low": max(0.0, error - half),
        "error_high": error + half,
        "naive_error": naive,
        "better": naive - error,
    }
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}


def _charts(params: Params) -> tuple[Chart, ...]:
    ages = f"{params['from_age']} to {params['to_age']}"
    fan = {"time": "year", "value": "people", "low": "low", "high": "high", "state": "known"}
    fan |= {"inner_low": "inner_low", "inner_high": "inner_high"}
    wards = {"label": "ward", "value": "forecast", "low": "low", "high": "high", "target": "people"}
    return (
        Chart(
            "fan",
            "years",
            f"How many people aged {ages} there were, and how many there may be",
            fan,
            "A line of the number counted each year, going on as a forecast inside a fan that widens with"
            " each year.",
        ),
        Chart(
            "gap",
            "wards",
            f"Ward by ward in {params['at'].year + params['years']}, beside those counted now",
            wards,
            "For each ward the forecast with the range that holds four fifths, and a mark at the number"
            " now.",
        ),
    )
