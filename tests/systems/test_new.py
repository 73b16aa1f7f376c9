"""`sharewell new`: a governance lead answers questions and gets a draft that says what is still open."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from sharewell import workspace
from sharewell.agree.drafting import TEMPLATES, Answers, Bringing, draft, draft_framework, scalar
from sharewell.agree.drafting_questions import QUESTIONS
from sharewell.agree.framework import load_framework
from sharewell.cli import app
from sharewell.errors import DocumentError
from sharewell.text import load_yaml
from sharewell.workspace import Workspace

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
JOINED = Answers(
    agreement="falls-at-home",
    kind="joint-control",
    framework="northshire@1",
    brings=(
        Bringing(asset="gp.patients", use=("practice", "frailty")),
        Bringing(asset="fire.visits", use=("date",)),
    ),
    links="northshire-linker",
    hosts="northshire-insight",
    to=("northshire-council",),
)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace.init(tmp_path / "space")


def open_places(text: str) -> set[int]:
    """The lines of a draft where something that must be said was left open."""
    return {number for number, line in enumerate(text.splitlines(), 1) if "null" in line.partition("#")[0]}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_blank_draft_hears_only_of_what_it_left_open(space: Workspace, kind: str) -> None:
    text = draft(Answers(agreement="blank", kind=kind), space.shelf, space.frameworks)  # type: ignore[arg-type]
    (space.folder / "systems/blank.yaml").write_text(text)
    with pytest.raises(DocumentError) as caught:
        space.agreement("blank")
    told = {int(problem.where.rpartition(":")[2]) for problem in caught.value.problems}
    assert told <= open_places(text)
    assert len(told) > 10


def test_each_kind_of_sharing_has_its_own_roles(space: Workspace) -> None:
    roles = {
        kind: re.findall(
            r"(?m)^ +role: (.+)$",
            draft(JOINED.model_copy(update={"kind": kind}), space.shelf, space.frameworks),
        )
        for kind in TEMPLATES
    }
    assert roles["one-way"] == ["controller", "controller", "recipient", "linker", "host"]
    assert roles["reciprocal"] == ["controller", "controller", "controller", "linker", "host"]
    assert roles["joint-control"] == ["joint controller"] * 3 + ["linker", "host"]


def test_names_go_to_the_linker_and_content_to_the_host(space: Workspace) -> None:
    value = load_yaml(draft(JOINED, space.shelf, space.frameworks)).value["describe"]
    assert value["gp-patients"]["link"] == [
        "nhs_number",
        "forename",
        "surname",
        "born",
        "address",
        "postcode",
        "uprn",
    ]
    assert value["gp-patients"]["use"] == ["practice", "frailty"]
    assert value["fire-visits"] == {
        "from": "northshire-fire", "asset": "fire.visits",
        "link": ["address", "postcode", "uprn"], "use": ["date"],
    }  # fmt: skip


def test_a_member_of_the_framework_is_not_described_again(space: Workspace) -> None:
    parties = load_yaml(draft(JOINED, space.shelf, space.frameworks)).value["agree"]["parties"]
    assert parties["northshire-gp"] == {"role": "joint controller"}


def test_the_law_is_never_suggested(space: Workspace) -> None:
    law = load_yaml(draft(JOINED, space.shelf, space.frameworks)).value["agree"]["law"]
    assert set(law.values()) == {None}


def test_an_answer_that_names_what_there_is_not_is_refused_with_the_nearest(space: Workspace) -> None:
    wrong = JOINED.model_copy(
        update={
            "recipe": "matched-cohrt",
            "framework": "northshire@9",
            "brings": (Bringing(asset="gp.patient"),),
        }
    )
    with pytest.raises(DocumentError) as caught:
        draft(wrong, space.shelf, space.frameworks)
    assert {(p.code, re.search(r"did you mean '(.+?)'", p.fix)[1]) for p in caught.value.problems} == {  # type: ignore[index]
        ("RECIPE", "matched-cohort"),
        ("FRAMEWORK", "northshire@1"),
        ("ASSET", "gp.patients"),
    }


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), max_size=60))
def test_any_answer_is_read_back_as_it_was_given(said: str) -> None:
    """Whatever is typed stays text: it cannot become another key, a list or a comment."""
    written = scalar(said)
    assert load_yaml(f"a: {written}\nb: {{c: {written}, d: [{written}]}}\n").value == {
        "a": said,
        "b": {"c": said, "d": [said]},
    }


def test_numbers_words_and_nothing_are_written_as_themselves() -> None:
    said = {"a": 1, "b": True, "c": None, "d": "1", "e": "true", "f": dt.date(2024, 4, 1), "g": 0.5}
    assert load_yaml(f"x: {scalar(said)}").value["x"] == said | {"f": "2024-04-01"}


def test_every_question_fills_a_place_of_the_answers() -> None:
    asked = [question.name for question in QUESTIONS]
    assert set(asked) <= set(Answers.model_fields)
    assert set(Answers.model_fields) - set(asked) == {"agreement", "unit", "linker", "product"}


def test_the_interview_writes_what_was_said_and_leaves_the_rest_open(space: Workspace) -> None:
    said = {
        "kind": "2", "framework": "1", "title": "Whether falls: at home, can be prevented",
        "purpose": "prevention", "brings": "gp.patients fire.visits", "links": "northshire-linker",
        "hosts": "northshire-insight", "recipe": "matched-cohort", "to": "northshire-council",
        "likelihood": "9\n3", "review": "2024-02-30\n2025-01-31",
    }  # fmt: skip
    typed = []
    for question in QUESTIONS:
        answer = said.get(question.name, "")
        typed.append(answer + "\npractice frailty\ndate" if question.name == "brings" else answer)
    done = runner.invoke(app, ["new", "falls", "--space", str(space.folder)], input="\n".join(typed) + "\n")
    assert done.exit_code == 0, done.output
    value = load_yaml(space.folder / "systems/falls.yaml").value
    assert value["title"] == "Whether falls: at home, can be prevented"
    assert value["agree"]["sharing"] == "reciprocal"
    assert value["agree"]["risks"][0]["likelihood"] == 3, "9 was out of range, and was asked again"
    assert value["account"]["term"] == {"start": None, "review": "2025-01-31", "end": None}
    assert value["describe"]["gp-patients"]["use"] == ["practice", "frailty"]


def test_answers_in_a_file_are_not_asked_again(space: Workspace, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(
        "title: Whether falls at home can be prevented\nstatement: too short\ncolour: blue\n"
    )
    told = runner.invoke(
        app, ["new", "falls", "--answers", str(answers), "--blank", "-s", str(space.folder)]
    )
    assert told.exit_code == 2
    assert "answers.yaml:3 FIELD" in told.output
    answers.write_text("title: Whether falls at home can be prevented\n")
    told = runner.invoke(
        app, ["new", "falls", "--answers", str(answers), "--blank", "-s", str(space.folder)]
    )
    assert told.exit_code == 0, told.output
    assert (
        load_yaml(space.folder / "systems/falls.yaml").value["title"]
        == "Whether falls at home can be prevented"
    )


def test_nothing_is_overwritten(space: Workspace) -> None:
    before = (space.folder / "systems/kent-integrated-dataset.yaml").read_bytes()
    done = runner.invoke(app, ["new", "kent-integrated-dataset", "--blank", "-s", str(space.folder)])
    assert (done.exit_code, (space.folder / "systems/kent-integrated-dataset.yaml").read_bytes()) == (
        2,
        before,
    )
    assert "EXISTS" in done.output


def test_a_framework_is_drafted_with_a_line_for_each_body(space: Workspace) -> None:
    done = runner.invoke(app, ["new", "westshire", "--framework", "-s", str(space.folder)])
    assert done.exit_code == 0, done.output
    text = (space.folder / "frameworks/westshire.yaml").read_text()
    assert "northshire-gp: {name: null" in text
    with pytest.raises(DocumentError) as caught:
        load_framework(draft_framework("westshire", []))
    assert {p.code for p in caught.value.problems} == {"TYPE"}
