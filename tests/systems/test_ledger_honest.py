"""The ledger refuses what gives somebody away, and nothing that does not: honest releases pass.

Ward by ward the planted truth is known, so that each case says by how many people a count moves.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from received_example import left
from workspace_example import CLOCK, NAME, WARDS, Person, make, patient, people, run, write_patients

from sharewell.errors import GateError
from sharewell.live.rehearsal import rehearse
from sharewell.workspace import Workspace
from sharewell.workspace import open as open_space

EXACT = "asthma-gap: {policy: sdap}"
"""At least 10 people, and counts as they are."""

EAST, WEST = WARDS[0], WARDS[1]
MONTH = dt.date(2024, 7, 1)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Exact counts, every month; never run. To be copied, not changed."""
    made = make(tmp_path_factory.mktemp("published") / "space", signed=False)
    path = made.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text()
    told = text.replace("asthma-gap: {policy: official-statistics}", EXACT).replace(
        "as: [csv, parquet, report], every: once", "as: [csv, parquet, report], every: month"
    )
    assert "every: month" in told
    path.write_text(told)
    fresh = open_space(made.folder)
    rehearse(fresh.agreement(NAME))
    return fresh


@pytest.fixture(scope="module")
def once(published: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy that was run once. To be copied, not changed."""
    held = copied(published, tmp_path_factory.mktemp("once"))
    run(held)
    return held


@pytest.fixture
def space(once: Workspace, tmp_path: Path) -> Workspace:
    return copied(once, tmp_path)


def copied(space: Workspace, into: Path) -> Workspace:
    return open_space(shutil.copytree(space.folder, into / "space"))


def ward(p: Person) -> str:
    return WARDS[p.home % 6 % 3]


def is_older(p: Person) -> bool:
    """Forty or more on the day that the agreement asks about, births coarsened to their month."""
    return (p.born.year, p.born.month) <= (1984, 4)


def later(space: Workspace, held: list[Person], day: dt.date = MONTH) -> None:
    """The clinic's next delivery, and the clock."""
    write_patients(space.folder, [patient(p) for p in held])
    path = space.folder / "sharewell.toml"
    path.write_text(re.sub(r"clock = \S+", f"clock = {day.isoformat()}", path.read_text()))


def shown(space: Workspace, count: str = "people") -> dict[str, int | None]:
    """The last release's figures by ward."""
    rows = pq.read_table(left(space) / "tables/asthma-gap/areas.parquet").to_pylist()
    return {row["area"]: row[count] for row in rows}


@pytest.mark.long
def test_the_same_figures_a_period_later_tell_nothing(space: Workspace) -> None:
    first = left(space).name
    later(space, people())
    assert run(space).run != first
    assert shown(space)[EAST] == sum(ward(p) == EAST for p in people())


@pytest.mark.long
def test_a_period_in_which_many_came_and_went_passes(space: Workspace) -> None:
    """Each count moves by ten or more, or not at all."""
    before = shown(space)
    gone = [p for p in people() if ward(p) == EAST and is_older(p) and p.asthma][:12]
    gone += [p for p in people() if ward(p) == EAST and is_older(p) and not p.asthma][:12]
    assert len(gone) == 24, "the plant"
    later(space, [p for p in people() if p not in gone])
    assert run(space).releases
    after = shown(space)
    assert (before[EAST] or 0) - (after[EAST] or 0) == 24
    assert after[WEST] == before[WEST]


@pytest.mark.long
def test_three_periods_in_a_row_pass(space: Workspace) -> None:
    """What was told before stays told: a third release is held against both, and is not refused for it."""
    everybody = people()
    leaves = [p for p in everybody if ward(p) == WEST and is_older(p) and not p.asthma]
    later(space, [p for p in everybody if p not in leaves[:12]])
    run(space)
    later(space, [p for p in everybody if p not in leaves[:24]], dt.date(2024, 8, 1))
    run(space)
    assert shown(space)[WEST] == sum(ward(p) == WEST for p in everybody) - 24


@pytest.mark.parametrize("gone", [1, pytest.param(9, marks=pytest.mark.long)])
def test_a_period_in_which_a_few_left_is_refused_and_names_the_release_before(
    space: Workspace, gone: int
) -> None:
    first = left(space).name
    leaves = [p for p in people() if ward(p) == EAST and is_older(p) and not p.asthma][:gone]
    later(space, [p for p in people() if p not in leaves])
    with pytest.raises(GateError, match="DIFFERENCING") as caught:
        run(space)
    assert f"{NAME}/{first}" in str(caught.value)
    assert not list(space.kept.glob(f"releases/*/{NAME}/2024-07-01-*"))


@pytest.fixture(scope="module")
def fifteen(published: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A ward in which 15 have asthma and 20 do not was told of once. To be copied, not changed."""
    held = copied(published, tmp_path_factory.mktemp("fifteen"))
    later(held, ward_of(15), CLOCK)
    run(held)
    assert shown(held, "recorded")[EAST] == 15, "the plant"
    return held


def ward_of(ill: int) -> list[Person]:
    """So many with asthma in one ward, and 20 without; everybody else as they were."""
    east = [p for p in people() if ward(p) == EAST]
    held = [p for p in east if p.asthma][:ill] + [p for p in east if not p.asthma][:20]
    return held + [p for p in people() if ward(p) != EAST]


@pytest.mark.parametrize(("next_", "refused"), [(14, True), (15, False)])
def test_fifteen_in_one_release_and_fourteen_in_the_next(
    fifteen: Workspace, tmp_path: Path, next_: int, refused: bool
) -> None:
    space = copied(fifteen, tmp_path)
    first = left(space).name
    later(space, ward_of(next_))
    if not refused:
        assert run(space).releases
        return
    with pytest.raises(GateError, match="DIFFERENCING") as caught:
        run(space)
    told = str(caught.value)
    assert f"{NAME}/{first}" in told
    assert "fewer than 10 people" in told
    assert not re.search(r"\b1[45]\b", told), "the counts themselves are not told"


def test_rounded_counts_of_the_same_two_months_pass(tmp_path: Path) -> None:
    """Under a policy that rounds, one who left shows nowhere."""
    rounded = make(tmp_path / "space")
    run(rounded)
    later(rounded, people()[:-1])
    assert run(rounded).releases
