"""A benefit is measured by somebody whom the agreement names, and what came of it stays in the account."""

from __future__ import annotations

import pytest
from agreement_example import compiled, text
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, events, fresh, make

from sharewell.account.events import EventKind
from sharewell.analyse.registry import RECIPES
from sharewell.cli import app
from sharewell.errors import DocumentError, Refusal
from sharewell.live.benefits import measure, realised
from sharewell.workspace import Workspace

LEARNING = (
    "kent-integrated-dataset",
    "predicting-loneliness",
    "funding-practices",
    "justice-data-lab",
    "routes-from-diagnosis",
    "housing-and-health",
    "tackling-violence",
    "residents-index",
    "community-safety",
)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make(tmp_path_factory.mktemp("benefits") / "north")


def promised(space: Workspace) -> str:
    return fresh(space).agreement.text.agree.benefits[0].measure


def test_what_was_measured_last_counts_and_all_of_it_stays(space: Workspace) -> None:
    live = fresh(space)
    assert [held.value for held in realised(live)] == [None] * len(live.agreement.text.agree.benefits)
    for value in (0.4, 0.6):
        measure(live, promised(space), value, ACTOR)
    assert next(iter(realised(fresh(space)))).value == 0.6
    entered = [e.facts["value"] for e in events(space) if e.kind is EventKind.ACCOUNT_BENEFIT_MEASURED]
    assert entered == [0.4, 0.6]


def test_only_what_was_promised_can_be_measured_and_only_in_figures(space: Workspace) -> None:
    with pytest.raises(DocumentError) as caught:
        measure(fresh(space), "happiness", float("nan"), ACTOR)
    assert [problem.code for problem in caught.value.problems] == ["MEASURE", "VALUE"]
    assert promised(space) in caught.value.problems[0].fix


def test_a_stranger_cannot_claim_success(space: Workspace) -> None:
    before = len(events(space))
    with pytest.raises(Refusal, match="ROLE"):
        measure(fresh(space), promised(space), 1.0, "mallory@elsewhere")
    assert len(events(space)) == before


def test_on_the_screen(space: Workspace) -> None:
    runner = CliRunner(env={"COLUMNS": "200"})
    where = ["-s", str(space.folder)]
    done = runner.invoke(app, ["benefit", "measure", NAME, promised(space), "0.75", "--as", ACTOR, *where])
    assert (done.exit_code, done.output) == (0, f"Entered: {promised(space)} came to 0.75.\n")
    shown = runner.invoke(app, ["benefit", "list", NAME, *where]).output
    assert "0.75 (2024-06-03)" in shown


@pytest.mark.parametrize("name", LEARNING)
def test_each_system_that_learns_has_a_benefit_that_its_runs_measure(name: str) -> None:
    agreement, plan = compiled(text(name))
    measured = []
    for benefit in agreement.text.agree.benefits:
        told, _, asked = benefit.measure.partition(".")
        product = plan.product(told)
        if product is None:
            continue
        figures = {figure.name: figure for figure in RECIPES[product.recipe].signature.figures}
        assert asked in figures, f"{benefit.measure}: no run will ever give it"
        promised = figures[asked].promised
        if promised:
            assert agreement.text.analyse[told].with_[promised], f"{benefit.measure}: of which row?"
        measured.append(benefit)
    assert measured
    assert all(None not in (benefit.baseline, benefit.target, benefit.due) for benefit in measured)
