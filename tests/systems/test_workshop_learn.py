"""The lessons on a county's patients: what a form leaves, and never on people who are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sharewell import workspace
from sharewell.cli import app
from sharewell.errors import DocumentError
from sharewell.live.lessons import Birth, seen_of, show
from sharewell.workspace import Workspace

pytestmark = pytest.mark.xdist_group("county")


def test_a_form_leaves_less_than_all_details_for_every_number_of_facts(county: Workspace) -> None:
    shown = show(county)
    assert shown.after is not None
    pairs = list(zip(shown.before, shown.after, strict=True))
    assert all(after.worst.unique <= before.worst.unique for before, after in pairs)
    assert shown.before[-1].worst.unique > 0.95
    assert shown.after[2].worst.unique < shown.before[2].worst.unique / 4


def test_an_agreement_is_shown_in_the_form_in_which_its_rows_arrive(county: Workspace) -> None:
    plan, _ = county.agreement("kent-integrated-dataset").linted
    assert plan is not None
    seen = seen_of(plan)
    assert seen is not None
    assert seen.birth == Birth("month")
    assert {"sex", "area"} <= seen.fields
    shown = show(county, county.agreement("kent-integrated-dataset"))
    assert shown.after is not None
    assert 0 < shown.after[-1].worst.unique < shown.before[-1].worst.unique


def test_where_only_yes_or_no_arrives_nobody_stands_alone(county: Workspace) -> None:
    shown = show(county, county.agreement("tackling-fuel-poverty"))
    assert shown.after is None or {known.worst.unique for known in shown.after} == {0.0}
    assert shown.sentence().endswith("in the form of this agreement, nobody.")


def test_the_command_writes_the_lessons_and_says_it_in_one_sentence(
    county: Workspace, tmp_path: Path
) -> None:
    words = ["learn", "--out", str(tmp_path / "out"), "-s", str(county.folder)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    assert re.match(r"Of [\d,]+ people, three facts can single out \d+%; in a less", told.output)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"lessons.{f}" for f in ("html", "docx", "pdf")
    }


def test_real_people_are_never_learnt_on(county: Workspace, tmp_path: Path) -> None:
    real = workspace.init(tmp_path / "real")
    with pytest.raises(DocumentError, match="SYNTHETIC"):
        show(real)
    told = CliRunner().invoke(app, ["learn", "--out", str(tmp_path / "out"), "-s", str(real.folder)])
    assert told.exit_code != 0
    assert not (tmp_path / "out").exists()


def test_the_quiz_asks_and_says_why_and_its_exit_code_is_its_verdict() -> None:
    asked = CliRunner().invoke(app, ["learn", "--quiz"], input="2\n1\n3\n2\n3\n1\n")
    assert asked.exit_code == 0, asked.output
    assert "6 of 6: passed." in asked.output
    assert CliRunner().invoke(app, ["learn", "--answers", "1,1,1,1,1,1"]).exit_code == 1
    assert "ANSWERS" in CliRunner().invoke(app, ["learn", "--answers", "x"]).output
