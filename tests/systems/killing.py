"""A process that runs the small agreement and kills itself (SIGKILL) at a chosen point of the run.

Points are named: a step about to be done (`tell:TEXT`), a file about to be synced (`fsync`), a table or a
folder about to be given its name or having been (`rename:table`, `renamed:folder`), events about to be
entered in the account or having been (`append:KIND`, `appended:KIND`). It reads jobs from its standard
input, a line each (folder, point, how many-eth; `*` is any point), forks for each, and answers with the
child's status and the points that it passed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ANY = "*"


class Trap:
    """Counts the points of a run, and kills the process at the one that was asked for."""

    def __init__(self, point: str, nth: int, log: int) -> None:
        self.point, self.nth, self._log = point, nth, log
        self._passed: Counter[str] = Counter()

    def at(self, name: str) -> None:
        for counted in (name, ANY):
            self._passed[counted] += 1
            if (counted, self._passed[counted]) == (self.point, self.nth):
                os.kill(os.getpid(), signal.SIGKILL)
        os.write(self._log, f"{name}\n".encode())

    def wrap_sync(self) -> None:
        original = os.fsync

        def trapped(handle: Any) -> None:
            self.at("fsync")
            original(handle)

        os.fsync = trapped

    def wrap_rename(self, name: str) -> None:
        original: Callable[[Path, Path], Path] = getattr(Path, name)

        def trapped(path: Path, target: Path) -> Path:
            thing = "table" if Path(target).suffix == ".parquet" else "folder"
            self.at(f"rename:{thing}")
            answer = original(path, target)
            self.at(f"renamed:{thing}")
            return answer

        setattr(Path, name, trapped)

    def wrap_account(self) -> None:
        from sharewell.account import Account

        original = Account.append_all

        def trapped(account: Account, entries: Any) -> Any:
            chosen = list(entries)
            last = str(chosen[-1].kind) if chosen else "nothing"
            self.at(f"append:{last}")
            answer = original(account, chosen)
            self.at(f"appended:{last}")
            return answer

        Account.append_all = trapped  # type: ignore[method-assign]


def child(folder: str, point: str, nth: int, log: int) -> None:
    from workspace_example import ACTOR, NAME

    from sharewell import workspace

    live = workspace.open(folder).agreement(NAME)
    trap = Trap(point, nth, log)
    trap.wrap_sync()
    trap.wrap_rename("replace")
    trap.wrap_rename("rename")
    trap.wrap_account()
    live.run(ACTOR, lambda text, _done: trap.at(f"tell:{text}"))


def main() -> None:
    """Import what a run needs once, so that each child begins at once."""
    from importlib import import_module

    for name in ("run", "engines.duckdb", "describe.admission", "link.units", "release.report"):
        import_module(f"sharewell.{name}")
    for name in ("altair", "ibis.backends.sql.compilers.duckdb", "workspace_example"):
        import_module(name)
    for line in sys.stdin:
        folder, point, nth = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            child(folder, point, nth, writing)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as log:
            passed = log.read().splitlines()
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(json.dumps([status, passed]), flush=True)


if __name__ == "__main__":
    main()
