"""What a delivery says that the index does not know yet.

A record is known by (source, record) and told apart by a keyed MAC of its standard fields, so that sending
the same twice, in other parts or spelt another way, changes nothing. Filled in memory: `arrived` (records
to write, with their rid), `faces` (what they are also known as) and `removed` (rids to forget).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from .. import standardise
from ..identify import check_records
from ..settings import Progress, Settings
from ..standardise import FIELDS, SAID
from .store import Store
from .told import silently

_SURGE = 10
_FEW = 20
"""Fewer rows than this may lack a field that half of the source holds; of more, one in a million would."""


@dataclass(frozen=True)
class Delivery:
    """Tables by source, ids that are no more, and whether the tables are all that their sources hold."""

    tables: Mapping[str, pa.Table]
    removed: Mapping[str, Sequence[str]]
    whole: bool = False
    allow_surge: bool = False


def take_in(
    store: Store, settings: Settings, secret: bytes, delivery: Delivery, told: Progress = silently
) -> dict[str, int]:
    """Fill `arrived`, `faces` and `removed` in the working schema; answers counts of records.

    Raises LinkError for repeated or missing ids, and for a source that surges, empties or loses a field.
    """
    con = store.con
    promised = settings.one_per_source & set(delivery.tables)
    check_records(delivery.tables, replace(settings, one_per_source=promised))
    if not delivery.allow_surge:
        _check_sizes(con, delivery)
    con.execute("CREATE SCHEMA memory.taken")
    con.execute("USE memory.taken")  # what standardising leaves is large and of no use afterwards
    try:
        new, changed, removed, sent, erased = _compare(store, settings, secret, delivery, told)
    finally:
        con.execute("USE memory.work")
        con.execute("DROP SCHEMA memory.taken CASCADE")
        con.unregister("identities")
    unchanged = sent - erased - new - changed
    return {"new": new, "changed": changed, "unchanged": unchanged, "removed": removed, "erased": erased}


def _compare(
    store: Store, settings: Settings, secret: bytes, delivery: Delivery, told: Progress
) -> tuple[int, ...]:
    """Counts of records: new, changed, removed, sent, and sent though erased."""
    con = store.con
    told("standardising identities", 0.0)
    standardise.load(con, delivery.tables, settings.columns)
    told("digesting what records say", 0.05)
    _digest(con, secret)
    told("telling what is new", 0.1)
    if not delivery.allow_surge:
        _check_columns(con)
    _remove(con, delivery)
    _arrive(store)
    row = con.execute(
        "SELECT count(*) FILTER (fresh), count(*) FILTER (NOT fresh), (SELECT count(*) FROM work.removed),"
        " (SELECT count(*) FROM digested), (SELECT count(*) FROM digested WHERE erased) FROM work.arrived"
    ).fetchall()[0]
    return tuple(int(value) for value in row)


def mac(secret: bytes, purpose: str, text: str) -> str:
    """SQL of the first 128 bits of HMAC-SHA256 (RFC 2104) of the word `purpose` and the SQL text `text`."""
    inner, outer = (_hex(_block(secret), pad) for pad in (0x36, 0x5C))
    first = f"sha256({inner} || encode('{purpose}:' || {text}))"
    return f"unhex(substr(sha256({outer} || unhex({first})), 1, 32))"


def _block(secret: bytes) -> bytes:
    import hashlib

    return (hashlib.sha256(secret).digest() if len(secret) > 64 else secret).ljust(64, b"\0")


def _hex(block: bytes, pad: int) -> str:
    return f"unhex('{bytes(byte ^ pad for byte in block).hex()}')"


def spelt(columns: Sequence[str]) -> str:
    """SQL of one text that two different rows of these columns never share."""
    return " || ".join(f"coalesce(length({name}) || ':' || {name}, '-')" for name in columns)


def _digest(con: duckdb.DuckDBPyConnection, secret: bytes) -> None:
    """`digested(sent, mac, erased)`: the delivery's records with their MAC (aliases too)."""
    said = ", ".join(SAID)
    con.execute(
        f"CREATE VIEW also AS SELECT a.rid, row_number() OVER (PARTITION BY a.rid ORDER BY {said}) AS nth,"
        f" r.nhs, {', '.join(f'i.{name}' for name in SAID)} FROM aliases a"
        " JOIN identities i USING (identity) JOIN rows r ON r.rid = a.rid"
    )
    # Most indexes have forgotten nobody: then there is no name to look for.
    gone = int(con.execute("SELECT count(*) FROM idx.tombstones").fetchall()[0][0])
    name = mac(secret, "name", spelt(("source", "record")))
    erased = f"{name} IN (SELECT name FROM idx.tombstones)" if gone else "FALSE"
    con.execute(
        f"CREATE TABLE digested AS SELECT rid AS sent, {mac(secret, 'content', 'text')} AS mac, erased"
        f" FROM (SELECT rid, {erased} AS erased, {spelt(FIELDS)} || coalesce(a.text, '') AS text"
        f" FROM records LEFT JOIN (SELECT rid, string_agg({spelt(FIELDS)}, '+' ORDER BY nth) AS text"
        " FROM also GROUP BY rid) a USING (rid))"
    )


def _check_sizes(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    if not delivery.whole:
        return
    last = dict(con.execute("SELECT source, rows FROM idx.sources").fetchall())
    problems = []
    for source, table in sorted(delivery.tables.items()):
        before, now = int(last.get(source, 0)), table.num_rows
        if before and (now == 0 or now >= _SURGE * before):
            what = f"source {source} held {before} records and now brings {now}"
            why = "people would be merged or lost by a delivery that looks broken"
            problems.append(Problem("SURGE", what, why, "check it, or say allow_surge=True"))
    if problems:
        raise LinkError(problems)


def _check_columns(con: duckdb.DuckDBPyConnection) -> None:
    """A field that half of a source's records hold and none of many new ones does was lost on the way."""
    now = con.execute(
        _asked(FIELDS, f"records JOIN idx.sources USING (source) {_BY} HAVING n >= {_FEW}")
    ).fetchall()
    silent = [name for at, name in enumerate(FIELDS, 2) if any(row[at] == 0 for row in now)]
    if not silent:
        return
    sources = "source IN (SELECT source FROM sources)"
    rows = con.execute(_asked(silent, f"idx.records WHERE {sources} {_BY}")).fetchall()
    then = {row[0]: dict(zip(("n", *silent), row[1:], strict=True)) for row in rows}
    problems = [
        Problem(
            "LOST",
            f"source {source} says nothing in {name}: {then[source][name]} of its {then[source]['n']}"
            " known records do",
            "a column was lost, renamed or holds something else",
            "check the delivery, or say allow_surge=True",
        )
        for source, _, *filled in now
        for name, count in zip(FIELDS, filled, strict=True)
        if count == 0 and then[source][name] * 2 >= then[source]["n"]
    ]
    if problems:
        raise LinkError(problems)


_BY = "GROUP BY source"


def _asked(columns: Sequence[str], rest: str) -> str:
    """SQL of how many records of each source there are, and how many of them say something in a column."""
    counts = ", ".join(f"count({name}) AS {name}" for name in columns)
    return f"SELECT source, count(*) AS n, {counts} FROM {rest} ORDER BY source"


def _remove(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    pairs = [(source, str(record)) for source, ids in delivery.removed.items() for record in ids]
    sources = sorted(delivery.tables) if delivery.whole else []
    con.execute("CREATE TABLE work.removed (rid BIGINT)")
    if not pairs and not sources:
        return
    con.register(
        "told_gone",
        pa.table(
            {
                "source": pa.array([source for source, _ in pairs], pa.string()),
                "record": pa.array([record for _, record in pairs], pa.string()),
            }
        ),
    )
    con.register("whole", pa.table({"source": pa.array(sources, pa.string())}))
    con.execute(
        "INSERT INTO work.removed SELECT rid FROM idx.records SEMI JOIN told_gone USING (source, record)"
        " ANTI JOIN records USING (source, record)"
        " UNION SELECT rid FROM idx.records SEMI JOIN whole USING (source)"
        " ANTI JOIN records USING (source, record)"
    )
    con.unregister("told_gone")
    con.unregister("whole")


def _arrive(store: Store) -> None:
    """`arrived` with the rid that (source, record) has, had, or is given now; and its `faces`."""
    store.con.execute(
        "CREATE TABLE known AS SELECT d.rid AS sent, r.rid, mac FROM idx.records r JOIN records d"
        " ON r.source = d.source AND r.record = d.record"
    )
    fields = ", ".join(f"r.{name}" for name in FIELDS)
    store.con.execute(
        f"CREATE TABLE work.arrived AS SELECT coalesce(k.rid, g.rid, {store.meta('rid')} - 1 + row_number()"
        " OVER (PARTITION BY coalesce(k.rid, g.rid) IS NULL ORDER BY d.sent)) AS rid, r.source,"
        f" r.record, d.mac, {fields}, k.rid IS NULL AS fresh, d.sent FROM digested d"
        " JOIN records r ON r.rid = d.sent LEFT JOIN known k ON k.sent = d.sent"
        " LEFT JOIN idx.gone g ON g.source = r.source AND g.record = r.record"
        " WHERE NOT d.erased AND k.mac IS DISTINCT FROM d.mac"
    )
    store.con.execute(
        "CREATE TABLE work.faces AS SELECT arrived.rid, also.nth,"
        f" {', '.join(f'also.{name}' for name in FIELDS)}"
        " FROM also JOIN work.arrived ON arrived.sent = also.rid"
    )
