"""A release as somebody has it who received its folder and nothing else: harmed, and held to itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import Result
from typer.testing import CliRunner
from workspace_example import NAME

from sharewell.cli import app
from sharewell.release.folder import SUMS
from sharewell.release.output import CERTIFICATE
from sharewell.workspace import Workspace


def elsewhere(folder: Path, command: str, *more: str) -> Result:
    """`audit` or `attack` of a folder, where there is no workspace."""
    words = [command, str(folder), *more, "-s", str(folder.parent)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "160"})


def told(result: Result) -> str:
    """All that was printed, on both streams, with runs of blanks as one."""
    return " ".join((result.stdout + result.stderr).split())


def audited(folder: Path) -> tuple[int, str]:
    """What somebody finds who has the folder and no workspace: the exit code, and all that was printed."""
    result = elsewhere(folder, "audit")
    return result.exit_code, told(result)


def left(space: Workspace, recipient: str = "public") -> Path:
    """The report's folder of the last run."""
    return max(space.kept.glob(f"releases/{recipient}/{NAME}/*"))


def write(path: Path, content: str | bytes) -> None:
    """Released files are read-only; whoever received them can make them otherwise."""
    path.chmod(0o600)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def sum_again(folder: Path) -> None:
    """Write the list of sums anew, as whoever changed a file would to hide it."""
    names = [line.partition("  ")[2] for line in (folder / SUMS).read_text().splitlines()]
    lines = [
        f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in names
        if (folder / name).exists()
    ]
    write(folder / SUMS, "".join(lines))


def put(path: Path, row: int, column: str, value: object) -> None:
    """Put one value into a Parquet file, and change nothing else of it."""
    table = pq.read_table(path)
    cells = table[column].to_pylist()
    cells[row] = value
    at = table.column_names.index(column)
    changed = table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.types[at]))
    path.chmod(0o600)
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)


def certify(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the certificate."""
    held = json.loads((folder / CERTIFICATE).read_text())
    change(held)
    write(folder / CERTIFICATE, json.dumps(held))
