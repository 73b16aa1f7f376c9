"""Before or after, never between: the index's process is killed, or its disk is full, in mid-delta."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from link_example import SECRET, asked, town

from sharewell.link.index import Act, PersonIndex

ACT = Act("steward", "index of the town", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
KEY = b"k" * 32

_CHILD = """
import os, resource, signal, sys
sys.path.insert(0, sys.argv[1])
from test_link_index_crash import ACT, KEY, SECRET, later
from sharewell.errors import LinkError
from sharewell.link.index import PersonIndex

class Dying:
    "A connection whose process is killed at the nth statement of the transaction, or before or after"
    " its end."
    def __init__(self, con, moment):
        self.con, self.moment, self.seen = con, moment, -1
    def __getattr__(self, name):
        return getattr(self.con, name)
    def execute(self, sql, *parameters):
        self.seen = 0 if sql == "BEGIN" else self.seen + (self.seen >= 0)
        if self.seen == 9 and self.moment == "middle" or sql == "COMMIT" and self.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = self.con.execute(sql, *parameters)
        if sql == "COMMIT" and self.moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

path, moment = sys.argv[2], sys.argv[3]
index = PersonIndex.open(path, key=KEY, secret=SECRET)
if moment == "full":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
else:
    index._store.con = Dying(index._store.con, moment)
try:
    index.apply(later(), act=ACT)
except LinkError as error:
    print(error.problems[0].code)
    os._exit(3)
"""


def later() -> dict[str, Any]:
    """A delivery that adds, changes and merges."""
    sources = town(60, seed=2).sources
    return {"a": sources["a"], "b": sources["b"].slice(0, 20)}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crash") / "index"
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        index.train(town(60).sources, asked(), ACT)
    return path


def state(index: PersonIndex) -> list[Any]:
    """Everything but the ids of new people, which are random."""
    tables = ("records", "keys", "edges", "events", "runs", "sources", "meta", "gone", "members")
    return [sorted(index._store.con.execute(f"FROM idx.{table}").fetchall(), key=repr) for table in tables]


def in_child(path: Path, moment: str) -> subprocess.CompletedProcess[str]:
    here = str(Path(__file__).parent)
    return subprocess.run(
        [sys.executable, "-c", _CHILD, here, str(path), moment], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "moment", ["middle", *(pytest.param(moment, marks=pytest.mark.long) for moment in ("before", "after"))]
)
def test_a_kill_leaves_the_state_before_or_after(before: Path, tmp_path: Path, moment: str) -> None:
    path = Path(shutil.copy(before, tmp_path / "index"))
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        old = state(index)
    assert in_child(path, moment).returncode == -signal.SIGKILL
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        left = state(index)
        assert (left == old) is (moment != "after")
        change = index.apply(later(), act=ACT)
        assert (change.counts["new"] + change.counts["changed"] == 0) is (moment == "after")
        whole = state(index)
    whole_path = Path(shutil.copy(before, tmp_path / "whole"))
    with PersonIndex.open(whole_path, key=KEY, secret=SECRET) as index:
        index.apply(later(), act=ACT)
        assert state(index) == whole


def test_a_full_disk_is_said_and_changes_nothing(before: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(before, tmp_path / "index"))
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        old = state(index)
    child = in_child(path, "full")
    assert (child.returncode, child.stdout) == (3, "STORAGE\n"), child.stderr
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        assert state(index) == old
        assert index.apply(later(), act=ACT).counts["changed"] > 20
