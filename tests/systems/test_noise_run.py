"""Noise end to end: agreed, paid for out of each asset's budget, drawn once, released, audited."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import workspace_example
from test_run_kill import Kill, kill  # noqa: F401
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, WARDS, events, fresh, make, people, results, run

from sharewell import workspace
from sharewell.account import EventKind
from sharewell.check.differential.mechanism import Mechanism
from sharewell.cli import app
from sharewell.errors import GateError, UnknownName
from sharewell.live.auditing import audit_release
from sharewell.live.budgets import spendings, standings
from sharewell.live.rehearsal import rehearse
from sharewell.plan.finding import ALL
from sharewell.run import spending
from sharewell.workspace import Workspace

OTHER, EPSILON, CAP = "second-look", 0.5, 1.2
CHARGED = ("clinic.patients", "council.tenants")
PRODUCT = """    recipe: question
    tables:
      rows: {from: patients, lookup: {areas: area}, derive: {age: "years_between(born, :at)", band: "case when age < 40 then 'younger' else 'older' end"}}
    with: {unit: person, groups: [ward, band], figures: {known: {how: people, where: asthma}}, figures_as: [known]}
"""  # noqa: E501
QUESTIONS = "  questions: {purpose: planning, policy: official-statistics, limit: 5}\n"


def noisy(text: str) -> str:
    """The small agreement with its figures noised."""
    begin, end = text.index("    recipe: needs-gap"), text.index("  damp-homes:\n    purpose")
    text = text[:begin] + PRODUCT + text[end:]
    settings = f"{{policy: differential-privacy, with: {{noise: {{epsilon: {EPSILON}}}}}}}"
    text = text.replace("asthma-gap: {policy: official-statistics}", f"asthma-gap: {settings}")
    text = text.replace("may: [run, release]", "may: [run, release, ask]")
    return text.replace("  parameters:", QUESTIONS + "  parameters:")


def written(folder: Path) -> Path:
    """The texts: two agreements on the same people, and contracts that say what noise may cost them."""
    shutil.copytree(workspace_example.HERE, folder)
    path = folder / "systems" / f"{NAME}.yaml"
    path.write_text(noisy(path.read_text()))
    (folder / "systems" / f"{OTHER}.yaml").write_text(path.read_text().replace(NAME, OTHER))
    for asset in CHARGED:
        contract = folder / "catalogue" / f"{asset}.yaml"
        told = (
            f"[{{property: privacy_budget, value: {CAP}}}, {{property: privacy_budget_per, value: month}}]"
        )
        contract.write_text(contract.read_text() + f"customProperties: {told}\n")
    areas = folder / "catalogue" / "council.areas.yaml"
    areas.write_text(
        areas.read_text().replace("Properties: [", "Properties: [{property: subject, value: places}, ")
    )
    return folder


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both agreements published, neither run. To be copied, not changed."""
    folder = tmp_path_factory.mktemp("noise")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace_example, "HERE", written(folder / "text"))
        held = make(folder / "north")
    rehearse(held.agreement(OTHER))
    return held.folder


@pytest.fixture
def space(agreed: Path, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(agreed, tmp_path / "north"))


@pytest.fixture(scope="module")
def once(agreed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Any]:
    """A workspace that was run once, its noise 1,000 people to a cell: no figure is right by chance."""
    held = workspace.open(shutil.copytree(agreed, tmp_path_factory.mktemp("once") / "north"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Mechanism, "draw", lambda _self, values: values + 1_000)
        return held, run(held)


def spent(space: Workspace) -> list[dict[str, Any]]:
    return [dict(event.facts) for event in events(space) if event.kind == "check.spent"]


def clock(space: Workspace, day: dt.date) -> Workspace:
    path = space.folder / "sharewell.toml"
    path.write_text(re.sub(r"clock = \S+", f"clock = {day.isoformat()}", path.read_text()))
    return workspace.open(space.folder)


def refused(space: Workspace, name: str = NAME) -> GateError:
    with pytest.raises(GateError) as caught:
        run(space, name)
    return caught.value


def truth() -> set[int]:
    """Every true count of the product: people and those with asthma, by ward, band and in all."""
    rows = [
        (WARDS[(p.home % 6) % 3], "younger" if p.born > dt.date(1984, 4, 1) else "older", p.asthma)
        for p in people()
    ]
    cells = {(w, b) for w in (*WARDS, ALL) for b in ("younger", "older", ALL)}
    inside = [[r for r in rows if w in (r[0], ALL) and b in (r[1], ALL)] for w, b in cells]
    return {len(part) for part in inside} | {sum(r[2] for r in part) for part in inside}


def numbers(path: Path) -> Iterator[float]:
    """Every number in a released file, a table's or a report's cells as much as a certificate's."""
    held = path.read_bytes()
    if path.suffix == ".parquet":
        for column in pq.read_table(io.BytesIO(held)).to_pydict().values():
            yield from (float(value) for value in column if isinstance(value, int | float))
        text = " ".join(
            value.decode() for value in (pq.read_schema(io.BytesIO(held)).metadata or {}).values()
        )
    else:
        text = held.decode()
    if path.suffix == ".html":
        text = " ".join(re.findall(r"<td[^>]*>([^<]*)</td>", text))
    yield from (float(word.replace(",", "")) for word in re.findall(r"(?<![\w.-])\d[\d,]*(?![\w.-])", text))


def test_only_noised_figures_leave(once: tuple[Workspace, Any]) -> None:
    """And the report and tables say how far each may be off."""
    _, outcome = once
    table = outcome.checked["asthma-gap"].tables[0].data
    exact = outcome.findings["asthma-gap"].tables[0].data
    assert {count for name in ("people", "known") for count in exact[name].to_pylist()} == truth()
    widths = {w for name in ("people", "known") for w in table[f"{name}_half_width"].to_pylist()}
    true = {figure for figure in truth() - widths if figure > 12}  # smaller ones stand for other things
    assert len(true) > 10, true
    for recipient, folder in outcome.releases.items():
        files = [path for path in folder.rglob("*") if path.is_file() and "quality" not in path.parts]
        figures = [path for path in files if path.suffix in (".csv", ".parquet", ".html", ".json")]
        assert len(figures) >= 4, recipient
        for path in figures:
            assert not true & set(numbers(path)) - _rounded(folder), path
    report = (outcome.releases["public"] / "report.html").read_text()
    assert "half width" in report.lower().replace("_", " ")
    assert "19 times in 20" in report


def _rounded(folder: Path) -> set[float]:
    """What the statement on data quality shows, rounded under a policy of its own."""
    return {figure for path in folder.glob("quality/*.csv") for figure in numbers(path)}


def test_margins_add_up_and_the_release_holds_before_the_auditor(once: tuple[Workspace, Any]) -> None:
    space, outcome = once
    rows = {(r["ward"], r["band"]): r for r in outcome.checked["asthma-gap"].tables[0].data.to_pylist()}
    assert len(rows) == 12
    for name in ("people", "known"):
        for ward in (*WARDS, ALL):
            parts = [rows[ward, band][name] for band in ("older", "younger")]
            assert rows[ward, ALL][name] == sum(parts)
        assert rows[ALL, ALL][name] == sum(rows[ward, ALL][name] for ward in WARDS)
        assert all(row[f"{name}_half_width"] > 0 for row in rows.values())
    for recipient in ("public", "north-council"):
        assert audit_release(outcome.releases[recipient], space).holds


def test_every_asset_about_people_is_charged_and_no_other(once: tuple[Workspace, Any]) -> None:
    space, outcome = once
    facts = spent(space)
    assert [one["asset"] for one in facts] == list(CHARGED)
    assert {(one["epsilon"], one["run"], one["product"]) for one in facts} == {
        (EPSILON, outcome.run, "asthma-gap")
    }
    held = {standing.budget.asset: standing for standing in standings(space)}
    assert set(held) == set(CHARGED)
    assert {str(standing.left) for standing in held.values()} == {"0.7"}
    assert standings(space, "council.areas") == ()
    assert [one.run for one in spendings(space, CHARGED[0])] == [outcome.run]
    with pytest.raises(UnknownName, match=r"clinic\.patients"):
        standings(space, "clinic.patient")
    told = CliRunner().invoke(app, ["budget", CHARGED[0], "-s", str(space.folder)], env={"COLUMNS": "160"})
    assert told.exit_code == 0
    for part in ("1.2 per month", "0.7", "2024-07-01", f"{NAME} 0.5", outcome.run):
        assert part in told.stdout, told.stdout


@pytest.mark.long
def test_asking_again_and_again_is_stopped_whoever_asks_until_the_period_ends(space: Workspace) -> None:
    """A mean over many runs would give the counts away: two agreements have one budget, of two runs."""
    first, second = run(space), run(space, OTHER)
    drawn = [results(outcome)["public/tables/asthma-gap/answer.csv"] for outcome in (first, second)]
    assert drawn[0] != drawn[1]
    assert len(spent(space)) == 4
    for name in (NAME, OTHER, NAME):
        error = refused(space, name)
        assert {problem.code for problem in error.problems} == {"PRIVACY_BUDGET"}
        assert {problem.where for problem in error.problems} == {f"asset {asset}" for asset in CHARGED}
        assert f"spent by: {OTHER} 0.5, {NAME} 0.5" in str(error)
        assert "wait until 2024-07-01" in str(error)
    assert len(spent(space)) == 4
    assert events(space)[-1].facts == {"codes": ["PRIVACY_BUDGET"]}
    later = clock(space, dt.date(2024, 7, 1))
    run(later)
    assert {str(standing.left) for standing in standings(workspace.open(space.folder))} == {"0.7"}


@pytest.mark.parametrize(
    ("point", "nth"),
    [
        ("appended:check.spent", 1),
        pytest.param("append:check.spent", 1, marks=pytest.mark.long),
        pytest.param("renamed:folder", 2, marks=pytest.mark.long),
    ],
)
def test_a_killed_run_neither_pays_twice_nor_draws_anew(
    space: Workspace,
    kill: Kill,  # noqa: F811
    point: str,
    nth: int,
) -> None:
    """Killed when drawn and not paid for, when paid for and not shown, and when shown to some."""
    assert kill(space.folder, point, nth)[0] == -signal.SIGKILL
    paid, drawn = len(spent(space)), kept(space)
    assert paid == (0 if point.startswith("append:") else 2)
    assert len(drawn) == 1
    shown = {path.name: path.read_bytes() for path in space.kept.glob("releases/*/*/*/tables/*/*.csv")}
    outcome = run(space)
    assert outcome.resumed
    assert kept(space) == drawn
    assert [one["asset"] for one in spent(space)] == list(CHARGED)
    certificate = outcome.checked["asthma-gap"].certificate.as_json()
    assert {one["item"] for one in spent(space)} == {hashlib.sha256(certificate.encode()).hexdigest()[:16]}
    after = {path.name: path.read_bytes() for path in space.kept.glob("releases/*/*/*/tables/*/*.csv")}
    assert shown.items() <= after.items()
    assert bool(shown) is (point == "renamed:folder")
    assert audit_release(outcome.releases["public"], space).holds


def kept(space: Workspace) -> dict[str, str]:
    """The kept drawings, by file, as they lie encrypted at the host."""
    files = space.kept.glob("places/north-host/*/*/check-*.parquet")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_runs_at_once_do_not_both_spend_the_last_of_a_budget(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is held up between asking what is left and entering what it spent."""
    run(space)
    asks, together = spending._must_afford, threading.Barrier(2)

    def slowly(*told: Any) -> None:
        asks(*told)
        try:
            together.wait(timeout=1.0)
        except threading.BrokenBarrierError:
            together.reset()

    monkeypatch.setattr(spending, "_must_afford", slowly)
    codes: list[set[str]] = []

    def one(name: str) -> None:
        try:
            run(space, name)
            codes.append(set())
        except GateError as error:
            codes.append({problem.code for problem in error.problems})

    both = [threading.Thread(target=one, args=(name,)) for name in (NAME, OTHER)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(codes, key=len) == [set(), {"PRIVACY_BUDGET"}]
    assert {str(standing.left) for standing in standings(workspace.open(space.folder))} == {"0.2"}


def change(space: Workspace, path: str, *changes: tuple[str, str]) -> Workspace:
    """Change a text and publish the agreement anew, as its next version."""
    edited = space.folder / path
    text = edited.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    edited.write_text(text)
    return workspace.open(space.folder)


def test_an_asset_without_a_budget_stops_the_run_and_says_what_to_declare(
    agreed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "north"
    shutil.copytree(agreed, folder, ignore=shutil.ignore_patterns(".sharewell"))
    space = workspace.open(folder)
    for asset in CHARGED:
        change(space, f"catalogue/{asset}.yaml", ("property: privacy_budget,", "property: pence,"))
    rehearse(fresh(space))
    error = refused(space)
    assert {problem.where for problem in error.problems} == {f"asset {asset}" for asset in CHARGED}
    assert all("{property: privacy_budget, value: 3}" in problem.fix for problem in error.problems)
    assert spent(space) == []


def test_nothing_is_spent_where_a_later_product_could_not_be_paid_for(agreed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "north"
    shutil.copytree(agreed, folder, ignore=shutil.ignore_patterns(".sharewell"))
    space, system = workspace.open(folder), f"systems/{NAME}.yaml"
    text = (folder / system).read_text()
    begin, end = text.index("  asthma-gap:\n    purpose"), text.index("  damp-homes:\n    purpose")
    again = text[begin:end].replace("asthma-gap:", "again:").replace("[ward, band]", "[ward]")
    released = next(line for line in text.splitlines() if line.startswith("  asthma-gap: {to:"))
    checked = next(line for line in text.splitlines() if line.startswith("  asthma-gap: {policy:"))
    change(
        space,
        system,
        (text[begin:end], text[begin:end] + again),
        (checked, checked + "\n" + checked.replace("asthma-gap", "again").replace("0.5", "0.8")),
        (released, released + "\n" + released.replace("asthma-gap", "again")),
    )
    rehearse(fresh(space))
    assert "epsilon 0.8 is wanted and 0.7 of 1.2 is left" in str(refused(space))
    assert spent(space) == []
    assert kept(space) == {}


def test_questions_are_not_noised(space: Workspace) -> None:
    path = space.folder / "systems" / f"{NAME}.yaml"
    path.write_text(
        path.read_text().replace(
            "policy: official-statistics, limit", "policy: differential-privacy, limit"
        )
    )
    faults = [fault for fault in fresh(space).linted[1] if "noised" in fault.what]
    assert [fault.fix for fault in faults] == ["name a policy that withholds or rounds"]


def test_an_entry_that_cannot_be_read_stops_all_spending(space: Workspace) -> None:
    facts = {**dict.fromkeys(("population", "mechanism", "agreement", "product", "run", "at"), "x")}
    facts |= {"asset": "clinic.patients", "epsilon": "little", "delta": 0.0}
    space.account.append(EventKind.CHECK_SPENT, at=space.now, actor=ACTOR, facts=facts)
    assert "SPENT" in str(refused(space))
    told = CliRunner().invoke(app, ["budget", "-s", str(space.folder)])
    assert (told.exit_code, "SPENT" in told.stderr) == (GateError.exit_code, True)
