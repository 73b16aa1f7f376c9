"""Workspaces for whole runs: a small one to copy, one that has run, and the shipped systems."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from workspace_example import Done, make, run

from sharewell import workspace
from sharewell.county import build
from sharewell.live.rehearsal import rehearse
from sharewell.workspace import Workspace

SHIPPED = {
    "kent-integrated-dataset": "a.khan@northshire-insight",
    "tackling-fuel-poverty": "r.osei@rebate-office",
}


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small workspace, published and never run. To be copied, not changed."""
    return make(tmp_path_factory.mktemp("published") / "north").folder


@pytest.fixture
def space(published: Path, tmp_path: Path) -> Workspace:
    """A copy of it for one test to harm."""
    return workspace.open(shutil.copytree(published, tmp_path / "north"))


@pytest.fixture(scope="session")
def done(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A copy that was run once, undisturbed. To be looked at, not changed."""
    held = workspace.open(shutil.copytree(published, tmp_path_factory.mktemp("done") / "north"))
    return Done(held, run(held))


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The shipped agreements over 10,000 people, published. Tests that use it are of one xdist group."""
    folder = tmp_path_factory.mktemp("county")
    held = workspace.init(folder / "county", synthetic=True, clock=dt.date(2024, 6, 3))
    build(held.folder, people=10_000, seed=1)
    for name in SHIPPED:
        rehearse(held.agreement(name))
    return held
