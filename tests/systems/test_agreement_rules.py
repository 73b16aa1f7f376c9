"""What the rules allow, each beside what it refuses; and that each says why and on whose authority."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from agreement_example import (
    FUEL,
    KENT,
    NAMES,
    TODAY,
    Case,
    codes,
    compiled,
    edited,
    judge,
    load,
    published,
    run_of,
    shelf,
    text,
)

from sharewell.agree import decide, lint
from sharewell.agree.decide import Verdict
from sharewell.agree.lint import RULES, red_lines
from sharewell.errors import DocumentError
from sharewell.plan.recipe import Recipe


def test_every_rule_teaches() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[A-Z][A-Z_0-9]+", rule.code)
        assert rule.why
        assert rule.source
        assert len(rule.reason) > len(rule.why)
    assert {rule.red_line for rule in RULES} - {""} == {
        "no public awareness",
        "no clear purpose",
        "no transparency",
        "identifiable data where other means would do",
        "purpose creep",
    }
    assert red_lines() == {rule.code for rule in RULES if rule.red_line}


def faults(name: str, *changes: tuple[str, str]) -> set[str]:
    return codes(lint(load(edited(name, *changes)), shelf())[1])


def test_a_signed_necessity_allows_a_wider_form() -> None:
    wide = ("form: yes/no, fields", "form: identifiable, fields")
    assert faults(FUEL, wide) == {"IDENTIFIABLE"}
    assert faults(FUEL, wide, ("{form: yes/no, why", "{form: identifiable, why")) == set()


def test_a_necessity_may_name_who_else_is_told() -> None:
    stranger = ("{to: [brightwater-energy]", "{to: [dwp]")
    assert faults(FUEL, stranger) == {"STRANGER"}
    assert (
        faults(FUEL, stranger, ("signed: siro@rebate-office}", "signed: siro@rebate-office, to: [dwp]}"))
        == set()
    )


def test_restriction_follows_the_columns_that_cross() -> None:
    """Without the tax credits nothing of HMRC crosses, and its consent is an entry about nothing."""
    without = edited(
        FUEL,
        lambda t: re.sub(r"  tax-credits: .*\n", "", t),
        lambda t: re.sub(r"\n +on_credits: .*", "", t),
        lambda t: re.sub(r", tax-credits", "", t),
        lambda t: t.replace(" or on_credits", ""),
        (", income: 17000", ""),
    )
    assert codes(lint(load(without), shelf())[1]) == {"ORPHAN"}
    assert codes(lint(load(re.sub(r"    consents: .*\n", "", without)), shelf())[1]) == set()


def test_a_field_counts_as_used_by_lookup_by_derive_and_rule_alone() -> None:
    _, plan = compiled(text(KENT))
    assert {
        "places.areas.area",
        "places.areas.ward",
        "gp.patients.area",
        "gp.patients.born",
        "fire.visits.date",
    } <= plan.used
    assert "gp.patients.nhs_number" not in plan.used
    _, plan = compiled(text(FUEL))
    assert {
        "brightwater.customers.opened",
        "dwp.pension_credit.guarantee",
        "voa.properties.floor_area",
    } <= plan.used
    assert "voa.properties.address" not in plan.used


def test_a_field_in_link_is_still_over_collected_in_use() -> None:
    """`sex` and `born` go to the linker anyhow; at the host they must serve a product of their own."""
    unread = edited(KENT, lambda t: t.replace("covariates: [age, sex, ", "covariates: [age, "))
    problems = lint(load(unread), shelf())[1]
    assert [(p.code, "sex" in p.what) for p in problems] == [("UNUSED", True)]


def test_a_derived_column_that_nobody_reads_makes_its_field_unused() -> None:
    unread = edited(
        KENT,
        lambda t: t.replace("covariates: [age, ", "covariates: ["),
        lambda t: re.sub(
            r"case when age < \d+ then '0-17'.*? end", "case when true then '0-17' else 'x' end", t
        ),
    )
    problems = lint(load(unread), shelf())[1]
    assert any(p.code == "UNUSED" and "born" in p.what for p in problems)


def test_the_party_computes_what_it_derives_before_it_sends() -> None:
    _, plan = compiled(text(FUEL))
    (sent,) = [t for t in plan.transfers if t.what == "content of properties"]
    assert sent.shape.schema.names == ("record", "score")
    assert sent.of.shape.place == "voa"
    assert sent.shape.schema["score"].origins == {
        f"voa.properties.{f}" for f in ("type", "age_band", "floor_area")
    }


def test_a_recipe_without_its_body_lints_and_is_denied() -> None:
    agreement = load(text(KENT))

    class Bodiless:
        def __contains__(self, name: str) -> bool:
            return name in shelf().recipes

        def __iter__(self):  # type: ignore[no-untyped-def]
            return iter(shelf().recipes)

        def __getitem__(self, name: str) -> Recipe:
            return replace(shelf().recipes[name], fit=None)

    plan, found = lint(agreement, replace(shelf(), recipes=Bodiless()))
    assert found == ()
    decision = decide(run_of(KENT), agreement, plan, found, published(agreement, plan), TODAY)
    assert decision.verdict is Verdict.DENY
    assert codes(decision.reasons) == {"RECIPE"}


@pytest.mark.parametrize("written", ["2024-W01-1", "24-04-01", "2024-4-01", "2024-04-01T00"])
def test_a_date_is_written_one_way(written: str) -> None:
    with pytest.raises(DocumentError):
        load(edited(KENT, ("start: 2024-04-01", f"start: {written}")))


def test_a_parameter_that_only_looks_like_a_date_is_text() -> None:
    agreement = load(edited(KENT, ("{at: 2023-04-01}", "{at: 2023-04-01, code: abcd-ef-gh}")))
    assert str(agreement.parameters["at"]) == "2023-04-01"
    assert agreement.parameters["code"] == "abcd-ef-gh"


def test_one_fault_of_a_source_is_told_once() -> None:
    """Four products read the patients; their missing contract is one root cause."""
    decision = judge(KENT, Case("", "", (("asset: gp.patients", "asset: gp.persons"),)))
    assert [reason.code for reason in decision.reasons] == ["ASSET"]
    assert "did you mean 'gp.patients'?" in decision.reasons[0].fix


def test_faults_of_all_products_are_told_together() -> None:
    harms = (
        ("covariates: [age,", "covariates: [shoe,"),
        ("practice: practice,", "practice: shop,"),
        ("area: ward,", "area: parish,"),
    )
    decision = judge(KENT, Case("", "", harms))
    assert [reason.code for reason in decision.reasons] == ["COLUMN", "COLUMN", "COLUMN"]
    assert len({reason.where for reason in decision.reasons}) == 3


@pytest.mark.parametrize("name", NAMES)
def test_names_are_nearly_right(name: str) -> None:
    first = next(iter(load(text(name)).text.analyse.values())).recipe
    written = text(name).replace(f"recipe: {first}", f"recipe: {first}s", 1)
    _, faults = lint(load(written), shelf())
    assert [fault.code for fault in faults] == ["UNKNOWN"]
    assert first in faults[0].fix
