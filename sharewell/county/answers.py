"""Reading what was planted. Only `prove` and the tests use this: no contract names the truth folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError, Problem

NEEDED = ("people", "households", "homes", "residence", "treatment", "effects", "needs", "ledger")


def truth(folder: Path) -> dict[str, pa.Table]:
    """Every table of the truth folder by name; DataError if there is no county in `folder`."""
    held = {
        path.stem: _read(path, path.stat().st_mtime_ns)
        for path in sorted((folder / "truth").glob("*.parquet"))
    }
    missing = [name for name in NEEDED if name not in held]
    if missing:
        raise DataError(
            Problem(
                "TRUTH", f"no truth about {', '.join(missing)}", fix="build the county in this folder first"
            )
        )
    return held


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> pa.Table:
    return pq.read_table(path)
