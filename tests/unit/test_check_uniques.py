"""Special uniques against published scores and against every set of columns tried on every row."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import factorial

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check.microdata.special_uniques import special_uniques
from sharewell.errors import DataError

GUIDE = pa.table(
    {
        "residence": ["u", "u", "u", "u", "r", "u", "u", "u", "u", "u"],
        "gender": list("fffmfmfmff"),
        "education": ["si", "si", "pi", "sc", "sc", "sc", "pc", "ps", "si", "si"],
        "labour": list("eeneuenunn"),
    }
)
"""Ten records of the World Bank's practice guide on microdata (Benschop, Machingauta, Welch)."""


def test_scores_are_those_published_for_the_practice_guide() -> None:
    found = special_uniques(GUIDE, GUIDE.column_names)
    assert found.score.tolist() == [0, 0, 6, 0, 12, 0, 6, 10, 0, 0]
    assert found.special.tolist() == [score > 0 for score in found.score]
    assert found.by_size[:, 4].tolist() == [1, 3, 0, 0]


def test_scores_are_those_published_in_the_textbook() -> None:
    """Templ 2017, the toy data of eight people: scores of the last four."""
    rows = pa.table(
        {
            "age": ["20s"] * 7 + ["60s"],
            "gender": ["m"] * 4 + ["f"] * 3 + ["m"],
            "income": ["high"] * 2 + ["low"] * 6,
            "education": ["hs"] * 4 + ["uni", "hs", "mid", "uni"],
        }
    )
    assert special_uniques(rows, rows.column_names).score[4:].tolist() == [4, 2, 6, 8]


def test_contributions_are_those_published() -> None:
    rows = pa.table({"a": [2, 1, 1], "b": [0, 3, 0], "c": [0, 6, 0]})
    assert special_uniques(rows, ["c", "a", "b"]).contribution == {"c": 0.375, "a": 0.5, "b": 0.375}


def every_set(rows: list[tuple[int, ...]], columns: int, largest: int) -> tuple[list[int], list[float]]:
    """MSUs of each row and their score, by trying all sets."""
    alone: dict[tuple[int, ...], set[int]] = {}
    counts, scores = [0] * len(rows), [0.0] * len(rows)
    for size in range(1, largest + 1):
        for subset in combinations(range(columns), size):
            seen = Counter(tuple(row[d] for d in subset) for row in rows)
            alone[subset] = {i for i, row in enumerate(rows) if seen[tuple(row[d] for d in subset)] == 1}
            below = [alone[s] for n in range(1, size) for s in combinations(subset, n)]
            for i in alone[subset].difference(*below):
                counts[i] += 1
                # Product of (columns - i) for i from the set's size to the largest looked for.
                worth = factorial(columns - size)
                for i_left in range(columns - min(largest, columns - 1) - 1, 0, -1):
                    worth //= i_left
                scores[i] += worth
    return counts, scores


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.integers(1, n),
            st.lists(st.tuples(*[st.integers(0, 3)] * n), min_size=1, max_size=25),
        )
    )
)
def test_every_minimal_set_is_found(case: tuple[int, int, list[tuple[int, ...]]]) -> None:
    columns, largest, rows = case
    table = pa.table({f"c{d}": [row[d] for row in rows] for d in range(columns)})
    found = special_uniques(table, table.column_names, largest=largest)
    counts, scores = every_set(rows, columns, largest)
    assert found.by_size.sum(axis=0).tolist() == counts
    assert found.score.tolist() == scores


def test_dis_is_the_chance_that_a_match_on_a_unique_is_right() -> None:
    """Samples drawn many times from one population: uniques matched by chance, against the estimate."""
    random = np.random.default_rng(3)
    people = pa.table({f"c{d}": random.integers(0, n, 20_000) for d, n in enumerate((30, 20, 12))})
    codes = people["c0"].to_numpy() * 240 + people["c1"].to_numpy() * 12 + people["c2"].to_numpy()
    sizes = np.bincount(codes)
    true, estimated = [], []
    for _ in range(20):
        drawn = random.permutation(20_000)[:2_000]
        found = special_uniques(people.take(pa.array(drawn)), people.column_names, fraction=0.1)
        alone = found.special
        # A match on a unique is right for one of the F people alike, the share weighted by F.
        true.append(alone.sum() / sizes[codes[drawn]][alone].sum())
        estimated.append(found.file_dis)
    assert np.mean(estimated) == pytest.approx(np.mean(true), rel=0.05)


def test_dis_suda_rises_with_the_score_and_is_a_chance() -> None:
    found = special_uniques(GUIDE, GUIDE.column_names, fraction=0.1)
    order = np.argsort(found.score, kind="stable")
    assert (np.diff(found.dis[order]) >= 0).all()
    assert 0 < found.dis.max() < 1
    assert found.dis[~found.special].tolist() == [0.0] * 6
    whole = special_uniques(GUIDE, GUIDE.column_names, fraction=1.0)
    assert whole.dis[whole.special].tolist() == [1.0] * 4


def test_rows_given_as_tuples_and_nobody_alone() -> None:
    twice = pa.concat_tables([GUIDE, GUIDE])
    found = special_uniques(twice, GUIDE.column_names)
    assert not found.special.any()
    assert found.as_mapping()["special_uniques"] == 0
    assert found.file_dis == 0.0
    assert set(found.contribution.values()) == {0.0}


def test_too_many_sets_are_refused() -> None:
    wide = pa.table({f"c{d}": [1, 2] for d in range(20)})
    with pytest.raises(DataError, match="sets of columns"):
        special_uniques(wide, wide.column_names)
    assert special_uniques(wide, wide.column_names, largest=2).by_size[0].tolist() == [20, 20]
