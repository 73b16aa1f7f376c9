"""Rates between matched arms: equal to statsmodels, and right about planted effects and planted nulls."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from analyse_example import county, settings
from scipy import stats

from sharewell.analyse.comparison.cohort import read_cohort
from sharewell.analyse.comparison.effect import compare
from sharewell.analyse.comparison.rates import (
    Estimate,
    Rows,
    difference,
    e_value,
    rate_ratio,
    scaled,
    undiluted,
)
from sharewell.errors import FitError


@pytest.fixture
def rows():
    random = np.random.default_rng(4)
    size = 3_000
    home = np.sort(random.integers(0, 900, size))
    treated = random.random(size) < 0.4
    years = random.uniform(0.5, 1.0, size)
    outcome = random.poisson(0.5 * years * np.exp(-0.2 * treated) * random.gamma(2, 0.5, 900)[home]).astype(
        float
    )
    return Rows(outcome, years, treated, random.uniform(0.3, 1.0, size), (home,))


def glm(rows, extra=None):
    matrix = np.column_stack([np.ones(len(rows.years)), rows.treated, *([] if extra is None else [extra])])
    model = sm.GLM(
        rows.outcome, matrix, sm.families.Poisson(), offset=np.log(rows.years), freq_weights=rows.weight
    )
    clustered = {"groups": rows.clusters[0], "use_correction": False}
    return model.fit(cov_type="cluster", cov_kwds=clustered, tol=1e-14)


@pytest.mark.parametrize("adjusted", [False, True])
def test_the_ratio_and_its_clustered_error_equal_statsmodels(rows, adjusted):
    extra = np.random.default_rng(5).normal(size=(len(rows.years), 2)) if adjusted else None
    theirs, ours = glm(rows, extra), rate_ratio(rows, extra)
    clusters = len(np.unique(rows.clusters[0]))
    error = theirs.bse[1] * np.sqrt(clusters / (clusters - 1))
    assert np.log(ours.value) == pytest.approx(theirs.params[1], abs=1e-8)
    assert ours.half_width == pytest.approx(stats.t.ppf(0.975, clusters - 1) * error, rel=1e-6)
    assert ours.freedom == clusters - 1


def test_two_ways_of_clustering_add_less_what_is_common_and_never_fall_below_one_way(rows):
    # Sets that follow the outcome make a second, real kind of clustering.
    sets = np.argsort(np.argsort(rows.outcome, kind="stable"), kind="stable") // 3
    both = Rows(rows.outcome, rows.years, rows.treated, rows.weight, (sets, rows.clusters[0]))
    one = [Rows(rows.outcome, rows.years, rows.treated, rows.weight, (c,)) for c in both.clusters]
    cell = Rows(rows.outcome, rows.years, rows.treated, rows.weight, (sets * 900 + rows.clusters[0],))

    def variance(r):
        found = rate_ratio(r)
        return (found.half_width / stats.t.ppf(0.975, found.freedom)) ** 2

    parts = [variance(r) for r in one]
    assert variance(both) == pytest.approx(max(sum(parts) - variance(cell), *parts), rel=1e-6)


def test_without_adjustment_the_ratio_is_the_ratio_of_rates(rows):
    assert rate_ratio(rows).value == pytest.approx(rows.rate(True) / rows.rate(False), rel=1e-9)
    assert difference(rows).value == pytest.approx(rows.rate(True) - rows.rate(False))


def test_an_arm_without_events_has_no_ratio(rows):
    with pytest.raises(FitError, match="NO_EVENTS"):
        rate_ratio(Rows(rows.outcome * rows.treated, rows.years, rows.treated, rows.weight, rows.clusters))


def test_the_e_value_of_its_authors():
    """VanderWeele and Ding 2017: RR 3.9 (1.8 to 8.7) gives 7.26 and, for the limit, 3.0."""
    assert e_value(Estimate(3.9, 1.8, 8.7, 0.001, 99)) == pytest.approx((7.26, 3.0), abs=0.01)
    assert e_value(Estimate(0.9, 0.7, 1.2, 0.5, 99))[1] == 1.0


def test_linkage_errors_move_the_estimate_as_arithmetic_says():
    diluted = 0.95 * 0.8 + 0.05
    assert undiluted(Estimate(diluted, 0.7, 0.9, 0.1, 9), 0.05).value == pytest.approx(0.8)
    assert scaled(Estimate(0.8, 0.7, 0.9, 0.1, 9), 1 / 0.99).value == pytest.approx(0.8 / 0.99)


def matched(seed, people=60_000, treated=3_000, ratio=1.0):
    chosen = settings()
    table = county(seed, people, treated, ratio)
    return compare(read_cohort(table, (*chosen["covariates"], "history"), (), 1.0, 60), chosen)


def test_a_planted_effect_is_recovered_where_the_naive_comparison_is_not():
    made = matched(7, 200_000, 10_000, ratio=0.80)
    found = made.ratio()
    assert found.value == pytest.approx(0.80, abs=0.06)
    assert found.low < 0.80 < found.high
    assert found.half_width <= 0.06
    assert rate_ratio(made.everybody()).value > 0.90
    assert made.balance.worst_before > 0.2
    assert made.balance.worst_after < 0.05


def test_planted_nulls_are_found_significant_no_more_often_than_they_should_be():
    """One matching, 120 redrawn outcomes with a cause of their own and homes that share it."""
    made = matched(8)
    people, homes = len(made.cohort.treated), int(made.cohort.home.max()) + 1
    random = np.random.default_rng(9)
    significant = 0
    for _ in range(120):
        shared = random.gamma(4, 0.25, homes)[made.cohort.home]
        outcome = random.poisson(0.25 * shared * random.gamma(2, 0.5, people)).astype(float)
        found = made.with_outcome(outcome).ratio()
        significant += not found.low <= 1 <= found.high
    assert stats.binomtest(significant, 120, 0.05).pvalue > 0.001


def test_a_rare_level_without_events_does_not_break_the_adjustment(rows):
    rare = np.zeros((len(rows.years), 1))
    rare[np.flatnonzero(rows.outcome == 0)[:7]] = 1.0
    assert rate_ratio(rows, rare) == rate_ratio(rows)
