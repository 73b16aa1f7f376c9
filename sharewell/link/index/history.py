"""Who was who, and why: read from events alone, which are only ever added to."""

from __future__ import annotations

import datetime as dt
import uuid

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from ..standardise import FIELDS
from .store import Store, guarded, plain

_EVER = "(SELECT rid, source, record FROM idx.records UNION ALL SELECT rid, source, record FROM idx.gone)"
_PEOPLE = (
    "SELECT source, record, uuid::VARCHAR AS person FROM {members} m JOIN {records} r USING (rid)"
    " JOIN idx.persons p USING (person) ORDER BY source, record"
)


def people(store: Store) -> pa.Table:
    """Everyone as they are known now: (source, record, person)."""
    with guarded():
        return store.con.sql(_PEOPLE.format(members="idx.members", records="idx.records")).to_arrow_table()


def no_keys() -> pa.Table:
    """No superseded ids."""
    return pa.table({"old": pa.array([], pa.string()), "new": pa.array([], pa.string())})


def held(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The standard columns in which any record of `now` says something."""
    counts = ", ".join(f"count({name})" for name in FIELDS)
    row = con.execute(f"SELECT {counts} FROM now").fetchall()[0]
    return [name for name, count in zip(FIELDS, row, strict=True) if count]


def forward(store: Store, name: str) -> str | None:
    """The uuid that a person's uuid now goes by, None where the person is no more."""
    number = _person(store, name)
    row = store.con.execute(
        "SELECT n.uuid::VARCHAR, n.retired FROM idx.persons p JOIN idx.persons n"
        " ON n.person = coalesce(p.superseded_by, p.person) WHERE p.person = ?",
        [number],
    ).fetchall()[0]
    return str(row[0]) if row[1] is None else None


def as_of(store: Store, at: dt.datetime) -> pa.Table:
    """Everyone as they were known at a time."""
    if at.tzinfo is None:
        raise LinkError(Problem("TIME", "the time has no time zone"))
    with guarded():
        run = store.con.execute(
            "SELECT coalesce(max(run), 0) FROM idx.runs WHERE moment <= ?", [plain(at)]
        ).fetchall()
        members = f"({members_at(f'run <= {int(run[0][0])}')})"
        return store.con.sql(_PEOPLE.format(members=members, records=_EVER)).to_arrow_table()


def members_at(when: str) -> str:
    """SQL of (rid, person) as the events of which `when` is true leave it.

    A record is with the person that it last joined, unless it left since; merged people forward.
    """
    return f"""
        WITH RECURSIVE forwards AS (SELECT other AS old, person AS new FROM idx.events
            WHERE kind = 'merged' AND {when}),
        chains AS (SELECT old, new FROM forwards
            UNION SELECT c.old, f.new FROM chains c JOIN forwards f ON f.old = c.new),
        ends AS (SELECT old, new FROM chains WHERE new NOT IN (SELECT old FROM forwards)),
        last AS (SELECT rid, arg_max(kind, seq) AS kind, arg_max(person, seq) AS person FROM idx.events
            WHERE kind IN ('joined', 'left') AND {when} GROUP BY rid)
        SELECT rid, coalesce(new, person) AS person FROM last LEFT JOIN ends ON old = person
        WHERE kind = 'joined'
    """


def told(store: Store, person: str | None, source: str | None, record: str | None) -> pa.Table:
    """The events of a person and of those who forward to it, or of a record and the people it was with."""
    if (person is None) == (source is None or record is None):
        raise LinkError(Problem("HISTORY", "ask for a person, or for a record by its source and id"))
    if person is not None:
        number = _person(store, person)
        chosen = (
            f"(SELECT person FROM idx.persons WHERE person = {number} OR superseded_by = {number}"
            f" UNION SELECT {number})"
        )
        where = f"e.person IN {chosen} OR e.other IN {chosen} AND e.kind IN ('merged', 'split')"
    else:
        rid = _record(store, str(source), str(record))
        where = (
            f"e.rid = {rid} OR (e.rid IS NULL AND e.kind IN ('merged', 'split', 'frozen', 'thawed')"
            f" AND e.person IN (SELECT person FROM idx.events WHERE rid = {rid}))"
        )
    with guarded():
        table = store.con.sql(_TOLD.format(where=where, ever=_EVER)).to_arrow_table()
    return table.set_column(1, "at", table["at"].cast(pa.timestamp("us", "UTC")))


_TOLD = """
    SELECT seq, moment AS "at", e.kind, p.uuid::VARCHAR AS person, o.uuid::VARCHAR AS other, source, record,
        weight, model, actor, agreement, reason
    FROM idx.events e JOIN idx.runs r USING (run) LEFT JOIN idx.persons p ON p.person = e.person
    LEFT JOIN idx.persons o ON o.person = e.other
    LEFT JOIN {ever} n ON n.rid = e.rid
    WHERE {where} ORDER BY seq
"""


def _person(store: Store, name: str) -> int:
    try:
        rows = store.con.execute(
            "SELECT person FROM idx.persons WHERE uuid = ?::UUID", [str(uuid.UUID(name))]
        ).fetchall()
    except ValueError:
        rows = []
    if not rows:
        raise LinkError(Problem("PERSON", "the index never gave this id to anyone"))
    return int(rows[0][0])


def _record(store: Store, source: str, record: str) -> int:
    rows = store.con.execute(
        f"SELECT rid FROM {_EVER} WHERE source = ? AND record = ?", [source, record]
    ).fetchall()
    if not rows:
        raise LinkError(Problem("RECORD", f"the index never held this record of source {source}"))
    return int(rows[0][0])
