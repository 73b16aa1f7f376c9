"""Coarsened exact matching: the weights of its authors, cells by hand, and its refusals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from analyse_example import nsw_psid

from sharewell.analyse.comparison.coarsened import coarsen, match_cells
from sharewell.errors import FitError


def test_cells_of_one_arm_are_set_aside_and_the_others_weighted():
    codes = np.array([0, 0, 0, 1, 1, 1, 1, 2, 3])
    treated = np.array([1, 0, 0, 1, 1, 0, 1, 1, 0]) == 1
    found = match_cells(codes, treated)
    assert found.treated.tolist() == [0, 3, 4, 6]
    assert found.dropped.tolist() == [7]
    assert found.matched_controls.tolist() == [1, 2, 5]
    assert found.weights.tolist() == [0.5, 0.5, 3.0]
    assert found.treated_sets.tolist() == [0, 1, 1, 1]
    assert found.sets.tolist() == [0, 0, 1]


def test_weights_are_those_of_iacus_king_and_porro_up_to_their_sum():
    random = np.random.default_rng(1)
    codes, treated = random.integers(0, 40, 500), random.random(500) < 0.3
    found = match_cells(codes, treated)
    ours, theirs = len(found.treated), len(found.matched_controls)
    for row, weight in zip(found.matched_controls, found.weights, strict=True):
        mine = codes == codes[row]
        paper = (theirs / ours) * (mine & treated).sum() / (mine & ~treated).sum()
        assert weight == pytest.approx(paper * ours / theirs)
    assert found.weights.sum() == pytest.approx(ours)


def test_levels_stay_and_numbers_are_cut_between_their_ends():
    table = pa.table({
        "sex": ["F", "F", "M", "M", "F", "F", "M", "M", "F", None],
        "age": [0.0, 24.9, 25.0, 49.9, 50.0, 74.9, 75.0, 100.0, None, 30.0],
    })  # fmt: skip
    cells = coarsen(table, 4)
    same = [(i, j) for i in range(10) for j in range(i) if cells[i] == cells[j]]
    assert same == [(1, 0), (3, 2), (5, 4), (7, 6)]


def test_without_bands_sturges_rule_says_how_many():
    values = np.linspace(0, 1, 1_000)
    assert len(np.unique(coarsen(pa.table({"x": values})))) == 11


def test_it_agrees_with_the_peer_on_nsw():
    """pymatchit-causal on the same cells: the same people kept, the same weights."""
    from pymatchit import MatchIt

    data = nsw_psid()
    treated = data.treat.to_numpy() == 1
    columns = ["age", "educ", "black", "hispan", "married", "nodegree"]
    peer = MatchIt(data[["treat", *columns]], method="cem", cutpoints={"age": 5, "educ": 5})
    peer.fit("treat ~ " + " + ".join(columns))
    # Five bands: no edge of theirs is a whole number, of which the two say otherwise whose band it is.
    found = match_cells(coarsen(pa.Table.from_pandas(data[columns]), 5), treated)
    theirs = np.asarray(peer.weights)
    assert set(found.treated) == set(np.flatnonzero((theirs > 0) & treated))
    assert set(found.matched_controls) == set(np.flatnonzero((theirs > 0) & ~treated))
    ratio = theirs[found.matched_controls] / found.weights
    assert ratio == pytest.approx(ratio[0])


@pytest.mark.parametrize(
    ("codes", "treated", "code"),
    [([0, 0, 1], [1, 1, 0], "NO_OVERLAP"), ([0, 1], [1, 1], "EMPTY_ARM"), ([0, 1], [0, 0], "EMPTY_ARM")],
)
def test_what_cannot_be_compared_is_refused(codes, treated, code):
    with pytest.raises(FitError, match=code):
        match_cells(np.array(codes), np.array(treated) == 1)
