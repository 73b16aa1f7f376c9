"""One DuckDB connection, shut in: it reaches the folders it is given, and nothing else.

No extension is fetched or loaded but `httpfs`, from its wheel: DuckDB writes encrypted Parquet only with
that extension's OpenSSL. What it spills to disk is encrypted too, under a key that dies with the process.
"""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from ..errors import EngineError, Problem, StorageError
from .arrow import ARROW_TYPE, admit
from .duckdb_expressions import IBIS_TYPE

_DEEPEST = 20_000  # frames: sqlglot writes SQL by recursion, several frames for each operator and step
_KEY_NAME = re.compile("[a-z][a-z0-9_]*")
_FULL = re.compile("No space left|File too large|Disk quota|Read-only|Permission denied|No such file")


class DuckDB:
    """An in-memory DuckDB that runs Ibis tables. Use it as a context manager, or `close` it.

    Tables are unbound (a name and a schema), so they run here and nowhere else: by `to_arrow` and `write`.

    `folders`: what it may read and write, with all below. `spill`: where it may put what does not fit in
    `memory` (text such as "2GB"); without it, what does not fit fails. `con` is the raw connection.
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        *,
        threads: int | None = None,
        memory: str | None = None,
        spill: Path | None = None,
    ) -> None:
        settings: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "temp_file_encryption": True,
            "temp_directory": str(spill or ""),
        }
        settings |= {"threads": threads} if threads else {}
        settings |= {"memory_limit": memory} if memory else {}
        with _guarded():
            self.con = duckdb.connect(config=settings)
            self.con.execute("SET enable_progress_bar = false")
            self.con.execute(f"LOAD {_quoted(_httpfs())}")
            allowed = ", ".join(_quoted(folder.resolve()) for folder in folders)
            self.con.execute(f"SET allowed_directories = [{allowed}]")
            self.con.execute("SET enable_external_access = false")
        self._count = 0

    def from_arrow(self, table: pa.Table) -> Any:
        """The Ibis table of an Arrow table, held, not copied; values outside the types are null."""
        name = self._name()
        admitted = admit(table)
        with _guarded():
            self.con.register(name, admitted)
        return _unbound(name, admitted.schema)

    def held(self, name: str) -> Any:
        """The Ibis table of a table that the raw connection holds under `name`, with 0.0 for -0.0."""
        with _guarded():
            schema = self.con.execute(f'SELECT * FROM "{name}" LIMIT 0').to_arrow_table().schema
        table = _unbound(name, schema)
        columns = [table[column] for column in table.columns]
        return table.select(
            [(c + 0.0).name(c.get_name()) if c.type().is_floating() else c for c in columns]
        )

    def settle(self, table: Any) -> Any:
        """The same rows computed now and held (in memory, or spilt encrypted), for several steps to
        read."""
        name = self._name()
        with _guarded():
            self.con.execute(f"CREATE TEMP TABLE {name} AS {sql(table)}")
        return ibis.table(table.schema(), name=name)

    def to_arrow(self, table: Any) -> pa.Table:
        """The rows of an Ibis table, in our Arrow types and columns' order. This runs it."""
        with _guarded():
            # Not `execute`: DuckDB 1.5.5 streams its result, and a large UNION ALL then waits for itself
            # for ever.
            rows = self.con.sql(sql(table)).to_arrow_table()
        return rows.cast(_arrow_schema(table))

    def hold_key(self, name: str, secret: bytes) -> None:
        """Let `write` and `read` use a secret of 32 bytes (AES-256) under `name`."""
        if len(secret) != 32 or not _KEY_NAME.fullmatch(name):
            raise EngineError(Problem("KEY", "a key is 32 bytes under a name of a-z, 0-9 and _"))
        with _guarded():
            self.con.execute(f"PRAGMA add_parquet_key('{name}', '{base64.b64encode(secret).decode()}')")

    def write(self, table: Any, path: Path, key_name: str) -> None:
        """The rows to an encrypted Parquet file, whole or not at all: what stood there stays until the end.

        Raises StorageError where the place cannot take it, EngineError for the rest.
        """
        part = path.with_name(f".{path.name}.part")
        form = f"FORMAT parquet, COMPRESSION zstd, ENCRYPTION_CONFIG {{footer_key: '{key_name}'}}"
        try:
            with _guarded(str(path)):
                self.con.execute(f"COPY ({sql(table)}) TO {_quoted(part.resolve())} ({form})")
                _settle(part)
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def read(self, path: Path, key_name: str) -> Any:
        """The Ibis table of a file that `write` wrote. Its rows are read when a result asks for them."""
        name = self._name()
        source = (
            f"read_parquet({_quoted(path.resolve())}, encryption_config = {{footer_key: '{key_name}'}})"
        )
        with _guarded(str(path)):
            self.con.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {source}")
            return _unbound(name, self.con.execute(f"SELECT * FROM {name} LIMIT 0").to_arrow_table().schema)

    def close(self) -> None:
        """End the connection; what it held in memory or spilt is gone."""
        self.con.close()

    def __enter__(self) -> DuckDB:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _name(self) -> str:
        self._count += 1
        return f"table_{self._count}"


def sql(table: Any) -> str:
    """DuckDB's SQL for an Ibis table. One SELECT a step: merged, what is used twice is computed twice."""
    fused, ibis.options.sql.fuse_selects = ibis.options.sql.fuse_selects, False
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEPEST))
    try:
        return str(ibis.to_sql(table, dialect="duckdb"))
    finally:
        ibis.options.sql.fuse_selects = fused
        sys.setrecursionlimit(limit)


def _unbound(name: str, schema: pa.Schema) -> Any:
    kinds = {arrow: IBIS_TYPE[ours] for ours, arrow in ARROW_TYPE.items()}
    return ibis.table({field.name: kinds[field.type] for field in schema}, name=name)


def _arrow_schema(table: Any) -> pa.Schema:
    kinds = {kind: ARROW_TYPE[ours] for ours, kind in IBIS_TYPE.items()}
    found = {name: kind.copy(nullable=True) for name, kind in table.schema().items()}
    return pa.schema([(name, kinds.get(kind) or kind.to_pyarrow()) for name, kind in found.items()])


def _settle(path: Path) -> None:
    """On the disk, before the name is given: a rename may reach the disk before the bytes do."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _httpfs() -> Path:
    import duckdb_extension_httpfs

    folder = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    return folder / "httpfs.duckdb_extension"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


@contextmanager
def _guarded(where: str = "") -> Iterator[None]:
    """DuckDB's and the system's faults as ours. Their text may quote a row, so it is never passed on."""
    try:
        yield
    except duckdb.IOException as fault:
        raise _storage(str(fault), where) from None
    except OSError as fault:
        raise _storage(str(fault.strerror), where) from None
    except duckdb.OutOfMemoryException:
        fix = "give it more memory, or a folder to spill to with more room"
        raise EngineError(
            Problem("MEMORY", "the step does not fit in memory", fix=fix, where=where)
        ) from None
    except (duckdb.Error, ibis.common.exceptions.IbisError, pa.ArrowException) as fault:
        what = f"DuckDB could not run the step ({type(fault).__name__})"
        raise EngineError(
            Problem("ENGINE", what, "its own words are withheld: they may quote a row", where=where)
        ) from None


def _storage(text: str, where: str) -> StorageError:
    found = _FULL.search(text)
    cause = found.group().lower() if found else "the system gave another reason"
    return StorageError(Problem("STORAGE", f"the file could not be read or written: {cause}", where=where))
