"""Severance: one record begins anew, and nothing that anybody can read ties it to who they were.

The Gender Recognition Act 2004 (s22) makes an earlier gender protected information; adoption and witness
protection ask the same. The record gets a new number within the index, so that its earlier events are no
one's; they are deleted and only counted. It is held apart from its old person by decisions that look like
any steward's, it has no further names, and an NHS number that others of the old person hold is forgotten.
What is left: if the old person falls apart without the record, both changes bear one time.
"""

from __future__ import annotations

import duckdb

from ...errors import LinkError, Problem
from .decisions import rid_of
from .resolve import Write
from .store import Store

GROUNDS = ("gender recognition", "adoption", "witness protection")
"""On what grounds a record may be severed. Which it was is not kept."""


def sever(store: Store, source: str, record: str, kind: str) -> Write:
    """Make the record one that has just arrived, of nobody; answers what must be written with the act.

    Call after `intake.take_in`. Raises LinkError: GROUNDS, RECORD.
    """
    if kind not in GROUNDS:
        what = f"nothing is severed on the grounds of {kind!r}"
        raise LinkError(Problem("GROUNDS", what, fix=f"use one of: {', '.join(GROUNDS)}"))
    con, old, new = store.con, rid_of(store, source, record), store.meta("rid")
    con.execute(
        f"CREATE TABLE severing AS SELECT {old}::BIGINT AS old, {new}::BIGINT AS new, person,"
        f" source, record"
        f" FROM idx.members JOIN idx.records USING (rid) WHERE rid = {old}"
    )
    con.execute(
        "CREATE TABLE left_behind AS SELECT r.rid, r.source, r.record, r.nhs FROM idx.records r"
        " JOIN idx.members m ON m.rid = r.rid JOIN severing s ON s.person = m.person WHERE r.rid <> s.old"
    )
    con.execute("INSERT INTO removed SELECT old FROM severing")
    con.execute(
        "INSERT INTO arrived BY NAME SELECT r.* EXCLUDE (rid, verified, nhs), s.new AS rid, TRUE AS fresh,"
        " CASE WHEN nhs NOT IN (SELECT nhs FROM left_behind WHERE nhs IS NOT NULL) THEN nhs END AS nhs"
        " FROM idx.records r JOIN severing s ON s.old = r.rid"
    )
    con.execute("DELETE FROM decisions d USING severing s WHERE kind = 'same' AND " + _ABOUT)
    con.execute(
        "INSERT INTO decisions SELECT NULL, 'different', s.source, s.record, l.source, l.record, NULL, NULL"
        " FROM severing s, left_behind l"
    )
    return _write


_ABOUT = "((source_l = s.source AND record_l = s.record) OR (source_r = s.source AND record_r = s.record))"


def _write(con: duckdb.DuckDBPyConnection, run: int) -> None:
    for step in _STEPS:
        con.execute(step.format(run=run, about=_ABOUT))


_STEPS = (
    # Who the record was before it was who it now was: an id that somebody may remember for it.
    "CREATE TEMP TABLE once AS SELECT DISTINCT e.person FROM idx.events e JOIN memory.work.severing s"
    " ON e.rid = s.old WHERE kind = 'joined' AND e.person <> s.person",
    "CREATE TEMP TABLE alone AS SELECT person FROM once WHERE person NOT IN (SELECT"
    " e.person FROM idx.events e,"
    " memory.work.severing s WHERE (kind = 'joined' AND rid <> s.old) OR kind = 'merged')",
    "INSERT INTO idx.severed SELECT new, {run} FROM memory.work.severing",
    "DELETE FROM idx.events WHERE rid IN (SELECT old FROM memory.work.severing)",
    "DELETE FROM idx.events WHERE kind IN ('merged', 'split')"
    " AND (person IN (SELECT person FROM alone) OR other IN (SELECT person FROM alone))",
    "DELETE FROM idx.events WHERE run = {run} AND kind IN ('retired', 'left')"
    " AND person IN (SELECT person FROM memory.work.severing)"
    " AND (rid IS NULL OR rid IN (SELECT old FROM memory.work.severing))",
    "UPDATE idx.persons SET superseded_by = NULL, retired = {run} WHERE superseded_by IS NOT NULL"
    " AND person IN (SELECT person FROM once)",
    "DELETE FROM idx.gone WHERE rid IN (SELECT old FROM memory.work.severing)",
    "DELETE FROM idx.decisions d USING memory.work.severing s WHERE kind = 'same' AND {about}",
    "INSERT INTO idx.decisions SELECT (SELECT coalesce(max(decision), 0) FROM idx.decisions) + row_number()"
    " OVER (ORDER BY l.source, l.record), 'different', s.source, s.record, l.source, l.record, {run}, NULL"
    " FROM memory.work.severing s, memory.work.left_behind l",
    "DROP TABLE once",
    "DROP TABLE alone",
)

_WALLS = (
    "SELECT DISTINCT a.person AS one, b.person AS other FROM idx.severed s JOIN idx.decisions d"
    " ON d.run = s.run AND d.kind = 'different' AND d.withdrawn IS NULL"
    " JOIN idx.records l ON l.source = d.source_l AND l.record = d.record_l AND l.rid = s.rid"
    " JOIN idx.records r ON r.source = d.source_r AND r.record = d.record_r"
    " JOIN idx.members a ON a.rid = l.rid JOIN idx.members b ON b.rid = r.rid"
)


def walls(con: duckdb.DuckDBPyConnection) -> frozenset[tuple[int, int]]:
    """Pairs of people of whom no one answer may name both."""
    return frozenset((int(one), int(other)) for one, other in con.execute(_WALLS).fetchall())


def seal(con: duckdb.DuckDBPyConnection) -> None:
    """Within the transaction of any act: no edge lies between two people whom a severance parted."""
    if _any(con):
        con.execute(
            f"DELETE FROM idx.edges WHERE (l, r) IN (SELECT (x.rid, y.rid) FROM ({_WALLS}) w"
            " JOIN idx.members x ON x.person IN (w.one, w.other)"
            " JOIN idx.members y ON y.person IN (w.one, w.other) AND y.person <> x.person)"
        )


def strip(con: duckdb.DuckDBPyConnection) -> None:
    """A severed record that is sent again is taken in without what would tell: further names, and an NHS
    number that those whom it left hold.
    """
    if _any(con):
        con.execute("DELETE FROM faces WHERE rid IN (SELECT rid FROM idx.severed)")
        con.execute(
            "UPDATE arrived SET nhs = NULL WHERE rid IN (SELECT rid FROM idx.severed) AND nhs IN"
            f" (SELECT nhs FROM ({_WALLS}) w JOIN idx.members m ON m.person = w.other"
            " JOIN idx.records r ON r.rid = m.rid WHERE nhs IS NOT NULL)"
        )


def _any(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(con.execute("SELECT count(*) FROM idx.severed").fetchall()[0][0])
