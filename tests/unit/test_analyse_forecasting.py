"""Hamilton-Perry and smoothing: held to figures worked by hand, and honest where they do not help."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sharewell.analyse.forecasting.backtest import Backtest, backtest, percentage_error, reach, spread
from sharewell.analyse.forecasting.cohorts import carry, project, ratios
from sharewell.analyse.forecasting.pressure_report import fit as fit_months
from sharewell.analyse.forecasting.pressure_story import tell as tell_months
from sharewell.analyse.forecasting.seasonal import last_year
from sharewell.analyse.forecasting.ward_report import OVERALL, column_of
from sharewell.analyse.forecasting.ward_report import fit as fit_wards
from sharewell.analyse.forecasting.ward_story import tell as tell_wards
from sharewell.analyse.pressure_forecast import RECIPE as PRESSURE
from sharewell.analyse.ward_forecast import RECIPE as WARDS
from sharewell.check import POLICIES, gate
from sharewell.errors import FitError
from sharewell.plan.figure import read_figure
from sharewell.release.charts import Width, draw

POLICY = POLICIES["official-statistics"]


def grown(rate: float, wards: int = 6, years: int = 9, start: float = 200.0) -> np.ndarray:
    """Births that grow by a rate, and a tenth of every cohort lost each year."""
    births = start * rate ** (np.arange(years + 5) - 5)
    ages = [births[5 - age : 5 - age + years] * 0.9**age for age in range(6)]
    return np.repeat(np.stack(ages, axis=1)[None], wards, axis=0)


def table(counts: np.ndarray) -> pa.Table:
    wards, years, ages = counts.shape
    columns: dict[str, Any] = {"area": [f"Ward {i}" for i in range(wards)]}
    for year in range(years):
        for age in range(ages):
            columns[column_of(year, age)] = counts[:, year, age].round().astype(np.int64)
    return pa.table(columns)


def params(**changes: Any) -> dict[str, Any]:
    given = {"area": "ward", "born": "born", "since": "since", "from_age": 0, "to_age": 5, "years": 3}
    return WARDS.signature.settle({**given, "at": date(2024, 3, 31), **changes})


def problems(error: pytest.ExceptionInfo[FitError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_cohorts_that_always_change_alike_are_forecast_exactly() -> None:
    counts = grown(1.05, years=12)
    assert ratios(counts[:, :9]) == pytest.approx(np.full((6, 5), 0.9))
    # Births level off from a mean of three years, a hair above growth that compounds.
    assert project(counts[:, :9], 3) == pytest.approx(counts[:, 9:].sum(axis=2), rel=1e-3)


def test_a_ratio_by_hand_is_drawn_towards_that_of_all_wards() -> None:
    counts = np.array([[[10.0, 8.0], [10.0, 10.0]], [[90.0, 72.0], [90.0, 45.0]]])
    whole = 55 / 100
    assert ratios(counts, prior=60)[:, 0] == pytest.approx(
        [(10 + 60 * whole) / 70, (45 + 60 * whole) / 150]
    )
    assert ratios(counts, prior=0)[:, 0] == pytest.approx([1.0, 0.5])


def test_the_backtest_never_looks_ahead() -> None:
    counts = grown(1.05)
    spoilt = counts.copy()
    spoilt[:, -1] *= 100
    one, two = (backtest(held, 4, 3, project, carry) for held in (counts, spoilt))
    assert np.array_equal(one.forecast, two.forecast)
    assert not np.array_equal(one.actual, two.actual)
    assert [one.of(step).actual.size for step in (1, 2, 3)] == [30, 24, 18]


def test_errors_by_hand() -> None:
    assert percentage_error(np.array([110.0, 90.0, 5.0]), np.array([100.0, 100.0, 0.0])) == pytest.approx(
        0.1
    )
    one = np.ones(2)
    tested = Backtest(one.astype(int), one.astype(int), 100 * one, one, np.array([110.0, 90.0]))
    by_hand = np.sqrt(np.mean(np.log(np.array([110.5, 90.5]) / 100.5) ** 2))
    assert spread(tested, 1, by_size=False) == pytest.approx([by_hand])
    assert reach(0.8, 10**6) == pytest.approx(1.28155, abs=1e-4)


def test_growth_is_beaten_and_no_growth_is_said_not_to_be() -> None:
    rng = np.random.default_rng(5)
    for rate, better in ((1.06, True), (1.0, False)):
        made = gate(fit_wards(table(rng.poisson(grown(rate, years=9))), params()), POLICY)
        tables = {t.name: t.data for t in made.tables}
        told = " ".join(tell_wards(tables, params()).sentences)
        assert ("no better than the last count" in told) is not better
        figure = next(f for f in WARDS.signature.figures if f.name == "better")
        found = read_figure(tables, figure)
        assert found is not None
        assert (found.value > 0) is better


def test_small_wards_are_rounded_and_the_fan_widens() -> None:
    counts = np.random.default_rng(2).poisson(grown(1.03, start=9.0))
    finding = fit_wards(table(counts), params())
    for row in finding.table("wards").data.to_pylist():
        assert row["forecast"] % 10 == 0
        assert row["low"] <= row["forecast"] <= row["high"]
    ahead = [r for r in finding.table("years").data.to_pylist() if r["known"] == "Forecast"]
    widths = [(row["high"] - row["low"]) / row["people"] for row in ahead]
    assert widths == sorted(widths)
    assert all(r["low"] < r["inner_low"] < r["people"] < r["inner_high"] < r["high"] for r in ahead)
    assert finding.table("accuracy").data.to_pylist()[-1]["ahead"] == OVERALL


def test_a_ward_without_children_stays_without_and_spoils_no_other() -> None:
    counts = np.random.default_rng(4).poisson(grown(1.03))
    counts[2] = 0
    rows = fit_wards(table(counts), params()).table("wards").data.to_pylist()
    held = {row["ward"]: row for row in rows}
    assert (held["Ward 2"]["people"], held["Ward 2"]["forecast"]) == (0, 0)
    assert all(np.isfinite([row["forecast"], row["low"], row["high"]]).all() for row in rows)
    assert held["Ward 1"]["forecast"] > 500


@pytest.mark.parametrize(
    ("counts", "changes", "code"),
    [
        (grown(1.0, years=6), {"history": 5}, "HISTORY"),
        (grown(1.0) * (np.arange(9) > 3)[None, :, None], {}, "HISTORY"),
        (grown(1.0) * 0, {}, "EMPTY"),
        (grown(1.0)[:, :, :1], {"to_age": 0}, "AGES"),
    ],
)
def test_too_little_history_is_refused(counts: np.ndarray, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(FitError) as caught:
        fit_wards(table(counts), params(**changes))
    assert problems(caught) == [code]


def test_the_fan_is_drawn_at_both_widths_with_its_names() -> None:
    made = fit_wards(table(np.random.default_rng(1).poisson(grown(1.04))), params())
    checked = gate(made, POLICY)
    years = next(t for t in checked.tables if t.name == "years")
    for width in Width:
        svg = draw(made.charts[0], years, width)
        assert "Counted" in svg
        assert "Forecast" in svg


def pressure(months: int, season: float, noise: float, seed: int = 1) -> tuple[pa.Table, dict[str, Any]]:
    rng, rows = np.random.default_rng(seed), []
    for i in range(months):
        mean = 800 * np.exp(season * np.cos(2 * np.pi * i / 12) + 0.06 * i / 12 + rng.normal(0, noise))
        rows.append({"kind": "A&E", "year": 2016 + i // 12, "month": i % 12 + 1, "events": round(mean)})
    end = date(2016 + months // 12, months % 12 + 1, 1)
    given = {"on": "date", "kind": "kind", "kinds": {"A&E": "A&E attendances"}, "months": 3, "origins": 6}
    given |= {"from": date(2016, 1, 1), "to": date.fromordinal(end.toordinal() - 1), "events_as": "visits"}
    return pa.Table.from_pylist(rows), PRESSURE.signature.settle(given)


def test_months_with_trend_and_season_beat_the_year_before() -> None:
    events, settings = pressure(60, 0.15, 0.01)
    made = gate(fit_months(events, settings), POLICY)
    tables = {t.name: t.data for t in made.tables}
    row = tables["accuracy"].to_pylist()[0]
    assert row["error"] < row["naive_error"] / 2
    told = " ".join(tell_months(tables, settings).sentences)
    assert "better than taking the same month" in told
    assert "no better" not in told


def test_where_the_year_before_is_exact_the_method_says_it_is_no_better() -> None:
    events, settings = pressure(60, 0.0, 0.0)
    same = events.set_column(3, "events", pa.array([700 + 40 * (i % 12) for i in range(60)]))
    made = gate(fit_months(same, settings), POLICY)
    told = tell_months({t.name: t.data for t in made.tables}, settings)
    assert "no better than taking" in " ".join(told.sentences)
    assert np.array_equal(last_year(np.arange(24.0)[None], 14)[0, -2:], [12.0, 13.0])


def test_few_months_cut_months_and_empty_months_are_refused() -> None:
    events, settings = pressure(40, 0.1, 0.01)
    with pytest.raises(FitError) as caught:
        fit_months(events, settings)
    assert problems(caught) == ["HISTORY"]
    events, settings = pressure(60, 0.1, 0.01)
    with pytest.raises(FitError) as caught:
        fit_months(events, {**settings, "to": date(2020, 12, 15)})
    assert problems(caught) == ["MONTHS"]
    with pytest.raises(FitError) as caught:
        fit_months(events.slice(1), settings)
    assert problems(caught) == ["EMPTY"]


@pytest.mark.long
def test_the_bands_of_months_hold_about_four_fifths_of_what_comes() -> None:
    """Months of a year err together, so one history says little: the mean over forty is judged."""
    shares = []
    for seed in range(40):
        events, settings = pressure(78, 0.1, 0.03, seed)
        shown, came = events.slice(0, 66), events["events"].to_pylist()[66:]
        settings |= {"months": 12, "origins": 12, "to": date(2021, 6, 30)}
        made = next(t for t in fit_months(shown, settings).tables if t.name.startswith("month-"))
        ahead = [row for row in made.data.to_pylist() if row["known"] != "Counted"]
        shares.append(
            np.mean([row["low"] <= number <= row["high"] for row, number in zip(ahead, came, strict=True)])
        )
    assert 0.7 <= float(np.mean(shares)) <= 0.9
