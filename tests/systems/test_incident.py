"""When something goes wrong: everything that touches an asset stops, and no delivery is forgotten."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, Done, events, fresh, identifiers, leaks, people

from sharewell import workspace
from sharewell.account.events import EventKind
from sharewell.agree.decide import Asked, Request
from sharewell.agree.status import Status
from sharewell.cli import app
from sharewell.errors import AccountError, DocumentError, Refusal
from sharewell.live.affected import band
from sharewell.live.complaints import answer, complaints, overdue, receive
from sharewell.live.incident import certify, close, incident, incidents, open_incident, recall
from sharewell.live.incident_pack import pack, write_pack
from sharewell.live.signing import resume
from sharewell.workspace import Workspace

LOST = "A laptop with the list was lost on a train"
HASH = "ab" * 32


@pytest.fixture
def ran(done: Done, tmp_path: Path) -> Workspace:
    """A copy of a workspace that has run and released."""
    return workspace.open(shutil.copytree(done.space.folder, tmp_path / "north"))


def found(space: Workspace, hours: float = 5) -> dt.datetime:
    return space.now - dt.timedelta(hours=hours)


def codes(error: pytest.ExceptionInfo[DocumentError]) -> set[str]:
    return {problem.code for problem in error.value.problems}


def test_everything_that_touches_the_asset_stops_and_the_clock_runs(ran: Workspace) -> None:
    held = open_incident(ran, LOST, found(ran), ACTOR, asset="clinic.patients")
    assert held.agreements == (NAME,)
    assert held.deadline == found(ran) + dt.timedelta(hours=72)
    assert held.hours_left == 67.0
    assert fresh(ran).status() is Status.SUSPENDED
    decision = fresh(ran).decide(Request(Asked.RUN, ACTOR))
    assert "SUSPENDED" in {reason.code for reason in decision.reasons}
    with pytest.raises(Refusal):
        fresh(ran).run(ACTOR)


def test_what_does_not_carry_the_asset_is_left_out(ran: Workspace) -> None:
    """The gap in asthma is no question of the supplier's customers; the damp homes are."""
    held = open_incident(ran, LOST, found(ran), ACTOR, asset="energy.customers")
    assert {(d.product, d.recipient) for d in held.deliveries} == {
        ("damp-homes", "north-energy"),
        ("damp-homes", "north-host"),
    }
    whole = open_incident(ran, LOST, found(ran), ACTOR, agreement=NAME)
    assert {d.product for d in whole.deliveries} == {"damp-homes", "asthma-gap"}


def test_a_product_of_an_earlier_text_is_reached_whatever_todays_text_says(ran: Workspace) -> None:
    path = ran.folder / "systems" / f"{NAME}.yaml"
    path.write_text(path.read_text().replace("younger: 0.3", "younger: 0.35"))
    held = open_incident(workspace.open(ran.folder), LOST, found(ran), ACTOR, asset="energy.customers")
    assert "asthma-gap" in {d.product for d in held.deliveries}


def test_a_text_that_no_longer_reads_is_stopped_all_the_same(ran: Workspace) -> None:
    (ran.folder / "systems" / f"{NAME}.yaml").write_text("sharewell: 1\nagreement: [")
    held = open_incident(workspace.open(ran.folder), LOST, found(ran), ACTOR, asset="clinic.patients")
    assert held.agreements == (NAME,)
    assert len(held.deliveries) == 4
    assert [e.agreement for e in events(ran) if e.kind is EventKind.AGREE_SUSPENDED] == [NAME]


def test_every_fault_of_an_opening_is_told_at_once(ran: Workspace) -> None:
    before = len(events(ran))
    with pytest.raises(DocumentError) as error:
        open_incident(ran, " ", dt.datetime(2030, 1, 1, tzinfo=dt.UTC), "somebody", asset="clinic.patience")
    assert codes(error) == {"ASSET", "WHAT", "TIME", "ACTOR"}
    assert "clinic.patients" in str(error.value)
    with pytest.raises(DocumentError) as neither:
        open_incident(ran, LOST, found(ran), ACTOR)
    assert codes(neither) == {"TOUCHES"}
    with pytest.raises(AccountError, match="NHS number"):
        open_incident(ran, f"Lost: {people()[0].nhs}", found(ran), ACTOR, asset="clinic.patients")
    assert len(events(ran)) == before, "half an incident would be worse than none"
    assert fresh(ran).status() is Status.ACTIVE


def test_recall_certify_explain_close_and_only_then_resume(ran: Workspace) -> None:
    held = open_incident(ran, LOST, found(ran), ACTOR, asset="clinic.patients")
    first, *rest = held.deliveries
    with pytest.raises(Refusal, match="only what was recalled"):
        certify(ran, held.reference, first.number, "dpo@north-energy", HASH)
    assert len(recall(ran, held.reference, ACTOR)) == len(held.deliveries) == 4
    assert recall(ran, held.reference, ACTOR) == (), "recalled once"
    with pytest.raises(Refusal, match="RECIPIENT"):
        certify(ran, held.reference, first.number, "a.khan@north-host", HASH)
    with pytest.raises(DocumentError, match="HASH"):
        certify(ran, held.reference, first.number, "dpo@north-energy", "deadbeef")
    certified = certify(ran, held.reference, first.number, "dpo@north-energy", HASH)
    assert [d.number for d in certified.outstanding] == [d.number for d in rest]
    with pytest.raises(Refusal) as left:
        close(ran, held.reference, ACTOR, {rest[0].number: "It was never opened"})
    assert len(left.value.problems) == 2
    with pytest.raises(Refusal, match="INCIDENT") as early:
        resume(fresh(ran), "siro@north-host", "the disk was encrypted")
    assert f"sharewell incident close {held.reference}" in str(early.value)
    assert "3 of its deliveries" in str(early.value)
    with pytest.raises(Refusal, match="ROLE"):
        close(ran, held.reference, "m.allory@elsewhere", {d.number: "Gone" for d in rest})
    closed = close(ran, held.reference, ACTOR, {d.number: "Only figures about groups" for d in rest})
    assert closed.closed
    assert closed.outstanding == ()
    with pytest.raises(Refusal, match="CLOSED"):
        recall(ran, held.reference, ACTOR)
    assert fresh(ran).status() is Status.SUSPENDED, "closing resumes nothing"
    resume(fresh(ran), "siro@north-host", "the disk was encrypted")
    assert fresh(ran).status() is Status.ACTIVE


def test_a_second_incident_keeps_stopped_what_the_first_lets_go(ran: Workspace) -> None:
    first = open_incident(ran, LOST, found(ran), ACTOR, asset="clinic.patients")
    second = open_incident(ran, "A key was lost", found(ran), ACTOR, agreement=NAME)
    gone = {d.number: "Only figures about groups" for d in first.deliveries}
    close(ran, first.reference, ACTOR, gone)
    with pytest.raises(Refusal) as held:
        resume(fresh(ran), "siro@north-host", "the first is closed")
    assert [p.code for p in held.value.problems] == ["INCIDENT"]
    assert second.reference in str(held.value)
    close(ran, second.reference, ACTOR, {d.number: "The key was found" for d in second.deliveries})
    resume(fresh(ran), "siro@north-host", "both are closed")
    assert fresh(ran).status() is Status.ACTIVE


def test_the_pack_says_what_is_known_and_shows_what_is_missing(ran: Workspace) -> None:
    held = open_incident(ran, LOST, found(ran, 80), ACTOR, asset="clinic.patients")
    told = pack(ran, held.reference)
    answers = {answer["question"]: answer["answers"] for answer in told["answers"]}
    assert told["hours_left"] == -8.0
    assert answers["Approximate number of people"] == ["100 to 999 at most"]
    assert answers["Approximate number of records"] == ["clinic.patients: 100 to 999"]
    assert "clinic.patients, sensitive: asthma" in answers["Categories of data"]
    assert answers["Likely consequences for people"] == ["A supplier learns of damp homes"]
    assert answers["How it was found"] == []
    folder = write_pack(ran, held.reference)
    page = (folder / "pack.html").read_text()
    assert "late by 8 hours" in page
    assert page.count("Missing") == sum(1 for held in answers.values() if not held)
    rows = list(csv.DictReader(io.StringIO((folder / "recipients.csv").read_text())))
    assert [row["recipient"] for row in rows] == ["north-energy", "north-council", "public", "north-host"]
    assert json.loads((folder / "pack.json").read_bytes())["incident"] == held.reference
    assert list(leaks(folder, identifiers(), outside=())) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (None, "unknown"),
        (0, "fewer than 10"),
        (9, "fewer than 10"),
        (10, "10 to 99"),
        (300, "100 to 999"),
        (1_000, "1,000 to 9,999"),
        (1_490_000, "1,000,000 to 9,999,999"),
    ],
)
def test_people_are_told_in_bands(number: int | None, words: str) -> None:
    assert band(number) == words


def test_the_register_says_that_it_was_stopped_and_nothing_of_what_staff_wrote(
    ran: Workspace, tmp_path: Path
) -> None:
    from sharewell.live.register import build

    held = open_incident(ran, LOST, found(ran), ACTOR, asset="clinic.patients")
    recall(ran, held.reference, ACTOR)
    folder = build(ran, tmp_path / "site")
    page = (folder / "agreements" / NAME / "index.html").read_text()
    assert "It was stopped because something went wrong" in page
    assert "recalled" in page
    assert [p for p in folder.rglob("*") if p.is_file() and b"laptop" in p.read_bytes()] == []
    assert not list((folder).glob("figures/**/*")), "figures that were recalled are not shown"


def test_complaints_fall_due_and_are_seen_to(published: Path, tmp_path: Path) -> None:
    space = workspace.open(shutil.copytree(published, tmp_path / "north"))
    late = receive(space, NAME, "complaint", ACTOR, dt.date(2024, 5, 1))
    access = receive(space, NAME, "access", ACTOR, dt.date(2024, 5, 31))
    assert (late.due, access.due) == (dt.date(2024, 5, 30), dt.date(2024, 6, 30))
    assert [held.reference for held in overdue(space)] == [late.reference]
    assert answer(space, access.reference, ACTOR, acknowledge=True).open
    assert not answer(space, access.reference, ACTOR).open
    with pytest.raises(Refusal, match="ANSWERED"):
        answer(space, access.reference, ACTOR)
    with pytest.raises(DocumentError) as error:
        receive(space, "warm-house", "grumble", ACTOR, dt.date(2030, 1, 1))
    assert codes(error) == {"TOPIC", "AGREEMENT", "DATE"}
    assert [held.reference for held in complaints(space)] == [late.reference, access.reference]


def test_an_acknowledgement_in_time_is_in_time_for_good(published: Path, tmp_path: Path) -> None:
    space = workspace.open(shutil.copytree(published, tmp_path / "north"))
    held = receive(space, NAME, "complaint", ACTOR, dt.date(2024, 5, 20))
    answer(space, held.reference, ACTOR, acknowledge=True)
    toml = space.folder / "sharewell.toml"
    toml.write_text(toml.read_text().replace("2024-06-03", "2024-09-03"))
    later = workspace.open(space.folder)
    assert not complaints(later)[0].overdue
    assert complaints(later)[0].open


def test_from_the_command_line(ran: Workspace, tmp_path: Path) -> None:
    runner, where = CliRunner(), ["--space", str(ran.folder)]

    def told(*words: str) -> tuple[int, str]:
        done = runner.invoke(app, [*words, *where])
        return done.exit_code, done.output

    opening = ("--found", "2024-06-03T06:00+00:00", "--asset", "clinic.patients", "--as", ACTOR)
    assert told("incident", "open", LOST, *opening)[0] == 0
    assert "69 hours left" in told("incident", "list")[1]
    assert told("incident", "pack", "incident-001")[0] == 0
    assert "Recalled: 4" in told("incident", "recall", "incident-001", "--as", ACTOR)[1]
    paper = tmp_path / "certificate.pdf"
    paper.write_bytes(b"We have deleted it.")
    number = incidents(ran)[0].deliveries[0].number
    one = ("certify", "incident-001", str(number), "--certificate", str(paper), "--as", "dpo@north-energy")
    assert told("incident", *one)[0] == 0
    assert told("incident", "close", "incident-001", "--as", ACTOR)[0] == Refusal.exit_code
    rest = [d.number for d in incident(ran, "incident-001").outstanding]
    why = [word for number in rest for word in ("--explain", f"{number}=Figures about groups only")]
    assert told("incident", "close", "incident-001", "--as", ACTOR, *why)[0] == 0
    assert told("incident", "open", LOST, "--found", "noon", "--asset", "x", "--as", ACTOR)[0] == 2
    assert told("complaint", "receive", NAME, "--topic", "access", "--as", ACTOR)[0] == 0
    assert "due by 2024-07-03" in told("complaint", "answer", "complaint-001", "--as", ACTOR)[1]
    assert "answered" in told("complaint", "list")[1]
