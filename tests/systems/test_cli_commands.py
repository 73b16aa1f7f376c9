"""The command line: every command where it works and where it refuses, by exit code and words."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner
from workspace_example import (
    ACTOR,
    CUSTOMERS,
    NAME,
    Done,
    identifiers,
    kinds,
    leaks,
    patient,
    people,
    write_patients,
)

from sharewell import workspace
from sharewell.cli import app
from sharewell.workspace import Workspace

PROGRAM = str(Path(sys.executable).with_name("sharewell"))
OK, FAULT, DOCUMENT, REFUSED, TAMPERED = 0, 1, 2, 3, 4


def ask(*words: str, space: Workspace | None = None) -> Result:
    """What a command answers, in this process."""
    given = [*words, "--space", str(space.folder)] if space else list(words)
    return CliRunner().invoke(app, given, env={"COLUMNS": "160"})


def program(*words: str) -> subprocess.CompletedProcess[str]:
    """The same as a program of its own."""
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)


def break_text(space: Workspace) -> None:
    path = space.folder / "systems" / f"{NAME}.yaml"
    path.write_text(path.read_text().replace("version: 1\n", "version: 1\nversion: 2\n"))


def test_init_makes_a_workspace_once(tmp_path: Path) -> None:
    made = ask("init", str(tmp_path / "new"), "--name", "ours")
    assert (made.exit_code, "contracts, no data" in made.output) == (OK, True)
    assert {p.name for p in (tmp_path / "new").iterdir()} >= {"catalogue", "systems", "sharewell.toml"}
    again = ask("init", str(tmp_path / "new"))
    assert (again.exit_code, "EXISTS" in again.output) == (FAULT, True)
    assert ask("lint", "--space", str(tmp_path / "new")).exit_code == OK


def test_a_folder_that_is_no_workspace(tmp_path: Path) -> None:
    for words in (
        ("lint",),
        ("explain", NAME),
        ("run", NAME, "--as", ACTOR),
        ("show", NAME),
        ("account", "verify"),
    ):
        told = ask(*words, "--space", str(tmp_path))
        assert (told.exit_code, "is not a workspace" in told.output) == (FAULT, True)


def test_county_is_built_and_its_size_is_checked(tmp_path: Path) -> None:
    assert ask("county", str(tmp_path / "c"), "--people", "5").exit_code == 2
    made = ask("county", str(tmp_path / "c"), "--people", "1000", "--seed", "3")
    assert (made.exit_code, "1,000 people" in made.output) == (OK, True)
    assert "clock = 2024-06-03" in (tmp_path / "c" / "sharewell.toml").read_text()


def test_lint(space: Workspace) -> None:
    assert "1 checked, 0 faults, " in ask("lint", space=space).output
    break_text(space)
    told = ask("lint", NAME, space=space)
    assert told.exit_code == DOCUMENT
    assert "systems/warm-homes.yaml:4 TWICE" in told.output
    listed = json.loads(ask("lint", "--json", space=space).stdout)
    assert [(fault["code"], fault["where"]) for fault in listed] == [("TWICE", "systems/warm-homes.yaml:4")]
    assert ask("lint", "nobody", space=space).exit_code == DOCUMENT


def test_explain_touches_no_data(space: Workspace) -> None:
    shutil.rmtree(space.folder / "data")
    for words in ((), ("--steps",), ("--json",)):
        assert ask("explain", NAME, *words, space=space).exit_code == OK
    told = ask("explain", NAME, space=space).output
    for word in ("north-linker", "needs-gap", "eligibility", "terms", "flow"):
        assert word in told
    assert ask("explain", "nobody", space=space).exit_code == DOCUMENT
    break_text(space)
    assert ask("explain", NAME, space=space).exit_code == DOCUMENT


def test_publish(space: Workspace) -> None:
    told = ask("publish", NAME, "--as", ACTOR, space=space)
    assert (told.exit_code, "Published warm-homes version 1" in told.output) == (OK, True)
    assert kinds(space).count("agree.published") == 1, "once is enough"
    break_text(space)
    assert ask("publish", NAME, "--as", ACTOR, space=space).exit_code == DOCUMENT
    assert kinds(space).count("agree.published") == 1


ASKED = [
    (("--as", ACTOR), OK, "PERMIT", ""),
    (
        ("--as", "mallory@nowhere"),
        REFUSED,
        "ACTOR",
        "Ask for one of the products agreed: asthma-gap, damp-homes",
    ),
    (("--as", ACTOR, "--product", "wages"), REFUSED, "PRODUCT", "there are: asthma-gap, damp-homes"),
    (("--as", ACTOR, "--purpose", "marketing"), REFUSED, "PURPOSE", "agreed: planning, repairs"),
    (
        ("--as", ACTOR, "--ask", "release", "--product", "damp-homes", "--to", "north-clinic"),
        REFUSED,
        "RECIPIENT_NOT_AGREED",
        "damp-homes may go to north-energy as yes/no with customer_ref, eligible",
    ),
    (
        ("--as", ACTOR, "--ask", "release", "--product", "damp-homes", "--field", "asthma"),
        REFUSED,
        "FIELD",
        "damp-homes may go to north-energy as yes/no with customer_ref, eligible",
    ),
    (
        ("--as", ACTOR, "--ask", "release", "--product", "damp-homes", "--form", "identifiable"),
        REFUSED,
        "FORM",
        "agreed: yes/no",
    ),
    (("--as", ACTOR, "--ask", "steal"), DOCUMENT, "ASKED", "ask one of: run, view, release, ask"),
]


@pytest.mark.parametrize(("words", "code", "said", "instead"), ASKED, ids=[case[2] for case in ASKED])
def test_decide_says_what_would_be_allowed(
    space: Workspace, words: tuple[str, ...], code: int, said: str, instead: str
) -> None:
    before = len(kinds(space))
    told = ask("decide", NAME, *words, space=space)
    assert told.exit_code == code
    assert said in told.output
    assert instead in told.output.replace("\n", " ")
    entered = {OK: ["decide.permitted"], REFUSED: ["decide.refused"]}.get(code, [])
    assert kinds(space)[before:] == entered


def test_run_and_show(space: Workspace) -> None:
    ran = ask("run", NAME, "--as", ACTOR, space=space)
    assert ran.exit_code == OK, ran.output
    assert "Run 2024-06-03-001 of warm-homes." in ran.output
    shown = ask("show", NAME, space=space)
    assert shown.exit_code == OK
    for word in ("asthma-gap", "damp-homes", "north-energy", "public", "released", "report.html"):
        assert word in shown.output
    assert ask("show", "nobody", space=space).exit_code == DOCUMENT
    log = [json.loads(line) for line in ask("account", "log", "--json", space=space).output.splitlines()]
    assert log[-1]["kind"] == "run.finished"
    assert "run.finished" in ask("account", "log", "--agreement", NAME, "--last", "3", space=space).output
    told = ask("account", "verify", "--event", "2", space=space)
    assert (told.exit_code, "event 2: is in it" in told.output) == (OK, True)
    assert ask("account", "verify", "--event", "100000", space=space).exit_code == TAMPERED
    assert not [s for s in identifiers() if s in ran.output + shown.output + json.dumps(log)]


def test_run_refuses_and_fails_by_exit_code(space: Workspace) -> None:
    assert ask("run", NAME, "--as", "mallory@nowhere", space=space).exit_code == REFUSED
    (space.folder / CUSTOMERS).write_bytes(b"")
    failed = ask("run", NAME, "--as", ACTOR, space=space)
    assert (failed.exit_code, "data/customers.txt EMPTY" in failed.output) == (FAULT, True)
    write_patients(space.folder, [patient(p) for p in people()[:50]])
    (space.folder / CUSTOMERS).unlink()
    break_text(space)
    assert ask("run", NAME, "--as", ACTOR, space=space).exit_code == DOCUMENT


def test_the_program_says_the_same_as_the_command(space: Workspace) -> None:
    """A real process: its exit code, no traceback, nothing of a person on either stream or anywhere."""
    write_patients(space.folder, [patient(p) for p in people()[:50]])
    told = program("run", NAME, "--as", ACTOR, "--space", str(space.folder))
    assert told.returncode == REFUSED
    assert "clinic.patients fails its rule 'volume'" in told.stderr
    assert "Traceback" not in told.stderr
    assert not [secret for secret in identifiers() if secret in told.stdout + told.stderr]
    assert not list(leaks(space.folder, identifiers()))


def flip(path: Path, at: int) -> None:
    held = bytearray(path.read_bytes())
    held[at] ^= 1
    path.write_bytes(held)


def test_a_flipped_byte_of_the_account_is_found(done: Done, tmp_path: Path) -> None:
    """In any event's body, in any hash of the tree, in a checkpoint: found, with exit code 4."""
    source = sqlite3.connect(done.space.kept / "account.db")
    whole = tmp_path / "whole.db"
    with sqlite3.connect(whole) as target:
        source.backup(target)
        bodies = [row[0] for row in target.execute("SELECT body FROM account_event ORDER BY position")]
        hashes = [
            row[0] for row in target.execute("SELECT hash FROM account_node ORDER BY level, position")
        ]
        notes = [row[0] for row in target.execute("SELECT note FROM account_checkpoint")]
    source.close()
    held = whole.read_bytes()
    copy = shutil.copytree(done.space.folder, tmp_path / "north")
    kept = copy / ".sharewell" / "account.db"
    for path in kept.parent.glob("account.db-*"):
        path.unlink()
    for value in (bodies[0], bodies[len(bodies) // 2], bodies[-1], hashes[3], hashes[-1], notes[0]):
        kept.write_bytes(held)
        flip(kept, held.index(value) + len(value) // 2)
        told = ask("account", "verify", "--space", str(copy))
        assert (told.exit_code, "The account does NOT hold." in told.output) == (TAMPERED, True)
    kept.write_bytes(held)
    assert ask("account", "verify", "--space", str(copy)).exit_code == OK


def test_an_account_that_is_no_longer_a_database(done: Done, tmp_path: Path) -> None:
    copy = shutil.copytree(done.space.folder, tmp_path / "north")
    for path in (copy / ".sharewell").glob("account.db-*"):
        path.unlink()
    (copy / ".sharewell" / "account.db").write_bytes(b"no database" * 1000)
    told = ask("account", "verify", "--space", str(copy))
    assert told.exit_code in (FAULT, TAMPERED)
    assert "account" in told.output
    assert not isinstance(told.exception, sqlite3.Error)


HEAVY = (
    "ibis",
    "splink",
    "pyarrow",
    "pandas",
    "duckdb",
    "sqlalchemy",
    "altair",
    "scipy",
    "statsmodels",
)


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["account", "verify", "--help"], ["--version"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys, json\nfrom typer.testing import CliRunner\nfrom sharewell.cli import app\n"
        f"done = CliRunner().invoke(app, {words!r})\n"
        f"print(done.exit_code, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "0 []\n"


def test_every_command_explains_itself() -> None:
    told = ask("--help").output
    for name in (
        "init",
        "county",
        "lint",
        "explain",
        "decide",
        "publish",
        "run",
        "show",
        "prove",
        "demo",
        "account",
    ):
        assert name in told
        assert ask(name, "--help").exit_code == OK


def test_prove_knows_only_systems_with_an_acceptance() -> None:
    told = ask("prove", "nothing-like-it")
    assert (told.exit_code, "has no acceptance yet" in told.output) == (DOCUMENT, True)


def test_the_demo_never_erases_a_workspace_of_real_data(tmp_path: Path) -> None:
    workspace.init(tmp_path / "real")
    asked = CliRunner().invoke(app, ["demo", str(tmp_path / "real")])
    assert asked.exit_code == 1
    assert (tmp_path / "real" / workspace.CONFIGURATION).exists()
