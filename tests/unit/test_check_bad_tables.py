"""Tables that cannot be judged, or only just: each is refused in words that say what to do, or handled."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from sharewell.check import POLICIES, Policy, audit, gate
from sharewell.check.evidence import gather
from sharewell.errors import GateError
from sharewell.plan.finding import ALL, Finding, Measure, Output, ResultTable

PLAIN = Policy(name="plain", source="a test", minimum=5)
SDAP = POLICIES["sdap"]
AREAS = {"w1": "north", "w2": "north", "w3": "south", "w4": "south"}


def table(
    rows: dict[str, float], hierarchy: dict[str, str] | None = None, **columns: list[float]
) -> ResultTable:
    data = pa.table({"area": list(rows), "people": list(rows.values())} | columns)
    measures = (Measure("cost", "people", additive=True),) if "cost" in columns else ()
    if "first" in columns:
        measures = (replace(measures[0], largest=("first", "second")),)
    output = Output.MAGNITUDE if measures else Output.FREQUENCY
    nested = {"area": hierarchy} if hierarchy else {}
    return ResultTable("t", "T", output, data, ("area",), ("people",), measures, hierarchies=nested)


def refused(given: ResultTable, policy: Policy = PLAIN) -> set[str]:
    with pytest.raises(GateError) as error:
        gate(Finding((given,)), policy)
    assert all(problem.fix and problem.where for problem in error.value.problems)
    return {problem.code for problem in error.value.problems}


@pytest.mark.parametrize(
    ("rows", "hierarchy", "code"),
    [
        ({ALL: 100, "a": 60, "b": 39}, None, "NOT_ADDITIVE"),
        ({ALL: 100, "a": 60, "b": -40}, None, "NEGATIVE"),
        ({ALL: 100, "a": 60.5, "b": 39.5}, None, "COUNT"),
        ({ALL: 105, "a": 60, "b": 40}, None, "RELEASED"),
        ({ALL: 101, "north": 60, "south": 41, "w1": 20, "w2": 30, "w3": 41}, AREAS, "GAP"),
        ({ALL: 101, "north": 60, "w1": 20, "w2": 40, "w3": 11, "w4": 31}, AREAS, "NOT_ADDITIVE"),
        ({ALL: 90, "a": 40, "b": 50}, {"a": "b", "b": "a"}, "HIERARCHY"),
        ({ALL: 90, "a": 40, "b": 50}, {"a": "a"}, "HIERARCHY"),
        ({ALL: 90, "a": 40, "b": 50}, {ALL: "a"}, "HIERARCHY"),
    ],
)
def test_tables_that_do_not_add_or_nest(
    rows: dict[str, float], hierarchy: dict[str, str] | None, code: str
) -> None:
    assert refused(table(rows, hierarchy)) == {code}


def test_a_total_without_a_row_reads_as_nobody_and_is_refused() -> None:
    keys = [(ALL, ALL, 90), ("a", ALL, 40), (ALL, "f", 50), (ALL, "m", 40)]
    keys += [("a", "f", 20), ("a", "m", 20), ("b", "f", 30), ("b", "m", 20)]
    columns = dict(zip(("area", "sex", "people"), map(list, zip(*keys, strict=True)), strict=True))
    given = ResultTable("t", "T", Output.FREQUENCY, pa.table(columns), ("area", "sex"), ("people",))
    assert refused(given) == {"GAP"}


def test_a_hierarchy_of_no_dimension_is_refused() -> None:
    given = replace(table({ALL: 90, "a": 40, "b": 50}), hierarchies={"ward": {"a": "b"}})
    assert refused(given) == {"HIERARCHY"}


def test_float_noise_in_counts_is_taken_away() -> None:
    checked = gate(Finding((table({ALL: 90 + 1e-10, "a": 40 - 1e-9, "b": 50.0}),)), PLAIN)
    assert checked.tables[0].data["people"].to_pylist() == pytest.approx([90, 40, 50])
    assert checked.withheld == ()


def test_a_release_of_a_release_is_refused_in_words() -> None:
    with pytest.raises(GateError, match="already been released"):
        gate(Finding((table({ALL: 105, "a": 60, "b": 40}),)), PLAIN)
    data = pa.table({"area": [ALL, "a"], "people": pa.array([100, None], pa.int64())})
    with pytest.raises(GateError, match="withheld before"):
        gate(Finding((ResultTable("t", "T", Output.FREQUENCY, data, ("area",), ("people",)),)), PLAIN)
    data = pa.table({"area": [ALL, "a"], "people": ["100", "[c]"]})
    with pytest.raises(GateError, match="marks of what was withheld"):
        gate(Finding((ResultTable("t", "T", Output.FREQUENCY, data, ("area",), ("people",)),)), PLAIN)


def test_a_sum_of_nobody_and_contributions_below_zero() -> None:
    rows = {ALL: 40, "a": 40, "b": 0}
    assert refused(table(rows, cost=[10.0, 9.0, 1.0])) == {"NOBODY"}
    wrong = {"cost": [10.0, 10.0, 0.0], "first": [11.0, 4.0, 0.0], "second": [2.0, 2.0, 0.0]}
    assert refused(table(rows, **wrong), SDAP) == {"EVIDENCE"}


def test_weights_of_zero_leave_one_contributor_who_dominates() -> None:
    """Twelve people of whom eleven weigh nothing: the count is large enough, the sum is one person's."""
    sums = {"cost": [500.0, 80.0, 420.0], "first": [80.0, 80.0, 30.0], "second": [30.0, 0.0, 20.0]}
    checked = gate(Finding((table({ALL: 112, "a": 12, "b": 100}, **sums),)), SDAP)
    assert checked.tables[0].data["cost"].to_pylist()[1] is None
    assert checked.withheld[0].rule == "dominance"


def test_a_coalition_of_contributors_asks_for_more() -> None:
    """100 - 60 - 20 = 20 is over 6, but two who pool know at most 40 of what is not the largest's."""
    sums = {"cost": [200.0, 100.0, 100.0], "first": [60.0, 60.0, 20.0], "second": [20.0, 20.0, 18.0]}
    given = table({ALL: 60, "a": 30, "b": 30}, **sums)
    policy = Policy(name="p", source="a test", minimum=5, p_percent=10)
    assert gate(Finding((given,)), policy).withheld == ()
    pooled = gate(Finding((given,)), replace(policy, coalition=2))
    assert pooled.tables[0].data["cost"].to_pylist()[1] is None


def test_dominance_of_many_cells_is_quick() -> None:
    from sharewell.check.rules import dominance

    random = np.random.default_rng(5)
    first = random.uniform(0, 100, 4500)
    second = first * random.uniform(0, 1, 4500)
    data = pa.table(
        {
            "area": [f"a{i}" for i in range(4500)],
            "people": random.integers(3, 90, 4500),
            "cost": first + second + random.uniform(0, 50, 4500),
            "first": first,
            "second": second,
        }
    )
    measure = Measure("cost", "people", additive=True, largest=("first", "second"))
    evidence = gather(ResultTable("t", "T", Output.MAGNITUDE, data, ("area",), ("people",), (measure,)))
    start = time.perf_counter()
    (breach,) = dominance.judge(evidence, SDAP)
    assert time.perf_counter() - start < 0.05
    rest = np.asarray(data["cost"]) - first - second
    expected = (rest < 0.1 * first) | (first + second > 0.9 * np.asarray(data["cost"]))
    assert (breach.rows == expected).all()


def test_a_large_and_mostly_empty_table_is_read_quickly() -> None:
    """200,000 of 8,000,000 combinations have a row; the others are not made."""
    random = np.random.default_rng(1)
    where = random.choice(200**3, 200_000, replace=False)
    names = np.array([f"c{i:03d}" for i in range(200)])
    axes = np.unravel_index(where, (200, 200, 200))
    data = pa.table({f"d{i}": names[axis] for i, axis in enumerate(axes)} | {"people": where % 90 + 10})
    start = time.perf_counter()
    by = ("d0", "d1", "d2")
    evidence = gather(ResultTable("t", "T", Output.FREQUENCY, data, by, ("people",)))
    assert time.perf_counter() - start < 2
    assert evidence.structure.cells == 200_000
    with pytest.raises(GateError, match="most of them empty"):
        gate(
            Finding((ResultTable("t", "T", Output.FREQUENCY, data, by, ("people",)),)),
            POLICIES["rule-of-10"],
        )


def test_margins_over_too_many_cells_are_refused() -> None:
    rows = [(f"a{i}", ALL) for i in range(1100)] + [(ALL, f"b{i}") for i in range(1100)]
    data = pa.table(
        {"u": [u for u, _ in rows], "v": [v for _, v in rows], "people": [3] + [50] * (len(rows) - 1)}
    )
    assert refused(ResultTable("t", "T", Output.FREQUENCY, data, ("u", "v"), ("people",))) == {"TOO_LARGE"}


FULL = replace(PLAIN, full_cells=True)


def full(cells: dict[tuple[str, str], int]) -> ResultTable:
    data = pa.table(
        {"area": [a for a, _ in cells], "state": [s for _, s in cells], "people": list(cells.values())}
    )
    return ResultTable("t", "T", Output.FREQUENCY, data, ("area", "state"), ("people",))


def test_a_full_cell_tells_of_everybody_in_its_group() -> None:
    """All forty of one area are in debt: no count is small, and yet it is known of each."""
    cells = {("a", "debt"): 40, ("b", "debt"): 30, ("b", "none"): 20, ("c", "debt"): 25, ("c", "none"): 35}
    cells |= {("a", ALL): 40, ("b", ALL): 50, ("c", ALL): 60}
    cells |= {(ALL, "debt"): 95, (ALL, "none"): 55, (ALL, ALL): 150}
    assert gate(Finding((full(cells),)), PLAIN).withheld == ()
    checked = gate(Finding((full(cells),)), FULL)
    assert checked.withheld[0].rule == "group disclosure"
    assert checked.tables[0].data["people"].to_pylist()[0] is None
    assert audit(checked.tables, checked.certificate).protected


def test_a_group_that_has_one_category_only_tells_nothing() -> None:
    cells = {("a", "debt"): 40, ("b", "debt"): 30, ("a", ALL): 40, ("b", ALL): 30}
    assert gate(Finding((full(cells | {(ALL, "debt"): 70, (ALL, ALL): 70}),)), FULL).withheld == ()
