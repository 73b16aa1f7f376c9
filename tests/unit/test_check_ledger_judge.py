"""What releases tell together: planted differences are found, named and refused, and nothing false is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.differencing import exact_interval, host, make_people, make_release
from sharewell.check import Policy
from sharewell.check.ledger.allowance import Allowance
from sharewell.check.ledger.axes import People
from sharewell.check.ledger.book import Ledger, judge
from sharewell.check.ledger.contained import find_contained
from sharewell.check.ledger.drift import Turnover
from sharewell.check.ledger.judge import find_exposed
from sharewell.check.ledger.predicates import Interval, Predicate
from sharewell.check.ledger.reach import Reach
from sharewell.check.ledger.reduce import reduce, tighten
from sharewell.check.ledger.releases import Population, PublishedCell, Release
from sharewell.check.ledger.system import assemble
from sharewell.errors import DocumentError, StorageError

POLICY = Policy(name="p", source="s", minimum=10)
HERE = Population("residents", "2026")
AGES = {"school": [(0, 16), (16, 65), (65, math.inf)], "adult": [(0, 18), (18, 65), (65, math.inf)]}


def one_of(*names: str) -> frozenset[str]:
    return frozenset(names)


def release(
    number: int, cells: dict[Predicate, Any], population: Population = HERE, day: int = 1
) -> Release:
    """Exact figures, None where one is withheld, (low, high) where it is rounded."""

    def cell(where: Predicate, told: Any) -> PublishedCell:
        if told is None:
            return PublishedCell(where, 0, math.inf, withheld=True)
        return PublishedCell(where, *(told if isinstance(told, tuple) else (told, told)))

    made = tuple(cell(where, told) for where, told in cells.items())
    return Release(
        f"r{number}", "agreement", f"product {number}", "t", date(2026, 1, day), population, made
    )


def of(**where: Any) -> Predicate:
    return Predicate.of({k: v if isinstance(v, Interval) else one_of(*v.split()) for k, v in where.items()})


def people_of(ages: dict[int, int], ward: str = "w") -> People:
    table = pa.table({"age": list(ages), "ward": [ward] * len(ages), "n": list(ages.values())})
    return People.from_table(table, "n")


@pytest.mark.parametrize("with_people", [True, False])
def test_overlapping_age_bands(with_people: bool) -> None:
    """0-15/16-64/65+ and 0-17/18-64/65+: four people of 16 and 17 stand between them."""
    ages = {5: 40, 16: 4, 30: 100, 70: 30}
    people = people_of(ages) if with_people else None

    def banded(number: int, bands: str) -> Release:
        count = {
            ends: sum(n for age, n in ages.items() if ends[0] <= age < ends[1]) for ends in AGES[bands]
        }
        return release(number, {of(age=Interval(*ends)): n for ends, n in count.items()})

    first, second = banded(1, "school"), banded(2, "adult")
    held = {HERE.system: people} if people else None
    assert not judge([first], [], POLICY, held)
    problems = judge([second], [first], POLICY, held)
    assert {p.code for p in problems} == {"DIFFERENCING"}
    told = str(problems)
    assert "r1" in told
    assert "16 to under 18" in told or "without" in told
    assert not judge([replace(first, id="r9")], [first], POLICY, held), "an identical repeat tells nothing"


def test_a_filter_that_leaves_out_few() -> None:
    people = People.from_table(
        pa.table({"ward": ["a"] * 3 + ["b"] * 60 + ["a"] * 50, "known": [False] * 3 + [True] * 110})
    )
    first = release(1, {of(ward="a"): 53, of(ward="b"): 60})
    known = Predicate.of({}, ["known"])
    second = release(
        2, {Predicate.of(dict(of(ward=w).where), ["known"]): n for w, n in (("a", 50), ("b", 60))}
    )
    problems = judge([second], [first], POLICY, {HERE.system: people})
    assert {p.code for p in problems} == {"DIFFERENCING"}
    assert "[ward a, without those of" in problems[0].what
    assert not any("3" in p.what for p in problems), "never a count"
    assert not judge(
        [release(3, {known: 110})], [release(4, {of(ward="b"): 60})], POLICY, {HERE.system: people}
    )


def test_a_fine_table_less_one_category_after_the_coarse_one() -> None:
    """Wards of a district without the smallest: the district, told before, gives it back."""
    counts = {"w1": 40, "w2": 30, "w3": 6}
    people = People.from_table(pa.table({"ward": list(counts), "n": list(counts.values())}), "n")
    district = release(1, {of(ward="w1 w2 w3"): 76})
    wards = release(2, {of(ward="w1"): 40, of(ward="w2"): 30, of(ward="w3"): None})
    problems = judge([wards], [district], POLICY, {HERE.system: people})
    assert len(problems) == 1
    assert "r1" in problems[0].what
    assert "ward w3" in problems[0].what
    assert not judge([wards], [], POLICY, {HERE.system: people})


def test_three_releases_of_which_no_two_tell() -> None:
    """Total, and two overlapping sums: a + b, b + c and a + c give each of the three."""
    counts = {"a": 6, "b": 45, "c": 33}
    people = People.from_table(pa.table({"k": list(counts), "n": list(counts.values())}), "n")
    parts = [
        release(i, {of(k=pair): sum(counts[k] for k in pair.split())})
        for i, pair in enumerate(("a b", "b c", "a c"), 1)
    ]
    other = release(7, {of(k="a b c"): (80, 90)})
    for first, second in ((0, 1), (1, 2), (0, 2)):
        assert not judge([parts[second]], [parts[first], other], POLICY, {HERE.system: people})
    problems = judge([parts[2]], [parts[0], other, parts[1]], POLICY, {HERE.system: people})
    assert len(problems) == 1
    assert "r1" in problems[0].what
    assert "r2" in problems[0].what
    assert "r7" not in problems[0].what, "only the releases that it rests on are named"


def test_what_was_told_before_is_not_the_new_ones_doing() -> None:
    people = people_of({5: 40, 16: 4, 30: 100})
    told = [release(1, {of(age=Interval(0, 16)): 40}), release(2, {of(age=Interval(0, 18)): 44})]
    new = release(3, {of(age=Interval(18, 65)): 100})
    assert judge(told[1:], told[:1], POLICY, {HERE.system: people})
    assert not judge([new], told, POLICY, {HERE.system: people})


def test_figures_that_cannot_both_be_right_are_not_judged() -> None:
    one, other = release(1, {of(ward="a"): 40}), release(2, {of(ward="a"): 60})
    assert [p.code for p in judge([other], [one], POLICY)] == ["CONTRADICTION"]
    closed = Population("residents", "2026", closed=True)
    later = replace(closed, snapshot="2027")
    cohort = [release(1, {of(ward="a"): 40}, closed), release(2, {of(ward="a b"): 44}, later)]
    assert {p.code for p in judge(cohort[1:], cohort[:1], POLICY)} == {"DIFFERENCING"}


def drifted(first: Any, second: Any, **more: Any) -> list[str]:
    old = release(1, {of(ward="a"): first})
    new = release(2, {of(ward="a"): second}, Population("residents", "2027"))
    return [p.code for p in judge([new], [old], POLICY, **more)]


def test_fifteen_then_fourteen() -> None:
    assert drifted(15, 14) == ["DIFFERENCING"] == drifted(14, 15)
    assert not drifted(15, 15)
    assert not drifted(15, 25)
    assert not drifted(15, None)
    assert not drifted((13, 17), (23, 27)), "rounded figures that leave ten people's difference possible"
    assert drifted((14, 15), (16, 17)) == ["DIFFERENCING"]
    assert not drifted((13, 17), (13, 17))
    assert not drifted(15, 14, turnover=lambda *_: Turnover(20, 21))
    assert drifted(15, 14, turnover=lambda *_: Turnover(0, 1)) == ["DIFFERENCING"]
    assert drifted(15, 14, turnover=lambda *_: None) == ["DIFFERENCING"]


def test_exposed_counts_are_those_of_the_textbook() -> None:
    """Three gated tables of 6,000 people: every hidden count whose exact interval is narrow, no other."""
    people = make_people(6000, seed=5)
    releases = [
        make_release(people, 0, ("ward", "age"), "five"),
        make_release(people, 1, ("ward", "sex"), "five"),
        make_release(people, 2, ("ward", "age"), "twenty"),
    ]
    system = assemble(releases, host(people))
    counts = system.counts
    assert counts is not None
    assert system.atoms.weights is not None
    held = np.unique(
        [system.cell_row[i] for i, c in enumerate(c for r in releases for c in r.cells) if c.withheld]
    )
    held = held[(counts[held] > 0) & (counts[held] < 10)]
    sets = system.matrix[held]
    relations = reduce(system, sets)
    tight = tighten(relations)
    reach = Reach(
        tight, tight.express(sets), np.full(len(held), 10.0), relations.count(system.atoms.weights)
    )
    found = reach.settle()
    checked = np.union1d(np.flatnonzero(found)[:25], np.arange(0, len(held), max(1, len(held) // 25)))
    for i in checked:
        low, high = exact_interval(system, sets[[i]].toarray().reshape(-1))
        assert found[i] == (math.floor(high + 1e-6) - math.ceil(low - 1e-6) < 10)
    assert found.any()
    assert not found.all()


def consistent(truth: Any, told: Sequence[tuple[Any, int]]) -> Any:
    """All whole tables of as many people that fit exact sums, by enumeration (stars and bars). That nobody
    has a value of one column is known to all."""
    people, size = int(truth.sum()), truth.size
    bars = np.array(list(combinations(range(people + size - 1), size - 1))).reshape(-1, size - 1)
    ends = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), people + size - 1)])
    tables = np.diff(ends, axis=1) - 1
    nobody = (truth.sum(axis=0, keepdims=True) == 0) | (truth.sum(axis=1, keepdims=True) == 0)
    for mask, total in [*told, (nobody, 0)]:
        tables = tables[tables[:, mask.reshape(-1)].sum(axis=1) == total]
    return tables


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.lists(st.tuples(st.sets(st.integers(0, 1)), st.sets(st.integers(0, 2))), min_size=2, max_size=5),
)
def test_intervals_against_every_whole_table(
    counts: list[int], asked: list[tuple[set[int], set[int]]]
) -> None:
    """2 x 3 cells: no interval claimed is narrower than that of the whole tables that fit, and no count is
    called exposed that they leave wide enough."""
    truth, told, cells = np.array(counts).reshape(2, 3), [], {}
    whole = [(set(range(2)), set(range(3)))]
    for a, b in whole + asked:
        rows, columns = a or {0, 1}, b or {0, 1, 2}
        mask = np.zeros((2, 3), bool)
        mask[np.ix_(sorted(rows), sorted(columns))] = True
        told.append((mask, int(truth[mask].sum())))
        cells[of(a=" ".join(f"a{i}" for i in rows), b=" ".join(f"b{j}" for j in columns))] = told[-1][1]
    everywhere = {of(a=f"a{i}", b=f"b{j}"): None for i in range(2) for j in range(3)}
    table = pa.table(
        {"a": [f"a{i}" for i in (0, 0, 0, 1, 1, 1)], "b": [f"b{j}" for j in (0, 1, 2) * 2], "n": counts}
    )
    # Every level has to be known to exist, whether or not anybody has it.
    system = assemble([release(1, cells | {w: n for w, n in everywhere.items() if w not in cells})],
                      People.from_table(table, "n"))  # fmt: skip
    sets = system.matrix[[system.predicates.index(where) for where in everywhere]]
    relations = reduce(system, sets)
    tight = tighten(relations)
    weights = system.atoms.weights
    assert weights is not None
    width = 2
    reach = Reach(tight, tight.express(sets), np.full(6, float(width)), relations.count(weights))
    narrow = reach.settle()
    tables = consistent(truth, told)
    for i in range(6):
        low, high = tables[:, i].min(), tables[:, i].max()
        assert reach.intervals.least[i] <= low + 1e-6
        assert reach.intervals.most[i] >= high - 1e-6
        assert not (narrow[i] and high - low >= width)


def test_many_harmless_releases_pass() -> None:
    """One banding, one characteristic each: no count follows from the others, and none is refused."""
    people = make_people(60_000, seed=11)
    kept: list[Release] = []
    for number, by in enumerate(
        [("age", "sex"), ("age", "tenure"), ("sex", "tenure"), ("ward", "sex"), ("ward",)]
    ):
        new = make_release(people, number, by, "life")
        assert not find_exposed([new], kept, POLICY, host(people))
        kept.append(new)


def test_the_ledger_keeps_what_it_was_given(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    first, second = release(1, {of(ward="a"): None}), release(2, {of(age=Interval(0, 16)): (8, 12)})
    assert ledger.enter(first) == first.digest
    assert ledger.enter(second) == second.digest
    assert ledger.enter(first) == first.digest
    assert ledger.releases() == [first, second]
    paths = sorted((tmp_path / "ledger").iterdir())
    assert len(paths) == 2
    paths[0].write_text(paths[0].read_text().replace('"a"', '"b"'))
    with pytest.raises(StorageError, match="was changed"):
        ledger.releases()
    paths[0].unlink()
    with pytest.raises(StorageError, match="missing"):
        ledger.judge([first], POLICY)


def test_a_population_gives_so_many_answers() -> None:
    before = [release(i, {of(ward="a"): 40}, day=i) for i in (1, 2)]
    new = release(3, {of(ward="a"): 40}, day=3)
    assert [p.code for p in judge([new], before, POLICY, allowance=Allowance(answers=2))] == ["BUDGET"]
    assert not judge([new], before, POLICY, allowance=Allowance(answers=2, days=2))
    assert not judge([replace(new, id="r2")], before, POLICY, allowance=Allowance(answers=2))
    with pytest.raises(DocumentError):
        Allowance(overlap=0)


def test_sets_that_are_nearly_the_same() -> None:
    counts = {"a": 3, "b": 400, "c": 2, "d": 90}
    people = People.from_table(pa.table({"k": list(counts), "n": list(counts.values())}), "n")
    old, new = release(1, {of(k="a b"): 403}), release(2, {of(k="b c"): 402})
    allowance = Allowance(overlap=0.95)
    found = judge([new], [old], POLICY, {HERE.system: people}, allowance=allowance)
    assert "OVERLAP" in {p.code for p in found}
    assert "r1" in str(found)
    apart = release(3, {of(k="c d"): 92})
    assert not judge([apart], [old], POLICY, {HERE.system: people}, allowance=allowance)


def test_pairs_of_which_one_lies_within_the_other_are_those_that_predicates_tell() -> None:
    """Every pair, cell by cell, of figures that differ by one to nine people, whichever of them is new."""
    people = make_people(3000, seed=8)
    releases = [
        make_release(people, 0, ("ward", "age"), "working"),
        make_release(people, 1, ("ward", "age"), "voting"),
    ]
    system = assemble(releases, host(people))
    counts = system.counts
    assert counts is not None
    new = np.unique(system.rows_of(1))
    expected = {
        (i, j)
        for i, j in product(np.flatnonzero(counts > 0), np.flatnonzero(counts >= 10))
        if 0 < counts[j] - counts[i] < 10
        and (i in new or j in new)
        and system.predicates[j].contains(system.predicates[i])
    }
    found = find_contained(system, new, 10)
    assert set(zip(found.inner.tolist(), found.outer.tolist(), strict=True)) == expected
    assert {i in new for i, _ in expected} == {True, False}, "new ones within old, and old within new"
