"""`keys rotate-master` in a workspace that is in use: it runs as before, is resumed, and destroys."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, Done, kinds, results, run

from sharewell import workspace
from sharewell.cli import app
from sharewell.depersonalise import Use
from sharewell.errors import SecretError
from sharewell.workspace import Workspace


def rotate(space: Workspace) -> str:
    told = CliRunner().invoke(app, ["keys", "rotate-master", "--as", ACTOR, "-s", str(space.folder)])
    assert told.exit_code == 0, told.output
    return told.output


def test_an_agreement_runs_before_and_after_and_is_destroyed(space: Workspace, done: Done) -> None:
    run(space)
    master = space.kept / "master.key"
    old, secret = master.read_bytes(), workspace.open(space.folder).keyring.secret(NAME, Use.PERSON_KEY)
    assert "file:master.key wraps them all" in rotate(space)
    assert re.match(r"(\d+) of \1 secrets", rotate(space))
    assert master.read_bytes() != old
    assert workspace.open(space.folder).keyring.secret(NAME, Use.PERSON_KEY) == secret
    assert results(run(space)) == results(done.outcome)
    assert kinds(space).count("account.master-rotated") == 4
    account = workspace.open(space.folder).account
    assert account.checkpoint(at=space.now)
    assert account.verify().holds
    workspace.open(space.folder).agreement(NAME).destroy(ACTOR)
    rotate(space)
    with pytest.raises(SecretError, match="DESTROYED"):
        workspace.open(space.folder).keyring.secret(NAME, Use.DATA)
    assert workspace.open(space.folder).account.verify().holds
