"""Suppression of single cells: k holds when `*` is a value of its own, and then as a wildcard too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check.microdata import local_suppression
from sharewell.check.microdata.cell_moves import Moves
from sharewell.check.microdata.local_suppression import suppress_cells

Rows = Sequence[tuple[int, ...]]


def shown(rows: Rows, plan: Moves) -> list[tuple[int, ...]]:
    """The rows as published, -1 for `*`; `rows` one a person, classes in the order of sorted(set(rows))."""
    waiting = Counter(rows)
    classes = sorted(waiting)
    out = []
    for move in plan.moves:
        row = classes[move.of]
        waiting[row] -= move.people
        assert waiting[row] >= 0, "more people moved than there are"
        if move.columns is not None:
            gone = move.columns
            out += [tuple(-1 if i in gone else v for i, v in enumerate(row))] * move.people
    return out + list(waiting.elements())


def run(rows: Rows, k: int, weights: list[float], removable: int = 0) -> Moves | None:
    people = Counter(rows)
    codes = np.array(sorted(people))
    return suppress_cells(codes, np.array([people[row] for row in sorted(people)]), k, weights, removable)


def own_category(rows: Rows) -> int:
    return min(Counter(rows).values())


def wildcard(rows: Rows) -> int:
    """The fewest rows that any row could be taken for, by comparing every two."""
    return min(
        sum(all(a == b or -1 in (a, b) for a, b in zip(one, two, strict=True)) for two in rows)
        for one in rows
    )


def cheapest(rows: Rows, k: int, weights: list[float]) -> float:
    """Every way to hide cells of every row."""
    columns = range(len(weights))
    masks = list(product([False, True], repeat=len(weights)))
    best = float("inf")
    for chosen in product(masks, repeat=len(rows)):
        cost = sum(weights[i] for mask in chosen for i in columns if mask[i])
        if cost < best:
            out = [
                tuple(-1 if mask[i] else row[i] for i in columns)
                for row, mask in zip(rows, chosen, strict=True)
            ]
            if own_category(out) >= k:
                best = cost
    return best


people = st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=4, max_size=30)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(people, st.integers(2, 4), st.booleans())
def test_k_holds_in_both_readings(rows: Rows, k: int, exact: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not exact:
            patch.setattr(local_suppression, "EXACT", 0)
        plan = run(rows, k, [1.0, 2.0, 3.0])
    assert plan is not None
    out = shown(rows, plan)
    assert len(out) == len(rows)
    assert own_category(out) >= k
    assert wildcard(out) >= own_category(out)
    hidden = [sum(row[i] == -1 for row in out) for i in range(3)]
    assert plan.cost == pytest.approx(sum(n * w for n, w in zip(hidden, [1.0, 2.0, 3.0], strict=True)))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=4, max_size=6))
def test_small_cases_are_optimal(rows: Rows) -> None:
    plan = run(rows, 2, [1.0, 1.5])
    assert plan is not None
    assert plan.optimal
    assert plan.cost == pytest.approx(cheapest(rows, 2, [1.0, 1.5]))


def test_greedy_is_near_the_optimum() -> None:
    random = np.random.default_rng(3)
    ratios = []
    for _ in range(8):
        rows = [tuple(row) for row in random.integers(0, [2, 3, 3], size=(40, 3)).tolist()]
        best = run(rows, 3, [1.0, 1.0, 1.0])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(local_suppression, "EXACT", 0)
            found = run(rows, 3, [1.0, 1.0, 1.0])
        assert best is not None
        assert found is not None
        assert best.optimal
        assert not found.optimal
        assert found.cost >= best.cost - 1e-9
        ratios.append(found.cost / max(best.cost, 1.0))
    assert float(np.mean(ratios)) < 1.6


def test_the_wildcard_reading_alone_is_not_enough() -> None:
    """One `*` would satisfy sdcMicro's count for this row, but shows by itself whose it is."""
    rows = [(0, 0)] * 3 + [(0, 1)]
    starred = [(0, 0)] * 3 + [(0, -1)]
    assert wildcard(starred) == 4
    assert own_category(starred) == 1
    plan = run(rows, 2, [1.0, 1.0])
    assert plan is not None
    assert own_category(shown(rows, plan)) >= 2


def test_an_important_column_is_spared() -> None:
    rows = [(0, 0)] * 5 + [(0, 1), (1, 0)]
    for weights, spared in (([1.0, 100.0], 1), ([100.0, 1.0], 0)):
        plan = run([*rows, (0, 1), (1, 0)], 3, weights)
        assert plan is not None
        hidden = [sum(row[i] == -1 for row in shown([*rows, (0, 1), (1, 0)], plan)) for i in range(2)]
        assert hidden[spared] < hidden[1 - spared] or hidden[spared] <= 4
    plan = run([(0, 0), (0, 1), (0, 2)], 3, [100.0, 1.0])
    assert plan is not None
    assert shown([(0, 0), (0, 1), (0, 2)], plan) == [(0, -1)] * 3


def test_rows_may_leave_where_allowed() -> None:
    rows = [(0, 0)] * 4 + [(1, 1)]
    stay = run(rows, 4, [1.0, 1.0], removable=0)
    leave = run(rows, 4, [1.0, 1.0], removable=1)
    assert stay is not None
    assert leave is not None
    assert len(shown(rows, stay)) == 5
    assert shown(rows, leave) == [(0, 0)] * 4


@pytest.mark.parametrize("limit", [0, 1500])
def test_too_few_people(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_suppression, "EXACT", limit)
    assert run([(0, 0), (1, 1)], 3, [1.0, 1.0]) is None
    assert run([(0, 0)] * 3, 3, [1.0, 1.0]) == Moves((), True, 0.0)


def test_many_columns_are_not_enumerated() -> None:
    random = np.random.default_rng(1)
    rows = [tuple(row) for row in random.integers(0, 2, size=(60, 14)).tolist()]
    plan = run(rows, 3, [1.0] * 14)
    assert plan is not None
    assert own_category(shown(rows, plan)) >= 3
