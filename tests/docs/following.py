"""Following a page: its commands in their order, as its reader would give them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sharewell.cli import app

EACH = re.compile(r"for who in (?P<names>[^;]+); do (?P<what>.+); done")


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"(?s)```{kind}\n(.*?)```", page.read_text(encoding="utf-8"))


def commands(page: Path) -> list[str]:
    """A page's commands in their order, without what is said beside them."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    return [each for line in lines for each in one_by_one(re.sub(r" {2,}#.*", "", line))]


def one_by_one(line: str) -> list[str]:
    """What a loop over names does, a command each; any other line as it is."""
    if found := EACH.fullmatch(line):
        return [found["what"].replace("$who", who) for who in found["names"].split()]
    return [line]


def say(line: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run one command of a page in a folder; our own in this process, since a start takes a second."""
    if line.startswith("sharewell "):
        monkeypatch.chdir(here)
        done = CliRunner().invoke(app, shlex.split(line)[1:], env={"COLUMNS": "200"})
        assert done.exit_code == 0, f"{line}\n{done.output}"
        return done.output
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(line, shell=True, cwd=here, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{line}\n{ran.stdout}{ran.stderr}"
    return ran.stdout
