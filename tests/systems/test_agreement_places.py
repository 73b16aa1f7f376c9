"""What each place could know, read off the plans: the split file holds in every shipped agreement."""

from __future__ import annotations

import pytest
from agreement_example import NAMES, compiled, text

from sharewell.agree import Agreement
from sharewell.agree.terms import Role
from sharewell.plan.explain import explain, summary
from sharewell.plan.plan import LINKING, Plan
from sharewell.plan.schema import Kind
from sharewell.plan.steps import Check, Fit, Link, Step, Transfer

CALLED = [pytest.param(name, id=name) for name in NAMES]


def arriving(plan: Plan, place: str) -> list[Transfer]:
    return [step for step in plan.transfers if step.to == place]


def fields_named(agreement: Agreement, which: str) -> set[str]:
    """All "asset.field" that the text lists under `link` or `use`."""
    return {f"{s.asset}.{f}" for s in agreement.text.describe.values() for f in getattr(s, which)}


@pytest.mark.parametrize("name", CALLED)
def test_the_linker_gets_identity_and_never_content(name: str) -> None:
    agreement, plan = compiled(text(name))
    link = fields_named(agreement, "link")
    if not agreement.text.link:
        assert not link
        assert not any(step.purpose == LINKING for step in plan.transfers)
        return
    (linker,) = agreement.parties(Role.LINKER)
    for transfer in arriving(plan, linker):
        for column in transfer.shape.schema:
            numbers = column.kind is Kind.KEY and column.name.startswith(("record", "known_by_"))
            assert numbers or column.origins <= link, (transfer.what, column.name)
            assert column.kind in (Kind.IDENTIFIER, Kind.QUASI, Kind.KEY)
    only_used = fields_named(agreement, "use") - link
    held = {
        o
        for t in arriving(plan, linker)
        for c in t.shape.schema
        if c.kind is not Kind.KEY
        for o in c.origins
    }
    assert held
    assert not held & only_used


@pytest.mark.parametrize("name", CALLED)
def test_the_host_gets_content_and_no_name_unsigned(name: str) -> None:
    agreement, plan = compiled(text(name))
    signed = set(agreement.text.agree.necessity)
    for product in plan.products:
        for step in product.steps:
            if isinstance(step, Transfer) and step.to == plan.host:
                named = [c.name for c in step.shape.schema if c.kind is Kind.IDENTIFIER]
                assert not named or product.name in signed
                assert not (named and step.purpose == LINKING)


@pytest.mark.parametrize("name", CALLED)
def test_nobody_else_gets_anything_but_what_is_released(name: str) -> None:
    agreement, plan = compiled(text(name))
    for transfer in plan.transfers:
        delivered = any(transfer in product.deliveries for product in plan.products)
        assert delivered or transfer.to in (*agreement.parties(Role.LINKER), plan.host)
        assert delivered == (transfer.what in agreement.text.release)


@pytest.mark.parametrize("name", CALLED)
def test_record_numbers_end_where_people_are_keyed(name: str) -> None:
    """The number that linker and host both know is in no table that a recipe reads."""
    _, plan = compiled(text(name))
    for product in plan.products:
        assert "record" not in product.result.of.shape.schema
        for step in product.steps:
            if isinstance(step, Fit):
                assert not [c for c in step.of.shape.schema if c.kind is Kind.IDENTIFIER]


@pytest.mark.parametrize("name", CALLED)
def test_links_happen_at_the_linker_and_everything_is_checked(name: str) -> None:
    agreement, plan = compiled(text(name))
    for step in plan.steps:
        if isinstance(step, Link):
            assert step.shape.place in agreement.parties(Role.LINKER)
        if isinstance(step, Transfer):
            assert isinstance(step.of, Check)


@pytest.mark.parametrize("name", CALLED)
def test_explain_and_summary_leave_no_transfer_out(name: str) -> None:
    agreement, plan = compiled(text(name))
    lines, told = explain(plan), summary(plan)
    assert [line.number for line in lines] == list(range(1, len(plan.steps) + 1))
    assert {line.stage for line in lines} == {stage for stage, *_ in told}
    for transfer in plan.transfers:
        assert any(f"transfer {transfer.what} to {transfer.to}" in line.text for line in lines)
        here = [
            what for _, what, place, _, to in told if place == transfer.of.shape.place and transfer.to in to
        ]
        assert any(transfer.what.split(" of ")[-1] in what for what in here), transfer.what
        columns = [c.name for c in transfer.shape.schema if c.name != "record"]
        if transfer.what not in agreement.text.release:
            assert any(all(column in what for column in columns) for what in here)
    assert len(told) <= 15 + 2 * len(agreement.text.describe) + 4 * len(plan.products)


@pytest.mark.parametrize("name", CALLED)
def test_summary_of_some_products_tells_of_these_alone(name: str) -> None:
    _, plan = compiled(text(name))
    first = plan.products[0].name
    told = summary(plan, {first})
    assert [what for stage, what, *_ in told if stage == "release"] == [first]
    assert len(told) < len(summary(plan)) or len(plan.products) == 1


@pytest.mark.parametrize("name", CALLED)
def test_agreements_can_be_read_in_one_sitting(name: str) -> None:
    assert len(text(name).splitlines()) <= 120


def places_of(step: Step) -> set[str]:
    return {part.shape.place for part in step.inputs}


@pytest.mark.parametrize("name", CALLED)
def test_only_transfers_cross_places(name: str) -> None:
    _, plan = compiled(text(name))
    for step in plan.steps:
        assert isinstance(step, Transfer) or places_of(step) <= {step.shape.place}
