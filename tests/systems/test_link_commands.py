"""`sharewell link`: who may tend an index, what they are shown, and that each look is in the account."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from index_example import ANALYST, INDEX, LINKER, READER, STEWARD, make_indexed
from typer.main import get_command
from typer.testing import CliRunner
from workspace_example import events, fresh, identifiers, patient, people, write_patients

from sharewell import workspace
from sharewell.cli import app
from sharewell.cli.linking import link_app
from sharewell.live.linking import update
from sharewell.run.indexes import index_path, opened
from sharewell.workspace import Workspace

BECAUSE = "A letter of 3 June"
RECORD = "patients/CLN000012"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small place with its index built. To be copied, not changed."""
    space = make_indexed(tmp_path_factory.mktemp("commands") / "north")
    update(fresh(space, INDEX), STEWARD)
    return space.folder


@pytest.fixture
def space(built: Path, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(built, tmp_path / "north"))


def ask(space: Workspace, *words: str, actor: str = STEWARD, because: str = BECAUSE) -> tuple[int, str]:
    who = ["--as", actor] if actor else []
    why = ["--because", because] if because else []
    told = CliRunner().invoke(
        app, ["link", *words, *who, *why, "--space", str(space.folder)], env={"COLUMNS": "200"}
    )
    return told.exit_code, told.output


def ids(space: Workspace) -> set[str]:
    """What may never be shown: index ids, and the record numbers by which linker and host meet."""
    with opened(space, INDEX, "person", LINKER) as index:
        table = index.people()
    return {str(p) for p in table["person"].to_pylist()} | set(table["record"].to_pylist())


def looks(space: Workspace) -> list[dict[str, object]]:
    return [dict(e.facts) for e in events(space) if e.kind == "link.read" and "asked" in e.facts]


def test_every_command_begins_with_a_short_sentence() -> None:
    held = get_command(link_app).commands  # type: ignore[attr-defined]
    assert {"status", "run", "train", "history", "as-of", "undo", "same", "different"} <= set(held)
    for command in held.values():
        said = command.get_short_help_str(90)
        assert said.endswith(".")
        assert not said.endswith("...")


def test_status_counts_and_opens_nothing(space: Workspace) -> None:
    before = len(events(space))
    code, told = ask(space, "status", INDEX, actor="", because="")
    assert code == 0
    assert "300 people in 462 records at north-linker" in told
    assert re.search(r"tenants +162 +162", told)
    assert len(events(space)) == before
    code, told = ask(space, "status", INDEX, "--json", actor="", because="")
    answer = json.loads(told)
    assert (answer["built"], answer["people"], answer["readers"]) == (True, 300, [])
    assert ask(space, "status", READER, actor="", because="")[0] == 2


def test_status_tells_who_read_it_and_how_it_changed(space: Workspace) -> None:
    fresh(space, READER).run(ANALYST)
    write_patients(space.folder, [patient(p) for p in people() if p.number != 7])
    assert ask(space, "run", INDEX, because="")[0] == 0
    told = ask(space, "status", INDEX, actor="", because="")[1]
    assert re.search(r"warm-homes +1 +300", told)
    assert re.search(r"link-002 +\w{16} +0 +0 +1 ", told)


def test_a_run_of_the_index_alone_makes_no_product_and_leaves_nothing(space: Workspace) -> None:
    assert not list((space.kept / "releases").glob("*"))
    held = [path for path in (space.kept / "places").rglob("*") if path.is_file()]
    assert held == [index_path(space, INDEX, "person", LINKER)]
    kinds = [str(e.kind) for e in events(space) if e.run == "link-001"]
    assert "link.started" in kinds
    assert not {"run.started", "run.finished", "release.released"} & set(kinds)


def test_only_who_may_tends_it_and_each_refusal_is_entered(space: Workspace) -> None:
    for words in (("run", INDEX), ("history", INDEX, "--record", RECORD), ("undo", INDEX, "1")):
        code, told = ask(space, *words, actor=ANALYST, because="" if words[0] == "run" else BECAUSE)
        assert code == 3
        assert "ACTOR" in told
        assert "steward" in told, "who may instead"
    refused = [e for e in events(space) if e.kind == "decide.refused"]
    assert [e.facts["asked"] for e in refused] == ["link"] * 3
    assert looks(space) == []


def test_a_look_needs_a_reason_and_is_entered_with_it(space: Workspace) -> None:
    assert ask(space, "history", INDEX, "--record", RECORD, because=" ")[0] == 2
    assert looks(space) == []
    code, told = ask(space, "history", INDEX, "--record", RECORD)
    assert code == 0
    assert "joined" in told
    assert looks(space) == [{"unit": "person", "asked": "history", "because": BECAUSE, "people": 1}]
    assert ask(space, "history", INDEX, "--record", "patients/CLN999999")[0] != 0
    assert looks(space)[-1]["people"] == 0, "a look that found nobody is a look"


def test_neither_an_id_nor_a_number_nor_a_name_is_shown(space: Workspace) -> None:
    hidden = ids(space) | (identifiers() - {"CLN000012"})
    told = ask(space, "history", INDEX, "--record", RECORD)[1]
    told += ask(space, "as-of", INDEX, "2024-06-03", "--record", RECORD)[1]
    told += ask(space, "history", INDEX, "--record", "patients/CLN999999")[1]
    told += json.dumps([dict(e.facts) for e in events(space)])
    assert not [word for word in hidden if word in told]
    assert "CLN000012" not in told, "nor is what was asked repeated"


def test_what_is_shown_can_be_asked_for_again(space: Workspace) -> None:
    told = ask(space, "as-of", INDEX, "2024-06-03", "--record", RECORD)[1]
    beside = re.findall(r"(tenants/ref:[0-9a-f]{16})", told)
    assert "300 people" in told
    assert len(beside) == 1, "the tenant that is the same person"
    first = ask(space, "history", INDEX, "--record", beside[0])[1]
    (person,) = set(re.findall(r"(?<!/)(ref:[0-9a-f]{16})", first))
    again = ask(space, "history", INDEX, "--person", person)[1]
    assert re.findall(r"(tenants/ref:[0-9a-f]{16})", again) == beside
    assert ask(space, "history", INDEX)[0] == 2
    assert ask(space, "history", INDEX, "--person", "ref:0000000000000000")[0] != 0


def test_before_it_was_built_it_held_nobody(space: Workspace) -> None:
    assert "0 people at the end of 2024-06-02" in ask(space, "as-of", INDEX, "2024-06-02")[1]


def test_an_agreement_that_keeps_no_index_cannot_be_tended(space: Workspace) -> None:
    for words in (("run", READER), ("history", READER, "--record", RECORD)):
        code, told = ask(space, *words, because="" if words[0] == "run" else BECAUSE)
        assert code == 2
        assert "keeps no index" in told


def test_a_model_is_trained_anew_only_when_it_is_asked_for(space: Workspace) -> None:
    assert ask(space, "run", INDEX, because="")[0] == 0
    assert ask(space, "train", INDEX)[0] == 0
    told = [dict(e.facts) for e in events(space) if e.kind == "link.started"]
    assert [t["anew"] for t in told] == [False, False, True]
    counts = [e.facts["index"] for e in events(space) if e.kind == "link.finished"]
    assert [(c["new"], c["merged"], c["churn"]) for c in counts] == [(462, 0, 0), (0, 0, 0), (0, 0, 0)]


def test_two_records_are_parted_and_joined_by_hand(space: Workspace) -> None:
    """A decision outlives the next run, and who reads the index learns which keys no longer stand."""
    fresh(space, READER).run(ANALYST)
    code, told = ask(space, "different", INDEX, RECORD, "tenants/TEN00012")
    assert code == 0, told
    assert ask(space, "run", INDEX, because="")[0] == 0
    shown = ask(space, "as-of", INDEX, "2024-06-03", "--record", RECORD)[1]
    assert "tenants/ref:" not in shown
    code, told = ask(space, "same", INDEX, RECORD, "tenants/TEN00012")
    assert code == 0, told
    assert "1 keys no longer stand" in told
    shown = ask(space, "as-of", INDEX, "2024-06-03", "--record", RECORD)[1]
    assert "tenants/ref:" in shown
    decided = [dict(e.facts) for e in events(space) if e.kind == "link.decided"]
    assert [(d["act"], d["because"]) for d in decided] == [("different", BECAUSE), ("same", BECAUSE)]


def test_a_merge_is_undone_by_its_number(space: Workspace) -> None:
    for act in ("different", "same"):
        assert ask(space, act, INDEX, RECORD, "tenants/TEN00012")[0] == 0
    told = ask(space, "history", INDEX, "--record", RECORD)[1]
    merges = re.findall(r"^ *(\d+) .* merged ", told, flags=re.M)
    assert len(merges) == 1
    assert ask(space, "undo", INDEX, merges[0])[0] == 0
    assert ask(space, "run", INDEX, because="")[0] == 0
    shown = ask(space, "as-of", INDEX, "2024-06-03", "--record", RECORD)[1]
    assert "tenants/ref:" not in shown


def test_two_verified_numbers_are_not_joined_even_by_hand(space: Workspace) -> None:
    """The decision is kept, followed by nobody, and shown for attention."""
    other = f"patients/CLN{int(RECORD[-6:]) + 1:06d}"
    assert ask(space, "same", INDEX, RECORD, other)[0] == 0
    told = ask(space, "history", INDEX, "--record", RECORD)[1]
    assert " frozen " in told
    assert " merged " not in told


def say(space: Workspace, words: tuple[str, ...], told: object) -> tuple[int, str]:
    """A command that reads JSON from standard input."""
    whole = ["link", *words, "--as", STEWARD, "--space", str(space.folder)]
    why = [] if words[0] == "sever" else ["--because", BECAUSE]
    done = CliRunner().invoke(app, [*whole, *why], input=json.dumps(told), env={"COLUMNS": "200"})
    return done.exit_code, done.output


def heard(space: Workspace) -> dict[str, str]:
    """What a clerk hears from somebody on the list."""
    with opened(space, INDEX, "person", LINKER) as index:
        known = index.people().to_pylist()
        first = next(row["record"] for row in known if row["source"] == "patients")
        held = index.held([("patients", first)]).to_pylist()[0]
    return {name: held[name] for name in ("forename", "surname", "born")}


def test_somebody_is_found_by_who_they_are_and_the_look_is_entered(space: Workspace) -> None:
    person = heard(space)
    code, told = say(space, ("match", INDEX), person)
    assert code == 0, told
    assert re.search(r"ref:[0-9a-f]{16}", told)
    assert looks(space)[-1]["asked"] == "match"
    assert looks(space)[-1]["people"] >= 1  # type: ignore[operator]
    assert person["surname"] not in told + str(looks(space))


def test_a_record_is_put_right_and_stays_so(space: Workspace) -> None:
    code, told = say(space, ("correct", INDEX, RECORD), {"forename": "Zenobia"})
    assert code == 0, told
    assert ask(space, "run", INDEX, because="")[0] == 0
    assert "corrected" in ask(space, "history", INDEX, "--record", RECORD)[1]
    for wrong in ([], {"forename": 3}, {"shoe": "9"}):
        code, told = say(space, ("correct", INDEX, RECORD), wrong)
        assert code in (1, 2)
        assert "FIELDS" in told


def test_a_record_begins_anew_and_nothing_says_from_whom(space: Workspace) -> None:
    before = ask(space, "history", INDEX, "--record", RECORD)[1]
    old = set(re.findall(r"ref:[0-9a-f]{16}", before))
    code, told = say(space, ("sever", INDEX, RECORD, "--ground", "gender recognition"), {})
    assert code == 0, told
    after = ask(space, "history", INDEX, "--record", RECORD)[1]
    people = set(re.findall(r"(?<!/)ref:[0-9a-f]{16}", after))
    assert people
    assert not people & old
    assert "gender" not in str([dict(e.facts) for e in events(space)])
    code, told = say(space, ("sever", INDEX, RECORD, "--ground", "curiosity"), {})
    assert code in (1, 2)
    assert "GROUNDS" in told
