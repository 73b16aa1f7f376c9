"""What may stand under `check:`, text by text: what the plan then holds, or the code of every fault."""

from __future__ import annotations

from typing import Any

import pytest

from sharewell.agree.checking import check_policy, row_settings
from sharewell.agree.flow import Checking
from sharewell.agree.shelf import Shelf
from sharewell.check import ANONYMITIES, POLICIES
from sharewell.errors import PlanError
from sharewell.plan.schema import Column, Kind, Schema, Type
from sharewell.text import load_yaml

AT = "systems/x.yaml:9"
SHELF = Shelf({}, {}, {}, POLICIES, {}, anonymities=ANONYMITIES)
ROWS = Schema(
    (
        Column("person", Type.TEXT, Kind.KEY),
        Column("age", Type.INTEGER, Kind.QUASI),
        Column("postcode", Type.TEXT, Kind.QUASI),
        Column("seen", Type.DATE, Kind.QUASI),
        Column("asthma", Type.BOOLEAN, Kind.SENSITIVE),
        Column("visits", Type.INTEGER),
    )
)


def checking(text: str, policy: str = "records") -> Checking:
    value: dict[str, Any] = load_yaml(f"policy: {policy}\nwith: {text}\n").value
    return Checking.model_validate(value)


def faults(text: str, schema: Schema = ROWS) -> list[tuple[str, str]]:
    """The code and the beginning of each fault."""
    with pytest.raises(PlanError) as caught:
        row_settings("rows", checking(text), schema, SHELF, AT)
    for problem in caught.value.problems:
        assert problem.where == AT
        assert problem.fix, problem
    return [(problem.code, problem.what) for problem in caught.value.problems]


HELD = {
    "{anonymity: isb-1523}": ({"k": 5, "suppress": 0.05}, {}),
    "{anonymity: ema-0070, k: 15, suppress: 0}": ({"k": 15, "risk": 0.09, "suppress": 0}, {}),
    "{anonymity: isb-1523, l: 2, coarser: {age: [5, 10]}}": ({"k": 5, "l": 2}, {"age": [5, 10]}),
    "{anonymity: k-10, coarser: {postcode: [4, 2]}}": ({"k": 10}, {"postcode": [4, 2]}),
    "{anonymity: strict, coarser: {}}": ({"k": 20, "l": 3, "t": 0.2}, {}),
}


@pytest.mark.parametrize("text", HELD)
def test_a_plan_holds_every_number_and_not_only_the_name_of_the_setting(text: str) -> None:
    wanted, coarser = HELD[text]
    held = row_settings("rows", checking(text), ROWS, SHELF, AT)
    assert wanted.items() <= held["anonymity"].items()
    assert set(held["anonymity"]) == set(ANONYMITIES["isb-1523"].as_mapping())
    assert held["coarser"] == coarser
    assert (held["quasi"], held["sensitive"]) == (["age", "postcode", "seen"], ["asthma"])


def test_where_nothing_is_said_nothing_is_held() -> None:
    assert row_settings("rows", checking("{}"), ROWS, SHELF, AT) == {}


NO_SETTING, NO_STEPS = "is no setting of anonymity", "cannot be made coarser so"
FAULTS = {
    "{anonymity: isb-1532}": ("POLICY", NO_SETTING),
    "{anonymity: 5}": ("POLICY", NO_SETTING),
    "{anonymity: [isb-1523]}": ("POLICY", NO_SETTING),
    "{anonymity: true}": ("POLICY", NO_SETTING),
    "{suppress: 0.1}": ("POLICY", "rows has settings and no `anonymity:`"),
    "{anonymity: null}": ("POLICY", "rows has settings and no `anonymity:`"),
    "{anonymity: isb-1523, kk: 3}": ("ANONYMITY", "there is no setting 'kk'"),
    "{anonymity: isb-1523, k: 1}": ("ANONYMITY", "k is not a whole number of at least 2"),
    "{anonymity: isb-1523, k: 5.5}": ("ANONYMITY", "k is not a whole number of at least 2"),
    "{anonymity: isb-1523, k: true}": ("ANONYMITY", "k is not a whole number of at least 2"),
    "{anonymity: isb-1523, suppress: 1}": ("ANONYMITY", "suppress is not a share"),
    "{anonymity: isb-1523, suppress: -0.1}": ("ANONYMITY", "suppress is not a share"),
    "{anonymity: isb-1523, suppress: 5%}": ("ANONYMITY", "suppress is not a share"),
    "{anonymity: isb-1523, suppress: null}": ("ANONYMITY", "suppress is not a share"),
    "{anonymity: isb-1523, risk: 0}": ("ANONYMITY", "risk is not between 0 and 1"),
    "{anonymity: isb-1523, source: ''}": ("ANONYMITY", "source is not a source"),
    "{anonymity: isb-1523, coarser: [age]}": ("POLICY", "`coarser:` is not a mapping"),
    "{anonymity: isb-1523, coarser: null}": ("POLICY", "`coarser:` is not a mapping"),
    "{anonymity: isb-1523, coarser: {agee: [5]}}": ("POLICY", "'agee' is no quasi-identifier"),
    "{anonymity: isb-1523, coarser: {asthma: [5]}}": ("POLICY", "'asthma' is no quasi-identifier"),
    "{anonymity: isb-1523, coarser: {visits: [5]}}": ("POLICY", "'visits' is no quasi-identifier"),
    "{anonymity: isb-1523, coarser: {age: [20, 10]}}": ("POLICY", f"age {NO_STEPS}"),
    "{anonymity: isb-1523, coarser: {age: [5, 5]}}": ("POLICY", f"age {NO_STEPS}"),
    "{anonymity: isb-1523, coarser: {age: [0, 5]}}": ("POLICY", f"age {NO_STEPS}"),
    "{anonymity: isb-1523, coarser: {age: []}}": ("POLICY", f"age {NO_STEPS}"),
    "{anonymity: isb-1523, coarser: {age: 5}}": ("POLICY", f"age {NO_STEPS}"),
    "{anonymity: isb-1523, coarser: {age: [true]}}": ("POLICY", f"age {NO_STEPS}"),
    "{anonymity: isb-1523, coarser: {postcode: [2, 4]}}": ("POLICY", f"postcode {NO_STEPS}"),
    "{anonymity: isb-1523, coarser: {seen: [1]}}": ("POLICY", f"seen {NO_STEPS}: it is date"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_each_text_has_its_fault_and_no_other(text: str) -> None:
    found = faults(text)
    assert len(found) == 1, found
    code, what = FAULTS[text]
    assert found[0][0] == code
    assert what in found[0][1]


def test_steps_of_a_column_whose_name_is_no_text_are_a_fault() -> None:
    assert [code for code, _ in faults("{anonymity: isb-1523, coarser: {5: [5]}}")] == ["POLICY"]


def test_every_fault_is_told_at_once() -> None:
    told = "{anonymity: isb-1523, k: 0, suppress: 3, kk: 1, coarser: {agee: [5], age: [9, 3]}}"
    found = faults(told)
    assert [code for code, _ in found] == ["POLICY", "POLICY", "ANONYMITY", "ANONYMITY", "ANONYMITY"]
    words = " ".join(what for _, what in found)
    for name in ("'agee'", "age cannot", "'kk'", "k is", "suppress is"):
        assert name in words


def test_settings_that_would_bind_nobody_are_a_fault_whatever_else_is() -> None:
    bare = Schema(tuple(column for column in ROWS if column.kind is not Kind.QUASI))
    nobody = ("POLICY", "rows has settings and no quasi-identifier that leaves")
    assert faults("{anonymity: isb-1523}", bare) == [nobody]
    assert nobody in faults("{anonymity: isb-1523, k: 0, coarser: {age: [5]}}", bare)
    assert row_settings("rows", checking("{}"), bare, SHELF, AT) == {}


@pytest.mark.parametrize("text", ["{anonymity: isb-1523}", "{anonymity: nonsense}", "{k: 3}"])
def test_rows_about_named_people_have_no_settings(text: str) -> None:
    named = Schema((Column("customer", Type.TEXT, Kind.IDENTIFIER), *ROWS))
    ((code, what),) = faults(text, named)
    assert code == "POLICY"
    assert what.startswith("rows names people (customer)")


OF_TABLES = {
    ("sdap", "{}"): None,
    ("official-statistics", "{minimum: 15}"): None,
    ("official-statistics", "{minimun: 15}"): "minimun",
    ("official-statistics", "{minimum: 1}"): "minimum",
    ("official-statistics", "{minimum: few}"): "minimum",
    ("official-statistics", "{rounding: -5}"): "rounding",
    ("official-statistics", "{name: 7}"): "name",
    ("records", "{}"): "'records' is not a disclosure policy",
    ("reference", "{}"): "'reference' is not a disclosure policy",
    ("no-such-policy", "{}"): "'no-such-policy' is not a disclosure policy",
    ("sdap", "{anonymity: isb-1523}"): "anonymity",
}


@pytest.mark.parametrize(("policy", "text"), OF_TABLES)
def test_figures_need_a_policy_of_disclosure_and_settings_that_it_has(policy: str, text: str) -> None:
    said = OF_TABLES[policy, text]
    if said is None:
        check_policy(checking(text, policy), SHELF, AT)
        return
    with pytest.raises(PlanError) as caught:
        check_policy(checking(text, policy), SHELF, AT)
    (problem,) = caught.value.problems
    assert (problem.code, said in problem.what) == ("POLICY", True), problem
    assert problem.fix
