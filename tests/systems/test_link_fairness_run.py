"""A run over tenants of whom some women cannot be linked says so, wherever its product is read."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from rules_example import shelf
from typer.testing import CliRunner
from workspace_example import HERE, NAME, Done, events, identifiers, leaks, make, people, run, write_tenants

from sharewell.agree import lint, load_agreement
from sharewell.cli import app
from sharewell.live.rehearsal import rehearse

TRUSTED = "golden: {address: {fields: [address, postcode], by: [{trusted: [patients, tenants]}, complete]}}"
CHANGES = (
    ("of: [patients, tenants], linker", f"of: [patients, tenants], {TRUSTED}, linker"),
    ("use: [damp]", "use: [damp, sex]"),
    ("where: damp}", "where: \"damp and sex in ('F', 'M')\"}"),
)


@pytest.fixture(scope="module")
def unequal(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Every other woman among the tenants is at an address that nobody else knows."""
    space = make(tmp_path_factory.mktemp("unequal") / "north", signed=False)
    written = space.folder / "systems" / f"{NAME}.yaml"
    text = written.read_text()
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new)
    written.write_text(text)
    tenants = [p for p in people() if p.home < 56]
    women = [p for p in tenants if p.sex == "F"]
    lost = {p.number for p in women[::2]}
    write_tenants(
        space.folder, [replace(p, home=1000 + 40 * p.number) if p.number in lost else p for p in tenants]
    )
    rehearse(space.agreement(NAME))
    return Done(space, run(space))


def told(done: Done, unit: str) -> tuple[str, ...]:
    return next(u for u in done.outcome.linkage if u.unit == unit).warnings


def test_the_group_that_is_missed_is_named_with_its_rate(unequal: Done) -> None:
    (first, *_) = told(unequal, "home")
    assert first.startswith("Records of tenants with sex F are found in another source ")
    assert "misses more of them" in first
    assert told(unequal, "person") == ()


def test_its_table_passed_the_gate_and_tells_the_planted_rates(unequal: Done) -> None:
    folder = unequal.outcome.releases["north-host"]
    rows = list(csv.DictReader((folder / "quality" / "linked-home-by-sex.csv").open()))
    found = {row["sex"]: row for row in rows if row["source"] == "tenants"}
    tenants = [p for p in people() if p.home < 56]
    women = [p for p in tenants if p.sex == "F"]
    assert int(found["F"]["records"]) == 5 * round(len(women) / 5)
    planted = 100 * (1 - len(women[::2]) / len(women))
    low, high = (float(found["F"][name]) for name in ("95% interval from, %", "to, %"))
    assert low < planted < high
    assert float(found["M"]["found elsewhere, %"]) == 100


def test_every_form_of_the_product_carries_the_warning(unequal: Done) -> None:
    (sentence, *_) = told(unequal, "home")
    listed = unequal.outcome.lists["damp-homes"] / "README.txt"
    report = unequal.outcome.releases["north-host"]
    assert sentence in listed.read_text()
    assert sentence in (report / "tables" / "damp-homes" / "READ-THIS-FIRST.txt").read_text()
    page = (report / "report.html").read_text()
    assert "Warning: built on unequal linkage." in page
    assert page.count(sentence) >= 3  # at the answer, in what to bear in mind, and under linkage
    shown = CliRunner().invoke(app, ["show", NAME, "--space", str(unequal.space.folder)]).output
    assert "unequal linkage of home" in " ".join(shown.split())


def test_a_product_of_one_source_carries_none(unequal: Done) -> None:
    """The asthma gap is counted in the clinic's records alone: no link can be missing from it."""
    folder = unequal.outcome.releases["north-council"]
    assert not list(Path(folder).glob("tables/*/READ-THIS-FIRST.txt"))
    assert "Warning: built on unequal linkage." not in (folder / "report.html").read_text()


def test_the_account_says_where_and_never_which_group(unequal: Done) -> None:
    (event,) = [event for event in events(unequal.space) if event.kind == "link.unequal"]
    assert dict(event.facts) == {"unit": "home", "source": "tenants", "by": "sex", "worse": 1, "better": 1}


def test_golden_records_are_made_and_only_counted(unequal: Done) -> None:
    """The clinic and the council disagree of exactly those women; no address leaves the linker."""
    tenants = [p for p in people() if p.home < 56]
    lost = [p for p in tenants if p.sex == "F"][::2]
    assert unequal.outcome.golden == {"person": {"address": {"known": 300, "disputed": len(lost)}}}
    folder = unequal.outcome.releases["north-host"]
    (row,) = csv.DictReader((folder / "quality" / "golden-person.csv").open())
    assert row == {
        "golden record": "address",
        "known": "300",
        "sources disagree": str(5 * round(len(lost) / 5)),
    }


GOLDEN = "golden: {address: {fields: [address], by: [complete]}}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            GOLDEN.replace("[address]", "[addres]"),
            "no source of this unit sends the linker a field 'addres'",
        ),
        (
            GOLDEN.replace("complete", "{trusted: [customers]}"),
            "address trusts customers, which is not linked",
        ),
        (
            GOLDEN.replace("complete", "{recent: moved}"),
            "no source of this unit sends the linker a field 'moved'",
        ),
        (GOLDEN.replace("complete", "{trusted: [tenants], recent: born}"), "exactly one of them"),
        (
            GOLDEN[:-1] + ", home: {fields: [address], by: [common]}}",
            "address is chosen by address and by home",
        ),
        (GOLDEN, ""),
    ],
)
def test_golden_rules_are_held_to_what_the_linker_is_sent(written: str, said: str) -> None:
    text = (HERE / "systems" / f"{NAME}.yaml").read_text()
    made = text.replace("of: [patients, tenants], linker", f"of: [patients, tenants], {written}, linker")
    told_of = [p for p in lint(load_agreement(made, "edited.yaml"), shelf())[1] if p.code == "GOLDEN"]
    assert [said in problem.what for problem in told_of] == ([True] if said else [])


def test_what_nobody_could_check_is_said(done: Done, unequal: Done) -> None:
    home = next(u for u in done.outcome.linkage if u.unit == "home")
    assert not home.warnings
    assert not home.told
    assert [line.split(":")[0] for line in home.unchecked] == [
        "By age, sex, ethnicity, deprivation and area, in any source"
    ]
    person = next(u for u in done.outcome.linkage if u.unit == "person")
    assert person.unjudged[0].startswith("patients is by far the largest source")
    assert not person.warnings
    page = (done.outcome.releases["north-council"] / "report.html").read_text()
    assert "could not be judged in this run" in page
    assert (
        "By sex, ethnicity and deprivation, in any source: the agreement gives the host no column" in page
    )
    assert not list(leaks(unequal.space.kept, identifiers()))
