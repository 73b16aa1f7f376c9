"""Greedy matching against an obvious slow matcher, against R MatchIt, and its refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from analyse_example import nsw_psid, settings
from hypothesis import given
from hypothesis import strategies as st

from sharewell.analyse.comparison.balance import balance
from sharewell.analyse.comparison.mahalanobis import match_near
from sharewell.analyse.comparison.matching import match
from sharewell.analyse.comparison.propensity import design, score
from sharewell.analyse.comparison.report import fit
from sharewell.errors import FitError

COVARIATES = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]


def slow_match(score, treated, ratio, width, order, tie, exact):
    """Look at every free comparison row each time."""
    rows = np.flatnonzero(treated)
    if order != "data":
        rows = rows[np.argsort(-score[rows] if order == "largest" else score[rows], kind="stable")]
    pool = [int(i) for i in np.flatnonzero(~treated)]
    found = {int(i): [] for i in rows}
    for _ in range(ratio):
        for i in rows:
            near = [
                (abs(score[j] - score[i]), j if tie == "first" else -j)
                for j in pool
                if exact[j] == exact[i]
            ]
            lower = [(a, j) for a, j in near if score[abs(j)] <= score[i] and a <= width]
            near = lower if tie == "below" and lower else near
            if near and min(near)[0] <= width:
                found[int(i)].append(abs(min(near)[1]))
                pool.remove(found[int(i)][-1])
    return found


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 1)), min_size=2, max_size=40),
    st.integers(1, 3),
    st.sampled_from([None, 0.3, 1.0]),
    st.sampled_from(["largest", "smallest", "data"]),
    st.sampled_from(["first", "last", "below"]),
)
def test_it_equals_the_obvious_matcher(people, ratio, caliper, order, tie):
    score = np.array([p[0] / 4 for p in people])
    treated = np.array([p[1] for p in people])
    exact = np.array([p[2] for p in people])
    if treated.all() or not treated.any():
        with pytest.raises(FitError, match="EMPTY_ARM"):
            match(score, treated)
        return
    found = match(score, treated, ratio=ratio, caliper=caliper, order=order, tie=tie, exact=exact)
    width = float("inf") if caliper is None else caliper * np.std(score, ddof=1)
    slow = slow_match(score, treated, ratio, width, order, tie, exact)
    ours = {
        int(t): [int(c) for c in row if c >= 0]
        for t, row in zip(found.treated, found.controls, strict=True)
    }
    assert ours == {t: c for t, c in slow.items() if c}
    assert set(found.dropped) == {t for t, c in slow.items() if not c}


@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=30),
    st.integers(0, 9),
    st.sampled_from(["first", "last"]),
)
def test_with_replacement_each_takes_the_nearest(pool, at, tie):
    score = np.array([float(at)] * 2 + [float(x) for x in pool])
    treated = np.arange(len(score)) < 2
    found = match(score, treated, ratio=2, replace=True, tie=tie)
    near = sorted(range(2, len(score)), key=lambda j: (abs(score[j] - at), j if tie == "first" else -j))[:2]
    assert found.controls.tolist() == [near, near]


def test_a_random_tie_rule_repeats_for_its_seed():
    score, treated = np.zeros(200), np.arange(200) < 20
    once, again, other = (match(score, treated, tie="random", seed=s).controls for s in (1, 1, 2))
    assert (once == again).all()
    assert (once != other).any()


def test_every_fault_is_named_at_once():
    with pytest.raises(FitError) as caught:
        match(np.array([0.1, np.nan]), np.array([True, True]), ratio=0, caliper=-1.0)
    assert [p.code for p in caught.value.problems] == ["SCORE", "EMPTY_ARM", "RATIO", "CALIPER"]


def test_the_experiment_itself_gives_1794():
    from causaldata import nsw_mixtape

    data = nsw_mixtape.load_pandas().data
    arms = data.groupby("treat")["re78"].mean()
    assert arms[1] - arms[0] == pytest.approx(1794.34, abs=0.005)


@pytest.fixture(scope="module", name="nsw_psid")
def _nsw_psid() -> pd.DataFrame:
    return nsw_psid()


@pytest.mark.parametrize(("tie", "effect"), [("first", 894.3675), ("last", 908.2022), ("below", 770.3902)])
def test_nsw_psid_gives_what_matchit_gives(nsw_psid, tie, effect):
    """R MatchIt, method nearest, distance glm. 4.7.2 takes the nearest and the first in the data of equals,
    4.5.1 the next below in the score though one above be nearer. 908.20 is the last in the data of equals.
    """
    treated = nsw_psid.treat.to_numpy() == 1
    given_ = design(pa.Table.from_pandas(nsw_psid[COVARIATES]), treated, curves=False)
    found = match(score(given_, treated).probability, treated, tie=tie)
    earned = nsw_psid.re78.to_numpy()
    assert earned[found.treated].mean() - earned[found.matched_controls].mean() == pytest.approx(
        effect, abs=1e-4
    )


def test_nsw_psid_balance_is_what_matchit_prints(nsw_psid):
    """summary(matchit(...)) of R MatchIt 4.7.2: standardised differences and variance ratios."""
    treated = nsw_psid.treat.to_numpy() == 1
    given_ = design(pa.Table.from_pandas(nsw_psid[COVARIATES]), treated, curves=False)
    held = balance(given_, treated, match(score(given_, treated).probability, treated))
    expected = {
        "age": (-0.30944526, 0.07176969, 0.4568027),
        "educ": (0.05496466, -0.12904256, 0.5721139),
        "race: black": (1.76154189, 1.02585928, np.nan),
        "race: hispan": (-0.34984254, -0.66286797, np.nan),
        "married: 1": (-0.82630927, -0.05520524, np.nan),
        "re74": (-0.72108381, -0.05045079, 1.3289093),
        "re75": (-0.29026291, -0.02568604, 1.4956200),
    }
    ours = {n: (held.before[i], held.after[i], held.variance_ratio[i]) for i, n in enumerate(held.names)}
    for name, figures in expected.items():
        assert ours[name] == pytest.approx(figures, abs=1e-6, nan_ok=True)


def test_nsw_psid_through_the_recipe(nsw_psid):
    people = nsw_psid.assign(
        person=[f"{i:03d}" for i in range(614)],
        treated=nsw_psid.treat == 1,
        outcome=nsw_psid.re78,
        years=1.0,
    )
    chosen = settings(
        covariates=COVARIATES, home=None, ratio=1, distance="propensity", adjust=False, curves=False
    )
    finding = fit(pa.Table.from_pandas(people, preserve_index=False), chosen)
    assert finding.table("difference").data["difference"].to_pylist() == [pytest.approx(894.3675, abs=1e-4)]
    assert "tie rule first" in finding.method
    flow = {(r["group"], r["stage"]): r["number"] for r in finding.table("flow").data.to_pylist()}
    assert flow["Treated people", "Matched"] == flow["Comparison people", "Matched"] == 185
    assert finding.table("balance").data.num_rows == 8


def test_mahalanobis_on_nsw_psid_gives_what_matchit_gives(nsw_psid):
    """R MatchIt 4.5.1, method nearest, distance mahalanobis: 516.6367, and its first ten matches."""
    treated = nsw_psid.treat.to_numpy() == 1
    columns = ["age", "educ", "black", "hispan", "married", "nodegree", "re74", "re75"]
    found = match_near(nsw_psid[columns].to_numpy(float), np.zeros(614), treated)
    earned = nsw_psid.re78.to_numpy()
    gained = earned[found.treated].mean() - earned[found.matched_controls].mean()
    assert gained == pytest.approx(516.6367, abs=1e-4)
    assert found.controls[:10, 0].tolist() == [552, 525, 600, 607, 584, 556, 536, 410, 514, 577]


def test_balance_is_what_the_python_peer_says_of_numbers(nsw_psid, capsys):
    """pymatchit-causal, whose pairs are the same. Of levels it says otherwise: it divides by the sample's
    standard deviation, n less one, where R MatchIt and this take that of a share.
    """
    from pymatchit import MatchIt

    treated = nsw_psid.treat.to_numpy() == 1
    peer = MatchIt(nsw_psid, method="nearest")
    peer.fit("treat ~ " + " + ".join(COVARIATES))
    told = peer.summary()
    given_ = design(pa.Table.from_pandas(nsw_psid[COVARIATES]), treated, curves=False)
    held = balance(given_, treated, match(score(given_, treated).probability, treated))
    numbers = [i for i, name in enumerate(held.names) if name in ("age", "educ", "re74", "re75")]
    assert len(numbers) == 4
    for i in numbers:
        before, after = (told[when].loc[held.names[i]] for when in ("unmatched", "matched"))
        assert held.before[i] == pytest.approx(before["Std. Mean Diff."], abs=1e-6)
        assert held.after[i] == pytest.approx(after["Std. Mean Diff."], abs=1e-6)
        assert held.variance_ratio[i] == pytest.approx(after["Var Ratio"], abs=1e-6)
        assert held.treated_mean[i] == pytest.approx(after["Means Treated"])
        assert held.after_mean[i] == pytest.approx(after["Means Control"])
