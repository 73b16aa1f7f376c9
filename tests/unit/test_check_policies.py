"""What each policy makes of the counts 0 to 25, as its source says; and that a policy says what it means.

A dot is a figure that is withheld. The table has no totals, so that only the policy itself is seen and not
what protects its cells from subtraction.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check import POLICIES, Checked, Policy, audit, gate
from sharewell.check.policy import Noise
from sharewell.errors import DocumentError, GateError
from sharewell.plan.finding import Finding, Measure, Output, ResultTable

COUNTS = "0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25"

RULES = {
    "sdap": """
     0  .  .  .  .  .  .  .  .  . 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25""",
    "opensafely": """
     0  .  .  .  .  .  .  . 10 10 10 10 10 15 15 15 15 15 20 20 20 20 20 25 25 25""",
    "opensafely-midpoint": """
     0  3  3  3  3  3  3  9  9  9  9  9  9 15 15 15 15 15 15 21 21 21 21 21 21 27""",
    "hes-sub-national": """
     0  .  .  .  .  .  .  . 10 10 10 10 10 15 15 15 15 15 20 20 20 20 20 25 25 25""",
    "rule-of-10": """
     .  .  .  .  .  .  .  .  .  . 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25""",
    "abs": """
     0  .  .  .  .  .  .  .  .  . 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25""",
    "official-statistics": """
     0  .  .  .  .  .  .  .  .  . 10 10 10 15 15 15 15 15 20 20 20 20 20 25 25 25""",
    "cell-key": """
     .  .  .  .  .  .  .  .  .  . 10 10 10 15 15 15 15 15 20 20 20 20 20 25 25 25""",
}


def rows(counts: list[int], **columns: list[float]) -> ResultTable:
    data = {"group": [f"g{i:02d}" for i in range(len(counts))], "people": counts}
    data |= {"key": [(37 * i) % 256 for i in counts]} | columns
    return ResultTable(
        "t",
        "T",
        Output.FREQUENCY,
        pa.table(data),
        ("group",),
        ("people",),
        cell_keys={"people": "key"},
    )


def published(policy: Policy, table: ResultTable) -> Checked:
    return gate(Finding((table,)), policy)


@pytest.mark.parametrize("name", sorted(RULES))
def test_counts_come_out_as_the_source_says(name: str) -> None:
    given_counts = [int(word) for word in COUNTS.split()]
    expected = [None if word == "." else int(word) for word in RULES[name].split()]
    table = published(POLICIES[name], rows(given_counts)).tables[0]
    assert table.data["people"].to_pylist() == expected
    assert table.data.column_names == ["group", "people"]


def test_every_preset_has_its_table_of_counts() -> None:
    """Noise has none: what comes out is drawn, and exact counts are refused."""
    assert sorted(RULES) == sorted(set(POLICIES) - {"differential-privacy"})
    with pytest.raises(GateError) as error:
        published(POLICIES["differential-privacy"], rows([50, 60]))
    assert [problem.code for problem in error.value.problems] == ["NOISE"]


def test_every_preset_names_its_source() -> None:
    for name in POLICIES:
        assert POLICIES[name].name == name
        assert len(POLICIES[name].source) > 60
    assert POLICIES["abs"].least_difference == 10
    assert POLICIES["sdap"].degrees_of_freedom == POLICIES["sdap"].minimum == 10


@settings(derandomize=True)
@given(st.lists(st.floats(0.01, 1000), min_size=2, max_size=30))
def test_the_abs_preset_withholds_all_that_the_two_dominance_rules_of_its_source_do(
    contributions: list[float],
) -> None:
    first, second = sorted(contributions, reverse=True)[:2]
    total = sum(contributions)
    data = {"group": ["g"], "people": [50], "cost": [total], "first": [first], "second": [second]}
    measure = Measure("cost", "people", additive=True, largest=("first", "second"))
    table = ResultTable("t", "T", Output.MAGNITUDE, pa.table(data), ("group",), ("people",), (measure,))
    shown = published(POLICIES["abs"], table).tables[0].data["cost"].to_pylist() != [None]
    if shown:
        assert first <= 0.5 * total * (1 + 1e-9)
        assert first + second <= 0.67 * total * (1 + 1e-9)


def test_a_policy_is_read_back_from_json() -> None:
    noisy = Policy(
        name="noisy", source="a test", minimum=5, noise=Noise(0.5, 1e-6, {"cost": (0.0, 5000.0)})
    )
    full = Policy(
        name="full",
        source="a test",
        minimum=5,
        rounding=10,
        rounding_method="controlled",
        figures=2,
        difference=7,
        coalition=2,
        at_risk=20,
        dominance=(1, 0.5),
    )
    for policy in (noisy, full, *(POLICIES[name] for name in POLICIES)):
        assert Policy.from_mapping(json.loads(json.dumps(policy.as_mapping()))) == policy
        assert hash(policy) == hash(replace(policy))
    assert (full.least_difference, full.least_at_risk) == (7, 20)
    assert (noisy.least_difference, noisy.least_at_risk) == (5, 5)


@pytest.mark.parametrize(
    ("settings_given", "said"),
    [
        ({"rounding": 5}, "exact mean"),
        ({"rounding_method": "midpoint"}, "without a base"),
        ({"rounding": 5, "figures": 3, "rounding_method": "controlled"}, "tell some small numbers apart"),
        ({"rounding": 5, "figures": 3, "rounding_method": "up"}, "not a way of rounding"),
        ({"cell_key": "10-5"}, "set rounding to 5"),
        ({"cell_key": "10-5", "rounding": 5, "figures": 3, "rounding_method": "midpoint"}, "decides alone"),
        ({"cell_key": "mine"}, "10-5"),
        ({"noise": {"epsilon": 1}, "rounding": 5, "figures": 3}, "both noise and rounding"),
        ({"noise": {"epsilon": 0}}, "epsilon"),
        ({"noise": {"delta": 0.1}}, "needs epsilon"),
        ({"noise": {"epsilon": 1, "scale": 2}}, "scale"),
        ({"noise": {"epsilon": 1, "bounds": {"cost": [5, 1]}}}, "bounds"),
        ({"noise": 1}, "noise"),
        ({"difference": 0}, "difference"),
        ({"coalition": 0}, "coalition"),
        ({"at_risk": 0}, "at_risk"),
    ],
)
def test_settings_that_make_no_sense_are_refused_where_they_stand(
    settings_given: dict[str, object], said: str
) -> None:
    with pytest.raises(DocumentError, match=said) as error:
        Policy.from_mapping({"name": "x", "source": "y", "minimum": 10} | settings_given, "a.yaml:3")
    assert {problem.where for problem in error.value.problems} == {"a.yaml:3"}


def test_a_cell_key_policy_refuses_a_table_without_keys() -> None:
    bare = replace(rows([50, 60]), cell_keys={}, data=rows([50, 60]).data.drop_columns(["key"]))
    with pytest.raises(GateError) as error:
        published(POLICIES["cell-key"], bare)
    assert [problem.code for problem in error.value.problems] == ["EVIDENCE"]
    half = replace(rows([50, 60]), data=rows([50, 60]).data.set_column(2, "key", pa.array([1.5, 2.0])))
    with pytest.raises(GateError, match="whole numbers"):
        published(POLICIES["cell-key"], half)


def test_marks_tell_what_was_done_and_the_certificate_how() -> None:
    checked = published(POLICIES["opensafely"], rows([0, 3, 12]))
    assert checked.tables[0].marks["people"].to_pylist() == ["r", "c", "r"]
    assert checked.tables[0].marks["group"].to_pylist() == ["", "", ""]
    (promise,) = checked.certificate.tables[0].perturbations
    assert (promise.column, promise.method, promise.base) == ("people", "nearest", 5)
    again = type(checked.certificate).from_mapping(json.loads(checked.certificate.as_json()))
    assert again == replace(checked.certificate, policy=again.policy)
    assert published(POLICIES["sdap"], rows([0, 3, 12])).certificate.tables[0].perturbations == ()


def test_fifty_thousand_cells_are_published_with_the_same_marks() -> None:
    counts = np.random.default_rng(5).integers(0, 400, 53_833)
    table = rows(counts.tolist())
    checked = published(POLICIES["hes-sub-national"], table).tables[0]
    expected = [None if 1 <= n <= 7 else (n + 2) // 5 * 5 for n in counts.tolist()]
    assert checked.data["people"].to_pylist() == expected
    marks = checked.marks["people"].to_pylist()
    assert [mark == "c" for mark in marks] == [value is None for value in expected]


@pytest.mark.parametrize("name", sorted(set(RULES) - {"opensafely-midpoint"}))
def test_the_auditor_agrees(name: str) -> None:
    checked = published(POLICIES[name], rows([0, 3, 12, 14, 260]))
    assert audit(checked.tables, checked.certificate).protected
