"""`sharewell link review`, `metrics`, `explain`, `before`, `erase`, where people are in doubt.

Half the council's tenants have no NHS number, and many of their names or births are slips of the pen.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import stat
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from index_example import ANALYST, INDEX, LINKER, STEWARD, edited, index_text, make_indexed, write
from typer.testing import CliRunner
from workspace_example import Person, events, fresh, identifiers, leaks, people, write_tenants

from sharewell import workspace
from sharewell.cli import app
from sharewell.depersonalise import Use
from sharewell.link.review import Reviews
from sharewell.live.linking import update
from sharewell.live.rehearsal import rehearse
from sharewell.live.reviewing import forget
from sharewell.run.indexes import index_path, opened
from sharewell.workspace import Workspace

sys.path.append(str(Path(__file__).parents[1] / "web"))
from looking import PHONE, SIDEWAYS, WIDE, faults
from looking import opened as page_opened

ONE, TWO, THREE = (f"{name}@{LINKER}" for name in ("p.ash", "r.birch", "s.cole"))
HOST_READER = "p.lind@north-host"
READS = (
    "    - {role: steward, who: [j.moss@north-linker], may: [link], training: [data protection, links]}\n"
    f"    - {{role: reader, who: [{ONE}, {TWO}, {THREE}], may: [review], training: [data protection]}}\n"
    f"    - {{role: releaser, who: [{HOST_READER}], may: [review, release], training: [disclosure]}}\n"
)
STEWARDS = READS.splitlines(keepends=True)[0]
BECAUSE = "The review of June"
BATCH = 16
STRANGER = Person(900, "", "Zephyra", "Unheardof", dt.date(1999, 9, 9), "F", 100, False)
"""A tenant who is no patient."""


def slipped(p: Person) -> Person:
    """The same person as a hurried clerk writes them: without a number, a letter out, a day out."""
    name = p.forename[:2] + p.forename[3:] if p.number % 3 else p.forename
    born = p.born.replace(day=p.born.day % 28 + 1) if p.number % 2 else p.born
    return replace(p, nhs="", forename=name, born=born)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The place with readers in its agreement and its index built. To be copied, not changed."""
    space = make_indexed(tmp_path_factory.mktemp("review") / "north")
    write_tenants(space.folder, [*(slipped(p) for p in people() if p.home < 110), STRANGER])
    write(space.folder, INDEX, edited(index_text(), STEWARDS, READS))
    rehearse(workspace.open(space.folder).agreement(INDEX))
    update(fresh(space, INDEX), STEWARD)
    return space.folder


@pytest.fixture
def space(built: Path, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(built, tmp_path / "north"))


@pytest.fixture(scope="module")
def read(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy in which two people, who know, have read a batch; they differ on one pair. To be looked at."""
    held = workspace.open(shutil.copytree(built, tmp_path_factory.mktemp("read") / "north"))
    assert sheet(held, ONE, "--draw", str(BATCH)) == BATCH
    assert sheet(held, TWO, wrong=1) == BATCH
    return held


def ask(
    space: Workspace, *words: str, actor: str = ONE, because: str = BECAUSE, keys: str = ""
) -> tuple[int, str]:
    told = CliRunner().invoke(
        app,
        ["link", *words, "--as", actor, "--because", because, "--space", str(space.folder)],
        env={"COLUMNS": "200"},
        input=keys,
    )
    return told.exit_code, told.output


def sheet(space: Workspace, reader: str, *words: str, wrong: int = 0) -> int:
    """Read by sheet as one who knows everybody would, but for so many errors; how many pairs."""
    path = space.folder.parent / f"{reader}.csv"
    code, told = ask(
        space, "review", INDEX, "--sheet", str(path), "--plain", "--most", "99", *words, actor=reader
    )
    assert code == 0, told
    heads, *lines = path.read_text().splitlines()
    filled = [heads]
    for at, line in enumerate(sorted(lines)):
        pair = line.split(",", 1)[0]
        word = "same" if truth(space, pair) is (at >= wrong) else "different"
        filled.append(line.replace(",,", f",{word},", 1))
    path.write_text("\n".join(filled))
    code, told = ask(space, "review", INDEX, "--answers", str(path), actor=reader)
    assert code == 0, told
    path.unlink()
    return len(lines)


def reviews_path(space: Workspace) -> Path:
    return index_path(space, INDEX, "person", LINKER).with_name("person.reviews.duckdb")


def pairs(space: Workspace) -> dict[str, tuple[tuple[str, str], tuple[str, str]]]:
    """The pairs of all batches, by id."""
    with Reviews.open(reviews_path(space), space.keyring.secret(INDEX, Use.INDEX)) as reviews:
        rows = reviews._rows("SELECT pair, source_l, record_l, source_r, record_r FROM pairs")
    return {row[0]: ((row[1], row[2]), (row[3], row[4])) for row in rows}


def _answered(space: Workspace) -> tuple[tuple[str, str], tuple[str, str]]:
    """The one pair that was answered."""
    with Reviews.open(reviews_path(space), space.keyring.secret(INDEX, Use.INDEX)) as reviews:
        ((pair,),) = reviews._rows("SELECT DISTINCT pair FROM answers")
    return pairs(space)[pair]


_WHO: dict[bytes, dict[tuple[str, str], int]] = {}


def who(space: Workspace) -> dict[tuple[str, str], int]:
    """Whose each record is, by the record as the index knows it."""
    from sharewell.live.linking import _keyed

    place = space.keyring.secret(INDEX, Use.INDEX)  # the same in every copy of one place
    if place not in _WHO:
        live = fresh(space, INDEX)
        named = [("patients", p.local_id, p.number) for p in people()]
        named += [
            ("tenants", f"TEN{p.number:05d}", p.number) for p in (*people(), STRANGER) if p.home < 110
        ]
        _WHO[place] = {(source, _keyed(live, source, number)): whose for source, number, whose in named}
    return _WHO[place]


def truth(space: Workspace, pair: str) -> bool:
    left, right = pairs(space)[pair]
    return who(space)[left] == who(space)[right]


def told_of(space: Workspace, kind: str) -> list[dict[str, Any]]:
    return [dict(e.facts) for e in events(space) if e.kind == kind and "by" not in e.facts]


# --- who may ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [STEWARD, ANALYST, HOST_READER, "nobody@north-linker"])
@pytest.mark.parametrize("command", ["review", "metrics", "explain"])
def test_only_a_reader_at_the_linker_is_let_in_and_who_that_is_is_said(
    space: Workspace, command: str, actor: str
) -> None:
    """Whoever may check what leaves, at the host, has no business with names."""
    words = ("patients/CLN000001", "tenants/TEN00001") if command == "explain" else ()
    code, told = ask(space, command, INDEX, *words, actor=actor)
    assert code == 3
    assert f"ask one of those who may: {ONE}, {TWO}, {THREE}" in " ".join(told.split())
    last = events(space)[-1]
    assert (last.kind, last.actor, last.facts["asked"]) == ("decide.refused", actor, "review")
    assert not reviews_path(space).exists()


def test_where_nobody_may_it_is_said(tmp_path: Path) -> None:
    space = make_indexed(tmp_path / "north")
    update(fresh(space, INDEX), STEWARD)
    code, told = ask(space, "review", INDEX)
    assert code == 3
    assert "name somebody of north-linker in `users:`" in " ".join(told.split())


def test_what_stands_against_the_index_stands_against_reading_it(space: Workspace) -> None:
    from sharewell.live.signing import suspend

    assert ask(space, "review", INDEX, because=" ")[0] == 2
    suspend(fresh(space, INDEX), "siro@north-linker", "an error in it")
    code, told = ask(space, "review", INDEX)
    assert code == 3
    assert "SUSPENDED" in told


# --- reading ---------------------------------------------------------------------------------------------


def test_two_read_blind_at_the_screen_and_a_third_where_they_differ(space: Workspace) -> None:
    """One pair from the first question to a decision of the index."""
    code, first = ask(space, "review", INDEX, "--most", "1", keys="s\nnames\n")
    assert code == 0, first
    assert "Entered. The pair is answered by one." in first
    code, second = ask(space, "review", INDEX, "--most", "1", actor=TWO, keys="d\n\n")
    assert code == 0, second
    assert "Entered. The pair is disagreed." in second
    assert "Passed on" not in second
    assert not told_of(space, "link.decided")
    third = ask(space, "review", INDEX, "--most", "1", actor=THREE, keys="s\n\n")[1]
    assert "Entered. The pair is settled." in third
    assert "Passed on to the index, as decided by those who read them: 1 same." in third
    for said in (first, second, third):
        assert "bits" not in said, "nobody is led by a weight"
    (left, right) = _answered(space)
    with opened(space, INDEX, "person", LINKER) as index:
        of = {(r["source"], r["record"]): r["person"] for r in index.people().to_pylist()}
        happened = index.history(source=left[0], record=left[1]).to_pylist()
    assert of[left] == of[right]
    assert {(row["actor"], row["reason"]) for row in happened if row["kind"] == "same"} == {
        (f"{ONE}, {TWO}, {THREE}", "review: read by 3")
    }
    assert ask(space, "review", INDEX, actor=THREE, keys="q\n")[0] == 0
    assert len(told_of(space, "link.decided")) == 1, "told once, and not with each session"


def test_each_session_is_in_the_account_in_counts_and_with_its_reason(space: Workspace) -> None:
    ask(space, "review", INDEX, "--draw", "9", keys="s\n\nq\n")
    (told,) = told_of(space, "link.reviewed")
    assert told["because"] == BECAUSE
    assert told["done"] == {"answered": 1, "shown": 2}
    assert told["records"] in (3, 4)
    ask(space, "metrics", INDEX)
    assert {**told_of(space, "link.read")[-1]}.items() >= {"asked": "metrics", "records": 0}.items()
    assert fresh(space, INDEX).space.account.verify().holds


def test_what_was_read_is_kept_by_the_index_through_the_next_run(read: Workspace, tmp_path: Path) -> None:
    space = workspace.open(shutil.copytree(read.folder, tmp_path / "north"))
    done = {d["act"] for d in told_of(space, "link.decided")}
    assert done == {"same", "different"}
    assert len(told_of(space, "link.decided")) == BATCH - 1, "all but the pair that they differ on"
    assert ask(space, "review", INDEX, actor=THREE, keys="c\n\n")[0] == 0
    assert len(told_of(space, "link.decided")) == BATCH - 1, "who cannot tell decides nothing"
    update(fresh(space, INDEX), STEWARD)
    with opened(space, INDEX, "person", LINKER) as index:
        of = {(r["source"], r["record"]): r["person"] for r in index.people().to_pylist()}
    with Reviews.open(reviews_path(space), space.keyring.secret(INDEX, Use.INDEX)) as reviews:
        (batch,) = reviews.batches()["batch"].to_pylist()
        labels = reviews.labels(batch).to_pylist()
    kept = [row for row in labels if row["verdict"] != "cannot tell"]
    assert len(kept) == BATCH - 1
    for row in kept:
        one, other = (row["source_l"], row["record_l"]), (row["source_r"], row["record_r"])
        assert (of[one] == of[other]) is (row["verdict"] == "same")


def test_nothing_of_a_person_is_written_anywhere(read: Workspace) -> None:
    """Neither what readers saw nor of whom stands outside the holders' own files."""
    numbers = {name for ends in pairs(read).values() for _, name in ends}
    assert not list(leaks(read.folder, identifiers() | numbers))
    assert stat.S_IMODE(reviews_path(read).stat().st_mode) == 0o600


# --- figures ---------------------------------------------------------------------------------------------


def test_metrics_say_how_good_and_of_what(read: Workspace, tmp_path: Path) -> None:
    space = workspace.open(shutil.copytree(read.folder, tmp_path / "north"))
    page = tmp_path / "metrics.html"
    code, told = ask(space, "metrics", INDEX, "--page", str(page))
    assert code == 0, told
    flat = " ".join(told.split())
    for part in ("kappa", "precision", "recall", "By threshold", "By the sources of the two records"):
        assert part in flat
    assert re.search(r"patients \+ tenants|several", flat)
    assert "Recall is among the pairs that the index keeps: brought together by blocking, of +" in flat
    assert re.search(r"sex +F ", told)
    assert "too few" in told, "age bands of a few pairs have no rate"
    text = page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert not [word for word in identifiers() if word in text + told]
    with Reviews.open(reviews_path(space), space.keyring.secret(INDEX, Use.INDEX)) as reviews:
        (batch,) = reviews.batches()["batch"].to_pylist()
        strata = reviews.strata(batch)
    (precision,) = re.findall(r"^ *precision +([0-9.]+) +([0-9.]+) +([0-9.]+)", told, flags=re.M)
    with opened(space, INDEX, "person", LINKER) as index:
        scored, least = index.scored().to_pylist(), index.model.least
    assert sum(strata["population"].to_pylist()) == len(scored)
    linked = [row for row in scored if row["weight"] >= least]
    right = sum(
        who(space)[row["source_l"], row["record_l"]] == who(space)[row["source_r"], row["record_r"]]
        for row in linked
    )
    low, high = float(precision[1]), float(precision[2])
    assert low <= right / len(linked) <= high, "the truth lies within the interval"


def test_before_anything_is_read_there_is_no_figure(space: Workspace, tmp_path: Path) -> None:
    code, told = ask(space, "metrics", INDEX, "--page", str(tmp_path / "none.html"))
    assert code == 0, told
    assert "not known yet" in told
    assert "not known yet" in (tmp_path / "none.html").read_text()


# --- why -------------------------------------------------------------------------------------------------


def test_a_pair_is_explained_on_the_screen_and_without_values_in_files(
    space: Workspace, tmp_path: Path
) -> None:
    files = tmp_path / "why.html", tmp_path / "why.json"
    person = next(p for p in people() if p.number % 3 == 0)
    words = (f"patients/{person.local_id}", f"tenants/TEN{person.number:05d}")
    code, told = ask(space, "explain", INDEX, *words, "--page", str(files[0]), "--splink", str(files[1]))
    assert code == 0, told
    assert person.surname.upper() in told.upper()
    assert "prior" in told
    hidden = {text.upper() for text in identifiers()}
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not [word for word in hidden if word in path.read_text().upper()]
    assert "vega" in json.loads(files[1].read_text())["$schema"]
    (look,) = told_of(space, "link.read")
    assert (look["asked"], look["records"], look["because"]) == ("explain", 2, BECAUSE)
    assert ask(space, "explain", INDEX, *words, "--page", str(files[0]))[0] == 1, (
        "a file is never written over"
    )
    assert ask(space, "explain", INDEX, words[0])[0] == 2
    assert ask(space, "explain", INDEX, words[0], words[0])[0] == 1


def test_a_cluster_is_explained_too(space: Workspace, tmp_path: Path) -> None:
    page = tmp_path / "cluster.html"
    joined = _joined(space)
    code, told = ask(
        space, "explain", INDEX, "--cluster", f"patients/{joined.local_id}", "--page", str(page)
    )
    assert code == 0, told
    assert "1 and 2" in told
    assert "Every link, weakest first" in page.read_text()
    assert not [word for word in identifiers() if word in told + page.read_text()]
    alone = next(p for p in people() if p.home >= 110)
    code, told = ask(space, "explain", INDEX, "--cluster", f"patients/{alone.local_id}")
    assert code == 1
    assert "stands alone" in told


def test_a_decision_by_hand_holds_a_cluster_together(space: Workspace) -> None:
    """A tenant whom the index found nowhere else, and a patient who is no tenant."""
    with opened(space, INDEX, "person", LINKER) as index:
        rows = index.people().to_pylist()
    size = Counter(row["person"] for row in rows)
    single = next(r for r in rows if size[r["person"]] == 1 and r["source"] == "tenants")
    tenant = f"tenants/TEN{who(space)['tenants', single['record']]:05d}"
    patient = f"patients/{next(p for p in people() if p.home >= 110).local_id}"
    assert "stands alone" in ask(space, "explain", INDEX, "--cluster", patient)[1]
    assert ask(space, "same", INDEX, patient, tenant, actor=STEWARD)[0] == 0
    code, told = ask(space, "explain", INDEX, "--cluster", patient)
    assert code == 0, told
    assert re.search(r"1 and 2 +settled", told)


def test_what_waits_for_a_reader_is_explained_to_nobody(space: Workspace) -> None:
    ask(space, "review", INDEX, "--draw", "400", keys="q\n")
    queued = [ends for ends in pairs(space).values() if who(space)[ends[0]] == who(space)[ends[1]]]
    whose = who(space)[queued[0][0]]
    names = (f"patients/CLN{whose:06d}", f"tenants/TEN{whose:05d}")
    for words in (names, ("--cluster", names[0])):
        code, told = ask(space, "explain", INDEX, *words)
        assert code == 1
        assert "waits to be read" in told


def _joined(space: Workspace) -> Person:
    """Somebody whom the index found at both holders."""
    with opened(space, INDEX, "person", LINKER) as index:
        rows = [
            row
            for row in index.scored().to_pylist()
            if row["joined"] and row["source_r"] != row["source_l"]
        ]
    whose = who(space)[rows[0]["source_l"], rows[0]["record_l"]]
    return next(p for p in people() if p.number == whose)


# --- before, and erasing ---------------------------------------------------------------------------------


def test_before_a_run_its_work_is_told_in_counts_that_passed_the_gate(space: Workspace) -> None:
    before = {path for path in space.kept.rglob("*") if path.is_file()}
    code, told = ask(space, "before", INDEX, actor=STEWARD)
    assert code == 0, told
    flat = " ".join(told.split())
    assert "Pairs that each blocking rule makes" in flat
    assert "Records that say too little to be linked" in flat
    assert re.search(r"patients +300 ", told)
    assert "figures are withheld" in told
    rows = [line for line in told.splitlines() if re.match(r" *[a-z].* \d+ *$", line)]
    counts = [int(n) for line in rows for n in re.findall(r"(?<= )\d+(?= |$)", line)]
    assert len(counts) > 8
    assert {n % 5 for n in counts} == {0}
    assert not set(counts) & {5}
    after = {path for path in space.kept.rglob("*") if path.is_file()}
    assert {p for p in after - before if "places" in p.parts} == set(), "what was read is removed"
    assert told_of(space, "link.read")[-1]["asked"] == "before"
    assert ask(space, "before", INDEX, actor=ANALYST)[0] == 3
    with opened(space, INDEX, "person", LINKER) as index:
        assert index.people().num_rows == len(who(space)), "nothing was linked"


def test_before_the_first_run_nobody_is_called_unlinkable(tmp_path: Path) -> None:
    space = make_indexed(tmp_path / "north")
    code, told = ask(space, "before", INDEX, actor=STEWARD)
    assert code == 0, told
    assert "is known once a model is trained" in told
    assert not index_path(space, INDEX, "person", LINKER).exists()


def test_who_is_erased_is_forgotten_by_the_reviews(read: Workspace, tmp_path: Path) -> None:
    space = workspace.open(shutil.copytree(read.folder, tmp_path / "north"))
    (left, right) = next(iter(pairs(space).values()))
    side = left if left[0] == "tenants" else right
    number = who(space)[side]
    name = f"TEN{number:05d}" if side[0] == "tenants" else f"CLN{number:06d}"
    assert ask(space, "erase", INDEX, f"{side[0]}/{name}", actor=ANALYST)[0] == 3
    assert side in {each for ends in pairs(space).values() for each in ends}
    code, told = ask(space, "erase", INDEX, f"{side[0]}/{name}", actor=STEWARD)
    assert code == 0, told
    assert side not in {each for ends in pairs(space).values() for each in ends}
    with opened(space, INDEX, "person", LINKER) as index:
        assert side not in set(
            zip(*(index.people()[n].to_pylist() for n in ("source", "record")), strict=True)
        )
    assert forget(fresh(space, INDEX), "person", side) == 0
    assert ask(space, "metrics", INDEX)[0] == 0, "the counts of what was read stand"


# --- the pages -------------------------------------------------------------------------------------------


def test_pages_are_read_by_everyone_and_ask_for_nothing(
    chromium: Any, read: Workspace, tmp_path: Path
) -> None:
    space = workspace.open(shutil.copytree(read.folder, tmp_path / "north"))
    made = {name: tmp_path / f"{name}.html" for name in ("metrics", "pair")}
    assert ask(space, "metrics", INDEX, "--page", str(made["metrics"]))[0] == 0
    far = ("patients/CLN000001", "tenants/TEN00200")
    assert ask(space, "explain", INDEX, *far, "--page", str(made["pair"]))[0] == 0
    for path in made.values():
        for width in (WIDE, PHONE):
            with page_opened(chromium, path, tmp_path, width) as looked:
                assert faults(looked.page) == []
                told = looked.page.evaluate(SIDEWAYS)
                assert told["page"] <= width
                assert told["shut"] == []
                assert looked.wrong == []
                assert looked.page.locator("svg:visible").count() == 1
