"""A profile tells what an asset holds, through the gate: no identifier, and the look is in the account."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner
from workspace_example import identifiers

from sharewell.account.events import EventKind
from sharewell.cli import app
from sharewell.errors import UnknownName
from sharewell.workspace import Workspace


def test_no_identifier_of_any_asset_is_told(space: Workspace) -> None:
    told: set[str] = set()
    for asset in space.contracts:
        checked = space.profile(asset, "dpo@north")
        assert checked.tables
        for table in checked.tables:
            told |= {str(cell) for row in table.data.to_pylist() for cell in row.values()}
    assert not told & identifiers()
    looked = [event.facts["asset"] for event in space.account.events(kind=EventKind.DESCRIBE_PROFILED)]
    assert looked == list(space.contracts)


def test_an_asset_of_no_contract_is_refused_with_the_nearest(space: Workspace) -> None:
    asset = next(iter(space.contracts))
    with pytest.raises(UnknownName, match=f"did you mean '{asset}'"):
        space.profile(asset + "s", "dpo@north")


def test_the_command_prints_what_passed_the_gate(space: Workspace) -> None:
    asset = next(iter(space.contracts))
    shown = CliRunner().invoke(app, ["profile", asset, "--as", "dpo@north", "--space", str(space.folder)])
    assert shown.exit_code == 0
    assert f"How full each field of {asset} is" in shown.output
    assert not [word for word in identifiers() if word in shown.output]
