"""Time to the first event: equal to statsmodels and lifelines on real data, right on planted."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_rossi
from lifelines.utils import restricted_mean_survival_time
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg

from sharewell.analyse.comparison.rates import Rows
from sharewell.analyse.comparison.timing import Times, first_times, hazard_ratio, restricted_mean
from sharewell.errors import FitError

COVARIATES = ["age", "race", "wexp", "mar", "paro", "prio"]


@pytest.fixture(name="rossi")
def _rossi():
    """432 released prisoners followed for a year (Rossi, Berk and Lenihan 1980)."""
    data = load_rossi()
    many = len(data)
    rows = Rows(
        data.arrest.to_numpy(float), np.ones(many), data.fin == 1, np.ones(many), (np.arange(many) // 3,)
    )
    rows = Rows(rows.outcome, rows.years, rows.treated.to_numpy(), rows.weight, rows.clusters)
    return data, rows, Times(data.week.to_numpy(float), data.arrest.to_numpy() == 1)


def test_financial_aid_on_rossi_is_that_of_lifelines_and_of_statsmodels(rossi):
    data, rows, times = rossi
    matrix = data[COVARIATES].to_numpy(float)
    ours = hazard_ratio(rows, times, matrix)
    assert np.log(ours.value) == pytest.approx(-0.379, abs=0.0005)
    everything = np.column_stack([rows.treated, matrix])
    theirs = PHReg(times.days, everything, status=times.happened, ties="efron").fit(groups=rows.clusters[0])
    assert np.log(ours.value) == pytest.approx(theirs.params[0], abs=1e-6)
    # 144 clusters; ours is widened for their number, by its square root over one fewer.
    error = theirs.bse[0] * np.sqrt(144 / 143) * stats.t.ppf(0.975, 143)
    assert ours.half_width == pytest.approx(error, rel=0.005)
    assert ours.freedom == 143


def test_weights_are_those_of_lifelines(rossi):
    data, rows, times = rossi
    weight = np.random.default_rng(0).uniform(0.2, 1, len(data))
    ours = hazard_ratio(Rows(rows.outcome, rows.years, rows.treated, weight, rows.clusters), times)
    told = data[["week", "arrest", "fin"]].assign(weight=weight, cluster=rows.clusters[0])
    theirs = CoxPHFitter().fit(
        told, "week", "arrest", weights_col="weight", cluster_col="cluster", robust=True
    )
    assert np.log(ours.value) == pytest.approx(theirs.params_["fin"], abs=1e-6)
    error = theirs.standard_errors_["fin"] * np.sqrt(144 / 143) * stats.t.ppf(0.975, 143)
    assert ours.half_width == pytest.approx(error, rel=0.02)  # theirs takes no heed of equal times


def test_the_restricted_mean_and_its_error_are_those_of_lifelines(rossi):
    data, rows, times = rossi
    alone = Rows(rows.outcome, rows.years, rows.treated, rows.weight, (np.arange(len(data)),))
    treated, others, apart = restricted_mean(alone, times, 52)
    spread = 0.0
    for arm, found in ((1, treated), (0, others)):
        mine = data[data.fin == arm]
        curve = KaplanMeierFitter().fit(mine.week, mine.arrest)
        mean, variance = restricted_mean_survival_time(curve, 52, return_variance=True)
        assert found == pytest.approx(mean)
        spread += variance / len(mine)  # nobody is lost before the year ends
    assert apart.value == pytest.approx(treated - others)
    half = stats.t.ppf(0.975, 431) * np.sqrt(spread * 432 / 431)
    assert apart.high - apart.value == pytest.approx(half, rel=0.001)


def test_the_error_of_the_restricted_mean_is_right_when_people_are_lost():
    """Against the spread of the estimate itself over 400 draws with censoring."""
    random, found, errors = np.random.default_rng(3), [], []
    treated = np.arange(300) < 150
    for _ in range(400):
        life, lost = random.exponential(60, 300), random.uniform(10, 300, 300)
        times = Times(np.minimum(life, lost), life <= lost)
        rows = Rows(np.zeros(300), np.ones(300), treated, np.ones(300), (np.arange(300),))
        apart = restricted_mean(rows, times, 100.0)[2]
        found.append(apart.value)
        errors.append((apart.high - apart.low) / 2 / stats.t.ppf(0.975, 299))
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.1)


@pytest.mark.parametrize("ratio", [1.0, 0.7])
def test_a_planted_hazard_ratio_is_covered_at_its_nominal_rate(ratio):
    random, treated, covered = np.random.default_rng(5), np.arange(400) < 100, 0
    weight = np.where(treated, 1.0, 1 / 3)
    for _ in range(60):
        life = random.exponential(200 / np.where(treated, ratio, 1.0))
        days = np.where(life <= 365, np.ceil(life), np.nan)
        rows = Rows(np.zeros(400), np.ones(400), treated, weight, (np.arange(400) % 100,))
        found = hazard_ratio(rows, first_times(days, 365))
        covered += found.low <= ratio <= found.high
    assert stats.binomtest(covered, 60, 0.95).pvalue > 0.001


@pytest.mark.parametrize("days", [[1.0, 0.0], [3.0, -2.0], [1.0, np.nan]])
def test_negative_durations_are_refused(days):
    with pytest.raises(FitError, match="NEGATIVE"):
        Times(np.array(days), np.array([True, True]))


def test_what_cannot_be_compared_is_refused(rossi):
    _, rows, times = rossi
    with pytest.raises(FitError, match="NO_EVENTS"):
        hazard_ratio(rows, Times(times.days, times.happened & rows.treated))
    with pytest.raises(FitError, match="HORIZON"):
        restricted_mean(rows, times, 53)
    with pytest.raises(FitError, match="HORIZON"):
        restricted_mean(rows, times, 0)
    same = np.column_stack([rows.treated, rows.treated]).astype(float)
    with pytest.raises(FitError, match="COX"):
        hazard_ratio(rows, times, same)
