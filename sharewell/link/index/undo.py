"""Undoing a merge: the two sides as they were, and the word that they are two people."""

from __future__ import annotations

import duckdb

from ...errors import LinkError, Problem
from .history import members_at
from .resolve import Write
from .store import Store


def part(store: Store, seq: int) -> Write:
    """Enter in memory what parts the two sides of the merge that is event `seq`: decisions, records to
    reopen, and the pin by which the person that survived the merge stays with its own side.

    Answers what must be written with the act.
    """
    con = store.con
    rows = con.execute(
        "SELECT person, other FROM idx.events WHERE seq = ? AND kind = 'merged'", [seq]
    ).fetchall()
    if not rows:
        raise LinkError(Problem("UNDO", f"event {seq} is no merge", fix="take its seq from history()"))
    survivor, other = (int(value) for value in rows[0])
    con.execute(
        "CREATE TABLE parted AS SELECT rid, source, record, person, row_number() OVER (PARTITION BY person"
        f" ORDER BY source, record) AS nth FROM ({members_at(_before(seq))}) JOIN idx.records USING (rid)"
        f" WHERE person IN ({survivor}, {other})"
    )
    if con.execute("SELECT count(DISTINCT person) FROM parted").fetchall()[0][0] < 2:
        raise LinkError(Problem("UNDO", "nobody is left of one side of this merge"))
    con.execute("INSERT INTO reopened SELECT rid FROM parted")
    con.execute(f"INSERT INTO pinned SELECT rid FROM parted WHERE person = {survivor}")
    # Each record against the other side's first: as long as a side holds together that keeps the two apart.
    con.execute(
        "CREATE TABLE ruled AS SELECT a.source AS source_l, a.record AS record_l, b.source AS source_r,"
        " b.record AS record_r FROM parted a JOIN parted b ON a.person = "
        f"{survivor} AND b.person = {other} AND (a.nth = 1 OR b.nth = 1)"
    )
    con.execute(
        "INSERT INTO decisions SELECT NULL, 'different', source_l, record_l, source_r, record_r, NULL, NULL"
        " FROM ruled"
    )
    return _write


def _before(seq: int) -> str:
    """The state just before a merge, whose run may have held more: merges told after it are not yet."""
    return f"seq < {seq}"


def _write(con: duckdb.DuckDBPyConnection, run: int) -> None:
    con.execute(
        "INSERT INTO idx.decisions SELECT (SELECT coalesce(max(decision), 0) FROM idx.decisions) +"
        " row_number()"
        " OVER (ORDER BY source_l, record_l, source_r, record_r), 'different', source_l, record_l,"
        f" source_r, record_r, {run}, NULL"
        " FROM memory.work.ruled"
    )
