"""`sharewell --help` reads like the road: no command stands outside a heading, and none is missing."""

from __future__ import annotations

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from sharewell.cli import app
from sharewell.cli.road import SECTIONS

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


def test_every_command_stands_under_one_heading() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_the_first_line_of_help_is_a_whole_sentence(name: str) -> None:
    shown = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["--help"]).output
    assert f"  {name} " in shown
    first = get_command(app).commands[name].get_short_help_str(90)  # type: ignore[attr-defined]
    assert not first.endswith("..."), "its first sentence is too long to be read at a glance"
