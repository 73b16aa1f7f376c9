"""Sampling pairs for review: known chances, unbiased estimates, the same sample whatever the order."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewell.errors import LinkError
from sharewell.link.review import Design, draw
from sharewell.link.review.allocation import neyman

KEY = b"a key of the linker, for tests.."


def scored(count: int, seed: int = 1) -> pa.Table:
    rng = random.Random(seed)
    rows = [
        {
            "source_l": rng.choice("abc"),
            "record_l": f"l{at}",
            "source_r": rng.choice("abc"),
            "record_r": f"r{at}",
            "rule": rng.choice(("born", "name")),
            "weight": rng.gauss(0, 9),
        }
        for at in range(count)
    ]
    return pa.Table.from_pylist(rows)


def test_strata_meet_at_the_threshold_and_hold_every_pair() -> None:
    pairs = scored(3000)
    design = Design(4.2479, budget=300)
    sample = draw(pairs, design, KEY)
    strata = sample.strata.to_pylist()
    assert sum(each["population"] for each in strata) == 3000
    assert sum(each["drawn"] for each in strata) == len(sample.pairs) == 300
    links = sum(weight >= design.threshold for weight in pairs["weight"].to_pylist())
    assert sum(each["population"] for each in strata if each["linked"]) == links
    assert strata[0]["low"] == -math.inf
    assert strata[-1]["high"] == math.inf
    for row in sample.pairs.to_pylist():
        held = strata[row["stratum"]]
        assert held["low"] <= row["weight"] < held["high"]
        assert row["chance"] == held["drawn"] / held["population"]
    expected = float(np.sum(1 / (1 + np.exp2(-pairs["weight"].to_numpy()))))
    assert math.isclose(sum(each["likely"] for each in strata), expected, rel_tol=1e-4)


def test_strata_are_as_fine_as_the_budget_bears() -> None:
    coarse = draw(scored(3000), Design(0.0, budget=60), KEY).strata
    fine = draw(scored(3000), Design(0.0, budget=2000), KEY).strata
    assert set(coarse["sources"].to_pylist()) == {"several"}
    assert {"a + b", "a + c", "b + b"} <= set(fine["sources"].to_pylist())
    assert {"born", "name"} <= set(fine["rule"].to_pylist())


def test_order_and_side_of_rows_change_nothing_and_a_seed_does() -> None:
    pairs = scored(800)
    turned = pa.table(
        {name: pairs[name[:-1] + ("r" if name[-1] == "l" else "l")] for name in pairs.column_names[:4]}
        | {"rule": pairs["rule"], "weight": pairs["weight"]}
    ).take(pa.array(np.random.default_rng(3).permutation(800)))
    once, again = draw(pairs, Design(2.0, 100), KEY), draw(turned, Design(2.0, 100), KEY)
    assert once.pairs.equals(again.pairs)
    assert once.strata.equals(again.strata)
    other = draw(pairs, Design(2.0, 100, seed=2), KEY)
    assert set(once.pairs["pair"].to_pylist()) != set(other.pairs["pair"].to_pylist())
    both = {row["record_l"]: row["pair"] for row in once.pairs.to_pylist()}
    for row in other.pairs.to_pylist():
        assert both.get(row["record_l"], row["pair"]) == row["pair"], "a pair keeps its id in every sample"
    stranger = draw(pairs, Design(2.0, 100), b"another key of a linker, 32 byte")
    assert not set(once.pairs["pair"].to_pylist()) & set(stranger.pairs["pair"].to_pylist())


def test_horvitz_thompson_is_unbiased_over_seeds() -> None:
    pairs = scored(600, seed=5)
    rng = random.Random(9)
    truth = {row["record_l"][1:]: rng.random() < 1 / (1 + 2 ** -row["weight"]) for row in pairs.to_pylist()}
    estimates, read = [], Counter[str]()
    for seed in range(40):
        rows = draw(pairs, Design(2.0, 80, seed=seed), KEY).pairs.to_pylist()
        estimates.append(sum(truth[row["record_l"][1:]] / row["chance"] for row in rows))
        read.update(row["record_l"][1:] for row in rows)
    error = float(np.std(estimates)) / math.sqrt(len(estimates))
    assert abs(float(np.mean(estimates)) - sum(truth.values())) < 3 * error
    assert len(read) > 570, "every pair has a chance"


@given(
    st.lists(st.tuples(st.integers(1, 500), st.floats(0.01, 0.5)), min_size=1, max_size=12),
    st.integers(1, 900),
    st.integers(1, 5),
)
def test_neyman_spends_the_budget_and_no_more_than_there_is(
    strata: list[tuple[int, float]], budget: int, least: int
) -> None:
    sizes, spreads = [size for size, _ in strata], [spread for _, spread in strata]
    counts = neyman(sizes, spreads, budget, least)
    floor = sum(min(size, least) for size in sizes)
    assert all(min(size, least) <= count <= size for size, count in zip(sizes, counts, strict=True))
    assert sum(counts) == max(floor, min(budget, sum(sizes)))


def test_neyman_is_the_allocation_of_least_variance() -> None:
    sizes, spreads = [1000, 400, 50], [0.1, 0.5, 0.4]

    def variance(counts: list[int]) -> float:
        parts = zip(sizes, spreads, counts, strict=True)
        return sum((size * spread) ** 2 / count for size, spread, count in parts)

    best = variance(neyman(sizes, spreads, 60, 1))
    every = [[one, two, 60 - one - two] for one in range(1, 58) for two in range(1, 59 - one)]
    assert best <= min(variance(counts) for counts in every) * 1.01


def test_bad_input_is_named_all_at_once_and_quotes_no_row() -> None:
    with pytest.raises(LinkError) as caught:
        Design(math.nan, budget=0, width=20, least=0)
    assert len(caught.value.problems) == 4
    pairs = scored(5)
    with pytest.raises(LinkError, match="lack rule"):
        draw(pairs.drop_columns(["rule"]), Design(0.0), KEY)
    with pytest.raises(LinkError, match="5 pairs are scored twice"):
        draw(pa.concat_tables([pairs, pairs]), Design(0.0), KEY)
    silent = pairs.set_column(5, "weight", pa.array([1.0, None, math.inf, 2.0, math.nan]))
    with pytest.raises(LinkError, match="3 scored pairs have no weight"):
        draw(silent, Design(0.0), KEY)


def test_nothing_scored_is_an_empty_sample() -> None:
    sample = draw(scored(1).slice(0, 0), Design(0.0), KEY)
    assert len(sample.pairs) == len(sample.strata) == 0
