"""A run that is killed goes on where it stopped, with the result of one that was not; two never run."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from killing import ANY
from workspace_example import (
    ACTOR,
    NAME,
    Done,
    events,
    fresh,
    identifiers,
    kinds,
    leaks,
    patient,
    people,
    results,
    run,
    write_patients,
)

from sharewell import workspace
from sharewell.agree.decide import Asked, Request
from sharewell.errors import DataError, Refusal
from sharewell.run import start
from sharewell.workspace import Workspace

Kill = Callable[[Path, str, int], tuple[int, list[str]]]
SAMPLE = [
    ("appended:run.started", 1),
    ("fsync", 2),
    ("renamed:folder", 3),
]
"""After an event, inside a write, after a report has; more are long."""


@pytest.fixture(scope="session")
def kill() -> Iterator[Kill]:
    """Run a workspace's agreement in a process that dies at a point: its status, and the points passed."""
    program = Path(__file__).parent / "killing.py"
    with subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asks, answers = process.stdin, process.stdout

        def killed(folder: Path, point: str, nth: int) -> tuple[int, list[str]]:
            print(json.dumps([str(folder), point, nth]), file=asks, flush=True)
            status, passed = json.loads(answers.readline())
            return status, passed

        yield killed
        asks.close()


def goes_on(space: Workspace, done: Done) -> None:
    """Rerun what was killed: the same run, the same bytes, an account that holds and tells of both."""
    before = kinds(space)
    assert workspace.open(space.folder).account.verify().holds
    begun, ended = "run.started" in before, "run.finished" in before
    outcome = run(space)
    assert outcome.resumed is (begun and not ended)
    assert outcome.run == ("2024-06-03-002" if ended else "2024-06-03-001")
    assert results(outcome) == results(done.outcome)
    after = kinds(space)[len(before) :]
    assert ("run.resumed" in after) is outcome.resumed
    assert after[-1] == "run.finished"
    assert workspace.open(space.folder).account.verify().holds
    assert not list(space.kept.glob("places/north-linker/*/*"))
    assert not [path for path in space.kept.rglob(".*") if path.suffix in (".part", ".writing")]
    released = [e.facts for e in events(space) if e.kind == "release.released" and e.run == outcome.run]
    assert len(released) == len({json.dumps(facts, sort_keys=True) for facts in released}) == 4


@pytest.mark.parametrize(("point", "nth"), SAMPLE, ids=[f"{point}-{nth}" for point, nth in SAMPLE])
def test_a_killed_run_goes_on(space: Workspace, done: Done, kill: Kill, point: str, nth: int) -> None:
    assert kill(space.folder, point, nth)[0] == -signal.SIGKILL
    assert not list(leaks(space.folder, identifiers()))
    goes_on(space, done)


@pytest.mark.long
def test_killed_at_every_point(published: Path, tmp_path: Path, done: Done, kill: Kill) -> None:
    """Every step boundary, every sync and rename, both sides of every event."""
    status, points = kill(shutil.copytree(published, tmp_path / "whole"), "none", 0)
    assert status == 0
    assert len(points) > 150
    failed = {}
    for nth, name in enumerate(points, 1):
        folder = shutil.copytree(published, tmp_path / str(nth))
        try:
            assert kill(folder, ANY, nth)[0] == -signal.SIGKILL
            goes_on(workspace.open(folder), done)
        except AssertionError as error:
            failed[f"{nth} {name}"] = str(error)
        shutil.rmtree(folder)
    assert failed == {}


@pytest.mark.long
def test_killed_again_and_again(space: Workspace, done: Done, kill: Kill) -> None:
    for nth in (20, 60, 90):
        assert kill(space.folder, ANY, nth)[0] == -signal.SIGKILL
    goes_on(space, done)
    assert kinds(space).count("run.resumed") == 3


@pytest.mark.parametrize("what", ["data", pytest.param("contract", marks=pytest.mark.long)])
def test_a_run_does_not_go_on_over_what_changed(space: Workspace, kill: Kill, what: str) -> None:
    """Half of its results would rest on other data, or on another promise: it ends, and the next is new."""
    assert kill(space.folder, "append:link.finished", 1)[0] == -signal.SIGKILL
    if what == "data":
        write_patients(space.folder, [patient(p) for p in people()[:-1]])
    else:
        path = space.folder / "catalogue" / "clinic.patients.yaml"
        path.write_text(path.read_text().replace("mustBeLessThan: 20", "mustBeLessThan: 30"))
    with pytest.raises(DataError, match="CHANGED"):
        run(space)
    assert events(space)[-1].facts == {"codes": ["CHANGED"]}
    runner = start(fresh(space), Request(Asked.RUN, ACTOR), lambda _text, _done: None)
    assert (runner.outcome.run, runner.outcome.resumed) == ("2024-06-03-002", False)
    runner.close()
    assert workspace.open(space.folder).account.verify().holds


def test_a_source_that_changed_before_its_reading_was_entered_is_read_anew(
    space: Workspace, kill: Kill
) -> None:
    """The file was written, its event was not: what is there may not be taken for the new source's."""
    assert kill(space.folder, "append:step.done", 1)[0] == -signal.SIGKILL
    write_patients(space.folder, [patient(p) for p in people() if p.asthma or p.number < 50])
    outcome = run(space)
    assert outcome.resumed
    assert outcome.admitted["clinic.patients"].rows < 200
    assert results(outcome) == results(run(space))


def test_two_processes_never_run_an_agreement_at_once(space: Workspace, done: Done) -> None:
    runner = start(fresh(space), Request(Asked.RUN, ACTOR), lambda _text, _done: None)
    with pytest.raises(Refusal, match="RUNNING warm-homes is being run already"):
        run(space)
    refused = [e for e in events(space) if e.kind == "decide.refused"]
    assert refused[-1].facts["codes"] == ["RUNNING"]
    program = str(Path(sys.executable).with_name("sharewell"))
    command = [program, "run", NAME, "--as", ACTOR, "--space", str(space.folder)]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (second.returncode, "RUNNING" in second.stderr) == (3, True)
    with pytest.raises(Refusal, match="RUNNING"):
        fresh(space).destroy(ACTOR)
    runner.close()
    goes_on(space, done)
