"""A release on a recipient's disk: audited by a program that knows its files alone, and attacked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from gate_example import agreed, give, place
from received_example import audited, certify, elsewhere, left, put, sum_again, told, write
from workspace_example import ACTOR, NAME, identifiers, make, people, run

from sharewell import workspace
from sharewell.account.events import EventKind
from sharewell.live.incident import open_incident, recall
from sharewell.workspace import Workspace

POLICY = "asthma-gap: {policy: official-statistics}"
STRICT = "asthma-gap: {policy: sdap, with: {minimum: 20}}"
"""Exact counts, of which one ward's is withheld, and another's beside it."""
AREAS = "tables/asthma-gap/areas"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace that was run once. To be read, not changed."""
    space = place(tmp_path_factory.mktemp("audit"), agreed().replace(POLICY, STRICT))
    run(space)
    return workspace.open(space.folder)


@pytest.fixture
def folder(done: Workspace, tmp_path: Path) -> Path:
    """What a recipient holds, to be tampered with; beside it is no workspace."""
    return shutil.copytree(left(done), tmp_path / "received")


def withheld(folder: Path) -> list[int]:
    """The rows of which a count is withheld."""
    counts = pq.read_table(folder / f"{AREAS}.parquet")["people"].to_pylist()
    return [row for row, count in enumerate(counts) if count is None]


def put_back(folder: Path, row: int, figure: int | None, mark: str) -> None:
    """A withheld count of people, shown and marked as whoever tampers likes."""
    put(folder / f"{AREAS}.parquet", row, "people", figure)
    put(folder / f"{AREAS}.parquet", row, "people__mark", mark)


def test_a_release_holds_by_its_folder_alone_and_before_the_account(done: Workspace, folder: Path) -> None:
    assert len(withheld(folder)) == 2, "the plant"
    code, words = audited(folder)
    assert code == 0
    assert "The release holds." in words
    assert "account" not in words
    found = give(done, "audit", str(left(done)))
    assert (found.exit_code, "The account holds it as event" in told(found)) == (0, True), found.output
    told_ = json.loads(give(done, "audit", str(left(done)), "--json").stdout)
    (release,) = told_["releases"]
    assert told_["holds"] is release["holds"] is True
    assert release["changed"] == []
    (product,) = release["products"]
    assert product["cells"] > 0
    assert (product["product"], product["tables"], product["faults"]) == ("asthma-gap", 2, [])


def test_a_run_is_audited_wherever_it_went(done: Workspace, tmp_path: Path) -> None:
    """Every report and list of it, so that one that was tampered with is found whoever has it."""
    named = f"{NAME}/{left(done).name}"
    found = json.loads(give(done, "audit", named, "--json").stdout)
    folders = {left(done, to) for to in ("public", "north-council", "north-host")}
    folders |= set(done.kept.glob("outbox/north-energy/*/*/damp-homes"))
    assert len(folders) == 4
    assert {Path(each["folder"]) for each in found["releases"]} == folders
    assert found["holds"] is True
    assert all(each["account"].startswith("The account holds it") for each in found["releases"])
    space = workspace.open(shutil.copytree(done.folder, tmp_path / "north"))
    path = left(space) / f"{AREAS}.csv"
    write(path, path.read_text().replace("300", "299", 1))
    result = give(space, "audit", named)
    assert result.exit_code == 1
    assert told(result).count("does NOT hold") == 1
    assert told(result).count(f"Not as it was written: {AREAS}.csv") == 1


def test_where_a_list_promises_nothing_the_audit_says_so(done: Workspace) -> None:
    (sent,) = done.kept.glob("outbox/north-energy/*/*/damp-homes")
    for folder in (left(done, "north-host"), sent):
        result = give(done, "audit", str(folder))
        assert result.exit_code == 0, result.output
        assert "it promises nothing, so only its files were compared" in told(result)
        assert "The account holds it as event" in told(result)


def test_a_changed_figure_is_named_whichever_file_says_it(folder: Path) -> None:
    """By its sum; behind new sums by the Parquet beside it, which was certified."""
    path = folder / f"{AREAS}.csv"
    write(path, path.read_text().replace("300", "299", 1))
    code, words = audited(folder)
    assert code == 1
    assert f"Not as it was written: {AREAS}.csv" in words
    assert "The release does NOT hold." in words
    sum_again(folder)
    code, words = audited(folder)
    assert (code, "areas.csv is not what the Parquet says" in words) == (1, True), words
    assert "Not as it was written" not in words


@pytest.mark.parametrize("text", ["", "area,people\n", "\xff\xfe", None])
def test_a_file_that_says_nothing_or_too_much_is_named(folder: Path, text: str | None) -> None:
    name = f"{AREAS}.csv" if text is not None else "tables/asthma-gap/more.csv"
    if text is None:
        (folder / name).write_text("ward,people\nA,3\n")
    else:
        write(folder / name, text.encode("latin-1"))
    assert f"Not as it was written: {name}" in audited(folder)[1]
    sum_again(folder)
    code, words = audited(folder)
    assert (code, f"{Path(name).name} is not what the Parquet says" in words) == (1, True), words


@pytest.mark.parametrize(
    ("figure", "mark"),
    [(98, "withheld"), (98, ""), (None, "")],
    ids=["under its mark", "as if it had been shown", "the mark alone dropped"],
)
def test_a_withheld_figure_or_its_mark_that_was_changed_is_found_behind_new_sums(
    folder: Path, figure: int | None, mark: str
) -> None:
    put_back(folder, withheld(folder)[0], figure, mark)
    assert f"Not as it was written: {AREAS}.parquet" in audited(folder)[1]
    sum_again(folder)
    code, words = audited(folder)
    assert code == 1
    assert "is not the table that was certified" in words
    assert ("people shows a figure that is marked as withheld" in words) is (mark == "withheld")
    assert "areas.csv is not what the Parquet says" in words or mark == "withheld"


def test_a_figure_put_back_and_certified_anew_gives_others_away(folder: Path) -> None:
    """Whoever writes sums, hash and CSV anew cannot make the arithmetic hold: one withheld is none."""
    from sharewell.check.certificate import hash_table
    from sharewell.live.releases import read_release
    from sharewell.release.tabular import csv

    put_back(folder, withheld(folder)[0], 98, "")
    tables = {table.name: table for table in read_release(folder).tables["asthma-gap"]}
    write(folder / f"{AREAS}.csv", csv(tables["areas"]))

    def swear(held: dict[str, Any]) -> None:
        for entry in held["certificate"]["asthma-gap"]["tables"]:
            entry["sha256"] = hash_table(tables[entry["table"]])

    certify(folder, swear)
    sum_again(folder)
    code, words = audited(folder)
    assert code == 1
    assert "certified" not in words
    assert "Parquet says" not in words
    assert "people" in words


def test_another_releases_certificate_is_found(folder: Path, tmp_path: Path) -> None:
    """That of the same tables in another workspace, under another policy."""
    other = make(tmp_path / "other")
    run(other)
    write(folder / "certificate.json", (left(other) / "certificate.json").read_bytes())
    assert "Not as it was written: certificate.json" in audited(folder)[1]
    sum_again(folder)
    code, words = audited(folder)
    assert (code, "is not the table that was certified" in words) == (1, True), words


@pytest.mark.parametrize("text", ["{", "[]", "7", '"certificate"', ""])
def test_a_certificate_of_nonsense_is_told(folder: Path, text: str) -> None:
    write(folder / "certificate.json", text)
    for command in ("audit", "attack"):
        result = elsewhere(folder, command)
        assert result.exit_code != 0
        assert "the certificate cannot be read" in told(result)
        assert "DEFECT" not in told(result)


Change = Callable[[dict[str, Any]], object]
NONSENSE: dict[str, Change] = {
    "no policy": lambda held: held.pop("policy"),
    "a policy of nothing": lambda held: held.update(policy={}),
    "a policy that is a list": lambda held: held.update(policy=[]),
    "a minimum in words": lambda held: held["policy"].update(minimum="ten"),
    "no tables": lambda held: held.pop("tables"),
    "tables that are a number": lambda held: held.update(tables=3),
    "columns without a width": lambda held: held["tables"][1]["columns"][0].pop("width"),
    "hierarchies that are a list": lambda held: held["tables"][1].update(hierarchies=[1]),
    "links to nothing": lambda held: held.update(links=[{}]),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_a_certificate_with_parts_missing_is_a_fault_and_no_defect(folder: Path, what: str) -> None:
    certify(folder, lambda held: NONSENSE[what](held["certificate"]["asthma-gap"]))
    sum_again(folder)
    code, words = audited(folder)
    assert (code, "its certificate cannot be read" in words) == (1, True), words
    assert "DEFECT" not in words
    assert "DEFECT" not in told(elsewhere(folder, "attack"))


def test_a_certificate_that_was_taken_out_is_said_to_promise_nothing(folder: Path) -> None:
    certify(folder, lambda held: held["certificate"].pop("asthma-gap"))
    assert audited(folder)[0] == 1
    sum_again(folder)
    found = json.loads(elsewhere(folder, "audit", "--json").stdout)
    assert found["releases"][0]["products"][0]["certified"] is False
    assert "it promises nothing" in audited(folder)[1]


def test_a_table_that_is_not_there_is_a_fault(folder: Path) -> None:
    (folder / f"{AREAS}.parquet").unlink()
    code, words = audited(folder)
    assert code == 1
    assert "is certified but absent" in words
    assert f"Not as it was written: {AREAS}.parquet" in words


def test_a_table_that_is_cut_short_is_told(folder: Path) -> None:
    path = folder / f"{AREAS}.parquet"
    write(path, path.read_bytes()[:200])
    code, words = audited(folder)
    assert code != 0
    assert "a table is not as it was released" in words


def test_a_release_that_the_account_does_not_know_does_not_hold(done: Workspace, folder: Path) -> None:
    """Its sums are as they should be; it was never released."""
    path = folder / "report.html"
    write(path, path.read_text().replace("asthma", "gout"))
    sum_again(folder)
    assert audited(folder)[0] == 0
    result = give(done, "audit", str(folder))
    assert result.exit_code == 1
    assert "The account knows of no release with this content." in told(result)


def test_a_withdrawn_or_recalled_release_is_said_to_be_and_no_other_is(tmp_path: Path) -> None:
    space = make(tmp_path / "north")
    run(space)
    mine, public = left(space, "north-council"), left(space)
    released = space.account.events(agreement=NAME, kind=EventKind.RELEASE_RELEASED)
    (event,) = [each for each in released if each.facts["recipient"] == "north-council"]
    space.account.append(
        EventKind.RELEASE_WITHDRAWN,
        at=space.now,
        actor="siro@north-council",
        agreement=NAME,
        run=event.run,
        facts={**event.facts, "state": "withdrawn"},
    )
    result = give(space, "audit", str(mine))
    assert (result.exit_code, "asthma-gap was withdrawn by event" in told(result)) == (0, True), (
        result.output
    )
    assert "was" not in told(give(space, "audit", str(public))).partition("account")[2]
    held = open_incident(space, "a drill", space.now, ACTOR, asset="energy.customers")
    gone = recall(space, held.reference, ACTOR)
    assert {each.product for each in gone} == {"damp-homes"}
    (energy,) = space.kept.glob("outbox/north-energy/*/*/damp-homes")
    assert "damp-homes was recalled by event" in told(give(space, "audit", str(energy)))
    assert "was recalled" not in told(give(space, "audit", str(public)))


def test_nothing_of_anybody_is_printed(done: Workspace, folder: Path) -> None:
    """Nor of a table into which somebody wrote a name, or of a list about named people."""
    names = [p.surname for p in people()[:3]]
    assert set(names) <= identifiers()
    words = ""
    (sent,) = done.kept.glob("outbox/north-energy/*/*/damp-homes")
    for at in (left(done), sent, left(done, "north-host")):
        for command in ("audit", "attack"):
            words += told(give(done, command, str(at))) + told(give(done, command, str(at), "--json"))
    for row in range(3):
        put(folder / f"{AREAS}.parquet", row, "area", names[row])
    write(folder / f"{AREAS}.csv", (folder / f"{AREAS}.csv").read_text() + "\r\n".join(names))
    certify(folder, lambda held: held["certificate"]["asthma-gap"].update(versions={"x": names[0]}))
    sum_again(folder)
    for command in ("audit", "attack"):
        words += told(elsewhere(folder, command)) + told(elsewhere(folder, command, "--json"))
    assert "does NOT hold" in words
    customers = {f"CUS{home:05d}" for home in range(130)}
    assert not [secret for secret in identifiers() | customers if secret in words]


@pytest.mark.parametrize("command", ["audit", "attack"])
@pytest.mark.parametrize("named", ["{tmp}", "nothing/like-it", "../x", "{file}", "*/*", f"{NAME}/*", ""])
def test_what_is_no_release_teaches(done: Workspace, tmp_path: Path, command: str, named: str) -> None:
    (tmp_path / "file").write_text("x")
    words = named.format(tmp=tmp_path, file=tmp_path / "file")
    for result in (give(done, command, words), elsewhere(Path(words), command)):
        assert result.exit_code == 2, result.output
        assert "RELEASE" in result.stderr
        assert "DEFECT" not in result.stderr


def test_a_name_like_one_that_is_there_is_told(done: Workspace) -> None:
    result = give(done, "audit", f"{NAME}/{left(done).name[:-1]}")
    assert (result.exit_code, f"{NAME}/{left(done).name}" in result.stderr) == (2, True)


def test_an_attack_tells_in_sentences_what_it_tried(done: Workspace, folder: Path) -> None:
    words = told(give(done, "attack", str(left(done))))
    assert "Working out withheld people of areas by adding and subtracting: of 2 there are, 0 were" in words
    assert "Played on 2024-06-03; to be played again by 2025-06-03." in words
    alone = elsewhere(folder, "attack", "--on", "2025-01-31")
    assert (alone.exit_code, "Played on 2025-01-31" in told(alone)) == (0, True), alone.output
    found = json.loads(give(done, "attack", f"{NAME}/{left(done).name}", "--json").stdout)
    assert set(found) == {"asthma-gap"}
    assert found["asthma-gap"]["verdict"] in ("held", "not shown")
    assert sum(attempt["tries"] for attempt in found["asthma-gap"]["attempts"]) > 0


def test_an_attack_works_where_the_gate_was_got_around(folder: Path) -> None:
    """One of two withheld figures is put back: the other follows by subtraction."""
    put_back(folder, withheld(folder)[0], 98, "")
    found = json.loads(elsewhere(folder, "attack", "--json").stdout)["asthma-gap"]
    assert found["verdict"] == "broken"
    assert any(attempt["never"] and attempt["successes"] for attempt in found["attempts"])


def test_an_attack_on_what_it_cannot_read_says_so(done: Workspace) -> None:
    (sent,) = done.kept.glob("outbox/north-energy/*/*/damp-homes")
    result = give(done, "attack", str(sent))
    assert result.exit_code == 0
    assert "Nothing of it can be attacked so" in told(result)


@pytest.mark.parametrize("day", ["June", "2024-13-01", "2024-6-3"])
def test_a_day_that_is_none_is_told(done: Workspace, day: str) -> None:
    result = give(done, "attack", str(left(done)), "--on", day)
    assert (result.exit_code, "YYYY-MM-DD" in result.stderr) == (2, True), result.output


def test_the_report_says_what_an_intruder_learned(done: Workspace) -> None:
    report = (left(done) / "report.html").read_text()
    assert "What an intruder could learn" in report
    held = json.loads((left(done) / "certificate.json").read_text())
    assert held["attacks"]["asthma-gap"]["verdict"] in ("held", "not shown")
    assert f"Verdict: {held['attacks']['asthma-gap']['verdict']}" in report
    assert "to be played again by 2025-06-03" in report
