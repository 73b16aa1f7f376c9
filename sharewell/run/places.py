"""Places: where each party's, the linker's and the host's bytes lie, encrypted under the agreement's key.

By default a place is a folder of the workspace. What a place can reveal is what its folder holds: nothing
of an agreement's data is written anywhere else, and destroying the agreement's secret makes it unreadable.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Problem, StorageError

if TYPE_CHECKING:
    from ..engines.duckdb import DuckDB


def remove(folder: Path, agreement: str) -> int:
    """Remove what all places hold of an agreement, all its runs; how many files there were."""
    files = 0
    for held in folder.glob(f"*/{agreement}"):
        files += sum(1 for path in held.rglob("*.parquet"))
        shutil.rmtree(held, ignore_errors=True)
    return files


class Places:
    """The folders of one run. A table is written whole or not at all, and read back lazily."""

    def __init__(self, folder: Path, agreement: str, run: str, secret: bytes, engine: DuckDB) -> None:
        self.folder, self.agreement, self.run = folder, agreement, run
        self._secret, self._engine = secret, engine

    def path(self, place: str, name: str) -> Path:
        return self.folder / place / self.agreement / self.run / f"{name}.parquet"

    def holds(self, place: str, name: str) -> bool:
        return self.path(place, name).exists()

    def write(self, place: str, name: str, table: Any) -> Any:
        """Write an Ibis table at a place, and give it back as read from there."""
        path = self.path(place, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = (error.strerror or "cannot be written").lower()
            raise StorageError(
                Problem("FILE", f"{place}: {reason}", fix="free space, then run again")
            ) from None
        self._engine.write(table, path, self._key(place))
        return self.read(place, name)

    def read(self, place: str, name: str) -> Any:
        return self._engine.read(self.path(place, name), self._key(place))

    def destroy(self, place: str) -> int:
        """Remove what a place holds of this run; how many files there were."""
        folder = self.folder / place / self.agreement / self.run
        files = len(list(folder.glob("*.parquet"))) if folder.exists() else 0
        shutil.rmtree(folder, ignore_errors=True)
        return files

    def names(self) -> tuple[str, ...]:
        """The places that hold anything of this run."""
        runs = self.folder.glob(f"*/{self.agreement}/{self.run}")
        return tuple(sorted(path.parent.parent.name for path in runs))

    def _key(self, place: str) -> str:
        """The engine's name for this place's key: one place's key opens nothing of another's."""
        name = re.sub("[^a-z0-9]", "_", f"key_{place}")
        self._engine.hold_key(name, hmac.new(self._secret, place.encode(), hashlib.sha256).digest())
        return name
