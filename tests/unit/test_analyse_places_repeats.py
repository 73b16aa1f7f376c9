"""Repeats, near repeats, harm and the share reported: held to planted truth and to brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sharewell.analyse.places.harm import change, weigh
from sharewell.analyse.places.repeats import count_repeats, knox
from sharewell.analyse.places.reporting import Events, estimate, match
from sharewell.errors import FitError


def test_repeats_are_those_within_the_time() -> None:
    place, day = np.array([1, 1, 1, 2, 3, 3]), np.array([400, 0, 10, 5, 0, 366])
    found = count_repeats(place, day, 365)
    assert found.repeats == 1
    assert found.again.tolist() == [True, False, False]
    assert found.incidents.tolist() == [3, 1, 2]
    assert found.share == pytest.approx(1 / 6)


def test_knox_counts_the_pairs_and_finds_what_was_planted_and_nothing_else() -> None:
    random = np.random.default_rng(4)
    east, north, day = random.random(300) * 3_000, random.random(300) * 3_000, random.integers(0, 365, 300)
    none = knox(east, north, day, metres=200, days=14, permutations=199)
    near = np.hypot(east[:, None] - east, north[:, None] - north) <= 200
    soon = np.abs(day[:, None] - day) <= 14
    assert none.pairs == (np.triu(near & soon, 1)).sum()
    assert none.p > 0.01
    more = np.concatenate([day, day[:60] + 3])
    planted = knox(
        np.append(east, east[:60] + 90),
        np.append(north, north[:60]),
        more,
        metres=200,
        days=14,
        permutations=199,
    )
    assert planted.p == pytest.approx(1 / 200)
    assert planted.ratio > 1.3


def test_knox_keeps_its_level_over_draws_without_near_repeats() -> None:
    random, wrong = np.random.default_rng(6), 0
    for seed in range(200):
        east, north = random.normal(0, 400, (2, 120))
        found = knox(
            east, north, random.integers(0, 200, 120), metres=150, days=10, permutations=99, seed=seed
        )
        wrong += found.p <= 0.05
    assert wrong <= 22  # about 10 expected; beyond 22 is under one in 1,000


def test_pairs_at_one_place_are_no_near_repeats() -> None:
    east = np.repeat(np.arange(20) * 5_000.0, 2)
    day, place = np.tile([0, 3], 20), np.repeat(np.arange(20), 2)
    assert knox(east, east, day, metres=100, days=7, permutations=9).pairs == 20
    assert knox(east, east, day, metres=100, days=7, permutations=9, place=place).pairs == 0


def test_harm_orders_otherwise_than_volume() -> None:
    found = weigh({"noise": 900, "robbery": 10, "other": 5}, {"noise": 800}, {"noise": 1, "robbery": 365})
    assert [(w.kind, w.by_harm, w.by_volume, w.harm) for w in found] == [
        ("robbery", 1, 2, 3650.0), ("noise", 2, 1, 900.0),
    ]  # fmt: skip


def test_a_change_has_its_interval_at_its_nominal_rate() -> None:
    random = np.random.default_rng(8)
    pairs = random.poisson((90, 120), (2_000, 2))
    held = [change(int(now), int(last)) for now, last in pairs]
    covers = np.mean([c is not None and c.low <= 0.75 <= c.high for c in held])
    assert 0.93 <= covers <= 0.97
    assert change(5, 0) is None


def planted(share: float, seed: int) -> tuple[Events, Events, float]:
    """A year at forty places, a share of what is treated recorded an hour off, and as much again
    besides."""
    random = np.random.default_rng(seed)
    place, hour = random.integers(0, 40, 2_000), random.integers(0, 365 * 24, 2_000)
    told = random.random(2_000) < share
    extra = random.integers(0, 365 * 24, 3_000)
    when = np.clip(
        np.concatenate([hour[told] + random.integers(-1, 3, told.sum()), extra]), 0, 365 * 24 - 1
    )
    where = np.concatenate([place[told], random.integers(0, 40, 3_000)])
    unknown = random.random(len(where)) < 0.1
    treated = Events(place, hour // 24, hour % 24)
    return treated, Events(np.where(unknown, -1, where), when // 24, when % 24), float(told.mean())


@pytest.mark.parametrize("share", [0.0, 0.27, 0.9])
def test_the_share_reported_is_recovered(share: float) -> None:
    off = []
    for seed in range(20):
        treated, recorded, true = planted(share, seed)
        off.append(estimate(match(treated, recorded, days=1, hours=6)).share - true)
    assert abs(np.mean(off)) < 0.01
    assert max(map(abs, off)) < 0.035


def test_an_hour_that_is_not_known_widens_the_search_to_the_days() -> None:
    weeks = np.arange(0, 140, 7)
    recorded = Events(np.zeros(20, np.int64), weeks, np.full(20, 23))
    late = Events(np.zeros(1, np.int64), np.array([1]), np.array([9]))
    unknown = Events(np.zeros(1, np.int64), np.array([1]), np.array([-1]))
    assert not match(late, recorded, days=1, hours=6).found[0]
    assert match(unknown, recorded, days=1, hours=6).found[0]


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("EMPTY", lambda: count_repeats(np.array([], int), np.array([], int), 1)),
        ("FEW", lambda: knox(np.ones(5), np.ones(5), np.ones(5, int), metres=1, days=1)),
        ("FEW", lambda: knox(np.full(50, np.nan), np.ones(50), np.ones(50, int), metres=1, days=1)),
        ("DENSE", lambda: knox(np.ones(7_000), np.ones(7_000), np.ones(7_000, int), metres=1, days=1)),
        ("HARM", lambda: weigh({"a": 1}, {}, {"b": 2})),
        ("HARM", lambda: weigh({"a": 1}, {}, {"a": -2})),
        ("PLACE", lambda: _match([-1], [0])),
        ("PLACE", lambda: _match([0], [-1])),
        ("SPAN", lambda: _match([0], [0])),
    ],
)
def test_what_cannot_be_told_is_refused(code: str, act: Any) -> None:
    with pytest.raises(FitError) as caught:
        act()
    assert [problem.code for problem in caught.value.problems] == [code]


def _match(treated: list[int], recorded: list[int]) -> Any:
    one = np.zeros(1, np.int64)
    return match(Events(np.array(treated), one, one), Events(np.array(recorded), one, one), days=1, hours=6)


def test_nobody_chosen_gives_no_figure() -> None:
    treated, recorded, _ = planted(0.3, 1)
    found = estimate(match(treated, recorded, days=1, hours=6), np.zeros(2_000, bool))
    assert found.treated == 0
    assert np.isnan(found.share)
