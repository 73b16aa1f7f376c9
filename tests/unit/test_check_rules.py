"""The rules that are not about adding up: estimates, balance, flows, rounding, policies, lists of
people."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewell.check import POLICIES, Policy, audit, gate, gate_records
from sharewell.check.perturbation.rounding import known_bounds, round_counts, round_figures
from sharewell.check.rules.flow import keep_stages
from sharewell.errors import DocumentError, GateError, UnknownName
from sharewell.plan.finding import Finding, Measure, Output, ResultTable

SDAP = POLICIES["sdap"]


def estimates(**columns: list[float]) -> ResultTable:
    data = pa.table({"term": ["a", "b", "c"], "treated": [50, 9, 50], "control": [80, 80, 80]} | columns)
    return ResultTable(
        "effect",
        "Effect",
        Output.ESTIMATE,
        data,
        counts=("treated", "control"),
        measures=(Measure("ratio", "treated"),),
        degrees_of_freedom="dof" if "dof" in columns else None,
    )


def test_estimates_need_people_in_each_arm_and_degrees_of_freedom() -> None:
    checked = gate(Finding((estimates(ratio=[0.8, 0.9, 1.1], dof=[128, 87, 9]),)), SDAP)
    assert checked.tables[0].data["ratio"].to_pylist() == [0.8, None, None]
    assert [line.rule for line in checked.withheld] == ["minimum count", "estimates"]
    with pytest.raises(GateError, match="degrees of freedom"):
        gate(Finding((estimates(ratio=[0.8, 0.9, 1.1]),)), SDAP)


def test_a_lone_withheld_level_of_a_covariate_takes_the_smallest_other() -> None:
    data = pa.table(
        {
            "covariate": ["age"] * 3 + ["sex"] * 2,
            "level": ["65-74", "75-84", "85+", "female", "male"],
            "people": [60, 40, 4, 55, 49],
            "smd": [0.01, 0.02, 0.03, 0.0, 0.0],
        }
    )
    table = ResultTable(
        "balance",
        "Balance",
        Output.BALANCE,
        data,
        ("covariate", "level"),
        ("people",),
        (Measure("smd", "people"),),
    )
    checked = gate(Finding((table,)), SDAP)
    assert checked.tables[0].data["people"].to_pylist() == [60, None, None, 55, 49]
    assert checked.tables[0].data["smd"].to_pylist() == [0.01, None, None, 0.0, 0.0]


def flow(counts: list[int]) -> ResultTable:
    data = pa.table({"stage": [f"stage {i}" for i in range(len(counts))], "people": counts})
    return ResultTable("flow", "Flow", Output.FLOW, data, ("stage",), ("people",))


def test_a_small_step_between_stages_withholds_one_of_them() -> None:
    checked = gate(Finding((flow([1000, 950, 947, 600, 600]),)), SDAP)
    assert checked.tables[0].data["people"].to_pylist() == [1000, None, 947, 600, 600]
    assert checked.withheld[0].rule == "flow differences"
    assert audit(checked.tables, checked.certificate).protected


def test_audit_finds_a_small_step() -> None:
    policy = Policy(name="lax", source="a test", minimum=2)
    checked = gate(Finding((flow([1000, 950, 947]),)), policy)
    certificate = checked.certificate
    strict = type(certificate)(SDAP.as_mapping(), certificate.versions, certificate.tables)
    assert audit(checked.tables, certificate).protected
    assert any("step" in fault for fault in audit(checked.tables, strict).faults)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=9), st.integers(2, 12))
def test_kept_stages_never_differ_by_a_small_number(steps: list[int], minimum: int) -> None:
    counts = np.cumsum(steps[::-1])[::-1].astype(float)[:, None]
    kept = counts[keep_stages(counts, minimum, False), 0]
    assert len(kept) >= 1
    differences = np.abs(kept[:, None] - kept[None, :])
    assert not ((differences > 0) & (differences < minimum)).any()


@given(st.integers(0, 10_000), st.sampled_from(["opensafely", "hes-sub-national", "official-statistics"]))
def test_rounded_counts_are_within_what_an_attacker_is_taken_to_know(people: int, name: str) -> None:
    policy = POLICIES[name]
    values = np.array([float(people)])
    low, high = known_bounds(values, policy, False)
    assert low[0] <= people <= high[0]
    assert round_counts(values, 5)[0] % 5 == 0
    assert abs(round_counts(values, 5)[0] - people) <= 2


def test_figures() -> None:
    assert round_figures(np.array([123456.0, 0.0012345, 0.0, -98765.0]), 3).tolist() == [
        123000.0,
        0.00123,
        0.0,
        -98800.0,
    ]


def test_presets_and_their_numbers() -> None:
    least = {name: POLICIES[name].minimum for name in POLICIES}
    assert least == {
        "sdap": 10,
        "opensafely": 8,
        "opensafely-midpoint": 7,
        "hes-sub-national": 8,
        "rule-of-10": 10,
        "official-statistics": 10,
        "abs": 10,
        "cell-key": 10,
        "differential-privacy": 10,
    }
    assert all(POLICIES[name].source for name in POLICIES)
    assert POLICIES["rule-of-10"].zero_is_small
    with pytest.raises(UnknownName, match="official-statistics"):
        POLICIES["official"]


def test_a_local_policy_is_read_back_and_its_faults_are_all_told() -> None:
    for name in POLICIES:
        assert Policy.from_mapping(POLICIES[name].as_mapping()) == POLICIES[name]
    bad = {"name": "x", "minimum": 0, "share": 2, "outputs": ["song"], "dominance": [3, 0.9], "wrong": 1}
    with pytest.raises(DocumentError) as error:
        Policy.from_mapping(bad, where="systems/a.yaml:9")
    text = str(error.value)
    assert all(word in text for word in ("minimum", "share", "outputs", "dominance", "wrong", "source"))
    assert all(problem.where == "systems/a.yaml:9" for problem in error.value.problems)


def test_rounding_without_figures_is_refused() -> None:
    with pytest.raises(DocumentError, match="exact mean"):
        Policy(name="x", source="y", minimum=8, rounding=5)


LIST = {"fields": ["customer", "eligible"], "unique_by": ["customer"], "recipients": ["fenland"]}


def rows(**more: list[object]) -> pa.Table:
    return pa.table({"customer": ["1", "2", "3"], "eligible": [True, False, True]} | more)


def test_a_list_with_exactly_the_agreed_fields_passes() -> None:
    checked = gate_records(rows(), recipient="fenland", **LIST)
    assert checked.data.equals(rows())
    assert gate_records(rows().slice(0, 0), recipient="fenland", **LIST).data.num_rows == 0


def test_objections_and_restrictions_do_not_leave() -> None:
    table = rows(objected=[False, True, False], restricted=[False, False, None])
    checked = gate_records(
        table, recipient="fenland", objections=["objected"], restrictions=["restricted"], **LIST
    )
    assert checked.data.column_names == ["customer", "eligible"]
    assert checked.data["customer"].to_pylist() == ["1"]
    assert [line.rule for line in checked.withheld] == ["objection", "restriction"]
    assert all(line.cells == 0 and "fewer than 10" in line.why for line in checked.withheld)


@pytest.mark.parametrize(
    ("table", "recipient", "code"),
    [
        (rows(income=[1, 2, 3]), "fenland", "FIELDS"),
        (rows().drop_columns(["eligible"]), "fenland", "FIELDS"),
        (rows(eligible=[[1], [2], [3]]), "fenland", "FIELDS"),
        (rows(customer=["1", "1", "2"]), "fenland", "SUBJECT"),
        (rows(customer=["1", None, "2"]), "fenland", "SUBJECT"),
        (rows(), "brightwater", "RECIPIENT"),
    ],
)
def test_a_list_that_was_not_agreed_is_refused(table: pa.Table, recipient: str, code: str) -> None:
    with pytest.raises(GateError) as error:
        gate_records(table, recipient=recipient, **LIST)
    assert {problem.code for problem in error.value.problems} == {code}
