"""The shipped agreements over ten thousand people: they run, keep secrets, and show that they live."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import SHIPPED
from workspace_example import events, leaks, results

from sharewell import workspace
from sharewell.account.events import EventKind
from sharewell.live.rehearsal import rehearse
from sharewell.run import Outcome
from sharewell.workspace import Workspace

pytestmark = pytest.mark.xdist_group("county")


ALSO = (
    "predicting-loneliness",
    "funding-practices",
    "justice-data-lab",
    "routes-from-diagnosis",
    "housing-and-health",
    "tackling-violence",
    "community-safety",
)
"""Shipped agreements that can be run whole, and take longer."""


def run_heard(space: Workspace, name: str) -> tuple[Outcome, float, str]:
    """An agreement's outcome, the longest time without a word of progress, and the word before it.

    Time is the processor's, so that it means the same however many tests share the machine.
    """
    last, longest = (time.process_time(), "start"), (0.0, "")

    def tell(text: str, _done: float) -> None:
        nonlocal last, longest
        now = time.process_time()
        longest = max(longest, (now - last[0], last[1]))
        last = now, text

    live = workspace.open(space.folder).agreement(name)
    outcome = live.run(live.operator, tell)
    tell("end", 1.0)
    return outcome, *longest


@pytest.fixture(scope="module")
def silences(county: Workspace) -> dict[str, tuple[Outcome, float, str]]:
    """What came of running each agreement that is quick."""
    return {name: run_heard(county, name) for name in SHIPPED}


@pytest.fixture(scope="module")
def secrets(county: Workspace) -> set[str]:
    """Numbers, addresses and local numbers of a few of the people; short words are left out."""
    truth = county.folder / "truth"
    people = pq.read_table(truth / "people.parquet", columns=["nhs_number"]).slice(0, 50)
    homes = pq.read_table(truth / "homes.parquet", columns=["address", "postcode"]).slice(0, 50)
    links = pq.read_table(truth / "links.parquet", columns=["local_id"]).slice(0, 50)
    columns = [*people.columns, *homes.columns, *links.columns]
    return {text for column in columns for text in column.to_pylist() if text and len(text) > 6}


def test_they_run_and_show_that_they_live_and_name_nobody(
    county: Workspace, silences: dict[str, tuple[Outcome, float, str]], secrets: set[str]
) -> None:
    """One test, so that one worker builds the county. Anything over two seconds shows progress."""
    for outcome, longest, after in silences.values():
        assert outcome.answers
        assert longest < 2, f"{longest:.1f} s after {after!r}"
    assert len(secrets) > 100
    assert not list(leaks(county.kept, secrets))
    account = workspace.open(county.folder).account
    assert account.verify().holds
    assert [str(event.kind) for event in account.events()].count("run.finished") == len(silences)
    database = b"".join(Path(p).read_bytes() for p in county.kept.glob("account.db*"))
    for outcome, *_ in silences.values():
        bare = {admitted.digest.encode() for admitted in outcome.admitted.values()}
        assert not [digest for digest in bare if digest in database]


@pytest.mark.long
@pytest.mark.parametrize("name", SHIPPED)
def test_the_same_data_give_the_same_results(
    county: Workspace, silences: dict[str, tuple[Outcome, float, str]], name: str
) -> None:
    again = workspace.open(county.folder).agreement(name).run(SHIPPED[name])
    assert again.run != silences[name][0].run
    assert results(again) == results(silences[name][0])


@pytest.mark.long
@pytest.mark.parametrize("name", ALSO)
def test_every_other_that_can_run_does_and_names_nobody(
    county: Workspace, secrets: set[str], name: str
) -> None:
    """Five seconds without a word are borne here: a model on rows that fit in memory cannot say how far it
    has come."""
    rehearse(workspace.open(county.folder).agreement(name))
    outcome, longest, after = run_heard(county, name)
    live = workspace.open(county.folder).agreement(name)
    assert set(outcome.answers) == set(live.agreement.text.analyse)
    assert longest < 5, f"{longest:.1f} s after {after!r}"
    assert not list(leaks(county.kept / "releases", secrets))
    assert workspace.open(county.folder).account.verify().holds
    promised = {benefit.measure for benefit in live.agreement.text.agree.benefits}
    measured = {e.facts["measure"] for e in events(county) if e.kind is EventKind.ACCOUNT_BENEFIT_MEASURED}
    assert promised & measured, "no benefit of it was measured by its own run"
