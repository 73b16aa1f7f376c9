"""What no rule can judge waits at the host until two people have read it; nothing of it is elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gate_example import (
    FIRST,
    MARK,
    READERS,
    SECOND,
    agreed,
    give,
    place,
    put,
    said,
    shelved,
    with_words,
)
from workspace_example import ACTOR, NAME, events, fresh, kinds, leaks, run

from sharewell import workspace
from sharewell.check.certificate import READ_BY_PEOPLE
from sharewell.errors import Refusal
from sharewell.live.outputs import waiting
from sharewell.live.rehearsal import rehearse
from sharewell.public.words import REASONS
from sharewell.release.state import State
from sharewell.run import Outcome
from sharewell.workspace import Workspace

WHY = "every area has many people"


@pytest.fixture(scope="module", autouse=True)
def recipes() -> Iterator[None]:
    with shelved():
        yield


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was run once: one product is held. To be copied, not changed."""
    space = place(tmp_path_factory.mktemp("words"), with_words(agreed()))
    told = give(space, "run", NAME, "--as", ACTOR)
    assert told.exit_code == 0, told.output
    assert "Held: area-notes waits for two people to read it: sharewell outputs show" in said(told)
    return space.folder


@pytest.fixture
def space(asked: Path, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(asked, tmp_path / "north"))


def held(space: Workspace) -> str:
    """The name of the one output that was held."""
    (item,) = {str(e.facts["item"]) for e in events(space) if str(e.kind) == "check.refused"}
    return item


def reads(space: Workspace, word: str, reader: str, item: str = "", because: str = WHY) -> str:
    """What a reader is told who gives their word, which is taken."""
    told = give(space, "outputs", word, item or held(space), "--as", reader, "--because", because)
    assert told.exit_code == 0, told.output
    return said(told)


def change(space: Workspace, old: str, new: str) -> Workspace:
    """The agreement's next version, published."""
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    changed = workspace.open(space.folder)
    rehearse(changed.agreement(NAME))
    return changed


def released(space: Workspace, outcome: Outcome) -> Path:
    return outcome.releases["north-council"] / "tables" / "area-notes" / "notes.csv"


def test_others_leave_and_what_is_held_waits_in_the_list(space: Workspace) -> None:
    left = {e.facts["product"] for e in events(space) if str(e.kind) == "release.released"}
    assert left == {"asthma-gap", "damp-homes"}
    listed = said(give(space, "outputs", "list"))
    for word in (held(space), "area-notes", "in review", "It waits for 2 of 2 readers."):
        assert word in listed
    assert "run.finished" in kinds(space)
    assert not list(space.kept.glob("releases/*/*/*/tables/area-notes"))


def test_a_reader_sees_the_tables_and_the_look_is_in_the_account(space: Workspace) -> None:
    item = held(space)
    told = reads(space, "show", FIRST, item[:6])
    assert "never passed by rule" in told
    assert f"{MARK}" in told
    assert "asked for by a.khan@north-host" in told
    (look,) = [e for e in events(space) if str(e.kind) == "release.viewed"]
    assert (look.actor, look.facts) == (FIRST, {"item": item, "because": WHY})


@pytest.mark.parametrize("word", ["show", "approve", "return", "refuse"])
@pytest.mark.parametrize(
    ("reader", "because", "code"),
    [
        (ACTOR, WHY, "SAME_PERSON"),
        (FIRST, "  ", "REQUEST"),
        ("d.lund@north-host", WHY, "ACTOR"),
        ("j.bloggs@the-daily", WHY, "ACTOR"),
    ],
)
def test_who_may_not_read_it_is_refused_and_sees_nothing(
    space: Workspace, word: str, reader: str, because: str, code: str
) -> None:
    told = give(space, "outputs", word, held(space), "--as", reader, "--because", because)
    assert told.exit_code == Refusal.exit_code, told.output
    assert code in told.stderr, told.stderr
    assert MARK not in told.output
    assert not {"release.viewed", "release.reviewed"} & set(kinds(space))
    last = events(space)[-1]
    assert (str(last.kind), last.actor) == ("decide.refused", reader)


@pytest.mark.parametrize("item", ["0000ffff0000ffff", "", "../", "*"])
def test_an_unknown_output_is_told_with_those_there_are(space: Workspace, item: str) -> None:
    told = give(space, "outputs", "show", item, "--as", FIRST, "--because", WHY)
    assert told.exit_code == 2, told.output
    assert held(space) in told.stderr


def test_two_people_let_it_through_and_the_next_run_releases_it(space: Workspace) -> None:
    assert "It waits for 1 of 2 readers." in reads(space, "approve", FIRST)
    again = give(space, "outputs", "approve", held(space), "--as", FIRST, "--because", WHY)
    assert (again.exit_code, "two pairs of eyes are two people" in said(again)) == (3, True), again.output
    assert "area-notes" in run(space).held, "one pair of eyes is not two"
    assert f"Run {NAME} again" in reads(space, "approve", SECOND)
    assert give(space, "outputs", "refuse", held(space), "--as", SECOND, "--because", WHY).exit_code == 3
    outcome = run(space)
    assert not outcome.held
    assert MARK in released(space, outcome).read_text()
    assert READ_BY_PEOPLE in (outcome.releases["north-council"] / "certificate.json").read_text()
    told = give(space, "audit", str(outcome.releases["north-council"]))
    assert (told.exit_code, "The release holds." in told.stdout) == (0, True), told.output
    words = [(e.actor, e.facts["verdict"]) for e in events(space) if str(e.kind) == "release.reviewed"]
    assert words == [(FIRST, "approve"), (SECOND, "approve")]
    assert MARK not in (outcome.releases["public"] / "report.html").read_text()


def test_who_ran_it_too_is_no_second_pair_of_eyes(space: Workspace) -> None:
    """Any of several people may run it; whoever did has asked for it."""
    fresh(space).run(FIRST, None)
    told = give(space, "outputs", "approve", held(space), "--as", FIRST, "--because", WHY)
    assert (told.exit_code, "SAME_PERSON" in told.stderr) == (3, True), told.output


@pytest.mark.parametrize(
    ("word", "state", "then"),
    [
        ("return", State.REQUESTED, "change the analysis"),
        ("refuse", State.REFUSED, "Nothing of it leaves."),
    ],
)
def test_one_reader_ends_it(space: Workspace, word: str, state: State, then: str) -> None:
    reads(space, "approve", FIRST)
    assert then in reads(space, word, SECOND)
    (item,) = waiting(workspace.open(space.folder))
    assert item.state is state
    late = give(space, "outputs", "approve", held(space), "--as", SECOND, "--because", WHY)
    assert late.exit_code == 3, late.output
    assert "area-notes" in run(space).held
    assert waiting(workspace.open(space.folder))[0].state is state


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("with: {person: person, area: ward}", "with: {person: person, area: ward, word: sedge}"),
        ("with: {person: person, area: ward}", "with: {person: person, area: ward, about: Eastgate}"),
        ("area-notes: {to: [north-council],", "area-notes: {to: [north-council, public],"),
    ],
    ids=["other figures", "another title", "another recipient"],
)
def test_what_two_people_let_through_is_that_and_nothing_else(space: Workspace, old: str, new: str) -> None:
    for reader in READERS:
        reads(space, "approve", reader)
    changed = change(space, old, new)
    outcome = run(changed)
    assert set(outcome.held) == {"area-notes"}
    items = {each.item: each.state for each in waiting(workspace.open(space.folder))}
    assert sorted(items.values()) == [State.IN_REVIEW, State.RELEASED]
    assert items[outcome.held["area-notes"]] is State.IN_REVIEW


def test_nothing_of_what_is_held_lies_open_anywhere(space: Workspace) -> None:
    reads(space, "show", FIRST)
    reads(space, "approve", FIRST)
    reads(space, "refuse", SECOND)
    assert list(leaks(space.kept, {f", {MARK}", "people live in"}, ("data",))) == []
    told = said(give(space, "account", "log")) + said(give(space, "outputs", "list"))
    assert "people live in" not in told
    register = give(space, "register", "build", "--out", str(space.folder / "register"))
    assert register.exit_code == 0, register.output
    assert list(leaks(space.folder / "register", {MARK, "people live in", WHY}, ())) == []


def test_residents_read_in_words_why_somebody_was_refused(space: Workspace) -> None:
    for reader, because in ((ACTOR, WHY), (FIRST, " ")):
        give(space, "outputs", "show", held(space), "--as", reader, "--because", because)
    codes = {str(code) for e in events(space) for code in e.facts.get("codes", ())}
    assert codes == {"REVIEW", "SAME_PERSON", "REQUEST"}
    assert codes <= set(REASONS)


def test_the_tables_are_gone_with_the_agreements_key(space: Workspace) -> None:
    item = held(space)
    for path in space.kept.glob(f"places/*/*/*/{item}.*"):
        path.unlink()
    told = give(space, "outputs", "show", item, "--as", FIRST, "--because", WHY)
    assert told.exit_code == 1, told.output
    assert "release.viewed" not in kinds(space)


def test_a_reader_needs_the_agreement_to_stand(space: Workspace) -> None:
    item = held(space)
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(put(text, "title: ", "Changed, "), encoding="utf-8")
    told = give(space, "outputs", "approve", item, "--as", FIRST, "--because", WHY)
    assert told.exit_code == Refusal.exit_code, told.output
