"""Population uniqueness and the risk of a row, against populations that were planted."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from sharewell.check.microdata.log_linear import log_linear_risk
from sharewell.check.microdata.measure import frequencies
from sharewell.check.microdata.population import count_in_population, pitman_uniques
from sharewell.check.microdata.risk import (
    individual_risk,
    journalist_risk,
    prosecutor_risk,
    summarise,
)
from sharewell.errors import DataError, FitError

FRACTION = 0.1
COLUMNS = ["age", "work", "ward", "origin"]


def people(seed: int, size: int = 40_000, tied: bool = False) -> pa.Table:
    """A population whose columns are independent, or (`tied`) of which work depends on age."""
    random = np.random.default_rng(seed)
    sizes = {"age": (60, 5.0), "work": (25, 0.5), "ward": (20, 2.0), "origin": (6, 0.7)}
    drawn = {
        name: random.choice(n, size, p=random.dirichlet(np.full(n, rate)))
        for name, (n, rate) in sizes.items()
    }
    if tied:
        near = (drawn["age"] // 3 + random.integers(0, 3, size)) % 25
        drawn["work"] = np.where(random.random(size) < 0.7, near, drawn["work"])
    return pa.table(drawn)


def sample(population: pa.Table, seed: int) -> pa.Table:
    rows = np.random.default_rng(seed + 1000).permutation(population.num_rows)
    return population.take(pa.array(np.sort(rows[: int(FRACTION * population.num_rows)])))


def test_counts_in_the_population_are_exact() -> None:
    population = people(1, 5_000)
    rows = sample(population, 1)
    found = count_in_population(rows, population, COLUMNS)
    keys = Counter(tuple(row.values()) for row in population.to_pylist())
    mine = Counter(tuple(row.values()) for row in rows.to_pylist())
    assert found.population.tolist() == [keys[tuple(row.values())] for row in rows.to_pylist()]
    assert found.sample.tolist() == [mine[tuple(row.values())] for row in rows.to_pylist()]
    assert found.unmatched == 0
    expected = sum(1 for key, n in mine.items() if n == 1 and keys[key] == 1)
    assert found.uniques == expected > 0


def test_a_census_table_of_tuples_counts_the_same() -> None:
    population = people(2, 5_000)
    rows = sample(population, 2)
    census = population.group_by(COLUMNS).aggregate([([], "count_all")])
    whole = count_in_population(rows, population, COLUMNS)
    tuples = count_in_population(rows, census, COLUMNS, people="count_all")
    assert whole.population.tolist() == tuples.population.tolist()


def test_a_suppressed_value_may_be_anybody_and_a_stranger_is_told() -> None:
    population = pa.table({"a": ["x", "x", "y"], "b": ["1", "2", "2"]})
    rows = pa.table({"a": ["x", "y", None, "z"], "b": ["1", None, "2", "1"]})
    found = count_in_population(rows, population, ["a", "b"])
    assert found.population.tolist() == [1, 2, 2, 1]
    assert found.sample.tolist() == [1, 2, 2, 1]
    assert found.unmatched == 1
    strict = count_in_population(rows, population, ["a", "b"], wildcards=False)
    assert strict.unmatched == 3


def test_tables_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(DataError, match="another type"):
        count_in_population(pa.table({"a": ["x"]}), pa.table({"a": [1]}), ["a"])


def test_the_three_intruders_of_a_file() -> None:
    rows = pa.table({"a": ["x", "x", "y", "z"]})
    population = pa.table({"a": ["x"] * 4 + ["y"] * 2 + ["z"]})
    found = count_in_population(rows, population, ["a"])
    prosecutor = summarise("prosecutor", prosecutor_risk(found), 0.5)
    assert (prosecutor.highest, prosecutor.average, prosecutor.above) == (1.0, 0.75, 0.5)
    journalist = summarise("journalist", journalist_risk(found), 0.5)
    assert journalist.expected == pytest.approx(0.25 + 0.25 + 0.5 + 1.0)
    assert journalist.above == 0.25
    assert summarise("prosecutor", np.zeros(0)).rows == 0
    assert journalist.as_mapping()["kind"] == "journalist"


def test_log_linear_finds_planted_population_uniques() -> None:
    """Independent columns: the count of rows alone in both is within its interval in most seeds, and the
    expected number of right matches within 5%."""
    within = 0
    for seed in range(12):
        population = people(seed)
        rows = sample(population, seed)
        truth = count_in_population(rows, population, COLUMNS)
        found = log_linear_risk(rows, COLUMNS, FRACTION)
        low, high = found.interval
        within += low <= truth.uniques <= high
        assert found.population_uniques == pytest.approx(truth.uniques, rel=0.10)
        right = (1 / truth.population)[truth.sample == 1].sum()
        assert found.correct.sum() == pytest.approx(right, rel=0.05)
    assert within >= 9


def test_log_linear_prefers_pairs_where_columns_are_tied() -> None:
    """Independence is rejected by its bias; pairs overfit, and the estimated bias puts that right."""
    errors, uncorrected = [], []
    for seed in range(4):
        population = people(seed, tied=True)
        rows = sample(population, seed)
        truth = count_in_population(rows, population, COLUMNS).uniques
        found = log_linear_risk(rows, COLUMNS, FRACTION)
        assert found.interactions == "pairs"
        assert found.bias["pairs"] < 0 < found.bias["none"]
        errors.append(found.population_uniques / truth - 1)
        uncorrected.append(found.unique.sum() / truth - 1)
    assert np.abs(errors).max() < 0.15
    assert np.abs(np.mean(errors)) < np.abs(np.mean(uncorrected)) / 2


def pitman_population(alpha: float, theta: float, size: int, seed: int) -> np.ndarray:
    """The class of each person, drawn one by one: each begins a class, or joins one in proportion to its
    size less alpha (by following an earlier person, refused in proportion to alpha over that size)."""
    random = np.random.default_rng(seed)
    of, sizes = [0], [1]
    for i in range(1, size):
        if random.random() * (theta + i) < theta + len(sizes) * alpha:
            of.append(len(sizes))
            sizes.append(1)
            continue
        other = of[int(random.random() * i)]
        while random.random() < alpha / sizes[other]:
            other = of[int(random.random() * i)]
        of.append(other)
        sizes[other] += 1
    return np.array(of)


def test_pitman_finds_the_uniques_of_a_pitman_population() -> None:
    errors = []
    for seed in range(4):
        of = pitman_population(0.4, 300.0, 12_000, seed)
        alone = int((np.bincount(of) == 1).sum())
        drawn = np.random.default_rng(seed).permutation(len(of))[: len(of) // 5]
        found = pitman_uniques(pa.table({"class": of[drawn]}), ["class"], 0.2)
        errors.append(found.population_uniques / alone - 1)
        assert 0 < found.parameters["alpha"] < 1
    assert np.abs(errors).max() < 0.35
    assert abs(np.mean(errors)) < 0.15


def test_pitman_is_within_a_quarter_on_crossed_columns() -> None:
    for seed in range(4):
        population = people(seed)
        alone = count_in_population(population, population, COLUMNS).uniques
        found = pitman_uniques(sample(population, seed), COLUMNS, FRACTION)
        assert found.population_uniques == pytest.approx(alone, rel=0.25)
        assert found.model == "Pitman"


def test_a_sample_that_says_nothing_is_refused() -> None:
    with pytest.raises(FitError, match="no row is alone"):
        pitman_uniques(pa.table({"a": ["x", "x"]}), ["a"], 0.1)
    with pytest.raises(FitError, match="no two rows are alike"):
        pitman_uniques(pa.table({"a": ["x", "y"]}), ["a"], 0.1)
    with pytest.raises(FitError, match="fraction"):
        pitman_uniques(pa.table({"a": ["x", "y"]}), ["a"], 0.0)
    wide = pa.table({f"c{d}": np.arange(200) for d in range(4)})
    with pytest.raises(FitError, match="possible combinations"):
        log_linear_risk(wide, wide.column_names, 0.1)


def test_individual_risk_is_unbiased_for_what_it_estimates() -> None:
    """With equal weights the file's expected right matches are near the true ones."""
    population = people(7)
    rows = sample(population, 7)
    weighted = rows.append_column("w", pa.array(np.full(rows.num_rows, 1 / FRACTION)))
    truth = journalist_risk(count_in_population(rows, population, ["age", "origin"]))
    found = individual_risk(frequencies(weighted, ["age", "origin"], weights="w"))
    assert found.sum() == pytest.approx(truth.sum(), rel=0.15)
    none = frequencies(rows.append_column("w", pa.array(np.zeros(rows.num_rows))), ["age"], weights="w")
    with pytest.raises(DataError, match="not positive"):
        individual_risk(none)
