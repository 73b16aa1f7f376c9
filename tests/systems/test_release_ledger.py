"""A release is held against all that left before: fifteen people in one and fourteen next is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from workspace_example import NAME, make, patient, people, run, write_patients

from sharewell.account.events import EventKind
from sharewell.errors import GateError
from sharewell.live.rehearsal import rehearse
from sharewell.plan.finding import ALL, Output, ResultTable
from sharewell.run.ledger import counts_everybody
from sharewell.workspace import Workspace
from sharewell.workspace import open as open_space

EXACT = "asthma-gap: {policy: sdap}"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """The clinic's workspace, under a policy that publishes counts as they are."""
    made = make(tmp_path / "space", signed=False)
    text = made.folder / "systems" / f"{NAME}.yaml"
    told = text.read_text(encoding="utf-8").replace("asthma-gap: {policy: official-statistics}", EXACT)
    text.write_text(told, encoding="utf-8")
    fresh = open_space(made.folder)
    rehearse(fresh.agreement(NAME))
    return fresh


def without(space: Workspace, gone: int) -> None:
    """The clinic's next delivery, in which the last few patients are no more."""
    write_patients(space.folder, [patient(p) for p in people()[: len(people()) - gone]])


def ledger(space: Workspace) -> list[Path]:
    return sorted((space.kept / "ledger").glob("*.json"))


def test_the_same_figures_again_tell_nothing_and_are_entered_once(space: Workspace) -> None:
    run(space)
    held = ledger(space)
    assert held
    run(space)
    assert ledger(space) == held


def test_one_patient_fewer_in_the_next_release_is_refused_and_the_first_is_named(space: Workspace) -> None:
    first = run(space)
    held = ledger(space)
    without(space, 1)
    with pytest.raises(GateError, match="DIFFERENCING") as caught:
        run(space)
    assert f"{NAME}/{first.run}" in str(caught.value)
    assert "fewer than 10 people" in str(caught.value)
    assert ledger(space) == held
    failed = list(space.account.events(agreement=NAME, kind=EventKind.RUN_FAILED))
    assert failed[-1].facts["codes"] == ["DIFFERENCING"]
    assert not list((space.kept / "releases").glob(f"*/{NAME}/{failed[-1].run}"))


def test_rounded_figures_that_hide_one_patient_pass(tmp_path: Path) -> None:
    space = make(tmp_path / "space")
    run(space)
    without(space, 1)
    assert run(space).releases


def test_what_the_ledger_holds_is_what_was_published_and_no_more(space: Workspace) -> None:
    outcome = run(space)
    shown = {
        figure
        for table in outcome.checked["asthma-gap"].tables
        for count in table.counts
        for figure in table.data[count].to_pylist()
        if figure is not None
    }
    cells = [cell for path in ledger(space) for cell in json.loads(path.read_text())["release"]["cells"]]
    assert {cell["low"] for cell in cells if cell["low"] == cell["high"] and cell["low"]} <= shown
    certified = list(space.account.events(agreement=NAME, kind=EventKind.CHECK_CERTIFIED))
    digests = {digest for event in certified for digest in event.facts.get("ledger", [])}
    assert digests == {json.loads(path.read_text())["digest"] for path in ledger(space)}


def test_a_ledger_that_was_changed_stops_every_release(space: Workspace) -> None:
    run(space)
    path = ledger(space)[0]
    path.write_text(path.read_text().replace("everybody", "nobody", 1) + " ", encoding="utf-8")
    held = json.loads(path.read_text())
    held["release"]["made"] = "2020-01-01"
    path.write_text(json.dumps(held), encoding="utf-8")
    without(space, 60)
    with pytest.raises(Exception, match="of the ledger was changed"):
        run(space)


ROWS = pa.table({"ward": ["a", "a", "b"], "person": ["1", "2", "3"]})


@pytest.mark.parametrize(
    ("rows", "counts", "everybody"),
    [
        (ROWS, [2, 1, 3], True),
        (ROWS, [2, 2, 4], False),
        (ROWS.append_column("other", pa.array([1, 2, 3])), [2, 1, 3], True),
        (pa.table({"ward": ["a", "b"], "people": [2, 1]}), [2, 1, 3], True),
        (pa.table({"ward": ["a", "b", "b"], "people": [2, 1, 1]}), [2, 1, 3], False),
        (pa.table({"ward": ["a", "b"]}), [1, 1, 2], False),
    ],
)
def test_a_count_is_of_everybody_only_where_it_is_that_of_the_rows(
    rows: pa.Table, counts: list[int], everybody: bool
) -> None:
    data = pa.table({"ward": ["a", "b", ALL], "n": counts})
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("ward",), ("n",))
    assert counts_everybody(table, "n", rows) is everybody
