"""Under a policy of noise a finding leaves noised whole or not at all, and at no more than its cost."""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction

import pyarrow as pa
import pytest

from sharewell.check import POLICIES, Certificate, audit
from sharewell.check.differential.gate import noised_gate
from sharewell.check.differential.mechanism import Mechanism
from sharewell.check.policy import Noise
from sharewell.errors import GateError
from sharewell.plan.finding import ALL, Chart, Finding, Measure, Output, ResultTable

POLICY = replace(POLICIES["differential-privacy"], noise=Noise(epsilon=0.7))
AWAY = 4_000


def table(name: str, *measures: Measure) -> ResultTable:
    wards, people = ["east", "west", ALL], [1_301, 1_707, 3_008]
    figures = {"cost": [9.0, 3.0, 12.0], "age": [50.0, 40.0, 44.0]}
    shown = {measure.column: figures[measure.column] for measure in measures}
    data = pa.table({"ward": wards, "note": ["", "", "in all"], "people": people, **shown})
    return ResultTable(name, "Wards", Output.FREQUENCY, data, ("ward",), ("people",), measures)


def problems(finding: Finding, policy=POLICY) -> set[str]:
    with pytest.raises(GateError) as caught:
        noised_gate(finding, policy)
    return {problem.code for problem in caught.value.problems}


def test_tables_share_the_epsilon_and_hold_before_the_auditor():
    checked = noised_gate(Finding((table("one"), table("two"), table("three"))), POLICY)
    certificate = Certificate.from_mapping(checked.certificate.as_mapping())
    spent = [Fraction(query["epsilon"]) for entry in certificate.tables for query in entry.noise["queries"]]
    assert Fraction(0.699) < sum(spent) <= Fraction(0.7)
    assert audit(checked.tables, certificate).faults == ()
    assert checked.withheld == ()
    for each in checked.tables:
        assert each.data["people"][2].as_py() == sum(each.data["people"].to_pylist()[:2])
        assert each.data.column_names == ["ward", "people", "people_half_width"]
        assert min(each.data["people_half_width"].to_pylist()) > 0


def test_no_exact_figure_is_in_what_leaves(monkeypatch: pytest.MonkeyPatch):
    """With noise that is never small, whatever is equal to a true figure was copied."""
    monkeypatch.setattr(Mechanism, "draw", lambda _self, values: values + AWAY)
    checked = noised_gate(Finding((table("one"),)), POLICY)
    assert checked.tables[0].data["people"].to_pylist() == [5_301, 5_707, 11_008]
    written = checked.certificate.as_json() + str(checked.tables[0].data.to_pydict())
    assert not [figure for figure in ("1301", "1707", "3008") if figure in written]


def test_noise_for_one_table_does_not_hold_for_two():
    """Each table by itself is as certified; that together they cost too much is the auditor's to find."""
    checked = noised_gate(Finding((table("one"),)), POLICY)
    other = noised_gate(Finding((table("two"),)), POLICY)
    entries = (*checked.certificate.tables, *other.certificate.tables)
    verdict = audit((*checked.tables, *other.tables), replace(checked.certificate, tables=entries))
    assert verdict.faults == ("tables together: they cost more together than the epsilon of their policy",)


def test_the_auditor_finds_a_table_that_was_not_noised():
    checked = noised_gate(Finding((table("one"),)), POLICY)
    told = copy.deepcopy(checked.certificate.as_mapping())
    told["tables"][0]["noise"] = None
    faults = audit(checked.tables, Certificate.from_mapping(told)).faults
    assert faults == ("one: has a certificate of noise that cannot be read",)


def test_every_cause_of_every_table_is_told_and_nothing_leaves():
    cost = Measure("cost", "people", additive=True)
    finding = Finding((table("one", cost), replace(table("two"), output=Output.SURVIVAL)))
    with pytest.raises(GateError) as caught:
        noised_gate(finding, POLICY)
    where = {problem.where for problem in caught.value.problems}
    assert where == {"table one", "table two"}
    assert all(problem.fix for problem in caught.value.problems)


def test_what_one_person_could_move_too_far_is_refused():
    assert problems(Finding((table("t", Measure("cost", "people", additive=True)),)))
    assert problems(Finding((table("t", Measure("age", "people")),)))


def test_a_picture_of_what_was_not_noised_is_refused():
    bars = Chart("bars", "t", "Wards", {"x": "note", "y": "people"}, "bars")
    assert problems(Finding((table("t"),), (bars,))) == {"CHART"}
    noised_gate(Finding((table("t"),), (replace(bars, fields={"x": "ward", "y": "people"}),)), POLICY)
    assert problems(Finding((table("t"),), (replace(bars, table="u"),))) == {"CHART"}


def test_two_tables_of_one_name_and_a_policy_without_noise_are_refused():
    assert problems(Finding((table("t"), table("t")))) == {"TWICE"}
    assert problems(Finding((table("t"),)), POLICIES["sdap"]) == {"NOISE"}
