"""Erasure (UK GDPR, article 17): nothing that a record said is left, only that something was erased.

Gone are its fields and names, keys, edges, corrections, decisions and its very id; a tombstone, a keyed
digest of that id, knows it again if it is sent again. The file is then written anew, since the free pages
of a database hold what was deleted. What stays: the frequencies of names in the model in force, frozen with
it, in which
a name that nobody else bears may still stand until the next training; those of earlier models are
pruned at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from ..trained import Model
from .decisions import enter
from .intake import mac, spelt
from .resolve import Write
from .schema import TABLES
from .store import Store, guarded


def erase(store: Store, secret: bytes, source: str, record: str) -> Write:
    """What must be written with the act that removes the record. LinkError: RECORD if it was never held."""
    con, name = store.con, _name(store, secret, source, record)
    rows = con.execute(
        "SELECT rid, person FROM (SELECT rid, source, record, person FROM idx.records JOIN"
        " idx.members USING"
        " (rid) UNION ALL SELECT rid, source, record, person FROM idx.gone) WHERE source = ?"
        " AND record = ?",
        [source, record],
    ).fetchall()
    known = con.execute("SELECT count(*) FROM idx.tombstones WHERE name = ?", [name]).fetchall()[0][0]
    if not rows and not known:
        raise LinkError(Problem("RECORD", f"the index never held this record of source {source}"))
    return partial(_write, name, source, record, [(int(rid), int(person)) for rid, person in rows])


def lift(store: Store, secret: bytes, source: str, record: str) -> Write:
    """What must be written with the act that lets an erased record be sent again. LinkError: RECORD."""
    name = _name(store, secret, source, record)
    if not store.con.execute("SELECT count(*) FROM idx.tombstones WHERE name = ?", [name]).fetchall()[0][0]:
        raise LinkError(Problem("RECORD", f"this record of source {source} is not erased"))

    def write(con: duckdb.DuckDBPyConnection, run: int) -> None:
        con.execute("DELETE FROM idx.tombstones WHERE name = ?", [name])

    return write


def rewrite(store: Store, reopen: Callable[[Path], Store]) -> Store:
    """Write all that the file holds into a new one in its place; answers that one, opened.

    Killed at any moment it leaves the one or the other whole; erasing the record again then finishes it.
    """
    path = store.path
    fresh = path.with_name(f"{path.name}.fresh")
    fresh.unlink(missing_ok=True)
    with guarded(), reopen(fresh) as other, other.writing():
        for name in TABLES:
            other.con.execute(f"DELETE FROM idx.{name}")
            other.con.register("held", store.con.sql(f"FROM idx.{name}").to_arrow_reader())
            other.con.execute(f"INSERT INTO idx.{name} FROM held")
            other.con.unregister("held")
    if fresh.with_name(f"{fresh.name}.wal").exists():
        # Closing could not write its journal into it, for want of room: the old file stays.
        raise LinkError(
            Problem("STORAGE", "the index could not be written anew", fix="free space, then again")
        )
    # The journal of the old file must be empty before the new one takes its name, or it would be replayed.
    with guarded():
        store.con.execute("CHECKPOINT idx")
        fresh.replace(path)
    store.con.close()
    return reopen(path)


def _name(store: Store, secret: bytes, source: str, record: str) -> bytes:
    said = spelt(("source", "record"))
    row = store.con.execute(
        f"SELECT {mac(secret, 'name', said)} FROM (SELECT ?::VARCHAR AS source, ?::VARCHAR AS record)",
        [source, record],
    ).fetchall()[0]
    return bytes(row[0])


def _write(
    name: bytes,
    source: str,
    record: str,
    held: list[tuple[int, int]],
    con: duckdb.DuckDBPyConnection,
    run: int,
) -> None:
    for table in ("gone", "corrections"):
        con.execute(f"DELETE FROM idx.{table} WHERE source = ? AND record = ?", [source, record])
    con.execute(
        "DELETE FROM idx.decisions WHERE (source_l = ? AND record_l = ?) OR (source_r = ? AND"
        " record_r = ?)",
        [source, record, source, record],
    )
    con.execute("DELETE FROM idx.tombstones WHERE name = ?", [name])
    con.execute("INSERT INTO idx.tombstones VALUES (?, ?)", [name, run])
    for rid, person in held:
        enter(con, run, "erased", rid, person)
    _prune(con)


def _prune(con: duckdb.DuckDBPyConnection) -> None:
    """Earlier models, which weigh nothing any more, keep the frequencies only of what some record says."""
    rows = con.execute("SELECT run, model FROM idx.models ORDER BY run DESC OFFSET 1").fetchall()
    for run, told in rows:
        model = Model.of_bytes(told.encode())
        kept = {name: _still_said(con, name, table) for name, table in model.frequencies.items()}
        pruned = replace(model, frequencies=kept).to_bytes().decode()
        con.execute("UPDATE idx.models SET model = ? WHERE run = ?", [pruned, run])


def _still_said(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> pa.Table:
    said = con.sql(f"SELECT DISTINCT {name} FROM idx.records WHERE {name} IS NOT NULL").to_arrow_table()
    return table.filter(pc.is_in(table["value"], said[name].combine_chunks()))
