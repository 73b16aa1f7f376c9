"""Questions over a real workspace: right figures, small ones withheld, everything else refused unread."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import workspace_example
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, PATIENTS, events, fresh, identifiers, leaks, make, people, run

from sharewell import workspace
from sharewell.agree.decide import Asked, Request, Verdict, decide
from sharewell.cli import app
from sharewell.errors import GateError, Refusal, SharewellError
from sharewell.live.asking import Answer, ask, asked
from sharewell.workspace import Workspace

LIMIT = 6
QUESTIONS = f"  questions: {{purpose: planning, policy: official-statistics, limit: {LIMIT}}}\n"
BY_AREA = "select area, count(distinct person) as n from patients group by area"


def permitted(folder: Path) -> Path:
    """The small workspace's text with questions agreed."""
    shutil.copytree(workspace_example.HERE, folder)
    path = folder / "systems" / f"{NAME}.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("may: [run, release]", "may: [run, release, ask]")
    path.write_text(text.replace("  parameters:", QUESTIONS + "  parameters:"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Signed, published and never asked. To be copied, not changed."""
    folder = tmp_path_factory.mktemp("asking")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace_example, "HERE", permitted(folder / "text"))
        return make(folder / "north").folder


@pytest.fixture
def space(made: Path, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(made, tmp_path / "north"))


def put(space: Workspace, text: str, hypothesis: str = "") -> Answer:
    """Ask as a new process would."""
    return ask(fresh(space), text, ACTOR, hypothesis)


def refused(space: Workspace, text: str) -> set[str]:
    with pytest.raises(SharewellError) as caught:
        put(space, text)
    return {problem.code for problem in caught.value.problems} - {"INSTEAD"}


def rounded(number: int) -> int:
    return (number + 2) // 5 * 5


def test_figures_are_those_planted_and_small_ones_are_withheld(space: Workspace) -> None:
    answer = put(space, "select area, asthma, count(*) as n from patients group by 1, 2", "more in N01")
    truth = Counter((p.area, p.asthma) for p in people())
    assert any(0 < count < 10 for count in truth.values())
    rows = {(row["area"], row["asthma"]): row["n"] for row in answer.as_records()}
    for (area, asthma), count in truth.items():
        shown = rows.get((area, "yes" if asthma else "no"), "[c]")
        assert shown in (rounded(count), "[c]")
        assert count >= 10 or shown == "[c]"
    assert rows["All", "All"] == 300
    assert any("fewer than 10 people" in line for line in answer.withheld)
    assert answer.left == LIMIT - 1


def test_a_withheld_figure_cannot_be_subtracted_out(space: Workspace) -> None:
    """In each line and column with a withheld cell there are two, or its total is withheld as well."""
    answer = put(space, "select area, asthma, count(*) as n from patients group by 1, 2")
    rows = {(row["area"], row["asthma"]): row["n"] for row in answer.as_records()}
    for area in {area for area, _ in rows}:
        held = [rows.get((area, asthma)) for asthma in ("yes", "no", "All")]
        assert held.count("[c]") != 1


def test_a_group_of_a_few_is_not_even_named(space: Workspace) -> None:
    """The label of a withheld row would tell that somebody has the value."""
    year, few = oldest("N01")
    text = (
        f"select case when year(born) < {year} then 'old' else area end as g, count(*) as n from patients"
    )
    answer = put(space, f"{text} where area = 'N01' group by 1")
    assert 0 < few < 10
    assert "old" not in {row["g"] for row in answer.as_records()}
    assert any("not listed" in note for note in answer.notes)


def test_joins_means_and_ctes(space: Workspace) -> None:
    text = """with one as (select distinct on (person) * from patients)
              select a.ward, count(distinct t.person) as n from tenants t
              join one using (person) join areas a on one.area = a.area
              where t.damp group by a.ward"""
    wards = {f"N{i:02d}": workspace_example.WARDS[(i - 1) % 3] for i in range(1, 7)}
    held = [p for p in people() if p.home < 70 and p.home % 2 == 0]
    truth = Counter(wards[p.area] for p in held)
    found = {row["ward"]: row for row in put(space, text).as_records()}
    for ward, count in truth.items():
        assert found[ward]["n"] == rounded(count)
    assert found["All"]["n"] == rounded(len(held))


def test_a_share_is_of_rounded_people(space: Workspace) -> None:
    answer = put(space, "select avg(case when asthma then 1 else 0 end) as share from patients")
    held = people()
    assert answer.columns == ("people", "share")
    assert answer.rows == ((300, rounded(sum(p.asthma for p in held)) / 300),)


def oldest(area: str) -> tuple[int, int]:
    """The year before which a few of an area's people were born, and how many they are."""
    years = sorted(p.born.year for p in people() if p.area == area)
    few = sum(year < years[5] for year in years)
    return years[5], few


def test_a_share_that_tells_of_few_is_withheld(space: Workspace) -> None:
    year, few = oldest("N01")
    assert 0 < few < 10
    told = f"avg(case when year(born) < {year} then 1 else 0 end) as share"
    assert put(space, f"select {told} from patients where area = 'N01'").rows == (("[c]", "[c]"),)


def test_the_same_again_is_free_and_the_same(space: Workspace) -> None:
    first = put(space, BY_AREA)
    again = put(space, BY_AREA.upper().replace("'", "'").replace("AREA", "area").replace("AS N ", "as n "))
    assert again.repeated
    assert again.rows == first.rows
    assert again.left == first.left == LIMIT - 1
    assert [entered.outcome for entered in asked(fresh(space))] == ["answered", "repeated"]


def test_changed_data_are_a_new_question(space: Workspace) -> None:
    text = "select count(distinct person) as n from patients"
    put(space, text)
    path = space.folder / PATIENTS
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-40]) + "\n", encoding="utf-8")
    fewer = put(space, text)
    assert not fewer.repeated
    assert fewer.rows == ((260,),)
    path.write_text("\n".join(lines[:-42]) + "\n", encoding="utf-8")
    assert refused(space, text) == {"DIFFERENCING"}  # the difference would be about two people


def test_the_budget_ends(space: Workspace) -> None:
    live = fresh(space)
    for i in range(LIMIT):
        ask(live, f"select count(distinct person) as n_{i} from patients", ACTOR)
    assert refused(space, BY_AREA) == {"BUDGET"}
    assert put(space, "select count(distinct person) as n_0 from patients").repeated
    assert asked(live)[-2].codes == ("BUDGET",)


def test_differencing_is_refused_and_counts(space: Workspace) -> None:
    youngest = sorted(p.born for p in people())[-5].replace(day=1)
    few = sum(p.born.replace(day=1) >= youngest for p in people())
    assert 0 < few < 10
    assert put(space, "select count(distinct person) as n from patients").rows == ((300,),)
    narrower = f"select count(distinct person) as n from patients where born < date '{youngest}'"
    with pytest.raises(GateError) as caught:
        put(space, narrower)
    assert {problem.code for problem in caught.value.problems} == {"DIFFERENCING"}
    last = asked(fresh(space))[-1]
    assert (last.outcome, last.left) == ("withheld", LIMIT - 2)


def test_a_sum_without_one_person_beside_the_sum_is_refused(space: Workspace) -> None:
    born = people()[0].born.replace(day=1)
    all_of_it = "sum(year(born)) as a"
    but_one = f"sum(case when born = date '{born}' then 0 else year(born) end) as b"
    assert refused(space, f"select {all_of_it}, {but_one} from patients") == {"DIFFERENCING"}


def test_a_figure_that_one_makes_up_is_withheld(space: Workspace) -> None:
    born = people()[0].born.replace(day=1)
    told = f"sum(case when born = date '{born}' then 7 else 0 end) as a"
    assert put(space, f"select {told} from patients").rows == (("[c]", "[c]"),)


def test_a_figure_that_few_add_to_is_refused(space: Workspace) -> None:
    """Five of fifty, none of whom dominates: the gate would let it through, by the fifty."""
    year, few = oldest("N01")
    assert 2 < few < 10
    told = f"sum(case when year(born) < {year} then year(born) else 0 end) as a"
    assert refused(space, f"select {told} from patients where area = 'N01'") == {"FEW"}


FORBIDDEN = {
    "copy patients to 'x.csv'": "STATEMENT",
    "select count(*) from 'data/patients.csv'": "TABLE",
    "select count(*) from read_csv('data/patients.csv')": "TABLE",
    "select count(*) from patients; select 1": "STATEMENT",
    "select surname, count(*) from patients group by 1": "IDENTIFIER",
    "select customer_ref, count(*) from customers group by 1": "IDENTIFIER",
    "select * from patients": "UNBOUNDED",
    "select person, count(*) from patients group by 1": "KEY",
    "select max(born) from patients": "EXTREME",
    "select count(*) from patients -- all": "NOT_SQL",
    "select getenv('HOME'), count(*) from patients group by 1": "FUNCTION",
}


def test_what_is_forbidden_is_refused_before_any_row_is_read(space: Workspace) -> None:
    """No place is written, no file is read through, no step is done; and each refusal is on record."""
    (space.folder / PATIENTS).unlink()  # reading it would fail otherwise
    for text, code in FORBIDDEN.items():
        assert refused(space, text) == {code}, text
    assert not (space.kept / "places").exists()
    kinds = {str(event.kind) for event in events(space)}
    assert not {kind for kind in kinds if kind.startswith(("run.", "step.", "link.", "describe."))}
    entered = asked(fresh(space))
    assert [e.codes for e in entered] == [(code,) for code in FORBIDDEN.values()]
    assert {e.outcome for e in entered} == {"refused"}
    assert {e.left for e in entered} == {LIMIT}


def test_who_may_not_ask_and_what_was_not_agreed(space: Workspace, published: Path) -> None:
    with pytest.raises(Refusal) as caught:
        ask(fresh(space), BY_AREA, "somebody@north-host")
    assert "ACTOR" in {problem.code for problem in caught.value.problems}
    bare = fresh(workspace.open(shutil.copytree(published, space.folder.parent / "bare")))
    with pytest.raises(Refusal) as caught:
        ask(bare, BY_AREA, ACTOR)
    assert {"QUESTIONS", "ACTOR"} <= {problem.code for problem in caught.value.problems}


def test_no_value_of_a_question_is_kept_in_the_account(space: Workspace) -> None:
    put(space, "select count(*) as n from patients where area <> 'Zanzibar'", "asthma is rarer")
    with pytest.raises(Refusal):
        put(space, "select count(*) from patients where surname = 'Zanzibar'")
    with pytest.raises(Refusal):
        put(space, BY_AREA, "the patient 943 476 5919 is in it")
    told = json.dumps([dict(event.facts) for event in events(space)])
    assert "Zanzibar" not in told
    assert "943 476" not in told
    assert "asthma is rarer" in told
    assert space.account.verify().holds


def test_tables_of_a_finished_run_are_used_again(space: Workspace) -> None:
    run(space)
    before = len(events(space))
    put(space, "select area, count(*) as n from patients where born < date '1990-01-01' group by 1")
    after = [str(event.kind) for event in events(space)[before:]]
    assert "link.finished" not in after
    assert "describe.profiled" not in after


def test_nothing_kept_names_anybody(space: Workspace) -> None:
    put(space, BY_AREA)
    assert not list(leaks(space.folder, identifiers()))


def test_the_command_line(space: Workspace, tmp_path: Path) -> None:
    runner, there = CliRunner(), ["--space", str(space.folder)]
    shown = runner.invoke(app, ["ask", NAME, BY_AREA, "--as", ACTOR, "--explain", *there])
    assert shown.exit_code == 0, shown.output
    assert "clinic.patients" in shown.output
    assert asked(fresh(space)) == ()
    to = tmp_path / "answer.csv"
    answered = runner.invoke(
        app, ["ask", NAME, BY_AREA, "--as", ACTOR, "--hypothesis", "even", "--csv", str(to), *there]
    )
    assert answered.exit_code == 0, answered.output
    assert f"{LIMIT - 1} of {LIMIT} answers are left" in answered.output
    assert to.read_text(encoding="utf-8").splitlines()[0] == "area,n"
    no = runner.invoke(app, ["ask", NAME, "select * from patients", "--as", ACTOR, *there])
    assert no.exit_code == Refusal.exit_code
    record = runner.invoke(app, ["asked", NAME, *there])
    assert "even" in record.output
    assert "refused UNBOUNDED" in record.output
    assert "2 questions by 1 people, 1 without a hypothesis" in record.output


def test_order_and_limit_are_of_the_rows_shown_and_free(space: Workspace) -> None:
    """The whole answer is judged and kept; asked in another order it is the same answer."""
    whole = put(space, BY_AREA)
    first = put(space, f"{BY_AREA} order by n desc, area limit 2")
    assert first.repeated
    assert first.left == whole.left == LIMIT - 1
    *areas, total = whole.as_records()
    assert total["area"] == "All"
    ranked = sorted((row for row in areas if row["n"] != "[c]"), key=lambda row: (-row["n"], row["area"]))
    assert first.as_records() == [*ranked[:2], total]
    assert any(f"first 2 of {len(areas)} groups" in note for note in first.notes)
    last = put(space, f"{BY_AREA} order by 1 desc").as_records()
    assert [row["area"] for row in last] == [*sorted((row["area"] for row in areas), reverse=True), "All"]
    assert put(space, BY_AREA).rows == whole.rows


def test_what_is_withheld_has_no_place_in_an_order(space: Workspace) -> None:
    text = "select area, asthma, count(*) as n from patients group by 1, 2 order by n"
    rising, falling = put(space, text), put(space, f"{text} desc nulls first")
    for answer in (rising, falling):
        held = [row[-1] == "[c]" for row in answer.rows if not answer.is_total(row)]
        assert any(held)
        assert held == sorted(held)
    assert [row[:2] for row in rising.rows if row[-1] == "[c]"] == [
        row[:2] for row in falling.rows if row[-1] == "[c]"
    ]
    few = put(space, f"{text} desc limit 1")
    (top, *totals) = few.rows
    assert all(label in ("All", top[d]) for row in totals for d, label in enumerate(row[:2]))
    assert totals[-1][:2] == ("All", "All")


def test_figures_stand_under_their_own_names(space: Workspace) -> None:
    """Whatever the order of the alphabet."""
    text = (
        "select count(*) filter (where asthma) as z, count(*) filter (where not asthma) as a from patients"
    )
    has = sum(p.asthma for p in people())
    answer = put(space, text)
    assert answer.columns == ("people", "z", "a")
    assert answer.rows == ((300, rounded(has), rounded(300 - has)),)


def test_people_may_be_called_people(space: Workspace) -> None:
    asked_so = put(space, "select area, count(distinct person) as people from patients group by area")
    assert asked_so.columns == ("area", "people")
    otherwise = put(space, "select count(*) filter (where asthma) as people from patients")
    assert otherwise.columns == ("people behind", "people")
    assert otherwise.rows[0][0] == 300


def test_nobody_meets_the_condition(space: Workspace) -> None:
    none = put(space, "select area, count(*) as n from patients where year(born) > 3000 group by area")
    assert none.rows == ()
    total = put(space, "select count(*) as n, avg(year(born)) as y from patients where year(born) > 3000")
    assert total.as_records() == [{"people": 0, "n": 0, "y": None}]


def test_a_question_is_a_first_look_at_the_data(space: Workspace) -> None:
    """An analysis registered after it is told apart; one that was refused unread is no look."""
    refused(space, "select * from patients")
    assert fresh(space).state().first_run is None
    put(space, BY_AREA)
    assert fresh(space).state().first_run == space.now.date()


def test_a_question_needs_no_recipe_of_another_product(space: Workspace) -> None:
    """An agreement may await the body of a recipe; its tables can be asked all the same."""
    live = fresh(space)
    plan = live.plan()
    awaiting = replace(plan, products=tuple(replace(p, missing=("fit",)) for p in plan.products))
    told = {
        kind: decide(Request(kind, ACTOR), live.agreement, awaiting, (), live.state(), space.now)
        for kind in (Asked.RUN, Asked.ASK)
    }
    assert "RECIPE" in {reason.code for reason in told[Asked.RUN].reasons}
    assert told[Asked.ASK].verdict is Verdict.PERMIT


def test_the_screen_shows_where_a_fault_stands_and_what_was_read(space: Workspace) -> None:
    def shown(text: str) -> str:
        return CliRunner().invoke(app, ["ask", NAME, text, "--as", ACTOR, "-s", str(space.folder)]).output

    lines = shown("select count(*) from patients\n  where born < 'Zanzibar'").splitlines()
    at = lines.index("    where born < 'Zanzibar'")
    assert lines[at + 1].index("^") == lines[at].index("'Zanzibar'")
    assert "Zanzibar" not in json.dumps([dict(event.facts) for event in events(space)])
    far = shown(f"select count(*) from patients where {'asthma or ' * 60} surname = 'x'").splitlines()
    assert max(len(line) for line in far if "surname" in line) < 130
    answered = shown("select area, avg(year(born)) as y from patients group by area order by y")
    assert "Read: patients.area (group), patients.born (mean)" in answered
    assert "y: mean over patients.born" in answered
    body = [line for line in answered.splitlines() if line.startswith(("N0", "All ", "───"))]
    assert [line[:3] for line in body][0 :: len(body) - 1] == ["───", "All"]
    assert body[-2].startswith("───")
