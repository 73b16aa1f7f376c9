"""What people asked at a workshop, followed to the end: a condition of an agreement holds its run until it
is met, and the register says both. And what cannot enter an agreement is told, and not dropped.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from workspace_example import ACTOR, NAME, make

from sharewell.agree.conditions import day_of, outstanding
from sharewell.agree.signing import Enrolment, SigningKey
from sharewell.cli import app
from sharewell.live.enrolment import enrol
from sharewell.live.register import build, verify
from sharewell.live.signing import sign
from sharewell.workspace import Workspace
from sharewell.workspace import open as opened

DAY = """\
sharewell-workshop: 1
workshop: {name}
title: {title}
purpose: Weigh whether damp homes may be found so
held: {{on: {on}, where: A hall, starts: "10:00", ends: "15:00", host: The council}}
people: 12
roles: [tenant]
invited: [{{who: Tenants, came: 8}}, {{who: Landlords, came: 0}}]
tables: {{one: {{}}}}
examples: {{A: {{title: Warm homes, agreement: warm-homes}}}}
sessions: {{lines: {{exercise: red-lines, minutes: 30, examples: {{one: [A]}}}}}}
"""
HEADS = "said,agreement,clause,condition,before,owner\n"
TOLD, ASKED = (
    "People want to be told before their homes are looked for",
    "A letter has gone to every tenant",
)
TITLE = "Warm homes, weighed by tenants"
FINDINGS = f"""\
{TOLD},warm-homes,agree.transparency,,,
Nobody asked the tenants,warm-homes,,{ASKED},first run,head of housing
"""
CONDITION = "a-letter-has-gone-to"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """The small workspace, its agreement a draft, on a day before a second workshop."""
    return make(tmp_path / "north", signed=False)


def sharewell(space: Workspace, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--space", str(space.folder)])


def held(
    space: Workspace, findings: str, name: str = "a-day", on: str = "2024-05-01", title: str = TITLE
) -> None:
    """A day that was held, and its findings as they were typed."""
    sheets = space.folder / "workshops" / name
    sheets.mkdir(parents=True, exist_ok=True)
    sheets.with_suffix(".yaml").write_text(DAY.format(name=name, on=on, title=title))
    (sheets / "findings.csv").write_text(HEADS + findings)
    done(space, "workshop", "enter", name)


def done(space: Workspace, *words: str) -> Result:
    """A command that did what it was asked."""
    told = sharewell(space, *words)
    assert told.exit_code == 0, told.output
    return told


def concluded(space: Workspace, name: str = "a-day") -> Result:
    return done(space, "workshop", "conclude", name)


def lines(told: Result) -> str:
    """The lines to paste: those that are set in."""
    return "".join(f"{line}\n" for line in told.stdout.splitlines() if line.startswith("  "))


def paste(space: Workspace, told: Result) -> None:
    """Put the lines into the agreement as somebody would: the old ones out, the new ones in."""
    path = space.folder / "systems" / f"{NAME}.yaml"
    without = re.sub(r"(?m)^  deliberation:\n(  [ -].*\n)*", "", path.read_text())
    path.write_text(without.replace("\ndescribe:", f"{lines(told)}\ndescribe:", 1))


def signed(space: Workspace) -> None:
    """Assessed, weighed, signed and published by hand: a rehearsal would meet the conditions."""
    parties = opened(space.folder).agreement(NAME).agreement.text.agree.parties
    first = parties["north-host"].signs[0].who
    done(space, "assess", NAME, "--as", first, "--dpo", "dpo@north-clinic")
    done(space, "deliberate", NAME, "--as", first)
    for party, terms in parties.items():
        key, office = SigningKey.new(), terms.signs[0]
        enrol(opened(space.folder), Enrolment(office.who, party, str(office.as_), key.public), first)
        sign(opened(space.folder).agreement(NAME), office.who, key)
    done(space, "publish", NAME, "--as", ACTOR)


def page(space: Workspace, folder: Path) -> str:
    build(opened(space.folder), folder)
    assert verify(folder, space=opened(space.folder)).faults == ()
    text = (folder / "agreements" / NAME / "index.html").read_text()
    section = text.partition('id="asked"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def test_what_people_asked_holds_the_run_until_it_is_done_and_all_can_read_both(
    place: Workspace, tmp_path: Path
) -> None:
    held(place, FINDINGS)
    paste(place, concluded(place))
    done(place, "lint", NAME)
    signed(place)
    refused = sharewell(place, "decide", NAME, "--as", ACTOR)
    assert refused.exit_code == 3
    assert f"{CONDITION!r} is not met: {ASKED}" in refused.output
    asked = page(place, tmp_path / "before")
    for words in (TITLE, "1 May 2024", "12 people came", "Nobody came from: Landlords", TOLD, ASKED):
        assert words in asked
    assert f"The condition: {ASKED}" in asked, "a finding that sets a condition leads to it"
    assert "Not met yet" in asked

    evidence = ("--evidence", "letter of 3 May 2024")
    done(place, "condition", NAME, CONDITION, "--as", ACTOR, *evidence)
    assert "PERMIT" in done(place, "decide", NAME, "--as", ACTOR).output
    asked = page(place, tmp_path / "after")
    assert "Met on 3 June 2024" in asked
    assert "Not met yet" not in asked
    assert "letter of" not in asked, "what staff wrote for the account is not published"


def test_a_later_day_adds_to_what_stands_and_what_was_met_stays_met(place: Workspace) -> None:
    held(place, FINDINGS)
    paste(place, concluded(place))
    signed(place)
    done(place, "condition", NAME, CONDITION, "--as", ACTOR, "--evidence", "letter of 3 May 2024")
    assert f"{NAME}: nothing new; 3 of what was asked" in concluded(place).stdout

    count = "It asks for a count,warm-homes,,A count is public,2024-06-01,analyst"
    held(place, f"{TOLD.upper()},warm-homes,,,,\n{count}\n", "second", "2024-05-20", "A second look")
    paste(place, concluded(place, "second"))
    done(place, "lint", NAME)
    live = opened(place.folder).agreement(NAME)
    weighed = live.agreement.text.agree.deliberation
    assert weighed is not None
    assert weighed.event == f"{TITLE} (2024-05-01); A second look"
    assert [each.said for each in weighed.findings].count(TOLD) == 1
    assert set(weighed.conditions) == {CONDITION, "a-count-is-public"}
    assert outstanding(live.agreement, live.life.met, day_of(live.space.now)) == ["a-count-is-public"]
    assert f"{NAME}: nothing new" in concluded(place, "second").stdout


def test_what_cannot_enter_an_agreement_is_told_and_all_else_is_printed(place: Workspace) -> None:
    rows = (
        f"{TOLD},warm-homes,agree.transparancy,,,",
        "Damp is nobody's secret,warm-homes,,,,",
        "Somebody must count,warm-homes,agree.benefits,A count is made,,",
        "It is fair to all,cold-homes,agree.benefits,,,",
        "A register would help,,,,,",
        "Ask us again,,,Another day is held,,",
        "A good day,warm-homes,agree.benefits,,,",
    )
    held(place, "\n".join(rows) + "\n")
    told = concluded(place)
    for words in (
        "'agree.transparancy' is no clause of it",
        "did you mean 'transparency'?",
        "no clause of it is named by: Damp is nobody's secret",
        "it is not said who sees to: A count is made",
        "'cold-homes', which is no agreement here",
        "which agreement must wait for: Another day is held",
    ):
        assert words in " ".join(told.stderr.split())
    assert "About no agreement: 2.\n  " in told.stdout
    assert "A register would help" in told.stdout
    assert "conditions:" not in told.stdout, "a condition that is nobody's is not printed to be pasted"
    pasted = lines(told).partition("    findings:")[2]
    assert "A good day" in pasted
    assert "Somebody must count" in pasted


def test_a_finding_that_waits_for_the_facilitator_is_counted_and_not_told(place: Workspace) -> None:
    held(place, f"{TOLD} said Mrs Quorvanna of 3 Vexa Crescent ZQ1 5AX,warm-homes,agree.benefits,,,\n")
    told = concluded(place)
    assert "1 comment waits for the facilitator" in told.stdout
    assert "Quorvanna" not in told.output


@pytest.mark.parametrize("before", ["soon", "31/01/2026", "2026-02-30"])
def test_a_condition_that_is_due_at_no_time_is_set_aside_with_how_to_write_it(
    place: Workspace, before: str
) -> None:
    held(place, f"{TOLD},warm-homes,agree.transparency,{ASKED},{before},analyst\n")
    told = done(place, "workshop", "enter", "a-day")
    assert "findings.csv:2 VALUE" in told.stderr
    assert "write first run or publication under `before`, or a day as 2026-01-31" in told.stderr
    assert "Set aside: 1." in told.stdout
