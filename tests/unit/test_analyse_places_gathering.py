"""Where values gather, held to spdep's and esda's answers, to a formula written out, and to bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sharewell.analyse.places.density import foretell, kernel_density
from sharewell.analyse.places.gathering import (
    false_discovery,
    gi_star,
    gi_star_grid,
    morans_i,
    upper_tail,
)
from sharewell.analyse.places.grid import lay, offsets, spread
from sharewell.errors import FitError

# localG(CRIME, nb2listw(include.self(poly2nb(columbus)), style="B")) of R's spdep 1.2-7, first six; esda
# 2.9.0 gives the same with transform="B", star=True.
SPDEP_GI_STAR = (
    -1.43277965397,
    -1.34000809746,
    -0.77199868095,
    -0.13173336449,
    1.28536279844,
    0.06864804381,
)
SPDEP_MORAN = 0.500188557183


def columbus() -> tuple[Any, Any]:
    """CRIME of Columbus, and its queen neighbours as a 0/1 matrix."""
    geopandas = pytest.importorskip("geopandas")
    examples = pytest.importorskip("libpysal.examples")
    weights = pytest.importorskip("libpysal.weights")
    frame = geopandas.read_file(examples.get_path("columbus.shp"))
    held = weights.Queen.from_dataframe(frame, use_index=False).sparse
    return frame["CRIME"].to_numpy(), (held > 0).astype(float)


def test_columbus_gives_the_answers_of_spdep() -> None:
    crime, near = columbus()
    found = gi_star(crime, near.toarray() + np.eye(len(crime)))
    assert found[:6] == pytest.approx(SPDEP_GI_STAR, abs=1e-10)
    rows = near / np.asarray(near.sum(axis=1)).reshape(-1, 1)
    assert morans_i(crime, rows) == pytest.approx(SPDEP_MORAN, abs=1e-11)


def test_a_grid_with_holes_gives_what_the_matrix_gives() -> None:
    random = np.random.default_rng(3)
    values, ground = random.poisson(2, (13, 9)).astype(float), random.random((13, 9)) < 0.7
    row, column = np.nonzero(ground)
    near = np.hypot(row[:, None] - row, column[:, None] - column) * 250 <= 500
    found = gi_star_grid(values, ground, offsets(250, 500))
    assert found[ground] == pytest.approx(gi_star(values[ground], near.astype(float)), abs=1e-12)
    assert np.isnan(found[~ground]).all()


def test_false_discovery_is_that_of_benjamini_and_hochberg() -> None:
    # Their own example (1995, section 4.1): 15 tests, of which 4 are rejected at 5%.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
         0.6528, 0.759, 1.0]  # fmt: skip
    adjusted = false_discovery(np.array(p))
    assert (adjusted <= 0.05).sum() == 4
    assert adjusted[0] == pytest.approx(0.0015)
    assert (np.diff(adjusted) >= 0).all()
    assert np.isnan(false_discovery(np.array([0.01, np.nan]))[1])
    assert false_discovery(np.array([0.01, np.nan]))[0] == pytest.approx(0.01)


def test_under_no_pattern_few_maps_have_a_hot_cell() -> None:
    random, wrong = np.random.default_rng(5), 0
    ground, steps = np.ones((25, 25), bool), offsets(250, 375)
    for _ in range(200):
        z = gi_star_grid(random.poisson(20, (25, 25)).astype(float), ground, steps)
        wrong += bool((false_discovery(upper_tail(z.ravel())) <= 0.05).any())
    assert wrong <= 20  # 5% expected; 20 of 200 has a chance of under one in 300


def test_the_ground_is_what_lies_within_reach_and_points_outside_count_nowhere() -> None:
    grid = lay(np.array([1_000.0, 9_000.0, np.nan]), np.array([1_000.0, 1_000.0, 5.0]), 250, 375)
    assert grid.ground.sum() == 18
    assert (
        grid.count(
            np.array([1_010.0, 5_000.0, 900_000.0, np.nan]), np.array([1_010.0, 1_010.0, 0, 0])
        ).sum()
        == 2
    )
    assert spread(np.eye(3), offsets(250, 250))[1, 1] == 1


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("COORDINATES", lambda: lay(np.array([np.nan]), np.array([np.nan]), 250, 375)),
        ("COORDINATES", lambda: lay(np.array([0.0, 9e9]), np.array([0.0, 9e9]), 250, 375)),
        ("SAME", lambda: gi_star_grid(np.ones((4, 4)), np.ones((4, 4), bool), offsets(1, 1))),
        ("FEW", lambda: gi_star_grid(np.eye(4), np.eye(4) * [1, 1, 0, 0] > 0, offsets(1, 1))),
        ("SAME", lambda: morans_i(np.ones(4), np.ones((4, 4)))),
        ("LATER", lambda: foretell(np.ones((2, 2), bool), np.ones((2, 2), bool), np.zeros((2, 2)))),
        ("HOT", lambda: foretell(np.zeros((2, 2), bool), np.ones((2, 2), bool), np.ones((2, 2)))),
    ],
)
def test_what_cannot_be_told_is_refused(code: str, act: Any) -> None:
    with pytest.raises(FitError) as caught:
        act()
    assert [problem.code for problem in caught.value.problems] == [code]


def test_the_density_loses_nothing_over_the_edge() -> None:
    counts, ground = np.zeros((9, 9)), np.ones((9, 9), bool)
    counts[0, 0], counts[4, 4], ground[8] = 7, 5, False
    surface = kernel_density(counts, ground, 250, 750)
    assert np.nansum(surface) * 0.25**2 == pytest.approx(12)
    assert np.isnan(surface[8]).all()
    assert surface[4, 8] == 0  # 1,000 m away, beyond the bandwidth


def test_the_accuracy_index_is_the_hit_rate_over_the_share_of_ground() -> None:
    hot, ground, later = np.zeros((10, 10), bool), np.ones((10, 10), bool), np.ones((10, 10))
    hot[0, :5], later[0, :5] = True, 5
    found = foretell(hot, ground, later)
    assert found.index == pytest.approx((25 / 120) / 0.05)
