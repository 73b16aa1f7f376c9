"""What was used of what was allowed: a field that nothing needed in a year is one to leave out."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, Done, fresh

from sharewell import workspace
from sharewell.account.events import EventKind
from sharewell.cli import app
from sharewell.errors import DocumentError
from sharewell.live.usage import LEAVE_OUT, QUESTIONS, Usage, usage
from sharewell.workspace import Workspace

JUNE = (dt.date(2024, 6, 1), dt.date(2024, 6, 30))


@pytest.fixture
def ran(done: Done, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(done.space.folder, tmp_path / "north"))


def times(used: Usage) -> dict[tuple[str, str, str], dict[str, int]]:
    return {(f.source, f.field, f.goes_to): dict(f.by) for f in used.fields}


def test_a_run_uses_what_its_products_need(ran: Workspace) -> None:
    """By reading the agreement: only the gap in asthma reads the clinic, only the list the customers."""
    used = usage(fresh(ran), *JUNE)
    found = times(used)
    assert (used.runs, used.other_runs) == (1, 0)
    assert found["patients", "asthma", "use"] == {"asthma-gap": 1}
    assert found["areas", "ward", "use"] == {"asthma-gap": 1}
    assert found["tenants", "damp", "use"] == {"damp-homes": 1}
    assert found["customers", "customer_ref", "use"] == {"damp-homes": 1}
    assert found["customers", "postcode", "link"] == {"damp-homes": 1}
    assert used.unused == ()


def test_outside_the_period_nothing_was_used_and_all_of_it_could_go(ran: Workspace) -> None:
    used = usage(fresh(ran), dt.date(2023, 1, 1), dt.date(2024, 6, 2))
    assert used.runs == 0
    assert len(used.unused) == len(used.fields) == 24
    assert {field.advice for field in used.fields} == {LEAVE_OUT}
    assert all(field.where.startswith(f"systems/{NAME}.yaml:") for field in used.fields)


def test_a_product_that_was_not_released_uses_nothing(ran: Workspace) -> None:
    """A run of another text is told, and its fields are not guessed from this one."""
    path = ran.folder / "systems" / f"{NAME}.yaml"
    path.write_text(path.read_text().replace("younger: 0.3", "younger: 0.35"))
    used = usage(fresh(ran), *JUNE)
    assert (used.runs, used.other_runs) == (0, 1)
    assert len(used.unused) == len(used.fields)


@pytest.mark.parametrize("outcome", ["answered", "refused"])
def test_questions_count_by_their_footprint_unless_refused(ran: Workspace, outcome: str) -> None:
    facts = {"outcome": outcome, "fields": ["patients.asthma", "council.tenants.damp", "nowhere.nothing"]}
    ran.account.append(EventKind.ANALYSE_ASKED, at=ran.now, actor=ACTOR, agreement=NAME, facts=facts)
    used = usage(fresh(ran), *JUNE)
    asked = 1 if outcome == "answered" else 0
    assert used.questions == asked
    assert times(used)["patients", "asthma", "use"].get(QUESTIONS, 0) == asked
    assert times(used)["tenants", "damp", "use"].get(QUESTIONS, 0) == asked


def test_days_in_the_wrong_order_are_refused(ran: Workspace) -> None:
    with pytest.raises(DocumentError, match="PERIOD"):
        usage(fresh(ran), JUNE[1], JUNE[0])


def test_from_the_command_line(ran: Workspace) -> None:
    words = ["usage", NAME, "--from", "2024-06-01", "--to", "2024-06-30", "--space", str(ran.folder)]
    runner = CliRunner()
    told = json.loads(runner.invoke(app, [*words, "--format", "json"]).output)
    rows = list(csv.DictReader(io.StringIO(runner.invoke(app, [*words, "--format", "csv"]).output)))
    assert told["runs"] == 1
    assert [row["field"] for row in rows] == [field["field"] for field in told["fields"]]
    assert "asthma-gap" in runner.invoke(app, words).output
    assert runner.invoke(app, [*words, "--format", "pdf"]).exit_code == 2
