"""Inverse-probability weighting: the published answer on NHEFS, what the weights do, and its refusal."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from causaldata import nhefs_complete

from sharewell.analyse.comparison.propensity import design, score
from sharewell.analyse.comparison.rates import Estimate
from sharewell.analyse.comparison.weighting import agree, inverse_weights
from sharewell.errors import FitError

LEVELS = ["sex", "race", "education", "exercise", "active"]
NUMBERS = ["age", "smokeintensity", "smokeyrs", "wt71"]


@pytest.fixture(scope="module", name="nhefs")
def _nhefs():
    """The 1,566 smokers of Hernan and Robins, Causal Inference: What If, chapter 12."""
    data = nhefs_complete.load_pandas().data
    covariates = {n: data[n].astype(int).astype(str) for n in LEVELS}
    covariates |= {n: data[n].astype(float) for n in NUMBERS}
    treated = data.qsmk.to_numpy() == 1
    given = design(pa.table(covariates), treated)
    return data.wt82_71.to_numpy(float), treated, given, score(given, treated).probability


def gained(weight, treated, kilograms):
    return np.average(kilograms[treated], weights=weight[treated]) - np.average(
        kilograms[~treated], weights=weight[~treated]
    )


def test_quitters_gained_3_44_kg_and_naively_2_54(nhefs):
    kilograms, treated, _, chance = nhefs
    assert len(kilograms) == 1_566
    assert gained(np.ones(1_566), treated, kilograms) == pytest.approx(2.54, abs=0.005)
    weight = inverse_weights(chance, treated, "everybody")
    assert gained(weight, treated, kilograms) == pytest.approx(3.44, abs=0.005)
    assert weight.mean() == pytest.approx(2.0, abs=0.01)  # 1.996 in the book


def test_the_weights_of_the_others_make_them_like_the_treated(nhefs):
    _, treated, given, chance = nhefs
    weight = inverse_weights(chance, treated)
    assert (weight[treated] == 1).all()
    ours = given.matrix[treated].mean(axis=0)
    theirs = np.average(given.matrix[~treated], axis=0, weights=weight[~treated])
    spread = given.matrix[treated].std(axis=0) + (given.matrix.std(axis=0) == 0)
    assert np.abs((ours - theirs) / spread).max() < 0.05
    before = np.abs((ours - given.matrix[~treated].mean(axis=0)) / spread).max()
    assert before > 0.2


def test_somebody_certain_has_no_weight():
    treated = np.array([True, True, False])
    with pytest.raises(FitError, match="CERTAIN"):
        inverse_weights(np.array([0.5, 0.5, 1.0]), treated)
    with pytest.raises(FitError, match="CERTAIN"):
        inverse_weights(np.array([0.5, 0.0, 0.5]), treated, "everybody")
    assert inverse_weights(np.array([1.0, 0.5, 0.5]), treated).tolist() == [1, 1, 1]


def test_two_methods_agree_where_each_holds_the_other():
    one = Estimate(0.8, 0.7, 0.9, 0.01, 99)
    assert agree(one, Estimate(0.85, 0.75, 0.95, 0.01, 99))
    assert not agree(one, Estimate(0.85, 0.82, 0.88, 0.01, 99))
    assert not agree(one, Estimate(0.95, 0.75, 1.1, 0.01, 99))
