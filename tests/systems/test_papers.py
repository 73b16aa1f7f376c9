"""The papers of the shipped agreements, written from the command line into a folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sharewell import workspace
from sharewell.cli import app
from sharewell.errors import DocumentError, StorageError
from sharewell.live.papers import Format, hard_words, papers
from sharewell.papers import PAPERS
from sharewell.workspace import Workspace

KENT = "kent-integrated-dataset"
SUMMARY = (
    "Pseudonymised multi-organisational administrative records are probabilistically linked, "
    "notwithstanding heterogeneous identification. You can say no."
)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace.init(tmp_path_factory.mktemp("papers") / "space")


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["papers", *map(str, words)])
    return found.exit_code, found.output


def test_every_paper_of_an_agreement_is_written_in_every_format(space: Workspace) -> None:
    code, told = run(KENT, "--space", space.folder)
    assert code == 0, told
    held = {path.name for path in (space.folder / "papers" / KENT).iterdir()}
    wanted = {f"{form.name}.{end}" for form in PAPERS for end in ("html", "docx", "pdf")}
    assert held == wanted | {"economy-act.csv", "data-use.csv"}
    assert "Data protection impact assessment: " in told
    assert "Not stated" not in told, "it says everything that a paper asks for"


def test_what_is_unsaid_is_told_once_in_the_order_of_the_text(space: Workspace) -> None:
    """Nothing below what is itself unsaid is told, and each line says how many papers miss it."""
    text = (space.folder / "systems" / f"{KENT}.yaml").read_text(encoding="utf-8")
    made = re.sub(r"  (automated|subjects|sharing): .*\n", "", text)
    made = made.replace("dpo_advice: Month of birth only; publish match rates, ", "")
    made = made.replace(", via: the council's release folder, keep: P2Y", "")
    made = made.replace(f"agreement: {KENT}", "agreement: silent")
    (space.folder / "systems" / "silent.yaml").write_text(made, encoding="utf-8")
    code, told = run("silent", "--format", "html", "--space", space.folder)
    assert code == 0, told
    lines = told.split("Not stated (5):\n")[1].splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == [
        "agree.sharing",
        "agree.subjects",
        "agree.automated",
        "agree.assessment.dpo_advice",
        "release.*.keep",
    ]
    assert lines[0].startswith("  systems/silent.yaml:")
    assert lines[2].endswith("(4 of 7 papers)")
    _, alone = run("silent", "--paper", "dpia", "--format", "html", "--space", space.folder)
    assert "agree.sharing" not in alone, "an impact assessment does not ask for it"
    assert "papers)" not in alone


def test_one_paper_in_one_format(space: Workspace, tmp_path: Path) -> None:
    code, _ = run(KENT, "--paper", "dpia", "--format", "html", "--out", tmp_path, "--space", space.folder)
    assert code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["dpia.html"]


def test_an_internal_paper_is_named_so(space: Workspace, tmp_path: Path) -> None:
    run(
        KENT,
        "--paper",
        "dpia",
        "--format",
        "html",
        "--internal",
        "--out",
        tmp_path,
        "--space",
        space.folder,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["dpia.internal.html"]
    assert "INTERNAL" in (tmp_path / "dpia.internal.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "near"), [(("--paper", "dpai"), "'dpia'"), (("--format", "pfd"), "'pdf'")]
)
def test_an_unknown_paper_or_format_is_refused_with_the_nearest(
    space: Workspace, words: tuple[str, str], near: str
) -> None:
    code, told = run(KENT, *words, "--space", space.folder)
    assert code == DocumentError.exit_code
    assert f"did you mean {near}?" in told


@pytest.mark.parametrize("name", sorted(path.stem for path in workspace.shipped("systems").glob("*.yaml")))
def test_each_shipped_agreement_has_its_papers(space: Workspace, tmp_path: Path, name: str) -> None:
    live = space.agreement(name)
    written = papers(live, tmp_path, formats=(Format.HTML,))
    assert len(written) == len(PAPERS)
    for each in written:
        assert live.agreement.text.agreement in each.paths[0].read_text(encoding="utf-8")


def test_a_summary_that_is_too_hard_is_told_with_its_hardest_sentence(
    space: Workspace, tmp_path: Path
) -> None:
    hard = _edited(space, "hard", ("    summary: ", f"    summary: {SUMMARY} "))
    found = hard_words(space.agreement(hard))
    assert [problem.code for problem in found] == ["READING"]
    assert "'Pseudonymised multi-organisational" in found[0].fix
    assert "You can say no" not in found[0].fix
    assert found[0].where.startswith("systems/hard.yaml:")


def test_a_redaction_is_told_and_a_wrong_one_stops_every_paper(space: Workspace, tmp_path: Path) -> None:
    told = (
        "\n  redactions: [{part: describe.PART, why: It would harm an inquiry, by: the SIRO}]\ndescribe:\n"
    )
    good = _edited(space, "good", ("\ndescribe:\n", told.replace("PART", "visits.use")))
    code, said = run(
        good, "--paper", "dpia", "--format", "html", "--out", tmp_path, "--space", space.folder
    )
    assert code == 0, said
    assert "1 left out" in said
    assert "It would harm an inquiry" in (tmp_path / "dpia.html").read_text(encoding="utf-8")
    wrong = _edited(space, "wrong", ("\ndescribe:\n", told.replace("PART", "visit.use")))
    with pytest.raises(DocumentError, match="REDACTION"):
        papers(space.agreement(wrong), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_nothing_is_left_half_written(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = space.agreement(KENT)
    papers(live, tmp_path, ("dpia",), (Format.HTML,))
    before = (tmp_path / "dpia.html").read_bytes()
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="no space left"):
        papers(live, tmp_path, ("privacy-notice", "dpia"), (Format.HTML,))
    assert [path.name for path in tmp_path.iterdir()] == ["dpia.html"]
    assert (tmp_path / "dpia.html").read_bytes() == before


def _edited(space: Workspace, name: str, change: tuple[str, str]) -> str:
    """The Kent agreement with one change, under a file of its own."""
    text = (space.folder / "systems" / f"{KENT}.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    made = text.replace(*change, 1).replace(f"agreement: {KENT}", f"agreement: {name}", 1)
    (space.folder / "systems" / f"{name}.yaml").write_text(made, encoding="utf-8")
    return name
