"""A workshop from its first command to its report, as a council officer would type it; and its mishaps."""

from __future__ import annotations

import csv
import json
import re
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from disk_example import fill, small_disk_at
from typer.testing import CliRunner, Result

from sharewell import workspace
from sharewell.cli import app
from sharewell.live.workshop_sheets import enter
from sharewell.workshop.codes import code

NAME = "Zimbrowska"
TELLING = f"Mrs {NAME} of 12 Quorn Road, 07700 900123, was robbed"
NOTES = "about,text,role,quoted\n"


def call(space: Path, *words: str) -> Result:
    told = CliRunner().invoke(app, ["workshop", *words, "-s", str(space)])
    assert told.exception is None or isinstance(told.exception, SystemExit)
    assert "Traceback" not in told.output
    assert "DEFECT" not in told.output
    return told


def done(space: Path, *words: str) -> str:
    told = call(space, *words)
    assert told.exit_code == 0, told.output
    return told.output


def refused(space: Path, *words: str) -> str:
    """What is said; an error of the text or the machine is 2 or 1, and teaches what to do."""
    told = call(space, *words)
    assert told.exit_code in (1, 2), told.output
    assert "do: " in told.output or "Usage" in told.output
    return told.output


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace without data, in which the Essex day is copied and entered."""
    space = workspace.init(tmp_path_factory.mktemp("workshop") / "space").folder
    done(space, "new", "essex", "--like", "essex")
    done(space, "enter", "essex")
    return space


@pytest.fixture
def space(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "space"))


def folder(space: Path) -> Path:
    return space / "workshops" / "essex"


def note(space: Path, *rows: str) -> None:
    (folder(space) / "notes.csv").write_text(NOTES + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def files(where: Path) -> dict[str, bytes]:
    """Every file, but for the lock that whoever enters takes."""
    held = {path for path in where.rglob("*") if path.is_file() and path.name != ".lock"}
    return {str(path.relative_to(where)): path.read_bytes() for path in held}


def pages(pdf: Path) -> int:
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF")
    (count,) = {int(n) for n in re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", content)}
    return count


def test_the_essex_day_from_the_draft_to_the_report(space: Path) -> None:
    assert "The day can be held." in done(space, "check", "essex")
    assert "0 new" in done(space, "enter", "essex")
    assert len((folder(space) / "record.jsonl").read_text().splitlines()) == 137
    assert "Nothing waits." in done(space, "held", "essex")
    written = done(space, "pack", "essex", "--people", "4").splitlines()
    assert all(Path(line.removeprefix("Wrote ")).is_file() for line in written)
    cards = pages(folder(space) / "pack" / "cards.pdf")
    # Two polls and the form for each of the four; a page or two for each of the fifteen cards.
    assert pages(folder(space) / "pack" / "sheets-people.pdf") >= 12
    assert 15 <= cards <= 30
    done(space, "report", "essex")
    html = (folder(space) / "report" / "report.html").read_text(encoding="utf-8")
    assert "Better use of data, weighed in Essex" in html
    assert "Clear impact that can be shown" in html
    told = json.loads((folder(space) / "report" / "report.json").read_text(encoding="utf-8"))
    assert told["people"] == 10
    assert told["rankings"]["rank-benefit"]["groups"][0]["orders"][0]["over"][0] == ["C", "B"]
    assert told["rankings"]["rank-risk"]["unfinished"] == ["table-2"]
    assert pages(folder(space) / "report" / "report.pdf") > 3


def test_a_day_of_ones_own_is_drafted_from_the_agreements_and_its_sheets_are_entered(space: Path) -> None:
    done(space, "new", "ours", "--tables", "5")
    assert "The day can be held." in done(space, "check", "ours")
    report = done(space, "report", "ours", "--format", "html")
    assert "Wrote" in report
    empty = (space / "workshops" / "ours" / "report" / "report.html").read_text(encoding="utf-8")
    assert "What is not known" in empty
    assert "What was ranked by benefit: no ranking of table 1." in empty
    done(space, "pack", "ours", "--people", "2")
    typed = space / "workshops" / "ours" / "pack" / "type-into"
    with (typed / "polls.csv").open("a", encoding="utf-8") as file:
        file.write(f"poll-before,{code(1)},before,2,,\r\npoll-after,{code(1)},after,4,,\r\n")
    with (typed / "attendance.csv").open("a", encoding="utf-8") as file:
        file.write("welcome,resident,2,table-1,,\r\n")
    done(space, "pack", "ours", "--people", "3")
    assert "Entered: 3 new. Set aside: 0." in done(space, "enter", "ours", "--from", str(typed))
    done(space, "report", "ours", "--format", "html")
    told = json.loads((space / "workshops" / "ours" / "report" / "report.json").read_text(encoding="utf-8"))
    assert told["roles"] == {"resident": 2}
    assert told["polls"][0]["moved"] == [{"before": 2, "after": 4, "people": 1}]


# What may identify somebody is nowhere but in a file of its owner's, until the facilitator decides.


def spread(space: Path) -> set[str]:
    """The files, apart from the typed sheet itself, in which any of the words stand."""
    found = set()
    for name, content in files(folder(space)).items():
        if name.endswith(".docx"):
            with zipfile.ZipFile(folder(space) / name) as held:
                content = b"".join(held.read(each) for each in held.namelist())
        if any(word in content for word in (NAME.encode(), b"900123", b"Quorn")):
            found.add(name)
    return found - {"notes.csv"}


def test_what_identifies_is_in_the_held_file_alone_until_it_is_released(space: Path) -> None:
    note(
        space,
        f'risk,"{TELLING}",service,yes',
        f'risk,"{TELLING}",{NAME},yes',
        "risk,Trust is lost,service,no",
    )
    told = done(space, "enter", "essex")
    assert "Entered: 2 new. Set aside: 1." in told
    assert "1 comment may say who somebody is" in told
    assert NAME not in told
    assert "900123" not in told
    done(space, "report", "essex", "--format", "html", "--format", "docx")
    assert spread(space) == {"held.jsonl", "set-aside.csv"}
    for name in ("held.jsonl", "set-aside.csv"):
        assert stat.S_IMODE((folder(space) / name).stat().st_mode) == 0o600
    listed = done(space, "held", "essex")
    assert TELLING in listed
    number = listed.split()[0]
    for words in ("Mrs Jones was robbed", "ring 07700 900456"):
        assert "HELD" in refused(space, "held", "essex", number, "--words", words)
    assert "HELD" in refused(space, "held", "essex", number)
    assert "HELD" in refused(space, "held", "essex", "--drop")
    done(space, "held", "essex", number, "--words", "Somebody near here was robbed")
    assert spread(space) == {"set-aside.csv"}
    assert "Nothing waits." in done(space, "held", "essex")
    note(space, "risk,Trust is lost,service,no", f'risk,"{TELLING}",service,yes')
    assert "Entered: 0 new. Set aside: 0." in done(space, "enter", "essex")
    assert spread(space) == set()
    done(space, "report", "essex", "--format", "html")
    html = (folder(space) / "report" / "report.html").read_text(encoding="utf-8")
    assert "Somebody near here was robbed" in html
    assert "\u201cSomebody near here was robbed" not in html


def test_a_comment_is_released_as_it_was_said_or_dropped_with_its_second_typing(space: Path) -> None:
    (folder(space) / "notes.csv").write_text(
        "about,text,entry\nrisk,She is 43 and was robbed,1\nrisk,She is 43 and was robbed,2\n"
        "risk,Ask Dr Quorn,1\n"
    )
    done(space, "enter", "essex")
    listed = done(space, "held", "essex").splitlines()
    numbers = {
        line.strip(): listed[i - 1].split()[0] for i, line in enumerate(listed) if line.startswith("  ")
    }
    assert "1 more typing" in done(space, "held", "essex", numbers["She is 43 and was robbed"], "--release")
    assert "left out for good" in done(space, "held", "essex", numbers["Ask Dr Quorn"], "--drop")
    assert (folder(space) / "held.jsonl").read_bytes() == b""
    done(space, "report", "essex", "--format", "html")
    html = (folder(space) / "report" / "report.html").read_text(encoding="utf-8")
    assert html.count("She is 43 and was robbed") == 1
    assert "Quorn" not in html


def test_held_words_that_others_may_read_stop_everything(space: Path) -> None:
    note(space, f'risk,"{TELLING}",service,yes')
    done(space, "enter", "essex")
    (folder(space) / "held.jsonl").chmod(0o644)
    said = refused(space, "held", "essex")
    assert "0600" in said
    assert NAME not in said


# What cannot be understood is kept as it was typed, and told.


def test_rows_set_aside_are_kept_as_typed_and_are_entered_once_they_are_mended(space: Path) -> None:
    note(
        space,
        "danger,=1+1,service,no",
        "risk,Trust is lost,boss,perhaps",
        "risk,Trust may be lost,service,no",
    )
    told = done(space, "enter", "essex")
    assert "Entered: 1 new. Set aside: 2." in told
    assert "notes.csv:2 VALUE" in told
    assert "notes.csv:3 ROLE" in told
    aside = list(csv.reader((folder(space) / "set-aside.csv").read_text("utf-8-sig").splitlines()))
    assert [row[5:] for row in aside[1:]] == [
        ["danger", "'=1+1", "service", "no"],
        ["risk", "Trust is lost", "boss", "perhaps"],
        ["risk", "Trust is lost", "boss", "perhaps"],
    ]
    note(
        space, "risk,=1+1,service,no", "risk,Trust is lost,service,no", "risk,Trust may be lost,service,no"
    )
    assert "Entered: 2 new. Set aside: 0." in done(space, "enter", "essex")
    assert len((folder(space) / "set-aside.csv").read_text().splitlines()) == 1


def test_a_file_that_cannot_be_read_stops_before_anything_is_entered(space: Path) -> None:
    note(space, "risk,Trust may be lost,service,no")
    (folder(space) / "polls.csv").write_bytes("code;when;answer\n".encode("utf-16"))
    (folder(space) / "votes.csv").write_text("a,b\n")
    before = files(folder(space))
    said = refused(space, "enter", "essex")
    assert "polls.csv ENCODING" in said
    assert "votes.csv FILE" in said
    assert files(folder(space)) == before


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("polls.xlsx", ["enter", "essex"], "polls.xlsx FILE"),
        ("Polls.CSV", ["enter", "essex"], "did you mean 'polls.csv'"),
        ("", ["enter", "essex", "--from", "nowhere"], "there is no folder nowhere"),
        ("", ["enter", "essx"], "did you mean 'essex'"),
        ("", ["check", "essx"], "did you mean 'essex'"),
        ("", ["report", "essx"], "did you mean 'essex'"),
        ("", ["conclude", "essx"], "did you mean 'essex'"),
        ("", ["held", "../essex"], "WORKSHOP"),
        ("", ["held", "essex", "abcdef", "--drop"], "no comment 'abcdef' waits"),
        ("", ["pack", "essex", "--people", "0"], "PEOPLE"),
        ("", ["pack", "essex", "--people", "10000"], "PEOPLE"),
        ("", ["new", "essex"], "EXISTS"),
        ("", ["new", "A day"], "NAME"),
        ("", ["new", "../a"], "NAME"),
        ("", ["new", "other", "--like", "esex"], "did you mean 'essex'"),
        ("", ["new", "other", "--tables", "0"], "TABLES"),
        ("", ["report", "essex", "--format", "odt"], "odt"),
        ("", ["enter"], "Missing argument"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_what_to_do_and_changes_nothing(
    drawn: Path, name: str, words: list[str], said: str
) -> None:
    if name:
        (folder(drawn) / name).write_bytes(b"PK\3\4")
    before = files(drawn)
    try:
        assert said in " ".join(refused(drawn, *words).split())
        assert files(drawn) == before
    finally:
        if name:
            (folder(drawn) / name).unlink()


def test_every_fault_of_a_days_file_is_told_at_its_line(space: Path) -> None:
    path = space / "workshops" / "essex.yaml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("case: I,", "case: IX,")
        .replace("table-1: [A, B", "table-9: [Z, B")
    )
    path.write_text(text, encoding="utf-8")
    for command in ("check", "enter", "pack", "report"):
        said = refused(space, command, "essex")
        assert "no example 'IX'" in said
        assert re.search(r"essex\.yaml:\d+ TABLE\s+there is no table 'table-9'", said)


def test_a_record_that_is_torn_is_told_at_its_line_and_left_alone(space: Path) -> None:
    path = folder(space) / "record.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    before = files(folder(space))
    for command in ("enter", "held", "report"):
        assert "record.jsonl:137 LINE" in refused(space, command, "essex")
    assert files(folder(space)) == before


# Whatever the machine does, nothing is half-written, and what was to be done can be done again.


@pytest.fixture
def small_disk(drawn: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the workspace on a disk of its own, of 8 MB."""
    with small_disk_at(tmp_path / "disk", 8) as place:
        yield Path(shutil.copytree(drawn, place / "space"))


WRITES = [
    ("enter", "essex"),
    ("report", "essex"),
    ("pack", "essex"),
    ("new", "other", "--like", "essex"),
    ("new", "ours"),
]


@pytest.mark.parametrize("words", WRITES, ids=lambda words: " ".join(words))
def test_a_full_disk_leaves_all_as_it_was_and_the_next_time_it_is_done(
    small_disk: Path, words: tuple[str, ...]
) -> None:
    note(small_disk, f'risk,"{TELLING}",service,yes', "risk,Trust may be lost,service,no")
    before = files(small_disk)
    filler = small_disk.parent / "filler"
    fill(filler)
    said = refused(small_disk, *words)
    assert NAME not in said
    assert files(small_disk) == before
    filler.unlink()
    done(small_disk, *words)


def test_a_disk_that_may_not_be_written(small_disk: Path) -> None:
    note(small_disk, "risk,Trust may be lost,service,no")
    disk = str(small_disk.parent)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for words in WRITES:
        refused(small_disk, *words)
    assert "The day can be held." in done(small_disk, "check", "essex")
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert "Entered: 1 new." in done(small_disk, "enter", "essex")


KILLED = """
import os, signal, sys
from pathlib import Path
import sharewell.cli as cli
left = [int(sys.argv.pop(1))]
real = Path.replace
def replace(self, target):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return real(self, target)
Path.replace = replace
cli.app(sys.argv[1:])
"""


@pytest.mark.parametrize("words", WRITES[:4:3], ids=lambda words: " ".join(words))
@pytest.mark.parametrize(
    "nth", [1, pytest.param(0, marks=pytest.mark.long), pytest.param(2, marks=pytest.mark.long)]
)
def test_a_writer_killed_before_any_file_is_in_place_is_finished_by_the_next(
    space: Path, words: tuple[str, ...], nth: int
) -> None:
    note(space, f'risk,"{TELLING}",service,yes', "risk,Trust may be lost,service,no")
    command = [sys.executable, "-c", KILLED, str(nth), "workshop", *words, "-s", str(space)]
    ended = subprocess.run(command, capture_output=True, check=False).returncode
    assert ended == -signal.SIGKILL
    for line in (folder(space) / "record.jsonl").read_text().splitlines():
        assert json.loads(line)["id"]
    done(space, *words)
    done(space, "enter", "essex")
    assert len((folder(space) / "record.jsonl").read_text().splitlines()) == 139
    assert spread(space) == {"held.jsonl"}
    assert TELLING in done(space, "held", "essex")


def test_two_who_enter_at_once_lose_nothing(space: Path, tmp_path: Path) -> None:
    typed = []
    for n in range(4):
        place = tmp_path / f"typist-{n}"
        place.mkdir()
        rows = "".join(f"risk,Point {n} of {m},service,no\n" for m in range(40))
        (place / "notes.csv").write_text(f'{NOTES}{rows}risk,"Mr Quorn {n} spoke",service,no\n')
        typed.append(place)
    opened = workspace.open(space)
    with ThreadPoolExecutor(4) as pool:
        assert [each.fresh for each in pool.map(lambda place: enter(opened, "essex", place), typed)] == [
            41
        ] * 4
    assert len((folder(space) / "record.jsonl").read_text().splitlines()) == 137 + 4 * 41
    assert len((folder(space) / "held.jsonl").read_text().splitlines()) == 4
