"""A workspace's own disclosure policies: used in a run, and told by file and line where they are broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gate_example import agreed, give, place, said
from received_example import left
from workspace_example import ACTOR, NAME, WARDS, kinds, people, run

from sharewell import workspace
from sharewell.live.rehearsal import rehearse
from sharewell.workspace import Workspace

POLICY = "asthma-gap: {policy: official-statistics}"
TEXT = "name: northshire\nsource: Northshire board, minute 12\nminimum: 90\n"
FILE = "policies/northshire.yaml"


def local(folder: Path, text: str, named: str = "northshire") -> Workspace:
    """A workspace whose agreement names a policy of the workspace's own."""
    space = place(folder, agreed().replace(POLICY, f"asthma-gap: {{policy: {named}}}"), signed=False)
    (space.folder / FILE).parent.mkdir()
    (space.folder / FILE).write_text(text)
    return workspace.open(space.folder)


def wards() -> dict[str, int]:
    """The planted truth: people by ward."""
    lived = [WARDS[p.home % 6 % 3] for p in people()]
    return {ward: lived.count(ward) for ward in WARDS}


def test_a_policy_of_the_workspace_governs_a_run(tmp_path: Path) -> None:
    """Its minimum of 90 is met by no policy of Sharewell's own; two of three wards have 98 and 104."""
    assert min(wards().values()) >= 90, "the plant"
    space = local(tmp_path, TEXT.replace("90", "100"))
    assert give(space, "lint").exit_code == 0
    rehearse(space.agreement(NAME))
    outcome = run(space)
    few = {ward for ward, count in wards().items() if count < 100}
    assert 1 <= len(few) <= 2
    shown = {
        row["area"]: row["people"] for row in outcome.checked["asthma-gap"].table("areas").data.to_pylist()
    }
    assert {ward for ward in WARDS if shown[ward] is None} >= few
    assert all(shown[ward] in (None, wards()[ward]) for ward in WARDS)
    held = json.loads((left(space) / "certificate.json").read_text())["certificate"]["asthma-gap"]["policy"]
    assert (held["name"], held["source"]) == ("northshire", "Northshire board, minute 12")
    assert held["minimum"] == 100
    assert give(space, "audit", str(left(space))).exit_code == 0


def test_an_agreement_may_change_a_setting_of_it(tmp_path: Path) -> None:
    space = local(tmp_path, TEXT)
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text()
    path.write_text(text.replace("{policy: northshire}", "{policy: northshire, with: {minimum: 100}}"))
    rehearse(workspace.open(space.folder).agreement(NAME))
    policy = run(space).checked["asthma-gap"].certificate.policy
    assert (policy["name"], policy["minimum"]) == ("northshire", 100)


FAULTS = {
    "name: northshire\nminimum: 20\n": (FILE, "source"),
    TEXT + "minimun: 3\n": (FILE, "no setting 'minimun'"),
    TEXT.replace("90", "one"): (FILE, "minimum is not a whole number"),
    TEXT.replace("northshire", "southshire"): (FILE, "name the file as the policy"),
    "name: [\n": (f"{FILE}:2", "SYNTAX"),
    TEXT + "minimum: 4\n": (f"{FILE}:4", "minimum"),
    "- 1\n": (f"{FILE}:1", "mapping"),
    "": (f"{FILE}:1", "empty"),
}
"""What a file says -> where it is told, and of what."""


@pytest.mark.parametrize("text", FAULTS)
def test_a_broken_policy_is_told_by_lint_with_its_file(tmp_path: Path, text: str) -> None:
    result = give(local(tmp_path, text), "lint")
    assert result.exit_code == 2, result.output
    where, what = FAULTS[text]
    assert f"{where} " in said(result), result.output
    assert what in said(result), result.output
    assert "DEFECT" not in result.stderr


def test_a_policy_of_sharewells_own_cannot_be_given_another_meaning(tmp_path: Path) -> None:
    space = local(tmp_path, TEXT)
    theirs = space.folder / "policies" / "sdap.yaml"
    theirs.write_text(TEXT.replace("northshire", "sdap").replace("90", "2"))
    space = workspace.open(space.folder)
    result = give(space, "lint")
    assert (result.exit_code, "'sdap' is a policy of Sharewell's own" in said(result)) == (2, True)
    assert space.policies["sdap"].minimum == 10


def test_a_policy_that_broke_after_it_was_agreed_stops_the_run(tmp_path: Path) -> None:
    space = local(tmp_path, TEXT)
    rehearse(space.agreement(NAME))
    (space.folder / FILE).write_text(TEXT + "minimun: 3\n")
    result = give(space, "run", NAME, "--as", ACTOR)
    assert result.exit_code != 0
    assert "northshire" in said(result)
    assert "release.released" not in kinds(space)
    (space.folder / FILE).unlink()
    assert give(space, "run", NAME, "--as", ACTOR).exit_code != 0
    assert "release.released" not in kinds(space)


def test_a_policy_that_was_rewritten_after_it_was_signed_is_signed_anew_or_not_used(tmp_path: Path) -> None:
    space = local(tmp_path, TEXT)
    rehearse(space.agreement(NAME))
    (space.folder / FILE).write_text(TEXT.replace("90", "2"))
    result = give(space, "run", NAME, "--as", ACTOR)
    assert result.exit_code != 0, result.output
    assert "release.released" not in kinds(space)
    rehearse(workspace.open(space.folder).agreement(NAME))
    assert run(space).checked["asthma-gap"].certificate.policy["minimum"] == 2
