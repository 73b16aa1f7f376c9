"""The search against brute force: every node of small lattices, counted by plain dictionaries."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check.microdata.anonymity import Anonymity
from sharewell.check.microdata.classes import Grouping
from sharewell.check.microdata.hierarchy import Hierarchy
from sharewell.check.microdata.loss import METRICS
from sharewell.check.microdata.recode import anonymise
from sharewell.check.microdata.search import search
from sharewell.check.microdata.tuples import encode

TREES = {
    "a": Hierarchy.from_rows([(str(i), f"p{i // 2}", f"q{i // 4}") for i in range(8)]),
    "b": Hierarchy.from_rows([(str(i), f"r{i // 3}") for i in range(6)]),
    "c": Hierarchy.from_rows([(str(i),) for i in range(3)]),
}
HEIGHTS = (4, 3, 2)
QUASI = ("a", "b", "c")

rows = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 5), st.integers(0, 2), st.integers(0, 3)),
    min_size=6,
    max_size=40,
)


@st.composite
def wants(draw: Any) -> Anonymity:
    return Anonymity(
        "drawn",
        "test",
        k=draw(st.integers(2, 4)),
        l=draw(st.sampled_from([None, None, 2, 3])),
        t=draw(st.sampled_from([None, None, 0.1, 0.25, 0.4, 0.6])),
        delta=draw(st.sampled_from([None, None, 0.3, 0.8, 1.5])),
        suppress=draw(st.sampled_from([0.0, 0.05, 0.15, 0.3])),
    )


def make(data: list[tuple[int, int, int, int]], ordered: bool) -> pa.Table:
    a, b, c, s = zip(*data, strict=True)
    sensitive = pa.array(s) if ordered else pa.array([f"v{value}" for value in s])
    return pa.table({"a": [*map(str, a)], "b": [*map(str, b)], "c": [*map(str, c)], "s": sensitive})


def label(column: str, value: str, level: int) -> str:
    ladder = TREES[column].ladder(value)
    assert ladder is not None
    return ladder[level]


def far(held: Counter[Any], whole: Counter[Any], ordered: bool) -> float:
    people, everybody = sum(held.values()), sum(whole.values())
    gaps = [held[v] / people - whole[v] / everybody for v in sorted(whole)]
    if not ordered:
        return sum(map(abs, gaps)) / 2
    sums = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    return sum(map(abs, sums)) / (len(gaps) - 1) if len(gaps) > 1 else 0.0


def judged(
    table: pa.Table, node: tuple[int, ...], wanted: Anonymity, ordered: bool
) -> dict[Any, list[Any]]:
    """Classes of a node that may stay, with their sensitive values, by the rule that the settings state."""
    classes = defaultdict(list)
    for row in table.to_pylist():
        key = tuple(label(q, row[q], level) for q, level in zip(QUASI, node, strict=True))
        classes[key].append(row["s"])
    stay = {
        key: values
        for key, values in classes.items()
        if len(values) >= wanted.k and len(set(values)) >= (wanted.l or 1)
    }
    while stay:
        whole = Counter(value for values in stay.values() for value in values)
        gone: set[Any] = set()
        if wanted.t is not None:
            gone |= worst({k: far(Counter(v), whole, ordered) - wanted.t for k, v in stay.items()})
        if wanted.delta is not None:
            gone |= worst({k: ratio(Counter(v), whole) - wanted.delta + 2e-12 for k, v in stay.items()})
        if not gone:
            break
        stay = {key: values for key, values in stay.items() if key not in gone}
    return stay


def worst(excess: dict[Any, float]) -> set[Any]:
    most = max(excess.values())
    return {key for key, over in excess.items() if over > 1e-12 and over >= most / 2 - 1e-9}


def ratio(held: Counter[Any], whole: Counter[Any]) -> float:
    return max(abs(math.log(n / held.total() * whole.total() / whole[v])) for v, n in held.items())


def loss_of(table: pa.Table, node: tuple[int, ...], stay: dict[Any, list[Any]], metric: str) -> float:
    records = table.to_pylist()
    count = len(records)
    keys = [tuple(label(q, r[q], x) for q, x in zip(QUASI, node, strict=True)) for r in records]
    sizes = Counter(keys)
    if metric == "discernibility":
        return float(sum(sizes[key] if key in stay else count for key in keys))
    if metric == "average-class-size":
        return count / (len(stay) + (len(stay) < len(sizes)))
    total = 0.0
    for at, name in enumerate(QUASI):
        exact = Counter(r[name] for r in records)
        group = Counter(key[at] for key in keys)
        leaves = {r[name] for r in records}
        for record, key in zip(records, keys, strict=True):
            gone = key not in stay
            if metric == "loss":
                same = [v for v in leaves if label(name, v, node[at]) == key[at]]
                share = (len(same) - 1) / max(len(leaves) - 1, 1)
                top = 1.0 if len(leaves) > 1 else 0.0
                total += (top if gone else share) / (count * len(QUASI))
            else:
                wide = count if gone and metric == "entropy-with-rows" else group[key[at]]
                total += math.log2(wide / exact[record[name]])
    return total


@settings(max_examples=120, deadline=None, derandomize=True)
@given(rows, wants(), st.sampled_from(sorted(METRICS)), st.booleans())
def test_search_is_optimal(
    data: list[tuple[int, int, int, int]], wanted: Anonymity, metric: str, ordered: bool
) -> None:
    table = make(data, ordered)
    budget = wanted.budget(len(data))
    best = math.inf
    for node in product(*map(range, HEIGHTS)):
        stay = judged(table, node, wanted, ordered)
        if len(data) - sum(map(len, stay.values())) <= budget:
            best = min(best, loss_of(table, node, stay, metric))
    tuples = encode(table, QUASI, ["s"], TREES)
    grouping = Grouping(tuples, wanted)
    top = tuple(height - 1 for height in HEIGHTS)
    found = search(grouping, METRICS[metric](tuples, [1.0] * 3), (0, 0, 0), top, budget)
    if found is None:
        assert best == math.inf
        return
    assert found.loss == pytest.approx(best, rel=1e-9, abs=1e-9)
    stay = judged(table, found.node, wanted, ordered)
    assert found.left_out == len(data) - sum(map(len, stay.values())) <= budget


def test_failure_that_heals() -> None:
    """At the top everybody is one class and the rare value makes no difference to t; one level beneath, one
    class strays. A search that took failure on t to hold everywhere beneath would miss the node that leaves
    it out."""
    data = [(0, 0, 0, 0)] * 10 + [(0, 0, 0, 1)] * 10 + [(4, 0, 0, 0)] * 10 + [(4, 0, 0, 1)] * 10
    data += [(1, 0, 0, 1)] * 6
    table = make(data, False)
    wanted = Anonymity("heals", "test", k=5, t=0.05, suppress=0.15)
    finding = anonymise(
        table,
        quasi=QUASI,
        sensitive=["s"],
        hierarchies=TREES,
        wanted=wanted,
        coarsest={"a": 1, "b": 1, "c": 0},
    )
    assert finding.node == {"a": 0, "b": 0, "c": 0}
    assert finding.suppressed_rows == 6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows, st.integers(2, 4), st.permutations(range(3)))
def test_roll_up_equals_counting_anew(
    data: list[tuple[int, int, int, int]], k: int, order: list[int]
) -> None:
    """Classes rolled up along any chain are those counted from the tuples."""
    tuples = encode(make(data, False), QUASI, ["s"], TREES)
    rolled = Grouping(tuples, Anonymity("x", "test", k=k))
    node = [0, 0, 0]
    for column in order:
        for level in range(HEIGHTS[column]):
            node[column] = level
            fresh = Grouping(tuples, Anonymity("x", "test", k=k))
            one, two = rolled.classes(tuple(node)), fresh.classes_of_tuples(tuple(node))
            assert sorted(one.size) == sorted(two.size)
            assert rolled.judge(one).left_out == fresh.judge(two).left_out
