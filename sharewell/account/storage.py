"""Where the account lies: two append-only tables of events and tree nodes, and one of signed checkpoints.

Bodies and notes are stored as bytes, exactly as hashed and signed. The columns beside a body only serve
queries; verification holds them against the body. Triggers refuse UPDATE and DELETE, for an honest slip:
what finds a dishonest change is the tree.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ..errors import AccountError, Problem, StorageError

METADATA = MetaData()

# On SQLite only INTEGER PRIMARY KEY is the row's own number, and therefore the fastest key.
_Number = BigInteger().with_variant(Integer(), "sqlite")

EVENTS = Table(
    "account_event",
    METADATA,
    Column("position", _Number, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("agreement", Text),
    Column("run", Text),
    Column("body", LargeBinary, nullable=False),
)
Index("account_event_by_agreement", EVENTS.c.agreement, EVENTS.c.position)
Index("account_event_by_run", EVENTS.c.run, EVENTS.c.position)

NODES = Table(
    "account_node",
    METADATA,
    Column("level", Integer, primary_key=True),
    Column("position", _Number, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

CHECKPOINTS = Table(
    "account_checkpoint",
    METADATA,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("size", _Number, nullable=False),
    Column("note", LargeBinary, nullable=False),
)

_PATIENCE = 60
"""Seconds to wait for another writer."""


def _sqlite_guards() -> Iterator[tuple[Table, str, str]]:
    """The trigger of each table and forbidden verb: (table, name, SQL)."""
    for table in (EVENTS, NODES, CHECKPOINTS):
        for verb in ("UPDATE", "DELETE"):
            name = f"{table.name}_no_{verb.lower()}"
            sql = (
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, 'the account only grows'); END"
            )
            yield table, name, sql


def _postgresql_guards() -> Iterator[tuple[Table, str]]:
    yield (
        EVENTS,
        "CREATE OR REPLACE FUNCTION account_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the account only grows'; END $$",
    )
    for table in (EVENTS, NODES, CHECKPOINTS):
        yield (
            table,
            f"CREATE TRIGGER {table.name}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION account_only_grows()",
        )


def _guard(table: Table, sql: str, dialect: str) -> None:
    made = DDL(sql).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
    event.listen(table, "after_create", made)


for _table, _, _sql in _sqlite_guards():
    _guard(_table, _sql, "sqlite")
for _table, _sql in _postgresql_guards():
    _guard(_table, _sql, "postgresql")


def open_engine(path_or_url: Path | str) -> Engine:
    """The engine of the account at a file or SQLAlchemy URL, its tables made if they are not there.

    StorageError if the place cannot be opened; AccountError if the URL names no database that is known.
    """
    try:
        url = make_url(path_or_url) if isinstance(path_or_url, str) and "://" in path_or_url else None
        if url is None:
            Path(path_or_url).parent.mkdir(parents=True, exist_ok=True)
            url = make_url(f"sqlite:///{Path(path_or_url).resolve()}")
        # A parameter is an event's body: it must not be quoted by an error.
        engine = create_engine(url, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise AccountError(
            Problem(
                "URL", "the account's address names no database that is installed", fix="give a file's path"
            )
        ) from None
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"the account's folder cannot be made: {error.strerror}")
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    with writing(engine) as connection:
        METADATA.create_all(connection)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin our own transactions
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000}")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _turn_wal_on(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # an event told of is an event kept
    cursor.close()


def _turn_wal_on(cursor: Any) -> None:
    """SQLite does not wait for others when it changes the journal, so that we must."""
    import sqlite3

    until = time.monotonic() + _PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock before it reads the size, or two could write the same event.
    writer = connection.get_execution_options().get("writer")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction of the only writer: all of it is kept, or nothing. StorageError if it cannot be."""
    with _stored("written"), engine.execution_options(writer=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(6962)")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view, whatever is written meanwhile. StorageError if it cannot be read."""
    with _stored("read"), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def _stored(done: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        why = getattr(error.orig, "sqlite_errorname", type(error.orig).__name__)
        raise StorageError(
            Problem(
                "STORE", f"the account could not be {done}", why, "check the disk's space and permissions"
            )
        ) from None


def faults_of_store(connection: Connection) -> list[Problem]:
    """What is wrong with the database itself: guards taken away, pages or indexes that do not agree."""
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    held = {row.name: row.sql for row in rows}
    faults = [
        Problem(
            "GUARD", f"the guard {name} against change is gone or altered", fix="find out who took it away"
        )
        for _, name, sql in _sqlite_guards()
        if held.get(name) != sql
    ]
    answer = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if answer != "ok":
        faults.append(
            Problem("FILE", "the database file is damaged", fix="restore it and compare checkpoints")
        )
    return faults
