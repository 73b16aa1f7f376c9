"""Kaplan-Meier, its intervals, medians and the log-rank test: against lifelines, and by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_lung, load_rossi
from lifelines.statistics import multivariate_logrank_test
from pathways_example import survival_settings

from sharewell.analyse.pathways.curves_report import fit
from sharewell.analyse.pathways.curves_story import tell
from sharewell.analyse.pathways.durations import followed, grid, kaplan_meier, log_rank
from sharewell.check import POLICIES, gate
from sharewell.errors import FitError
from sharewell.plan.finding import Finding


def lung() -> tuple[Any, Any, Any]:
    data = load_lung()
    return data["time"].to_numpy(float), data["status"].to_numpy() == 1, data["sex"].to_numpy().astype(int)


def rossi() -> tuple[Any, Any, Any]:
    data = load_rossi()
    return data["week"].to_numpy(float), data["arrest"].to_numpy() == 1, data["fin"].to_numpy().astype(int)


def test_the_median_of_lung_is_the_published_one_in_both_conventions() -> None:
    """R's survfit, on the log scale, gives 310 (285 to 363); log(-log) as lifelines gives 284 to 361."""
    time, died, _ = lung()
    assert kaplan_meier(time, died, "log").median == (310, 285, 363)
    assert kaplan_meier(time, died, "log-log").median == (310, 284, 361)


@pytest.mark.parametrize("data", [lung, rossi])
def test_curve_intervals_and_test_are_those_of_lifelines(data: Callable[[], tuple[Any, Any, Any]]) -> None:
    time, died, group = data()
    theirs, mine = KaplanMeierFitter().fit(time, died), kaplan_meier(time, died)
    assert np.allclose(theirs.survival_function_at_times(mine.times), mine.survival, atol=1e-12)
    limits = theirs.confidence_interval_.loc[mine.times].to_numpy()
    assert np.allclose(limits, np.column_stack([mine.low, mine.high]), atol=1e-12)
    found, peer = log_rank(time, died, group), multivariate_logrank_test(time, group, died)
    assert found is not None
    assert found.chi2 == pytest.approx(peer.test_statistic, rel=1e-9)
    assert found.p == pytest.approx(peer.p_value, rel=1e-7)


def test_the_log_rank_test_of_lung_by_sex_is_the_published_one() -> None:
    found = log_rank(*lung())
    assert found is not None
    assert found.chi2 == pytest.approx(10.327, abs=0.0005)
    assert found.freedom == 1


def test_people_at_the_end_of_a_day_add_up_and_losses_come_after_deaths() -> None:
    time, died = np.array([0.0, 5, 5, 5, 9]), np.array([True, True, False, False, False])
    alive, dead, lost = followed(time, died, [0, 5, 6, 9])
    assert alive.tolist() == [4, 3, 1, 1]
    assert dead.tolist() == [1, 2, 2, 2]
    assert lost.tolist() == [0, 0, 2, 2]


def test_landmarks_stand_in_the_grid_and_push_near_days_out() -> None:
    assert grid(400, 100, [31, 380]) == [0, 31, 100, 200, 300, 380]
    assert grid(50, 100, [31, 380]) == [0, 31]


def test_all_censored_is_a_flat_curve_without_interval_or_test() -> None:
    time, nobody = np.array([3.0, 4, 5]), np.zeros(3, bool)
    curve = kaplan_meier(time, nobody)
    assert curve.at(4)[0] == 1
    assert np.isnan(curve.median).all()
    assert log_rank(time, nobody, np.array([0, 0, 1])) is None


@pytest.mark.parametrize("time", [[-1.0, 2.0], [np.nan, 1.0]])
def test_a_negative_or_unknown_time_is_refused(time: list[float]) -> None:
    with pytest.raises(FitError, match="NEGATIVE"):
        kaplan_meier(np.array(time), np.array([True, True]))


def table(people: int = 4_000, **columns: Any) -> pa.Table:
    rng = np.random.default_rng(4)
    site = np.arange(people) % 2
    lived = rng.exponential(np.where(site, 6_000, 500)).astype(int)
    base = {
        "person": [f"{n:05d}" for n in range(people)],
        "lived": pa.array(lived, mask=lived > 2_600),
        "known": pa.array(np.full(people, 2_600)),
        "by_0": pa.array(["lung", "breast"]).take(pa.array(site)),
    }
    return pa.table({**base, **columns})


def test_no_step_of_the_released_curve_is_a_few_people_and_it_is_cut() -> None:
    finding = fit(table(), survival_settings(bin_days=30))
    policy = replace(POLICIES["sdap"], at_risk=100)
    checked = {t.name: t.data for t in gate(Finding(finding.tables), policy).tables}
    lungs = [r for r in checked["survival"].to_pylist() if r["by_0" if "by_0" in r else "site"] == "lung"]
    shown = [r for r in lungs if r["followed"] is not None]
    assert len(shown) < len(lungs)
    assert min(r["followed"] for r in shown) >= 100
    steps = np.diff([r["died"] for r in shown])
    assert ((steps == 0) | (steps >= 10)).all()


def test_the_story_tells_landmarks_medians_and_the_difference() -> None:
    params = survival_settings()
    finding = fit(table(), params)
    said = " ".join(tell({t.name: t.data for t in finding.tables}, params).sentences)
    assert "Alive after one month: breast 99" in said
    assert "Half had died after: lung 3" in said
    assert "People differ in how long they live by site" in said


def test_a_null_is_said_as_plainly() -> None:
    params = survival_settings()
    rng = np.random.default_rng(7)
    groups = pa.array(["lung", "breast"]).take(pa.array(rng.integers(0, 2, 4_000)))
    finding = fit(table(by_0=groups), params)
    said = " ".join(tell({t.name: t.data for t in finding.tables}, params).sentences)
    assert "No difference in how long people live was found by site" in said


def test_impossible_dates_are_left_out_and_said() -> None:
    lived = pa.array([-3, 9_999, 40, None] + [None] * 3_996, pa.int64())
    finding = fit(table(lived=lived), survival_settings())
    dates = {r["check"]: r["found"] for r in finding.table("dates").data.to_pylist()}
    assert dates["Death before the beginning"] == dates["Death after the last day known of"] == 1
    assert finding.table("survival").data["followed"].to_pylist()[0] == 2_000 - 1
    assert any("in no curve" in caveat for caveat in finding.caveats)
    assert any(caveat.startswith("Doubtful dates") for caveat in finding.caveats)
    assert all(t.notes[0].startswith("Doubtful dates") for t in finding.tables if t.name != "dates")


def test_one_group_and_nobody_dead_is_said() -> None:
    params = survival_settings()
    alone = table(by_0=pa.array(["lung"] * 4_000), lived=pa.nulls(4_000, pa.int64()))
    finding = fit(alone, params)
    assert "differences" not in [t.name for t in finding.tables]
    assert any("Nobody died" in caveat for caveat in finding.caveats)
    said = tell({t.name: t.data for t in finding.tables}, params).sentences
    assert any("nothing could be compared" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("change", "params", "code"),
    [
        ({"person": ["p"] * 4_000}, {}, "DUPLICATE"),
        ({"known": pa.nulls(4_000, pa.int64())}, {}, "NO_START"),
        ({"known": pa.array([-1] * 4_000)}, {}, "EMPTY"),
        ({}, {"landmarks": {"never": 0}}, "LANDMARK"),
        ({"by_0": [str(n) for n in range(4_000)]}, {}, "GROUPS"),
    ],
)
def test_what_cannot_be_answered_is_refused(change: Any, params: Any, code: str) -> None:
    with pytest.raises(FitError, match=code):
        fit(table(**change), survival_settings(**params))
