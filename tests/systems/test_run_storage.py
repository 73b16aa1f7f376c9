"""A disk that fills up during a run: a clear error, nothing half-written, and the next run is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from disk_example import fill, small_disk_at
from workspace_example import ACTOR, Done, events, fresh, identifiers, leaks, results, run, said

from sharewell import workspace
from sharewell.errors import StorageError
from sharewell.workspace import Workspace

STAGES = [
    "describe: read",
    "release: transfer",
    "release: lists",
    pytest.param("link: link", marks=pytest.mark.long),
    pytest.param("release: report for public", marks=pytest.mark.long),
]


@pytest.fixture
def small_disk(published: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the workspace on a disk of its own, of 24 MB."""
    with small_disk_at(tmp_path / "disk", 24) as place:
        yield workspace.open(shutil.copytree(published, place / "north"))


def filling(place: Path, stage: str, nth: int) -> Callable[[str, float], None]:
    """Progress that fills the disk when a stage is told of the nth time."""
    told = [0]

    def tell(text: str, _done: float) -> None:
        told[0] += text == stage
        if told[0] == nth and not (place / "filler").exists():
            fill(place / "filler")

    return tell


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_stops_the_run_and_leaves_nothing_half_done(
    small_disk: Workspace, done: Done, stage: str
) -> None:
    place = small_disk.folder.parent
    with pytest.raises(StorageError) as stopped:
        run(small_disk, tell=filling(place, stage, 1))
    assert all(problem.fix or problem.what for problem in stopped.value.problems)
    assert not [secret for secret in identifiers() if secret in said(stopped.value)]
    assert not list(leaks(small_disk.folder, identifiers()))
    assert not [path for path in small_disk.kept.rglob(".*") if path.suffix in (".part", ".writing")]
    (place / "filler").unlink(missing_ok=True)
    held = [str(e.kind) for e in events(small_disk)]
    assert "run.started" in held
    assert "run.finished" not in held
    assert workspace.open(small_disk.folder).account.verify().holds
    outcome = run(small_disk)
    assert outcome.resumed is ("run.failed" not in held)
    assert results(outcome) == results(done.outcome)


@pytest.mark.long
@pytest.mark.parametrize("nth", range(1, 90, 4))
def test_a_disk_full_at_any_step(small_disk: Workspace, done: Done, nth: int) -> None:
    place, told = small_disk.folder.parent, [0]

    def tell(_text: str, _done: float) -> None:
        told[0] += 1
        if told[0] == nth:
            fill(place / "filler")

    with suppress(StorageError):
        run(small_disk, tell=tell)
    (place / "filler").unlink(missing_ok=True)
    assert workspace.open(small_disk.folder).account.verify().holds
    assert results(run(small_disk)) == results(done.outcome)


def test_a_place_that_may_not_be_written(space: Workspace) -> None:
    """A file stands where a holder's folder should be."""
    (space.kept / "places").mkdir()
    (space.kept / "places" / "north-clinic").write_text("not a folder")
    with pytest.raises(StorageError, match="FILE north-clinic"):
        fresh(space).run(ACTOR)
    assert events(space)[-1].facts == {"codes": ["FILE"]}
