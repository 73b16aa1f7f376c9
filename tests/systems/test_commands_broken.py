"""Every command in every broken place: an answer that teaches, never a traceback, a half file or a name.

`long` tries all commands in all places; the short form tries each place with a share of the commands, so
that each command meets one in thirteen of them, and always with the one that must notice.
"""

from __future__ import annotations

import fcntl
import gc
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from broken_example import (
    CALLS,
    HARMS,
    LAST,
    NAMES,
    NOTICED,
    SECRETS,
    Scene,
    commands,
    make_scene,
)
from click.testing import Result
from workspace_example import NAME

from sharewell import workspace
from sharewell.account import EventKind

ORDER = [name for name in CALLS if name not in LAST] + list(LAST)
SHARE = 61
CODE = re.compile(r"^(\S+ )*[A-Z][A-Z_]{2,}$", re.MULTILINE)
PROGRAM = str(Path(sys.executable).with_name("sharewell"))
MAY_LEAVE = {"run": ("/places/", "/outbox/", "/ledger/", "/keys/"), "ask": ("/places/", "/keys/")}
"""A run that fails keeps what it made, encrypted at its places, so that the next goes on from there; what
it was about to tell is on record already."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The scene with nothing broken. To be copied."""
    return make_scene(tmp_path_factory.mktemp("broken") / "scene")


@pytest.fixture
def scene(whole: Scene, tmp_path: Path) -> Scene:
    return whole.copy(tmp_path / "scene")


def check_teaches(told: Result, what: str) -> None:
    """An exit code of the house, with a code in words; nothing of our own failing, or of a person."""
    assert told.exception is None or isinstance(told.exception, SystemExit), f"{what}: {told.exception!r}"
    assert told.exit_code in (0, 1, 2, 3, 4), what
    assert "Traceback" not in told.output, what
    assert "DEFECT" not in told.output, f"{what}: {told.stderr}"
    if told.exit_code:
        usage = told.stderr.startswith("Usage:")
        assert usage or CODE.search(told.stderr) or "does NOT hold" in told.stdout, f"{what}: {told.output}"
    assert not [secret for secret in SECRETS if secret in told.output], what


def check_whole(scene: Scene, command: str, told: Result, before: dict[str, str], what: str) -> None:
    """Whoever is refused finds every file as it was."""
    if told.exit_code:
        after = scene.files()
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        left = {name for name in changed if not any(part in name for part in MAY_LEAVE.get(command, ()))}
        assert not left, f"{what}: {sorted(left)}"
    assert not [path for path in scene.folder.rglob(".*") if path.suffix in (".writing", ".part")], what


def test_no_command_is_left_out() -> None:
    assert set(CALLS) == set(commands())


def test_each_harm_is_noticed_by_somebody() -> None:
    """A place that nobody notices to be broken would prove nothing."""
    assert set(NOTICED) == set(HARMS)
    assert {command for command, _ in NOTICED.values()} <= set(CALLS)


def give(scene: Scene, harm: str, command: str) -> Result:
    """The answer to an ordinary call, held to what every answer owes."""
    before = scene.files()
    told = scene.give(command)
    check_teaches(told, f"{harm}: {command}")
    check_whole(scene, command, told, before, f"{harm}: {command}")
    return told


@pytest.mark.parametrize("harm", HARMS)
def test_a_broken_place_is_told_of(scene: Scene, harm: str) -> None:
    """By the command that must notice, and then by a share of all others."""
    HARMS[harm](scene)
    command, said = NOTICED[harm]
    turn = list(HARMS).index(harm)
    told = give(scene, harm, command)
    assert said in told.output, told.output
    for number, name in enumerate(ORDER):
        if (number + turn) % SHARE == 0:
            give(scene, harm, name)


@pytest.mark.long
@pytest.mark.parametrize("harm", HARMS)
def test_every_command_in_a_broken_place(scene: Scene, harm: str) -> None:
    HARMS[harm](scene)
    for command in ORDER:
        give(scene, harm, command)


@pytest.fixture(scope="module")
def named(whole: Scene, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One copy for all calls that are refused: each leaves it as it was."""
    return whole.copy(tmp_path_factory.mktemp("named") / "scene")


@pytest.mark.parametrize(("command", "call", "said"), NAMES, ids=[f"{n} {c}"[:60] for n, c, _ in NAMES])
def test_a_name_that_is_not_there(named: Scene, command: str, call: str, said: str) -> None:
    before = named.files()
    told = named.give(command, call)
    check_teaches(told, call)
    assert said in told.output, told.output
    if command != "status":
        assert told.exit_code
    check_whole(named, command, told, before, call)


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    """As on a full disk: nothing more can be written to any file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)


WRITERS = {
    "init": "FILE", "new": "FILE", "papers": "WRITE", "export": "STORE", "assets export": "FILE",
    "assets import": "FILE", "keys new": "PLACE", "register build": "STORE", "incident pack": "STORE",
    "suspend": "STORE", "incident open": "STORE", "run": "STORE", "keys enrol": "STORE",
    "complaint receive": "STORE", "benefit measure": "STORE", "withdraw": "STORE", "profile": "STORE",
}  # fmt: skip
"""What writes a file or the account, and the code of a disk that takes no more."""


@pytest.mark.parametrize("command", WRITERS)
def test_a_full_disk(scene: Scene, command: str) -> None:
    before, held = scene.files(), events(scene)
    gc.collect()  # an account left open by the scene would lend its files to the command
    with no_file_may_grow():
        told = scene.give(command)
    check_teaches(told, command)
    assert (told.exit_code, WRITERS[command] in told.stderr) == (1, True), told.output
    assert events(scene) == held
    after = {name: digest for name, digest in scene.files().items() if not empty_of_init(name)}
    assert after == before


def empty_of_init(name: str) -> bool:
    """`init` makes its folders first, and a workspace only by what it writes last."""
    return name.startswith("elsewhere/new/") and not name.endswith("sharewell.toml")


def events(scene: Scene) -> list[EventKind]:
    return [event.kind for event in workspace.open(scene.space).account.events()]


def test_an_answer_that_cannot_be_written_leaves_the_older_one(scene: Scene) -> None:
    held = scene.elsewhere / "answer.csv"
    held.write_text("yesterday's")
    (scene.elsewhere / ".answer.csv.writing").mkdir()
    told = scene.give("ask", CALLS["ask"] + " --csv {elsewhere}/answer.csv")
    check_teaches(told, "ask")
    assert (told.exit_code, held.read_text()) == (1, "yesterday's")


def test_another_process_has_the_turn(scene: Scene) -> None:
    """What must wait says so, and does nothing."""
    with (scene.kept / "turns" / NAME).open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for command in ("run", "ask", "withdraw"):
            told = scene.give(command)
            check_teaches(told, command)
            assert (told.exit_code, "RUNNING" in told.stderr) == (3, True), told.output


def program(scene: Scene, command: str, call: str | None = None) -> subprocess.Popen[str]:
    words = [PROGRAM, *scene.words(command, call)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_who_act_at_once(scene: Scene) -> None:
    """Each act is entered, none twice, and the account holds."""
    before = events(scene)
    acts = [
        program(scene, name) for name in ("complaint receive", "complaint receive", "suspend", "keys enrol")
    ]
    told = [act.communicate(timeout=60) for act in acts]
    assert not [error for _, error in told if "Traceback" in error]
    after = events(scene)[len(before) :]
    assert len(after) == sum(act.returncode == 0 for act in acts)
    space = workspace.open(scene.space)
    assert space.account.verify().holds


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ("papers", "elsewhere/papers"),
        ("register build", "elsewhere/register"),
        pytest.param("incident pack", "elsewhere/pack", marks=pytest.mark.long),
    ],
)
def test_killed_while_it_writes(scene: Scene, command: str, result: str) -> None:
    """What stood there before stands there whole, or what is new does; and the next call succeeds."""
    assert scene.give(command).exit_code == 0
    folder = scene.folder / result
    names = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    for wait in (0.35, 0.55):
        act = program(scene, command)
        time.sleep(wait)
        act.kill()
        act.communicate()
        stands = {
            path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.name[0] != "."
        }
        assert stands == names
        assert not [path for path in folder.rglob("*") if path.is_file() and not path.stat().st_size]
    assert scene.give(command).exit_code == 0
    assert not list(scene.elsewhere.rglob(".*.writing"))


@pytest.mark.parametrize("command", ["incident open", pytest.param("withdraw", marks=pytest.mark.long)])
def test_killed_while_it_acts(scene: Scene, command: str) -> None:
    """All of an act is in the account or nothing of it, and the same command then goes through."""
    for wait in (0.3, 0.5):
        act = program(scene, command)
        time.sleep(wait)
        act.kill()
        act.communicate()
        assert workspace.open(scene.space).account.verify().holds
    told = scene.give(command)
    check_teaches(told, command)
    stopped = scene.give("status").output
    assert "suspended" in stopped or "withdrawn" in stopped
    assert workspace.open(scene.space).account.verify().holds
