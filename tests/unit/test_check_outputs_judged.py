"""Every kind of output is judged by named rules or goes to people; a kind nobody has placed is refused."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pytest
from outputs_example import (
    ALL_ROWS,
    FIRST,
    PASSES,
    REVIEW,
    TABLE,
    as_text,
    counted,
    paths,
    percentile,
    regression,
)

from sharewell.check import POLICIES, gate
from sharewell.check.kinds import ALWAYS, KINDS, rule_names, unjudged
from sharewell.errors import GateError
from sharewell.plan.finding import Chart, Finding, Measure, Output, ResultTable

SDAP = POLICIES["sdap"]
STATBARNS = {
    "frequencies",
    "statistical hypothesis tests",
    "coefficients of association",
    "position",
    "extreme values",
    "shape",
    "linear aggregates",
    "mode",
    "non-linear concentration ratios",
    "odds and risk ratios",
    "survival tables",
    "Gini coefficients",
}
"""The twelve classes that the SACRO guide describes to output checkers."""


def test_every_kind_has_named_rules_or_goes_to_people() -> None:
    always = tuple(rule.__module__.rsplit(".", 1)[-1] for rule in ALWAYS)
    assert {"minimum_count", "dominance", "position", "regression"} <= set(always)
    own = {}
    for output in Output:
        names = rule_names(output)
        assert names[: len(always)] == (always if names else ())
        own[str(output)] = " ".join(names[len(always) :]) if names else "people"
    assert own == {
        "frequency table": "",
        "magnitude table": "",
        "estimate": "estimates",
        "regression": "estimates",
        "balance table": "balance",
        "flow": "flow",
        "survival table": "survival",
        "percentiles and extremes": "",
        "mode": "mode",
        "shape": "shape",
        "concentration": "concentration",
        "map": "area",
        "pathways": "pathway",
        "risk": "risk",
        "model": "people",
        "residuals": "people",
        "free text": "people",
    }
    assert set(KINDS) == set(Output)
    assert all(bool(rule_names(output)) is not bool(KINDS[output].review) for output in Output)


def test_every_class_of_the_guide_has_a_kind() -> None:
    assert {name for kind in KINDS.values() for name in kind.statbarns} == STATBARNS


def test_a_kind_that_nobody_has_placed_is_refused() -> None:
    class Later(StrEnum):
        HOLOGRAM = "hologram"

    table = replace(counted([50, 60]), output=Later.HOLOGRAM)
    policy = replace(SDAP)
    object.__setattr__(policy, "outputs", policy.outputs | {Later.HOLOGRAM})
    problem = unjudged(table, policy)
    assert problem is not None
    assert problem.code == "REVIEW"
    with pytest.raises(GateError, match="review"):
        gate(Finding((table,)), policy)


@pytest.mark.parametrize(("situation", "given", "verdict", "why"), TABLE, ids=[row[0] for row in TABLE])
def test_what_becomes_of_an_output(situation: str, given: ResultTable, verdict: str, why: str) -> None:
    assert (found := become(given))[0] == verdict, (situation, found)
    assert why in found[1]


def become(given: ResultTable) -> tuple[str, str]:
    try:
        checked = gate(Finding((given,)), SDAP)
    except GateError as error:
        if {problem.where for problem in error.problems} != {"table t"}:
            return "refused nowhere", str(error)
        codes = "refused " + " ".join(sorted({problem.code for problem in error.problems}))
        return codes.replace("refused REVIEW", REVIEW), str(error)
    column = checked.tables[0].data.column(given.counts[0])
    rows = [i for i, value in enumerate(column.to_pylist()) if value is None]
    why = " ".join(line.why for line in checked.withheld)
    if len(rows) == len(column):
        return (ALL_ROWS if len(rows) > 1 else FIRST), why
    named = {(): PASSES, (0,): FIRST}
    numbers = ", ".join(str(row + 1) for row in rows)
    return named.get(tuple(rows), f"withholds row{'s' * (len(rows) > 1)} {numbers}"), why


def test_the_page_for_governance_shows_this_table() -> None:
    page = Path(__file__).parents[2] / "docs/explanation/outputs.md"
    assert as_text() in page.read_text(encoding="utf-8")


def test_every_kind_stands_in_the_table() -> None:
    told = {given.output for _, given, _, _ in TABLE}
    assert told == set(Output)


@pytest.mark.parametrize("output", [Output.MODEL, Output.RESIDUALS, Output.TEXT])
def test_no_policy_lets_through_what_goes_to_people(output: Output) -> None:
    for name in POLICIES:
        with pytest.raises(GateError, match="ask for a review"):
            gate(Finding((counted([5000, 6000], output),)), POLICIES[name])


def test_all_causes_of_all_tables_are_told_at_once() -> None:
    one = replace(percentile(40, 40), name="one")
    two = replace(regression(None), name="two")
    with pytest.raises(GateError) as error:
        gate(Finding((one, two)), SDAP)
    assert {problem.where for problem in error.value.problems} == {"table one", "table two"}


def test_a_chart_draws_a_table_that_passed_and_no_person() -> None:
    tables = (counted([50, 60]),)
    fields = {"label": "group", "value": "people"}
    fine = Chart("bar", "t", "T", fields, "alt")
    assert gate(Finding(tables, (fine,)), SDAP).tables
    for bad in (replace(fine, kind="scatter"), replace(fine, table="elsewhere")):
        with pytest.raises(GateError, match=r"chart|draws"):
            gate(Finding(tables, (bad,)), SDAP)
    hidden = Chart("bar", "t", "T", {"label": "group", "value": "lo"}, "alt")
    with pytest.raises(GateError, match="only the gate may see"):
        gate(Finding((percentile(50, 60),), (hidden,)), SDAP)


def test_what_another_table_withholds_is_protected_by_balance_too() -> None:
    steps = paths(("A", "B", 40), ("C", "B", 60), ("B", "D", 100))
    assert become(steps)[0] == PASSES
    data = pa.table(
        {"from": ["A"], "to": ["B"], "people": [40], "cost": [900.0], "c1": [890.0], "c2": [1.0]}
    )
    measure = Measure("cost", "people", additive=True, largest=("c1", "c2"))
    other = ResultTable("other", "O", Output.MAGNITUDE, data, ("from", "to"), ("people",), (measure,))
    checked = gate(Finding((steps, other)), SDAP)
    assert checked.table("other").data.column("people").to_pylist() == [None]
    assert checked.table("t").data.column("people").to_pylist() == [None, None, 100]
