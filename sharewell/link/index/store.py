"""The index's file: opened under its key, changed whole or not at all, and by one process at a time.

DuckDB allows a transaction to write to one database only. So everything is first worked out in memory,
reading the file; then one transaction writes it. A process killed at any moment leaves the file as it was
before or as it is after. DuckDB itself keeps a second process, and a second opening in this one, out.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from ...errors import LinkError, Problem
from ..session import load_crypto
from ..settings import Settings
from .schema import FORMAT, TABLES
from .told import Act

_MEMORY = "2GB"
"""What the engine may hold at once; the rest is spilt beside the index, encrypted under a key of its own.
Five million records are indexed within it.
"""


class Store:
    """The file at `path`, attached as `idx` to the in-memory connection `con`. Close it after use.

    Raises LinkError: KEY, BUSY, FORMAT, STORAGE.
    """

    def __init__(self, path: Path, key: bytes, threads: int) -> None:
        if len(key) != 32:
            raise LinkError(Problem("KEY", "the key of an index is 32 bytes"))
        self.path = path
        settings: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "temp_file_encryption": True,
            "temp_directory": f"{path}.spill",
            "memory_limit": _MEMORY,
            "threads": threads,
        }
        with guarded():
            self.con = duckdb.connect(config=settings)
            self.con.execute("SET enable_progress_bar = false")
            load_crypto(self.con)
        try:
            self._attach(key)
        except BaseException:
            self.con.close()
            raise

    def _attach(self, key: bytes) -> None:
        with guarded(), _private():
            secret = base64.b64encode(key).decode()
            self.con.execute(f"ATTACH {_quoted(str(self.path))} AS idx (ENCRYPTION_KEY '{secret}')")
            self.path.chmod(0o600)
            self.con.execute("SET enable_external_access = false")
            self._lay()

    def _lay(self) -> None:
        held = self.con.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'idx'")
        if held.fetchall()[0][0] == 0:
            with self.writing():
                for name, columns in TABLES.items():
                    self.con.execute(f"CREATE TABLE idx.{name} ({columns})")
                self.con.execute(
                    f"INSERT INTO idx.meta VALUES ('format', {FORMAT}), ('rid', 0), ('person', 0)"
                )
        found = self.meta("format")
        if found != FORMAT:
            what = f"the index is of format {found}, this program reads format {FORMAT}"
            raise LinkError(Problem("FORMAT", what, fix="open it with the version that wrote it"))

    def meta(self, name: str) -> int:
        """A counter of the file."""
        return int(self.con.execute("SELECT value FROM idx.meta WHERE name = ?", [name]).fetchall()[0][0])

    def last_run(self) -> int:
        """The number of the last act, 0 before the first."""
        return int(self.con.execute("SELECT coalesce(max(run), 0) FROM idx.runs").fetchall()[0][0])

    @contextmanager
    def working(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection in an empty schema in memory, where one act is worked out and then forgotten."""
        with guarded():
            self.con.execute("CREATE SCHEMA memory.work")
            self.con.execute("USE memory.work")
            try:
                yield self.con
            finally:
                with suppress(duckdb.Error):  # after a fatal fault nothing can be tidied
                    self.con.execute("USE memory.main")
                    self.con.execute("DROP SCHEMA memory.work CASCADE")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction on the file: all that is written in it, or nothing."""
        with guarded(), _private():
            self.con.execute("BEGIN")
            try:
                yield
                self.con.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    self.con.execute("ROLLBACK")
                raise

    def begin(self, kind: str, act: Act, model: str) -> int:
        """Enter an act among the runs, within `writing`. LinkError where it is before the last one."""
        last = self.con.execute("SELECT max(moment), coalesce(max(run), 0) FROM idx.runs").fetchall()[0]
        at = plain(act.at)
        if last[0] is not None and at < last[0]:
            what = "the act's time is before that of the last act"
            raise LinkError(Problem("ORDER", what, "history is only ever added to", "check the clock"))
        run = int(last[1]) + 1
        self.con.execute(
            "INSERT INTO idx.runs VALUES (?, ?, ?, ?, ?, ?, ?)",
            [run, kind, at, act.actor, act.agreement, act.reason, model],
        )
        return run

    def close(self) -> None:
        """Write the journal into the file and let it go."""
        with _private(), suppress(duckdb.Error):
            self.con.execute("CHECKPOINT idx")
        self.con.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def plain(at: dt.datetime) -> dt.datetime:
    """An aware time as the file holds it: UTC, without saying so."""
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def pack(settings: Settings) -> str:
    """Settings as JSON, without the secret: the file is opened with its own."""
    plain = {name: value for name, value in vars(settings).items() if name != "secret"}
    return json.dumps(plain | {"one_per_source": sorted(settings.one_per_source)})


def unpack(text: str, secret: bytes) -> Settings:
    """The settings that `pack` wrote."""
    plain = json.loads(text)
    return replace(
        Settings(secret),
        **plain
        | {"one_per_source": frozenset(plain["one_per_source"]), "columns": tuple(plain["columns"])},
    )


@contextmanager
def guarded() -> Iterator[None]:
    """DuckDB's faults as LinkError. Their text may quote a row, so only their kind goes on."""
    try:
        yield
    except duckdb.InvalidInputException as fault:
        if "encryption key" in str(fault):
            raise LinkError(Problem("KEY", "the key does not open this index")) from None
        raise _engine(fault) from None
    except (duckdb.BinderException, duckdb.CatalogException) as fault:
        if "file handle conflict" in str(fault):
            raise LinkError(_BUSY) from None
        if "is not encrypted" in str(fault):
            raise LinkError(
                Problem("FORMAT", "the file is a database, but not an encrypted index")
            ) from None
        raise _engine(fault) from None
    except duckdb.IOException as fault:
        raise LinkError(_file(str(fault))) from None
    except duckdb.OutOfMemoryException:
        what = "the work does not fit in memory and the disk has no room for the rest"
        raise LinkError(Problem("MEMORY", what, "the index is as it was before")) from None
    except duckdb.Error as fault:
        raise (LinkError(_file(str(fault))) if _FULL.search(str(fault)) else _engine(fault)) from None
    except OSError as fault:
        raise LinkError(Problem("STORAGE", f"the index's file cannot be used: {fault.strerror}")) from None


_FULL = re.compile("No space left|File too large|Disk quota")
_BUSY = Problem("BUSY", "another process or session holds this index open", fix="wait until it has ended")


def _file(text: str) -> Problem:
    if "set lock" in text:
        return _BUSY
    if "valid DuckDB" in text or "version number" in text:
        return Problem("FORMAT", "the file is no index that this program can read")
    return Problem(
        "STORAGE",
        "the index's file could not be read or written",
        "the disk may be full, or the place closed to us; the index is as it was before",
        "make room and open the index again",
    )


def _engine(fault: duckdb.Error) -> LinkError:
    what = f"the index's engine stopped ({type(fault).__name__}); the index is as it was before"
    return LinkError(Problem("ENGINE", what, "its own words are withheld: they may quote a row"))


@contextmanager
def _private() -> Iterator[None]:
    """Files made meanwhile (the index, its journal) are the owner's only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
