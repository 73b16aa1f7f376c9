"""The gate for tables: what it withholds, what it refuses, and that an independent audit agrees."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.check import POLICIES, Certificate, Policy, audit, gate
from sharewell.errors import GateError
from sharewell.plan.finding import ALL, Finding, Measure, Output, ResultTable

SDAP = POLICIES["sdap"]
PLAIN = Policy(name="plain", source="a test", minimum=5)


def crossed(
    values: np.ndarray, name: str = "t", measures: tuple[Measure, ...] = (), **columns: np.ndarray
) -> ResultTable:
    """A table of counts with every margin, from an array of its interior; `columns` are further arrays."""
    given = {"people": values} | columns
    full = {key: _margins(np.asarray(array)) for key, array in given.items()}
    shape = full["people"].shape
    by = [f"d{axis}" for axis in range(len(shape))]
    where = list(np.ndindex(*shape))
    data = {
        dim: [ALL if index[axis] == 0 else f"v{index[axis]:02d}" for index in where]
        for axis, dim in enumerate(by)
    }
    data |= {key: [array[index].item() for index in where] for key, array in full.items()}
    output = Output.MAGNITUDE if measures else Output.FREQUENCY
    return ResultTable(name, "A table", output, pa.table(data), tuple(by), ("people",), measures)


def _margins(array: np.ndarray) -> np.ndarray:
    for axis in range(array.ndim):
        array = np.concatenate([array.sum(axis=axis, keepdims=True), array], axis=axis)
    return array


def codes(error: pytest.ExceptionInfo[GateError]) -> set[str]:
    return {problem.code for problem in error.value.problems}


def shown(table: pa.Table, column: str, **where: str) -> object:
    for name, value in where.items():
        table = table.filter(pc.equal(table[name], value))
    (value,) = table[column].to_pylist()
    return value


tables = st.integers(2, 3).flatmap(
    lambda dims: st.tuples(*[st.integers(2, 5 if dims == 2 else 4)] * dims).flatmap(
        lambda shape: st.lists(
            st.one_of(st.integers(0, 12), st.integers(0, 400)),
            min_size=int(np.prod(shape)),
            max_size=int(np.prod(shape)),
        ).map(lambda cells: np.array(cells).reshape(shape))
    )
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    tables,
    st.sampled_from(["abs", "hes-sub-national", "official-statistics", "opensafely", "rule-of-10", "sdap"]),
)
def test_audit_agrees_with_the_gate_on_any_table(values: np.ndarray, name: str) -> None:
    policy = POLICIES[name]
    checked = gate(Finding((crossed(values),)), policy)
    verdict = audit(checked.tables, Certificate.from_mapping(json.loads(checked.certificate.as_json())))
    assert verdict.protected, verdict.faults
    for value in checked.tables[0].data["people"].to_pylist():
        assert value is None or value == 0 or value >= policy.minimum - 2
        assert value != 0 or not policy.zero_is_small


@pytest.mark.parametrize("name", ["sdap", pytest.param("abs", marks=pytest.mark.long)])
def test_the_smallest_tables_can_be_withheld_and_are_never_refused(name: str) -> None:
    """One or two people in a table of four cells: nothing need be told, so nothing need be refused."""
    for cells in itertools.product(range(3), repeat=4):
        checked = gate(Finding((crossed(np.array(cells).reshape(2, 2)),)), POLICIES[name])
        assert audit(checked.tables, checked.certificate).protected, cells


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(tables, st.integers(1, 10_000))
def test_sums_are_protected_with_their_counts(values: np.ndarray, seed: int) -> None:
    cost = values * np.random.default_rng(seed).uniform(5, 50, values.shape)
    largest = cost / np.maximum(values, 1)
    table = crossed(values, cost=cost, first=largest, second=largest)
    # The largest contribution to a total is not a sum of largest ones; any figure under the total will do
    # here.
    data = table.data
    for name in ("first", "second"):
        share = pc.divide(data["cost"], pc.cast(pc.max_element_wise(data["people"], 1), pa.float64()))
        data = data.set_column(data.column_names.index(name), name, share)
    measure = Measure("cost", "people", additive=True, largest=("first", "second"))
    table = replace(table, data=data, measures=(measure,), output=Output.MAGNITUDE)
    checked = gate(Finding((table,)), SDAP)
    assert audit(checked.tables, checked.certificate).protected
    assert "first" not in checked.tables[0].data.column_names
    hidden = [v is None for v in checked.tables[0].data["people"].to_pylist()]
    assert hidden == [v is None for v in checked.tables[0].data["cost"].to_pylist()]


def test_small_golden_table() -> None:
    """One small cell among large ones takes a rectangle: itself and three more, and the cheapest three."""
    values = np.array([[3, 40, 60], [30, 20, 80], [90, 70, 50]])
    checked = gate(Finding((crossed(values),)), PLAIN)
    hidden = {(row["d0"], row["d1"]) for row in checked.tables[0].data.to_pylist() if row["people"] is None}
    assert hidden == {("v01", "v01"), ("v01", "v02"), ("v02", "v01"), ("v02", "v02")}
    assert [(line.rule, line.cells) for line in checked.withheld] == [
        ("minimum count", 1),
        ("complementary suppression", 3),
    ]
    table = checked.tables[0]
    marked = table.data.set_column(2, "people", table.marks["people"])
    assert shown(marked, "people", d0="v01", d1="v01") == "c"
    assert shown(marked, "people", d0="v02", d1="v02") == "x"
    assert shown(marked, "people", d0="v03", d1="v03") == ""


def test_an_interval_is_at_least_as_wide_as_promised() -> None:
    """With counts of one or two around it, a small cell needs more than the nearest rectangle."""
    values = np.array([[1, 6, 6, 50], [6, 6, 60, 70], [6, 60, 80, 90], [40, 50, 60, 70]])
    wide = replace(PLAIN, width=20)
    checked = gate(Finding((crossed(values),)), wide)
    assert audit(checked.tables, checked.certificate).protected
    promise = checked.certificate.tables[0].columns[0]
    assert promise.width == 20
    assert promise.narrowest is not None
    assert promise.narrowest >= 1
    narrow = gate(Finding((crossed(values),)), PLAIN).certificate.tables[0]
    assert checked.certificate.tables[0].secondary > narrow.secondary


@pytest.mark.parametrize(
    ("change", "said"),
    [({"columns": ()}, "nothing is promised of it"), ({"width": 1.0}, "where the policy asks")],
)
def test_a_certificate_that_promises_too_little_is_a_fault(change: dict[str, object], said: str) -> None:
    checked = gate(Finding((crossed(np.array([[3, 40, 50], [60, 70, 80], [90, 30, 20]])),)), PLAIN)
    (entry,) = checked.certificate.tables
    assert audit(checked.tables, checked.certificate).protected
    if "width" in change:
        change = {"columns": tuple(replace(column, **change) for column in entry.columns)}
    less = replace(checked.certificate, tables=(replace(entry, **change),))
    assert any(said in fault for fault in audit(checked.tables, less).faults)


def test_audit_finds_a_table_that_is_not_protected() -> None:
    """Primary suppression alone: the cell is its row's total less the rest."""
    values = np.array([[3, 40, 60], [30, 20, 80], [90, 70, 50]])
    checked = gate(Finding((crossed(values),)), PLAIN)
    table, certificate = checked.tables[0], checked.certificate
    truth = crossed(values).data["people"].to_pylist()
    marks = table.marks["people"].to_pylist()
    bare = [None if mark == "c" else v for v, mark in zip(truth, marks, strict=True)]
    planted = replace(
        table,
        data=table.data.set_column(2, "people", pa.array(bare, pa.int64())),
        marks=table.marks.set_column(2, "people", pa.array(["c" if v is None else "" for v in bare])),
    )
    verdict = audit((planted,), certificate)
    assert not verdict.protected
    assert any("worked out too closely" in fault for fault in verdict.faults)
    assert any("not the table that was certified" in fault for fault in verdict.faults)
    shown_small = replace(table, data=table.data.set_column(2, "people", pa.array(truth, pa.int64())))
    assert any("shows a small number" in fault for fault in audit((shown_small,), certificate).faults)
    assert audit((), certificate).faults == ("t: is certified but absent",)


def test_the_certificate_holds_no_withheld_value() -> None:
    values = np.array([[3, 4017], [4018, 4019]])
    checked = gate(Finding((crossed(values),)), PLAIN)
    hidden = [row for row in checked.tables[0].data.to_pylist() if row["people"] is None]
    assert len(hidden) == 4
    text = checked.certificate.as_json() + str(checked.withheld)
    assert not any(str(value) in text for value in (4017, 4018, 4019))


def test_zeros_stay_unless_the_policy_calls_them_small() -> None:
    values = np.array([[0, 40, 60], [30, 20, 80]])
    assert gate(Finding((crossed(values),)), PLAIN).withheld == ()
    checked = gate(Finding((crossed(values),)), POLICIES["rule-of-10"])
    assert shown(checked.tables[0].data, "people", d0="v01", d1="v01") is None
    structural = replace(crossed(values), zero_safe=("people",))
    assert gate(Finding((structural,)), POLICIES["rule-of-10"]).withheld == ()


def test_an_absent_combination_is_withheld_where_nobody_is_a_small_number() -> None:
    table = crossed(np.array([[0, 40, 60], [30, 20, 80]]))
    table = replace(table, data=table.data.filter(pc.greater(table.data["people"], 0)))
    checked = gate(Finding((table,)), POLICIES["rule-of-10"])
    assert shown(checked.tables[0].data, "people", d0="v01", d1="v01") is None
    assert audit(checked.tables, checked.certificate).protected


def test_rounding_marks_and_shares() -> None:
    table = crossed(np.array([[43, 57], [62, 88]]))
    data = table.data.append_column("rate", pa.array([1 / 3] * table.data.num_rows))
    table = replace(table, data=data, measures=(Measure("rate", "people", share=True),))
    checked = gate(Finding((table,)), POLICIES["hes-sub-national"])
    assert shown(checked.tables[0].data, "people", d0="v01", d1="v01") == 45
    assert set(checked.tables[0].marks["people"].to_pylist()) == {"r"}
    # 43 / 3 is 14 people, to the nearest five 15, of 45.
    assert shown(checked.tables[0].data, "rate", d0="v01", d1="v01") == pytest.approx(15 / 45)


def test_a_share_that_tells_of_few_people_is_withheld() -> None:
    data = pa.table({"group": ["a", "b", "c"], "people": [200, 200, 200], "rate": [0.5, 0.01, 0.99]})
    table = ResultTable(
        "t", "T", Output.FREQUENCY, data, ("group",), ("people",), (Measure("rate", "people", share=True),)
    )
    assert gate(Finding((table,)), SDAP).tables[0].data["rate"].to_pylist() == [0.5, None, None]


def test_dominance() -> None:
    """p% of 10: 100 - 80 - 15 = 5 is under 8, so the second could tell the first; 100 - 60 - 10 is not."""
    data = pa.table(
        {
            "group": ["a", "b"],
            "people": [50, 50],
            "cost": [100.0, 100.0],
            "first": [80.0, 60.0],
            "second": [15.0, 10.0],
        }
    )
    measure = Measure("cost", "people", additive=True, largest=("first", "second"))
    table = ResultTable("t", "T", Output.MAGNITUDE, data, ("group",), ("people",), (measure,))
    checked = gate(Finding((table,)), SDAP)
    assert checked.tables[0].data["cost"].to_pylist() == [None, 100.0]
    assert checked.withheld[0].rule == "dominance"
    data = data.drop_columns(["first", "second"])
    bare = replace(table, measures=(replace(measure, largest=None),), data=data)
    with pytest.raises(GateError) as error:
        gate(Finding((bare,)), SDAP)
    assert codes(error) == {"EVIDENCE"}


def test_a_single_person_does_not_learn_the_other_cell() -> None:
    """Two cells hidden in a row, one of them one person: that person would subtract; a third is hidden."""
    values = np.array([[1, 3, 40, 60], [50, 60, 70, 80], [55, 65, 75, 85]])
    table = crossed(values, cost=values * 10.0)
    table = replace(table, measures=(Measure("cost", "people", additive=True),), output=Output.MAGNITUDE)
    checked = gate(Finding((table,)), PLAIN)
    row = [r for r in checked.tables[0].data.to_pylist() if r["d0"] == "v01"]
    assert sum(r["people"] is None for r in row) >= 3
    assert audit(checked.tables, checked.certificate).protected


def test_people_who_use_several_services() -> None:
    """Counts overlap along a dimension, costs do not: the table is judged, not refused, and protected."""
    users = {"p1": (60, 4, 30, 70), "p2": (80, 40, 20, 90), ALL: (140, 44, 50, 160)}
    costs = {"p1": (600.0, 80.0, 90.0, 770.0), "p2": (700.0, 900.0, 50.0, 1650.0)}
    costs[ALL] = tuple(a + b for a, b in zip(costs["p1"], costs["p2"], strict=True))
    names, services = ("practice", "service"), ("gp", "ae", "ooh", ALL)
    data = pa.table(
        {
            "practice": [practice for practice in users for _ in services],
            "service": [service for _ in users for service in services],
            "people": [number for row in users.values() for number in row],
            "cost": [cost for practice in users for cost in costs[practice]],
        }
    )
    measure = (Measure("cost", "people", additive=True),)
    table = ResultTable("t", "T", Output.MAGNITUDE, data, names, ("people",), measure)
    with pytest.raises(GateError) as error:
        gate(Finding((table,)), PLAIN)
    assert codes(error) == {"NOT_ADDITIVE"}
    checked = gate(Finding((replace(table, overlapping=("service",)),)), PLAIN)
    assert shown(checked.tables[0].data, "cost", practice="p1", service="ae") is None
    assert checked.certificate.tables[0].secondary >= 3
    assert audit(checked.tables, checked.certificate).protected


def test_linked_tables_withhold_the_same_cells() -> None:
    """A practice's total shown in a second table would undo its suppression in the first."""
    values = np.array([[3, 4], [30, 20], [90, 70]])
    first = crossed(values)
    margin = first.data.filter(pc.equal(first.data["d1"], ALL)).drop_columns(["d1"])
    second = ResultTable("margin", "M", Output.FREQUENCY, margin, ("d0",), ("people",))
    checked = gate(Finding((first, second)), PLAIN)
    for row in checked.table("margin").data.to_pylist():
        assert row["people"] == shown(checked.table("t").data, "people", d0=row["d0"], d1=ALL)
    assert audit(checked.tables, checked.certificate).protected


def test_margins_without_their_interior() -> None:
    """Two one-way margins of an unpublished table are tied by it: one hidden figure in each is not
    enough."""
    rows = [("a", ALL, 3), ("b", ALL, 50), ("c", ALL, 60), (ALL, "x", 53), (ALL, "y", 60)]
    data = pa.table({"u": [r[0] for r in rows], "v": [r[1] for r in rows], "people": [r[2] for r in rows]})
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("u", "v"), ("people",))
    checked = gate(Finding((table,)), PLAIN)
    assert checked.certificate.tables[0].secondary >= 1
    assert audit(checked.tables, checked.certificate).protected


def test_a_policy_that_withholds_everything_says_so() -> None:
    strict = Policy(name="strict", source="a test", minimum=10_000)
    checked = gate(Finding((crossed(np.array([[5, 6], [7, 8]])),)), strict)
    assert checked.tables[0].data["people"].null_count == 9
    assert checked.withheld[-1].rule == "whole table"
    assert audit(checked.tables, checked.certificate).protected


def test_an_empty_table_passes() -> None:
    data = pa.table({"d": pa.array([], pa.string()), "people": pa.array([], pa.int64())})
    checked = gate(Finding((ResultTable("t", "T", Output.FREQUENCY, data, ("d",), ("people",)),)), SDAP)
    assert checked.tables[0].data.num_rows == 0
    assert checked.withheld == ()


def test_float_noise_is_not_a_fault_and_a_wrong_total_is() -> None:
    values = np.array([[40, 60], [30, 20]])
    measures = (Measure("cost", "people", additive=True),)
    noisy = crossed(values, cost=values * 0.1)
    cost = [v * (1 + 1e-12) for v in noisy.data["cost"].to_pylist()]
    noisy = replace(noisy, measures=measures, data=noisy.data.set_column(3, "cost", pa.array(cost)))
    gate(Finding((noisy,)), PLAIN)
    wrong = replace(noisy, data=noisy.data.set_column(3, "cost", pa.array([cost[0] + 1, *cost[1:]])))
    with pytest.raises(GateError) as error:
        gate(Finding((wrong,)), PLAIN)
    assert codes(error) == {"NOT_ADDITIVE"}


@pytest.mark.parametrize(
    ("column", "values", "code"),
    [
        ("people", [-1, 40], "NEGATIVE"),
        ("people", [None, 40], "NULL_COUNT"),
        ("people", [2.5, 40.0], "COUNT"),
        ("people", ["1", "2"], "COUNT"),
        ("cost", [float("nan"), 1.0], "NOT_FINITE"),
        ("cost", [float("inf"), 1.0], "NOT_FINITE"),
        ("cost", [None, 1.0], "NULL_SUM"),
        ("cost", [-1.0, 1.0], "NEGATIVE"),
        ("cost", ["a", "b"], "MEASURE"),
        ("group", ["a", "a"], "TWICE"),
        ("group", [None, "a"], "DIMENSION"),
    ],
)
def test_what_cannot_be_judged_is_refused(column: str, values: list[object], code: str) -> None:
    columns = {"group": ["a", "b"], "people": [40, 50], "cost": [1.0, 2.0]} | {column: values}
    measures = (Measure("cost", "people", additive=True),)
    table = ResultTable("t", "T", Output.MAGNITUDE, pa.table(columns), ("group",), ("people",), measures)
    with pytest.raises(GateError) as error:
        gate(Finding((table,)), PLAIN)
    assert codes(error) == {code}
    assert "t" in error.value.problems[0].where


def test_every_cause_is_told_at_once() -> None:
    data = pa.table({"group": ["a"], "stray": [1.0]})
    first = ResultTable("one", "T", Output.FREQUENCY, data, ("group",), ())
    second = ResultTable("two", "T", Output.FLOW, data, ("group",), ())
    policy = replace(PLAIN, outputs=frozenset({Output.FREQUENCY}))
    with pytest.raises(GateError) as error:
        gate(Finding((first, second)), policy)
    assert codes(error) == {"NO_COUNTS", "UNDECLARED", "REVIEW"}


def test_a_mean_of_nobody_in_one_group_does_not_tell_of_the_other() -> None:
    data = pa.table({"covariate": ["sex: U", "age"], "treated": [0.00101, 71.0], "people": [0, 990]})
    table = ResultTable(
        "balance",
        "Balance",
        Output.BALANCE,
        data,
        ("covariate",),
        ("people",),
        (Measure("treated", "people"),),
    )
    checked = gate(Finding((table,)), POLICIES["official-statistics"]).table("balance")
    assert checked.data["treated"].to_pylist() == [None, 71.0]
