"""Precision and recall from labels: held to planted truth, with intervals that cover it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from sharewell.errors import LinkError
from sharewell.link.review import Interval, curve, quality
from sharewell.link.review.estimates import Stratum
from sharewell.link.review.intervals import part_of, product, share, weighted

# population, chance of a match, linked: rare matches far below, few errors far above
WORLD = (
    (20000, 0.0002, False),
    (3000, 0.003, False),
    (900, 0.02, False),
    (500, 0.1, False),
    (300, 0.3, False),
    (250, 0.6, True),
    (400, 0.85, True),
    (900, 0.97, True),
    (2000, 0.99, True),
    (20000, 0.9995, True),
)
READ = (80, 50, 50, 50, 50, 50, 50, 50, 50, 50)


def planted(rng: np.random.Generator, read: tuple[int, ...]) -> tuple[list[Stratum], float, float]:
    """Strata as read, with the precision and recall that they are of."""
    strata, linked, matches, links = [], 0, 0, 0
    for at, ((size, chance, link), count) in enumerate(zip(WORLD, read, strict=True)):
        marked = int(rng.binomial(size, chance))
        same = int(rng.hypergeometric(marked, size - marked, count))
        strata.append(Stratum(size, link, same, count - same, low=2.0 * at - 10))
        matches += marked
        linked += marked * link
        links += size * link
    strata[0] = replace(strata[0], low=-math.inf)
    return strata, linked / links, linked / matches


@pytest.mark.parametrize("read", [READ, tuple(3 * count for count in READ), (12,) * len(READ)])
def test_intervals_cover_the_truth_in_400_seeds(read: tuple[int, ...]) -> None:
    rng = np.random.default_rng(20240603)
    covered = np.zeros(2)
    for _ in range(400):
        strata, precision, recall = planted(rng, read)
        found = quality(strata)
        covered += [
            found.precision.low <= precision <= found.precision.high,
            found.recall.low <= recall <= found.recall.high,
        ]
    assert (covered / 400 >= 0.93).all(), covered / 400


def test_estimates_come_near_the_truth_and_more_reading_brings_them_nearer() -> None:
    rng = np.random.default_rng(7)
    few = [planted(rng, READ) for _ in range(100)]
    many = [planted(rng, tuple(4 * count for count in READ)) for _ in range(100)]

    def error(runs: list[tuple[list[Stratum], float, float]]) -> float:
        return float(np.mean([abs(quality(strata).precision.value - truth) for strata, truth, _ in runs]))

    def width(runs: list[tuple[list[Stratum], float, float]]) -> float:
        found = [quality(strata).precision for strata, _, _ in runs]
        return float(np.mean([each.high - each.low for each in found]))

    bias = np.mean([quality(strata).precision.value - truth for strata, truth, _ in few])
    assert abs(bias) < 0.005
    assert error(many) < error(few)
    assert width(many) < 0.6 * width(few)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n), st.integers(0, n))))
def test_limits_of_a_share_are_exact(told: tuple[int, int, int]) -> None:
    population, drawn, marked = told
    covers = 0.0
    for seen in range(max(0, drawn + marked - population), min(drawn, marked) + 1):
        found = share(seen, drawn, population)
        assert 0 <= found.low <= found.value <= found.high <= 1
        if found.low - 1e-12 <= marked / population <= found.high + 1e-12:
            covers += float(hypergeom.pmf(seen, population, marked, drawn))
    assert covers >= 0.95 - 1e-9


def test_limits_at_their_ends() -> None:
    assert share(7, 7, 7) == Interval(1.0, 1.0, 1.0), "all read, nothing left to doubt"
    assert share(0, 0, 50) == Interval(0.5, 0.0, 1.0)
    assert abs(share(0, 30, 10**6).high - (1 - 0.025 ** (1 / 30))) < 1e-12
    assert share(0, 30, 10**6).low == 0.0
    some = Interval(0.4, 0.2, 0.7)
    whole = weighted([(10.0, some)])
    assert (whole.value, whole.low, whole.high) == pytest.approx((4.0, 2.0, 7.0))
    assert part_of(Interval(0.0, 0.0, 0.0), Interval(0.0, 0.0, 5.0)) == Interval(0.0, 0.0, 1.0)
    certain = part_of(Interval(30.0, 30.0, 30.0), Interval(10.0, 10.0, 10.0))
    assert abs(certain.low - 0.75) < 1e-9
    assert abs(certain.high - 0.75) < 1e-9
    assert product(Interval(0.9, 0.8, 0.95), Interval(1.0, 1.0, 1.0)).low == pytest.approx(0.8)
    assert product(Interval(0.0, 0.0, 0.1), Interval(0.9, 0.8, 1.0)) == Interval(0.0, 0.0, 0.1)


def test_unclear_pairs_unread_strata_and_what_blocking_missed_are_said() -> None:
    strata = [
        Stratum(1000, False, 0, 40, 10, low=-math.inf, likely=3.5),
        Stratum(100, False, 5, 15, 5, low=2.0),
        Stratum(100, True, 0, 0, 3, low=4.0),
        Stratum(500, True, 48, 2, low=6.0),
    ]
    found = quality(strata)
    assert (found.links, found.read, found.unsure, found.unread) == (600, 110, 18, 1)
    assert found.expected_below == 3.5
    assert found.bounds_precision[0] < found.precision.value < found.bounds_precision[1]
    assert found.bounds_recall[0] < found.recall.value < found.bounds_recall[1]
    assert found.recall.value < 1
    assert found.recall_in_band.low > found.recall.low
    assert found.precision.low < 500 * 0.9 / 600, "a stratum that nobody could tell may be all wrong"
    assert "never compared are not in it" in found.note
    known = quality(strata, reached=(95, 100))
    assert known.reach is not None
    assert known.recall.value == pytest.approx(found.recall.value * 0.95)
    assert known.recall.low < found.recall.low
    assert "counts what blocking missed" in known.note
    with pytest.raises(LinkError, match="nothing to estimate from"):
        quality(strata[:2])
    with pytest.raises(LinkError, match="nothing to estimate from"):
        quality([Stratum(10, True, 0, 0)])


def test_the_curve_falls_in_recall_and_agrees_with_the_estimate_at_the_threshold() -> None:
    strata, _, _ = planted(np.random.default_rng(1), READ)
    table = curve(strata)
    recall = table["recall"].to_pylist()
    assert recall == sorted(recall, reverse=True)
    links = table["links"].to_pylist()
    assert links == sorted(links, reverse=True)
    here = next(row for row in table.to_pylist() if row["threshold"] == 0.0)
    found = quality(strata)
    assert (here["precision"], here["precision_low"]) == (found.precision.value, found.precision.low)
    assert (here["recall"], here["recall_high"]) == (found.recall.value, found.recall.high)
    assert len(curve([])) == 0
