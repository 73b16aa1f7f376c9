"""The propensity score: equal to statsmodels, and plain about what cannot be scored."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm

from sharewell.analyse.comparison.propensity import design, score
from sharewell.analyse.glm import fit_glm
from sharewell.errors import FitError


@pytest.fixture
def people():
    random = np.random.default_rng(3)
    size = 4_000
    age, risk = random.integers(0, 90, size), random.normal(size=size)
    treated = random.random(size) < 1 / (1 + np.exp(3 - 0.02 * age - 0.5 * risk))
    sex = random.choice(["F", "M"], size)
    return pa.table({"age": age, "risk": risk, "sex": sex}), treated


@pytest.mark.parametrize("size", [3_000, 120_000])
def test_it_equals_statsmodels(size):
    random = np.random.default_rng(1)
    matrix = np.column_stack([np.ones(size), random.normal(size=(size, 4))])
    linear = matrix @ np.array([-2.0, 0.5, -0.4, 0.2, 0.0])
    treated = (random.random(size) < 1 / (1 + np.exp(-linear))).astype(float)
    ours, theirs = fit_glm("logistic", matrix, treated), sm.Logit(treated, matrix).fit(disp=0)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-8)
    assert ours.standard_errors == pytest.approx(theirs.bse, abs=1e-8)


def test_poisson_with_weights_and_offset_equals_statsmodels():
    random = np.random.default_rng(2)
    matrix = np.column_stack([np.ones(2_000), random.normal(size=(2_000, 3))])
    counts = random.poisson(np.exp(matrix @ np.array([0.1, 0.3, -0.2, 0.0]))).astype(float)
    weights, offset = random.uniform(0.2, 1, 2_000), np.log(random.uniform(0.5, 2, 2_000))
    ours = fit_glm("poisson", matrix, counts, weights=weights, offset=offset)
    theirs = sm.GLM(counts, matrix, sm.families.Poisson(), offset=offset, freq_weights=weights).fit(
        tol=1e-14
    )
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-8)


def test_equal_people_have_equal_scores(people):
    covariates, treated = people
    twice = pa.concat_tables([covariates, covariates])
    found = score(design(twice, np.tile(treated, 2)), np.tile(treated, 2))
    assert (found.logit[: len(treated)] == found.logit[len(treated) :]).all()


def test_covariates_that_cannot_be_used_are_all_named(people):
    covariates, treated = people
    size = len(treated)
    bad = (
        covariates.append_column("empty", pa.nulls(size, pa.float64()))
        .append_column("same", pa.array(["x"] * size))
        .append_column("born", pa.array([0] * size, pa.date32()))
    )
    with pytest.raises(FitError) as caught:
        design(bad, treated)
    assert [p.code for p in caught.value.problems] == ["ALL_MISSING", "CONSTANT", "COVARIATE"]


@pytest.mark.parametrize("kind", ["decides", "gap"])
def test_a_covariate_that_decides_is_refused(people, kind):
    covariates, treated = people
    decides = treated * 1.0 + np.where(
        kind == "gap", np.random.default_rng(0).uniform(0, 0.5, len(treated)), 0.0
    )
    given_ = design(covariates.append_column("decides", pa.array(decides)), treated)
    with pytest.raises(FitError) as caught:
        score(given_, treated)
    assert caught.value.problems[0].code in ("SEPARATION", "NO_OVERLAP")


def test_covariates_that_repeat_one_another_are_refused(people):
    covariates, treated = people
    doubled = pa.array(2 * covariates["risk"].to_numpy())
    with pytest.raises(FitError, match="SINGULAR"):
        score(design(covariates.append_column("doubled", doubled), treated, curves=False), treated)


def test_a_level_of_one_arm_only_is_set_aside(people):
    covariates, treated = people
    lone = np.where(np.arange(len(treated)) < 50, "rare", covariates["sex"].to_numpy(zero_copy_only=False))
    treated = treated & (np.arange(len(treated)) >= 50)
    given_ = design(covariates.set_column(2, "sex", pa.array(lone)), treated)
    assert not given_.kept[:50].any()
    assert given_.kept[50:].all()
    assert given_.notes == ("People of a level of sex that is found in one arm only were set aside.",)


def test_everybody_set_aside_is_no_overlap(people):
    covariates, treated = people
    arm = pa.array(np.where(treated, "ours", "theirs"))
    with pytest.raises(FitError, match="NO_OVERLAP"):
        design(covariates.append_column("arm", arm), treated)


def test_missing_covariates_are_marked_or_dropped(people):
    covariates, treated = people
    gaps = pa.array([None if i % 9 == 0 else float(i % 83) for i in range(len(treated))])
    holed = covariates.append_column("income", gaps)
    marked, dropped = design(holed, treated), design(holed, treated, missing="drop")
    assert "income: not known" in marked.names
    assert marked.kept.all()
    assert "income: not known" not in dropped.names
    assert int((~dropped.kept).sum()) == len([i for i in range(len(treated)) if i % 9 == 0])


def test_a_number_missing_in_one_arm_only_sets_those_people_aside(people):
    covariates, treated = people
    gaps = pa.array([None if i < 6 else float(i % 83) for i in range(len(treated))])
    given_ = design(covariates.append_column("income", gaps), treated & (np.arange(len(treated)) >= 6))
    assert not given_.kept[:6].any()
    assert "income: not known" not in given_.names
