"""Difference in differences: equal to statsmodels, right on planted changes, plain about bad counts."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from sharewell.analyse.comparison.change import change
from sharewell.analyse.comparison.rates import Rows
from sharewell.errors import FitError


def drawn(random, ratio=1.0, people=1_200, level=1.5):
    """Arms that differ for good (`level`), a trend that both share, and an effect of `ratio` afterwards."""
    treated = np.arange(people) < people // 3
    rate = 0.6 * random.gamma(4, 0.25, people) * np.where(treated, level, 1.0)
    before = random.poisson(rate * 0.75).astype(float)
    after = random.poisson(rate * 1.2 * np.where(treated, ratio, 1.0)).astype(float)
    sets = np.arange(people) % (people // 3)
    rows = Rows(after, np.ones(people), treated, np.where(treated, 1.0, 0.5), (sets,))
    return rows, before, np.full(people, 0.75)


def test_it_equals_statsmodels():
    rows, before, years = drawn(np.random.default_rng(1))
    found = change(rows, before, years)
    arm, later = np.tile(rows.treated * 1.0, 2), np.repeat([0.0, 1.0], len(before))
    model = sm.GLM(
        np.concatenate([before, rows.outcome]),
        np.column_stack([np.ones(len(arm)), arm, later, arm * later]),
        sm.families.Poisson(),
        offset=np.log(np.concatenate([years, rows.years])),
        freq_weights=np.tile(rows.weight, 2),
    )
    sets = {"groups": np.tile(rows.clusters[0], 2), "use_correction": False}
    theirs = model.fit(cov_type="cluster", cov_kwds=sets, tol=1e-14)
    assert np.log(found.ratio.value) == pytest.approx(theirs.params[3], abs=1e-8)
    error = theirs.bse[3] * np.sqrt(400 / 399) * stats.t.ppf(0.975, 399)
    assert found.ratio.half_width == pytest.approx(error, rel=1e-6)
    (b1, b0), (a1, a0) = found.before, found.after
    assert found.ratio.value == pytest.approx(a1 / b1 / (a0 / b0))
    assert found.difference.value == pytest.approx((a1 - b1) - (a0 - b0))


@pytest.mark.parametrize("ratio", [1.0, 0.75])
def test_a_planted_change_is_covered_where_the_later_rates_alone_mislead(ratio):
    random, covered, naive, small = np.random.default_rng(2), 0, [], []
    for _ in range(100):
        rows, before, years = drawn(random, ratio)
        found = change(rows, before, years)
        covered += found.ratio.low <= ratio <= found.ratio.high
        naive.append(rows.rate(True) / rows.rate(False))
        small.append(np.log(found.ratio.value))
    assert stats.binomtest(covered, 100, 0.95).pvalue > 0.001
    assert np.exp(np.mean(small)) == pytest.approx(ratio, abs=0.04)
    assert np.mean(naive) > 1.4 * ratio


def test_the_difference_covers_its_truth():
    random, covered = np.random.default_rng(3), 0
    for _ in range(100):
        rows, before, years = drawn(random, 0.75, level=1.0)
        found = change(rows, before, years).difference
        covered += found.low <= -0.6 * 1.2 * 0.25 <= found.high
    assert stats.binomtest(covered, 100, 0.95).pvalue > 0.001


@pytest.mark.parametrize(
    ("spoil", "codes"),
    [
        (lambda r, b, y: (r, b - 9, y), ["NEGATIVE"]),
        (lambda r, b, y: (r, b - 9, y * 0), ["NEGATIVE", "EXPOSURE"]),
        (lambda r, b, y: (r, b * r.treated, y), ["NO_EVENTS"]),
    ],
)
def test_what_cannot_have_changed_is_refused(spoil, codes):
    with pytest.raises(FitError) as caught:
        change(*spoil(*drawn(np.random.default_rng(4))))
    assert [p.code for p in caught.value.problems] == codes
