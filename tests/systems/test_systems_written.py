"""Every system is written down as one agreement: read, judged and explained before any of its data exist.

The facts that a system's own account gives (how many people, which limits, how long) are terms of its
agreement and never constants of the code: the table below holds them against the text.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest
from agreement_example import NAMES, TODAY, codes, compiled, published, text

from sharewell.agree import Agreement, Request, decide
from sharewell.agree.decide import Asked, Verdict
from sharewell.plan.explain import summary
from sharewell.plan.forms import AGGREGATE, Who
from sharewell.plan.plan import Plan

SYSTEMS = {
    "kent-integrated-dataset": "A",
    "predicting-loneliness": "B",
    "tackling-fuel-poverty": "C",
    "funding-practices": "D",
    "justice-data-lab": "E",
    "homeless-support": "F",
    "routes-from-diagnosis": "1",
    "reducing-999-calls": "2",
    "health-and-social-care": "3",
    "empty-homes": "4",
    "housing-and-health": "5",
    "tackling-violence": "6",
    "residents-index": "I",
    "troubled-families": "II",
    "community-safety": "III",
}

AWAITED = (
    "empty-homes",
    "health-and-social-care",
    "homeless-support",
    "reducing-999-calls",
    "residents-index",
    "troubled-families",
)
"""Systems with products whose method is still to come."""
FACTS = [
    # agreement, where it is said, what is said
    ("kent-integrated-dataset", "analyse.fire-visits.with.ratio", 3),
    ("kent-integrated-dataset", "agree.subjects.0.number", 1_500_000),
    ("kent-integrated-dataset", "agree.benefits.1.target", 0.8),  # the falls service
    ("kent-integrated-dataset", "agree.benefits.3.target", 120),  # half of 240 practices
    ("tackling-fuel-poverty", "agree.subjects.0.number", 3_140_000),
    ("tackling-fuel-poverty", "check.brightwater-rebate.policy", "records"),
    ("tackling-fuel-poverty", "agree.benefits.0.target", 0.92),
    ("predicting-loneliness", "agree.parameters.sample", 6773),
    ("predicting-loneliness", "agree.parameters.constant", -2.62),
    ("predicting-loneliness", "analyse.ranks.with.published.marital widowed", 1.0317),
    ("predicting-loneliness", "analyse.ranks.with.published.household size", -1.0402),
    ("predicting-loneliness", "check.ranks.policy", "rule-of-10"),
    ("funding-practices", "agree.parameters.additional_needs", 0.58),
    ("funding-practices", "agree.parameters.age_sex", 0.39),
    ("funding-practices", "agree.parameters.rurality", 0.11),
    ("funding-practices", "agree.parameters.least_move", 0.01),
    ("justice-data-lab", "agree.parameters.least", 60),
    ("justice-data-lab", "agree.parameters.follow_days", 365),
    ("justice-data-lab", "agree.parameters.settle_days", 183),
    ("justice-data-lab", "agree.parameters.least_for_time", 30),
    ("justice-data-lab", "agree.parameters.least_expected", 10),
    ("justice-data-lab", "agree.parameters.green", 0.05),
    ("justice-data-lab", "agree.parameters.amber", 0.10),
    ("justice-data-lab", "agree.parameters.significance", 0.05),
    ("justice-data-lab", "account.exit", "destroy"),
    ("homeless-support", "agree.subjects.0.number", 500),
    ("homeless-support", "agree.benefits.0.baseline", 480),  # a day of minutes ...
    ("homeless-support", "agree.benefits.0.target", 5),  # ... now five
    ("routes-from-diagnosis", "agree.parameters.years", 7),
    ("routes-from-diagnosis", "agree.subjects.0.number", 85000),
    ("routes-from-diagnosis", "agree.benefits.2.baseline", 0.8),  # one in five is dead within a month
    ("routes-from-diagnosis", "agree.benefits.3.baseline", 0.2),  # one in five lives seven years in health
    ("routes-from-diagnosis", "agree.parameters.month", 31),
    ("routes-from-diagnosis", "agree.parameters.long", 2556),  # 31 December 2016 to 31 December 2023
    ("reducing-999-calls", "agree.parameters.adult_month", 5),
    ("reducing-999-calls", "agree.parameters.adult_quarter", 12),
    ("reducing-999-calls", "agree.parameters.child_half_year", 3),
    ("reducing-999-calls", "agree.parameters.communal_month", 15),
    ("health-and-social-care", "agree.parameters.frequent", 4),
    ("health-and-social-care", "agree.parameters.readmitted_days", 30),
    ("health-and-social-care", "agree.benefits.0.baseline", 0.124),
    ("health-and-social-care", "agree.benefits.1.target", 0.75),
    ("empty-homes", "agree.parameters.empty_days", 183),
    ("empty-homes", "agree.parameters.premium_days", 730),
    ("empty-homes", "agree.benefits.0.target", 330000),
    ("housing-and-health", "agree.subjects.0.number", 32009),
    ("housing-and-health", "agree.parameters.older", 60),
    ("tackling-violence", "agree.benefits.1.baseline", 0.27),
    ("residents-index", "agree.parameters.years", 10),
    ("residents-index", "agree.benefits.1.target", 800_000),
    ("residents-index", "analyse.young-children.with.to_age", 5),
    ("troubled-families", "agree.parameters.least", 2),
    ("community-safety", "agree.parameters.repeat_days", 365),
]

REACH = [
    # agreement, product, who receives it, the fields of its rows (none: figures about groups)
    ("predicting-loneliness", "ranks", "later-life northshire-council public", ""),
    (
        "funding-practices",
        "weights",
        "northshire-icb nhs-england northshire-gp northshire-council public",
        "",
    ),
    ("justice-data-lab", "reoffending", "fresh-start moj public", ""),
    (
        "homeless-support",
        "mental-contact",
        "northshire-police northshire-ambulance",
        "local_id known contact",
    ),
    ("homeless-support", "tenancy-effect", "northshire-housing public", ""),
    ("routes-from-diagnosis", "groups", "northshire-icb cancer-charity public", ""),
    ("routes-from-diagnosis", "survival", "northshire-icb cancer-charity public", ""),
    (
        "reducing-999-calls",
        "homes",
        "northshire-council",
        "home local_id reason calls services last_call lapses_on",
    ),
    ("health-and-social-care", "risk-strata", "northshire-gp", "person points stratum"),
    (
        "health-and-social-care",
        "frequent-attenders",
        "northshire-gp",
        "local_id practice alert events set_off_on lapses_on",
    ),
]


@cache
def read(name: str) -> tuple[Agreement, Plan]:
    return compiled(text(name))


def said(name: str, path: str) -> Any:
    """What an agreement says at a path such as `agree.parameters.least`."""
    value: Any = read(name)[0].text.model_dump(by_alias=True)
    for part in path.split("."):
        value = value[int(part)] if part.isdigit() else value[part]
    return value


def test_all_fifteen_are_written() -> None:
    assert set(NAMES) == set(SYSTEMS)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_one_page_that_can_be_read(name: str) -> None:
    lines = text(name).splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 230


@pytest.mark.parametrize("name", NAMES)
def test_each_lints_clean_and_explains(name: str) -> None:
    agreement, plan = read(name)  # `compiled` refuses a text with any fault
    told = summary(plan)
    asked = {what for stage, what, _, _, _ in told if stage == "analyse"}
    assert asked == {f"{product.question} ({product.recipe})" for product in plan.products}
    brought = {place for stage, _, place, _, _ in told if stage == "describe"}
    assert brought == {source.from_ for source in agreement.text.describe.values()}
    sent = [(what, form, to) for stage, what, _, form, to in told if stage == "release"]
    released = agreement.text.release
    assert sent == [
        (name, released[name].form, ", ".join(released[name].to)) for name in agreement.text.analyse
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_names_people_is_signed_for_and_never_public(name: str) -> None:
    agreement, plan = read(name)
    for product in plan.products:
        if product.form.who is Who.NAMED:
            assert agreement.text.agree.necessity[product.name].rejected
        if "public" in agreement.text.release[product.name].to:
            assert product.form == AGGREGATE


@pytest.mark.parametrize(("name", "path", "value"), FACTS, ids=lambda part: str(part))
def test_the_facts_of_a_system_are_terms_of_its_agreement(name: str, path: str, value: Any) -> None:
    assert said(name, path) == value


@pytest.mark.parametrize("name", NAMES)
def test_each_parameter_reaches_the_settings_of_a_recipe_or_an_expression(name: str) -> None:
    written = text(name)
    for parameter in read(name)[0].parameters:
        assert f":{parameter}" in written


@pytest.mark.parametrize(("name", "product", "to", "fields"), REACH, ids=lambda part: str(part)[:20])
def test_what_leaves_goes_to_whom_the_system_says(name: str, product: str, to: str, fields: str) -> None:
    release = read(name)[0].text.release[product]
    assert release.to == tuple(to.split())
    assert release.fields == tuple(fields.split())


@pytest.mark.parametrize("name", AWAITED)
def test_a_product_without_its_method_is_agreed_and_cannot_be_run(name: str) -> None:
    agreement, plan = read(name)
    awaited = [product.name for product in plan.products if product.missing]
    assert awaited, "every method is there: take it off this test"
    operator = next(user.who[0] for user in agreement.text.agree.users if "run" in user.may)
    for product in awaited:
        asked = Request(Asked.RUN, operator, product=product)
        decision = decide(asked, agreement, plan, (), published(agreement, plan), TODAY)
        assert decision.verdict is Verdict.DENY
        assert codes(decision.reasons) == {"RECIPE"}


@pytest.mark.parametrize("name", NAMES)
def test_each_that_was_weighed_at_the_workshop_says_where_and_when(name: str) -> None:
    weighed = read(name)[0].text.agree.deliberation
    assert weighed is not None
    assert (weighed.event, weighed.when.isoformat()) == ("Public-benefit workshop, Essex", "2017-07-04")
    assert weighed.findings


def test_nobody_alive_at_the_end_is_left_out_of_the_groups_of_cancer() -> None:
    """Whoever was diagnosed last and is alive when tracing ends has lived the seven years."""
    told = read("routes-from-diagnosis")[0].parameters
    last, traced = told["last"], told["traced"]
    assert isinstance(last, date)
    assert isinstance(traced, date)
    assert (traced - last).days >= told["long"]


def test_health_gives_flags_and_never_notes_to_the_joint_team() -> None:
    sources = read("reducing-999-calls")[0].text.describe
    assert {name: sources[name].use for name in ("mental", "adults", "patients")} == {
        "mental": (),
        "adults": (),
        "patients": ("frail",),
    }


def test_the_host_of_the_joint_team_never_holds_a_name_or_an_address() -> None:
    for source in read("reducing-999-calls")[0].text.describe.values():
        assert not {"forename", "surname", "born", "address", "postcode", "uprn", "nhs_number"} & {
            *source.use
        }


def test_a_home_with_domestic_abuse_is_held_back_from_both_lists() -> None:
    for product in ("callers", "homes"):
        assert "not abused_here" in said("reducing-999-calls", f"analyse.{product}.tables.calls.keep")


def test_the_charity_never_receives_a_row() -> None:
    _, plan = read("justice-data-lab")
    assert [product.form for product in plan.products] == [AGGREGATE]


def test_only_a_professional_of_the_practice_may_undo_the_code() -> None:
    told = read("health-and-social-care")[0].text.agree
    assert set(told.reidentification) == {"risk-strata"}
    able = {who for user in told.users if "reidentify" in user.may for who in user.who}
    assert {who.partition("@")[2] for who in able} == {"northshire-gp"}
    assert told.reidentification["risk-strata"].relationship


def test_the_question_of_practice_funding_was_registered_and_its_answer_is_public() -> None:
    agreement, _ = read("funding-practices")
    weights = agreement.text.analyse["weights"]
    assert weights.registered is not None
    assert weights.registered < agreement.text.account.term.start
    assert weights.with_["hypothesis"]
