"""Rows about coded people: held at lint to what can be asked, made alike in the run, attacked, audited."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from gate_example import ALIKE, agreed, give, place, said, shelved, with_rows
from received_example import audited, certify, elsewhere, put, sum_again, told, write
from workspace_example import ACTOR, NAME, Person, events, identifiers, kinds, people, run

from sharewell import workspace
from sharewell.errors import GateError
from sharewell.workspace import Workspace

LIST = "person-rows"
K = 8
ASKED = f"{{anonymity: isb-1523, k: {K}, suppress: 0.1, coarser: {{age: [10, 40]}}}}"
"""Two of the groups of ten years and a sex have seven people, which is too few."""


@pytest.fixture(scope="module", autouse=True)
def recipes() -> Iterator[None]:
    with shelved():
        yield


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace that was run once. To be read, not changed."""
    space = place(tmp_path_factory.mktemp("rows"), with_rows(agreed(), ASKED))
    run(space)
    return workspace.open(space.folder)


def sent(space: Workspace) -> Path:
    (folder,) = space.kept.glob(f"outbox/north-council/*/*/{LIST}")
    return folder


@pytest.fixture
def folder(done: Workspace, tmp_path: Path) -> Path:
    """What the recipient holds, to be tampered with."""
    return shutil.copytree(sent(done), tmp_path / "received")


def described(p: Person) -> tuple[str, str]:
    """Of whom somebody is one, by the planted truth: ten years of age on 1 April 2024, and a sex. Births
    were coarsened to the first of their month before, which makes nobody younger on the first of one."""
    age = 2024 - p.born.year - ((p.born.month, 1) > (4, 1))
    return f"{age // 10 * 10}-{age // 10 * 10 + 9}", p.sex


def classes(folder: Path) -> Counter[Any]:
    rows = pq.read_table(folder / f"{LIST}.parquet")
    return Counter(zip(rows["age"].to_pylist(), rows["sex"].to_pylist(), strict=True))


def test_who_is_one_of_few_is_left_out_and_nobody_else_is(done: Workspace) -> None:
    true = Counter(map(described, people()))
    rare = sum(size for size in true.values() if size < K)
    assert rare == 14, "the plant"
    shown = classes(sent(done))
    assert shown == {group: size for group, size in true.items() if size >= K}
    alike = json.loads((sent(done) / "certificate.json").read_text())["alike"]
    assert (alike["published"], alike["suppressed_rows"]) == (300 - rare, rare)
    assert alike["reached"]["k"] == min(shown.values()) >= alike["wanted"]["k"] == K
    assert alike["levels"] == {"age": 1, "sex": 0}, "ages in bands of the first width, the sex as it is"
    assert alike["wanted"]["suppress"] == 0.1
    assert (set(alike["quasi"]), alike["sensitive"]) == ({"age", "sex"}, ["asthma"])


def test_what_an_intruder_learned_is_in_the_certificate_the_note_and_the_account(done: Workspace) -> None:
    held = json.loads((sent(done) / "certificate.json").read_text())
    attempts = held["attack"]["attempts"]
    assert {attempt["attack"] for attempt in attempts} == {"singling out"}
    assert sum(attempt["tries"] for attempt in attempts) > 100
    note = (sent(done) / "README.txt").read_text()
    assert len(held["told"]) >= 2
    for sentence in held["told"]:
        assert sentence in note
    (entry,) = [e for e in events(done) if str(e.kind) == "check.attacked" and e.facts["product"] == LIST]
    assert entry.facts["again"] == held["attack"]["replay_by"] == "2025-06-03"
    assert entry.facts["verdict"] == held["attack"]["verdict"]


def test_the_note_says_how_many_are_not_there_and_what_says_less(done: Workspace) -> None:
    made = json.loads((sent(done) / "certificate.json").read_text())["alike"]
    note = (sent(done) / "README.txt").read_text()
    gone, whole = made["suppressed_rows"], made["suppressed_rows"] + made["published"]
    assert gone == 14
    assert f"too few others were like them: {gone} of {whole} rows" in note
    coarser = [name for name, level in made["levels"].items() if level]
    assert coarser
    for name in coarser:
        assert f"{name} is shown " in note


def test_without_settings_the_same_rows_leave_as_they_are_and_promise_nothing(tmp_path: Path) -> None:
    space = place(tmp_path, with_rows(agreed()).replace(f", with: {ALIKE}", ""))
    run(space)
    shown = classes(sent(space))
    assert (sum(shown.values()), min(shown.values())) == (300, 1)
    assert "alike" not in json.loads((sent(space) / "certificate.json").read_text())
    code, words = audited(sent(space))
    assert (code, "it promises nothing" in words) == (0, True), words


def test_the_rows_hold_before_the_auditor_and_the_account(done: Workspace, folder: Path) -> None:
    code, words = audited(folder)
    assert (code, "promises nothing" in words, "account" in words) == (0, False, False), words
    found = give(done, "audit", str(sent(done)))
    assert (found.exit_code, "The account holds it as event" in said(found)) == (0, True), found.output
    named = json.loads(give(done, "audit", f"{NAME}/{sent(done).parent.name}", "--json").stdout)
    assert named["holds"] is True
    audits = {each["folder"]: each["products"] for each in named["releases"]}
    assert audits[str(sent(done))] == [
        {"product": LIST, "tables": 1, "cells": 0, "faults": [], "certified": True}
    ]


def test_the_attack_is_played_again_from_the_folder_alone(done: Workspace, folder: Path) -> None:
    """With the same seed it comes to what was written on the release."""
    found = json.loads(elsewhere(folder, "attack", "--on", "2024-06-03", "--json").stdout)[LIST]
    held = json.loads((folder / "certificate.json").read_text())["attack"]
    assert found["attempts"] == held["attempts"]
    assert (found["verdict"], found["replay_by"]) == (held["verdict"], held["replay_by"])
    named = json.loads(give(done, "attack", f"{NAME}/{sent(done).parent.name}", "--json").stdout)
    assert set(named) == {LIST, "asthma-gap"}
    assert named[LIST]["attempts"] == held["attempts"]


def test_a_row_made_rarer_is_found_although_the_sums_were_written_anew(folder: Path) -> None:
    put(folder / f"{LIST}.parquet", 0, "age", "16-16")
    sum_again(folder)
    code, words = audited(folder)
    assert code == 1
    assert f"1 combinations are shown by fewer than {K} rows" in words
    assert f"{LIST}.csv is not what the Parquet says" in words
    assert "does NOT hold" in words


def test_a_changed_row_is_named_whichever_file_says_it(done: Workspace, folder: Path) -> None:
    """By its sum; behind new sums by the file beside it; behind both by the account."""
    from sharewell.release.tabular import csv_of_rows

    path = folder / f"{LIST}.parquet"
    put(path, 0, "asthma", not pq.read_table(path)["asthma"][0].as_py())
    code, words = audited(folder)
    assert (code, f"Not as it was written: {LIST}.parquet" in words) == (1, True), words
    sum_again(folder)
    code, words = audited(folder)
    assert (code, f"{LIST}.csv is not what the Parquet says" in words) == (1, True), words
    write(folder / f"{LIST}.csv", csv_of_rows(pq.read_table(path)))
    sum_again(folder)
    assert audited(folder)[0] == 0
    found = give(done, "audit", str(folder))
    assert (found.exit_code, "knows of no release with this content" in said(found)) == (1, True)


def test_files_more_or_less_are_named(folder: Path) -> None:
    (folder / "names.csv").write_text("who\n")
    (folder / f"{LIST}.csv").unlink()
    code, words = audited(folder)
    assert code == 1
    assert "Not as it was written: names.csv" in words
    assert f"Not as it was written: {LIST}.csv" in words


def test_a_promise_that_was_lowered_is_found(folder: Path) -> None:
    def lower(held: dict[str, Any]) -> None:
        held["alike"]["wanted"]["k"] = held["alike"]["reached"]["k"] = 2

    certify(folder, lower)
    sum_again(folder)
    code, words = audited(folder)
    assert (code, "the fewest rows alike are not as certified" in words) == (1, True), words


@pytest.mark.parametrize(
    ("part", "value"),
    [("wanted", {}), ("wanted", None), ("quasi", 7), ("reached", []), ("published", "many")],
)
def test_a_certificate_that_cannot_be_read_is_a_fault(folder: Path, part: str, value: object) -> None:
    certify(folder, lambda held: held["alike"].update({part: value}))
    sum_again(folder)
    code, words = audited(folder)
    assert (code, "DEFECT" in words, "does NOT hold" in words) == (1, False, True), words


def test_a_promise_that_was_taken_away_is_said(folder: Path) -> None:
    certify(folder, lambda held: held.pop("alike"))
    assert "Not as it was written: certificate.json" in audited(folder)[1]
    sum_again(folder)
    assert "it promises nothing" in audited(folder)[1]
    (folder / "certificate.json").unlink()
    sum_again(folder)
    assert "it promises nothing" in audited(folder)[1]


def test_nothing_of_anybody_is_printed(done: Workspace, folder: Path) -> None:
    """Whatever the rows say, and whatever they were changed to."""
    whose = people()[0]
    put(folder / f"{LIST}.parquet", 0, "age", whose.surname)
    put(folder / f"{LIST}.parquet", 1, "sex", whose.nhs)
    codes = set(pq.read_table(folder / f"{LIST}.parquet")["person"].to_pylist())
    words = ""
    for where in (folder, sent(done)):
        for command in ("audit", "attack"):
            for more in ((), ("--json",)):
                words += told(elsewhere(where, command, *more)) + told(
                    give(done, command, str(where), *more)
                )
    assert "singl" in words
    assert len(codes) == 286
    assert not [secret for secret in {*identifiers(), *codes} if str(secret) in words]


@pytest.mark.parametrize(
    ("settings", "reads"),
    [
        ("{anonymity: isb-1523, k: 400}", "400"),
        ("{anonymity: isb-1523, k: 120, suppress: 0, coarser: {age: [2]}, l: 3}", "3"),
    ],
)
def test_rows_that_cannot_be_made_alike_do_not_leave(tmp_path: Path, settings: str, reads: str) -> None:
    """The run is refused, with what would do; nothing of any product is left."""
    space = place(tmp_path, with_rows(agreed(), settings))
    result = give(space, "run", NAME, "--as", ACTOR)
    assert result.exit_code == GateError.exit_code, result.output
    assert reads in result.stderr
    assert "do:" in result.stderr, result.stderr
    assert "run.failed" in kinds(space)
    assert "release.released" not in kinds(space)
    assert not list(space.kept.glob("outbox/*/*/*/*"))
    assert not list(space.kept.glob("releases/*/*/*"))


def test_leaving_a_column_out_is_the_last_resort(tmp_path: Path) -> None:
    """Nothing is said of how to make ages coarser: they are exact, or all are left out."""
    space = place(tmp_path, with_rows(agreed(), "{anonymity: k-10}"))
    run(space)
    rows = pq.read_table(sent(space) / f"{LIST}.parquet")
    assert pc.unique(rows["age"]).to_pylist() == ["*"]
    assert audited(sent(space))[0] == 0


FAULTS = {
    "{anonymity: isb-1532}": "POLICY 'isb-1532' is no setting of anonymity",
    "{suppress: 0.1}": "POLICY person-rows has settings and no `anonymity:`",
    "{anonymity: isb-1523, suppress: 2}": "ANONYMITY suppress is not a share",
    "{anonymity: isb-1523, coarser: {agee: [5]}}": "POLICY 'agee' is no quasi-identifier that leaves",
}
"""What `tests/unit/test_agree_checking.py` tries at length, here as somebody sees it who writes it."""


@pytest.mark.parametrize("settings", FAULTS)
def test_lint_says_what_cannot_be_asked_of_rows(tmp_path: Path, settings: str) -> None:
    space = place(tmp_path, with_rows(agreed(), settings), signed=False)
    result = give(space, "lint")
    assert result.exit_code == 2, result.output
    at = next(n for n, text in enumerate(_lines(space), 1) if text.startswith("  person-rows: {policy"))
    assert f"systems/warm-homes.yaml:{at} {FAULTS[settings]}" in said(result), result.output


def _lines(space: Workspace) -> list[str]:
    return (space.folder / "systems" / f"{NAME}.yaml").read_text().splitlines()


def test_lint_says_every_fault_at_once(tmp_path: Path) -> None:
    settings = "{anonymity: isb-1523, suppress: 7, coarser: {agee: [5], age: [9, 3]}}"
    words = said(give(place(tmp_path, with_rows(agreed(), settings), signed=False), "lint"))
    assert "'agee' is no quasi-identifier that leaves" in words
    assert "age cannot be made coarser so" in words
    assert "suppress is not a share" in words


def test_rows_about_named_people_have_no_settings(tmp_path: Path) -> None:
    named = "damp-homes: {policy: records"
    text = agreed().replace(named, named + ", with: {anonymity: isb-1523}")
    result = give(place(tmp_path, text, signed=False), "lint")
    assert result.exit_code == 2, result.output
    assert "POLICY damp-homes names people (customer_ref)" in said(result)
    assert "rows about named people have no settings" in said(result)


def test_settings_that_would_bind_nobody_are_a_fault(tmp_path: Path) -> None:
    rows = with_rows(agreed(), "{anonymity: isb-1523}")
    text = rows.replace("fields: [person, age, sex, area, asthma]", "fields: [person, area]")
    assert text != rows
    result = give(place(tmp_path, text, signed=False), "lint")
    assert result.exit_code == 2, result.output
    assert "POLICY person-rows has settings and no quasi-identifier that leaves" in said(result)
