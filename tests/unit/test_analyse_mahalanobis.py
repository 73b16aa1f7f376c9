"""Mahalanobis matching: equal to an obvious slow matcher in every setting, and its refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewell.analyse.comparison.mahalanobis import match_near, whitened
from sharewell.errors import FitError


def slow_match(place, score, treated, exact, ratio, width, tie, order, replace=False):
    """Every free comparison row is looked at each time; equally near is equal to nine decimals."""
    rows = np.flatnonzero(treated)
    if order == "largest":
        rows = rows[np.argsort(-score[rows], kind="stable")]
    pool, found = [int(i) for i in np.flatnonzero(~treated)], {int(i): [] for i in rows}
    for _ in range(ratio):
        for i in rows:
            near = [
                (round(float(np.sqrt(((place[j] - place[i]) ** 2).sum())), 9), j if tie == "first" else -j)
                for j in pool
                if exact[j] == exact[i] and abs(score[j] - score[i]) <= width and j not in found[int(i)]
            ]
            if near:
                found[int(i)].append(abs(min(near)[1]))
                if not replace:
                    pool.remove(found[int(i)][-1])
    return {t: c for t, c in found.items() if c}


def told(found):
    return {
        int(t): [int(c) for c in row if c >= 0]
        for t, row in zip(found.treated, found.controls, strict=True)
    }


@given(
    st.integers(0, 10**6),
    st.integers(1, 3),
    st.sampled_from([None, 0.3, 1.0]),
    st.sampled_from(["first", "last"]),
    st.sampled_from(["data", "largest"]),
    st.booleans(),
    st.booleans(),
)
def test_it_equals_the_obvious_matcher(seed, ratio, caliper, tie, order, replace, discrete):
    random = np.random.default_rng(seed)
    rows = 60
    columns = random.integers(0, 3, (rows, 2)).astype(float) if discrete else random.normal(size=(rows, 2))
    treated = np.arange(rows) < random.integers(5, 20)
    score, exact = columns @ np.array([0.5, 0.25]), random.integers(0, 2, rows)
    try:
        place = whitened(columns, treated)
    except FitError:
        return
    chosen = {"ratio": ratio, "caliper": caliper, "tie": tie, "order": order, "replace": replace}
    found = match_near(columns, score, treated, exact=exact, **chosen)
    width = np.inf if caliper is None else caliper * np.std(score, ddof=1)
    assert told(found) == slow_match(place, score, treated, exact, ratio, width, tie, order, replace)
    assert sorted([*found.treated, *found.dropped]) == np.flatnonzero(treated).tolist()


def test_many_choosers_of_few_points_and_a_crowd_far_from_its_likes():
    """What needs a second tree and a wider look: 3,000 of one kind, whose likes are soon all taken."""
    random = np.random.default_rng(1)
    columns = np.vstack([random.normal(0, 0.01, (3_000, 2)), random.normal(size=(9_000, 2))])
    treated = np.arange(len(columns)) < 3_000
    found = match_near(columns, np.zeros(len(columns)), treated)
    place, free, total = whitened(columns, treated), np.ones(len(columns), bool), 0.0
    free[:3_000] = False
    for i in range(3_000):
        apart = np.where(free, ((place - place[i]) ** 2).sum(axis=1), np.inf)
        nearest = int(apart.argmin())
        free[nearest], total = False, total + np.sqrt(apart[nearest])
    pairs = np.sqrt(((place[found.treated] - place[found.controls[:, 0]]) ** 2).sum(axis=1))
    assert pairs.sum() == pytest.approx(total, rel=1e-9)
    assert len(set(found.controls[:, 0])) == 3_000


def test_the_distance_is_mahalanobis_and_does_not_mind_units():
    random = np.random.default_rng(2)
    columns = random.normal(size=(500, 3)) @ random.normal(size=(3, 3))
    treated = random.random(500) < 0.3
    inner = columns - np.where(treated[:, None], columns[treated].mean(0), columns[~treated].mean(0))
    inverse = np.linalg.inv(inner.T @ inner / 498)
    place, apart = whitened(columns, treated), columns[0] - columns[1]
    assert ((place[0] - place[1]) ** 2).sum() == pytest.approx(apart @ inverse @ apart, rel=1e-6)
    scaled = whitened(columns * np.array([1.0, 1000.0, 0.01]) + 7, treated)
    assert ((scaled[0] - scaled[1]) ** 2).sum() == pytest.approx(apart @ inverse @ apart, rel=1e-6)


@pytest.mark.parametrize("fault", ["constant", "repeats", "decides"])
def test_covariates_without_a_distance_are_refused(fault):
    random = np.random.default_rng(3)
    columns, treated = random.normal(size=(100, 2)), np.arange(100) < 30
    extra = {"constant": np.ones(100), "repeats": columns[:, 0] * 3, "decides": treated * 1.0}[fault]
    with pytest.raises(FitError, match="SINGULAR"):
        match_near(np.column_stack([columns, extra]), np.zeros(100), treated)


def test_a_distance_has_no_below():
    with pytest.raises(FitError, match="TIE"):
        match_near(np.arange(4.0)[:, None], np.zeros(4), np.arange(4) < 2, tie="below")


def test_every_fault_is_named_at_once():
    with pytest.raises(FitError) as caught:
        match_near(np.ones((2, 1)), np.array([0.1, np.nan]), np.array([True, True]), ratio=0, caliper=0.0)
    assert [p.code for p in caught.value.problems] == ["SCORE", "EMPTY_ARM", "RATIO", "CALIPER"]


def test_a_random_tie_rule_repeats_for_its_seed():
    random = np.random.default_rng(4)
    columns, treated = random.integers(0, 2, (400, 2)).astype(float), np.arange(400) < 40
    once, again, other = (
        match_near(columns, np.zeros(400), treated, tie="random", seed=s).controls for s in (1, 1, 2)
    )
    assert (once == again).all()
    assert (once != other).any()
