"""System E by command: one report, nobody in it, and its inputs destroyed, as the account proves."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner
from workspace_example import leaks

from sharewell import workspace
from sharewell.cli import app
from sharewell.county import Effects, build
from sharewell.county.effects.justice import Justice
from sharewell.errors import Refusal, SecretError
from sharewell.live.ending import destroy, ended
from sharewell.live.rehearsal import rehearse
from sharewell.workspace import Workspace

SYSTEM, ANALYST, OWNER = "justice-data-lab", "l.hughes@moj-lab", "owner@moj-lab"
SENT = 321


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Run once by command, over twelve thousand sentenced people."""
    folder = tmp_path_factory.mktemp("lab") / "county"
    held = workspace.init(folder, synthetic=True, clock=dt.date(2024, 6, 3))
    effects = Effects(justice=Justice(sentenced=12_000, sent=SENT))
    build(held.folder, people=500, seed=2, services=("justice",), effects=effects)
    rehearse(held.agreement(SYSTEM))
    assert given("run", SYSTEM, "--as", ANALYST, space=held).exit_code == 0
    return workspace.open(folder)


def given(*words: str, space: Workspace) -> object:
    return CliRunner().invoke(app, [*words, "--space", str(space.folder)])


def released(space: Workspace, to: str) -> Path:
    return next((space.kept / "releases" / to / SYSTEM).iterdir())


def test_the_report_follows_the_wording_rules(space: Workspace) -> None:
    text = re.sub(r"\s+", " ", (released(space, "public") / "report.html").read_text(encoding="utf-8"))
    for sentence in (
        "For 100 typical people in the treatment group (learning with Fresh Start)",
        "committed a proven reoffence within a year",
        "percentage points with 95% confidence",
        "<h4>What you can say</h4>",
        "<h4>What you cannot say</h4>",
        "After matching, of ",
        "on the police record",
        "Of 100 typical people, how many committed a proven reoffence within a year?",
    ):
        assert sentence in text, sentence


def test_the_stages_of_the_list_are_published_and_fall(space: Workspace) -> None:
    table = pq.read_table(released(space, "public") / "tables/reoffending/list.parquet")
    people = [n for n in table["people"].to_pylist() if n is not None]
    assert table["stage"].to_pylist()[0] == "On the charity's list"
    assert people[0] == round(SENT / 5) * 5
    assert people == sorted(people, reverse=True)
    assert len(people) >= 3


def test_all_who_have_it_have_the_same_report_and_nobody_stands_in_it(space: Workspace) -> None:
    names = pq.read_table(space.folder / "data/charity/participants.parquet", columns=["local_id"])
    secrets = set(names["local_id"].to_pylist())
    secrets |= set(
        pq.read_table(space.folder / "data/justice/offenders.parquet")["local_id"].to_pylist()[:500]
    )
    for to in ("fresh-start", "moj", "public"):
        folder = released(space, to)
        assert (folder / "tables/reoffending/measures.csv").read_bytes() == (
            released(space, "public") / "tables/reoffending/measures.csv"
        ).read_bytes()
    assert not list(leaks(space.kept, secrets))


def test_only_a_controller_or_the_host_may_end_it(space: Workspace) -> None:
    told = given("account", "destroy", SYSTEM, "--as", ANALYST, "--yes", space=space)
    assert told.exit_code == Refusal.exit_code
    assert "ROLE" in told.output
    assert not ended(space.agreement(SYSTEM)).holds


def test_its_inputs_are_destroyed_and_the_account_proves_it(space: Workspace) -> None:
    live = space.agreement(SYSTEM)
    before = ended(live)
    assert (before.event, before.opens, before.holds) == (None, True, False)
    assert before.files > 3
    told = given("account", "destroy", SYSTEM, "--as", OWNER, "--yes", space=space)
    assert told.exit_code == 0, told.output
    proof = ended(live)
    assert proof.holds
    assert (proof.files, proof.opens, proof.included) == (0, False, True)
    checked = given("account", "verify", "--event", str(proof.event), space=space)
    assert "The account holds" in checked.output
    assert f"event {proof.event}: is in it" in checked.output
    event = live.space.account.event(proof.event or 0)
    assert event.facts["files"] == before.files
    assert (released(space, "public") / "report.html").exists()
    again = destroy(live, OWNER)
    assert again.destroyed == event.facts["destroyed"]
    with pytest.raises(SecretError) as caught:
        live.run(ANALYST)
    assert caught.value.problems[0].code == "DESTROYED"
