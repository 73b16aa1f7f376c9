"""What was published is kept, so that what stands today can be held against it by its name alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner
from workspace_example import NAME, fresh, make

from sharewell.agree.compare import compare
from sharewell.cli import app
from sharewell.errors import AccountError, DocumentError
from sharewell.live.editions import last_published
from sharewell.workspace import Workspace

runner = CliRunner(env={"COLUMNS": "200"})


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return make(tmp_path / "north")


def change(space: Workspace, old: str, new: str) -> None:
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_was_published_is_read_back_as_it_was(space: Workspace) -> None:
    assert last_published(fresh(space)).agreement.text == fresh(space).agreement.text
    assert last_published(fresh(space)).fingerprints == fresh(space).fingerprints
    assert compare(last_published(fresh(space)).agreement, fresh(space).agreement) == ()


def test_a_change_since_is_told_by_name_alone(space: Workspace) -> None:
    same = runner.invoke(app, ["diff", NAME, "-s", str(space.folder)])
    assert "every signature holds" in same.output
    change(space, "retain: ", "retain: P9Y # was ")
    told = runner.invoke(app, ["diff", NAME, "-s", str(space.folder)])
    assert told.exit_code == 0, told.output
    assert "every signature is void" in told.output
    assert f"{NAME} as published on 2024-" in told.output


def test_what_was_never_published_has_nothing_to_be_held_against(space: Workspace) -> None:
    change(space, f"agreement: {NAME}", "agreement: cold-homes")
    systems = space.folder / "systems"
    (systems / f"{NAME}.yaml").rename(systems / "cold-homes.yaml")
    with pytest.raises(DocumentError, match="EDITION"):
        last_published(fresh(space, "cold-homes"))


@pytest.mark.parametrize("harm", ["gone", "changed", "garbled"])
def test_a_kept_text_that_is_not_what_was_published_is_found(space: Workspace, harm: str) -> None:
    (kept,) = (space.kept / "editions" / NAME).iterdir()
    if harm == "gone":
        kept.unlink()
    else:
        text = kept.read_text(encoding="utf-8")
        kept.write_text(text.replace("Warmer", "Colder", 1) if harm == "changed" else text[:100])
    with pytest.raises(AccountError, match="EDITION"):
        last_published(fresh(space))
