"""Routes from Diagnosis, run whole: what it releases, what it says, and what it says of bad dates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc
import pytest

from sharewell.county import Effects
from sharewell.county.effects.cancer import GROUPS, Cancer
from sharewell.plan.finding import ALL
from sharewell.proof.stage import Staged, staged

SYSTEM, PATIENTS = "routes-from-diagnosis", 3_000


def run(wrong: float) -> Iterator[Staged]:
    effects = Effects(cancer=Cancer(patients=PATIENTS, dates_wrong=wrong))
    with staged(SYSTEM, 500, 7, ("cancer",), effects, lambda text, done: None) as done:
        yield done


@pytest.fixture(scope="module")
def done() -> Iterator[Staged]:
    yield from run(0.004)


def page(done: Staged) -> str:
    folder: Path = done.outcome.releases["public"]
    return (folder / "report.html").read_text(encoding="utf-8")


def test_both_products_are_released_with_every_table_as_csv(done: Staged) -> None:
    folder: Path = done.outcome.releases["public"]
    held = {str(path.relative_to(folder / "tables")) for path in folder.rglob("tables/*/*.csv")}
    names = ("rules", "groups", "groups_by_site", "pathways", "paths", "gaps", "care", "dates")
    assert {f"groups/{name}.csv" for name in names} <= held
    curves = ("survival", "medians", "survival_by_site_stage", "medians_by_site_stage", "differences")
    assert {f"survival/{name}.csv" for name in curves} <= held


def test_the_report_tells_shares_survival_and_caveats_and_draws_both(done: Staged) -> None:
    text = page(done)
    for said in (
        "people followed after a diagnosis of cancer",
        "Died within a month:",
        "most of lung",
        "Alive after one month:",
        "Alive after seven years:",
        "People differ in how long they live by site",
        "A path is what followed what.",
        "Still followed",
    ):
        assert said in text, said
    assert text.count('class="drawing"') >= 10
    assert "Doubtful dates" not in text


def test_shares_are_the_truths(done: Staged) -> None:
    truth = done.truth["cancer"].filter(done.truth["cancer"]["cohort"])
    rows = done.outcome.findings["groups"].table("groups").data.to_pylist()
    found = {row["group"]: row["share"] for row in rows}
    for group in GROUPS:
        share = pc.sum(pc.equal(truth["outcome"], group)).as_py() / truth.num_rows
        assert found[group] == pytest.approx(share, abs=0.01), group
    assert 0.97 * PATIENTS < {row["group"]: row["patients"] for row in rows}[ALL] <= PATIENTS


def test_what_leaves_tells_of_no_few_people(done: Staged) -> None:
    """By the policy: no count from 1 to 7, and at the end of a curve ten or more are followed."""
    for product in ("groups", "survival"):
        for table in done.outcome.checked[product].tables:
            for name in table.counts:
                assert not [n for n in table.data[name].to_pylist() if n is not None and 0 < n < 8]
    for table in done.outcome.checked["survival"].tables:
        if "followed" in table.counts:
            assert min(n for n in table.data["followed"].to_pylist() if n is not None) >= 10


def test_nobody_is_named_in_what_leaves(done: Staged) -> None:
    secret = set(done.truth["cancer"]["local_id"].to_pylist()[:200])
    for folder in done.outcome.releases.values():
        for path in folder.rglob("*.csv"):
            text = path.read_text(encoding="utf-8")
            assert not secret & set(text.replace("\n", ",").split(","))


@pytest.mark.long
def test_corrupted_dates_are_flagged_by_the_gate_and_said_on_every_product() -> None:
    for doubted in run(0.05):
        failed = {m.asset for m in doubted.outcome.measured if not m.holds and "years held" in m.rule}
        assert failed == {"cancer.patients", "cancer.tumours", "cancer.waits", "hes.episodes"}
        for finding in doubted.outcome.findings.values():
            assert any(caveat.startswith("Doubtful dates") for caveat in finding.caveats)
        for checked in doubted.outcome.checked.values():
            tables = [table for table in checked.tables if table.name != "dates"]
            assert all(table.notes[0].startswith("Doubtful dates") for table in tables)
        assert "Doubtful dates: more than 2% of them cannot be right" in page(doubted)
