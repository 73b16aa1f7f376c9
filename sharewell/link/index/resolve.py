"""One act, worked out in memory and then written in one transaction: before or after, never between."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from ..collapse import source_bits
from ..settings import Progress, Settings
from ..standardise import FIELDS
from ..trained import Model
from . import edges, partition, persons, region, touch
from .store import Store
from .told import Act, Change, silently

Write = Callable[[duckdb.DuckDBPyConnection, int], None]


@dataclass(frozen=True)
class Work:
    """What an act is: its kind, the model and settings in force after it, and what else it writes.

    `everything`: all records are linked again, as under a new model. `write` is called within the
    transaction with the run's number.
    """

    kind: str
    act: Act
    model: Model
    settings: Settings
    everything: bool = False
    write: Write | None = None


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Empty `reopened`, `pinned` and `decisions`, which an act that is more than a delivery fills."""
    con.execute("CREATE TABLE reopened (rid BIGINT)")
    con.execute("CREATE TABLE pinned (rid BIGINT)")
    con.execute("CREATE TABLE decisions AS SELECT * FROM idx.decisions WHERE withdrawn IS NULL")


def alter(store: Store, settings: Settings, *, everything: bool) -> None:
    """From `arrived` and `removed` to the view `now`: the records as they will be."""
    ends = "(SELECT source_l, record_l FROM decisions UNION SELECT source_r, record_r FROM decisions)"
    store.con.execute(
        "CREATE TABLE decided AS WITH named AS (SELECT rid, source, record FROM (SELECT rid, source, record"
        " FROM arrived UNION ALL SELECT rid, source, record FROM idx.records WHERE rid NOT IN (SELECT rid"
        " FROM arrived UNION ALL SELECT rid FROM removed)) r SEMI JOIN"
        f" {ends} d ON d.source_l = r.source AND d.record_l = r.record)"
        " SELECT DISTINCT kind, a.rid AS l, b.rid AS r FROM decisions d"
        " JOIN named a ON a.source = d.source_l AND a.record = d.record_l"
        " JOIN named b ON b.source = d.source_r AND b.record = d.record_r"
    )
    touch.alter(store.con, settings, everything=everything)


def resolve(store: Store, work: Work, uuids: random.Random | None, told: Progress = silently) -> Change:
    """Weigh, link and name people, and write it all. Reads what `alter` and `edges.find` left in memory."""
    con = store.con
    edges.make(con, work.model, everything=work.everything, told=told)
    told("forming people", 0.7)
    region.reach(con, work.model, everything=work.everything)
    _cluster(con, work)
    told("carrying ids on", 0.8)
    persons.assign(con, store.meta("person"))
    _name(con, uuids)
    counts = _counts(con)
    superseded = con.sql(
        "SELECT p.uuid::VARCHAR AS old, coalesce(n.uuid, b.uuid)::VARCHAR AS new FROM"
        " (SELECT old, new FROM forwarded UNION ALL SELECT person, NULL FROM retired) f"
        " JOIN idx.persons p ON p.person = f.old LEFT JOIN idx.persons n ON n.person = f.new"
        " LEFT JOIN named b ON b.person = f.new ORDER BY old"
    ).to_arrow_table()
    with store.writing():
        run = store.begin(work.kind, work.act, work.model.version)
        _write(store, run, work, told)
        if work.write is not None:
            work.write(con, run)
    told("done", 1.0)
    return Change(counts, superseded, run)


def _cluster(con: duckdb.DuckDBPyConnection, work: Work) -> None:
    """Fill before, ages and after (see `persons.assign`) from the region."""
    con.execute(
        "CREATE TABLE ranked AS SELECT rid, row_number() OVER (ORDER BY source, record) - 1 AS rank,"
        " source, coalesce(verified, 0) AS number FROM now SEMI JOIN region USING (rid)"
    )
    found = partition.split_up(_region(con, work.settings))
    table = pa.table({"rank": pa.array(np.arange(len(found.labels))), "label": found.labels})
    table = table.append_column("lead", pa.array(found.components))
    table = table.append_column("weight", pa.array(found.weight, from_pandas=True))
    con.register("found", table.append_column("frozen", pa.array(found.frozen)))
    con.execute(
        "CREATE TABLE after AS SELECT r.rid, label, rank, weight, frozen, l.rid AS component FROM found"
        " JOIN ranked r USING (rank) JOIN ranked l ON l.rank = lead"
    )
    con.unregister("found")
    con.execute(
        "CREATE TABLE before AS SELECT rid, person, FALSE AS back FROM idx.members"
        " WHERE rid IN (SELECT rid FROM region) OR rid IN (SELECT rid FROM removed) UNION ALL"
        " SELECT rid, coalesce(superseded_by, person), TRUE FROM idx.gone JOIN idx.persons USING (person)"
        " WHERE rid IN (SELECT rid FROM arrived)"
    )
    con.execute(
        "CREATE TABLE ages AS SELECT person, since, frozen, retired FROM idx.persons"
        " WHERE person IN (SELECT person FROM before)"
    )


def _region(con: duckdb.DuckDBPyConnection, settings: Settings) -> partition.Region:
    con.register("bits", source_bits(settings.one_per_source))
    records = con.execute(
        "SELECT number, coalesce(bit, 0) AS bit FROM ranked LEFT JOIN bits USING (source) ORDER BY rank"
    ).fetchnumpy()
    pairs = con.execute(
        "SELECT a.rank AS l, b.rank AS r, weight FROM held_edges e JOIN ranked a ON a.rid = e.l"
        " JOIN ranked b ON b.rid = e.r"
    ).fetchnumpy()
    decided = {
        kind: con.execute(
            "SELECT a.rank AS l, b.rank AS r FROM decided d JOIN ranked a ON a.rid = d.l"
            f" JOIN ranked b ON b.rid = d.r WHERE kind = '{kind}' ORDER BY ALL"
        ).fetchnumpy()
        for kind in ("same", "different")
    }
    con.unregister("bits")

    def ints(values: object) -> partition.Ints:
        return np.asarray(values, np.int64)

    return partition.Region(
        ints(records["number"]),
        ints(records["bit"]),
        ints(pairs["l"]),
        ints(pairs["r"]),
        np.asarray(pairs["weight"], np.float64),
        (ints(decided["same"]["l"]), ints(decided["same"]["r"])),
        (ints(decided["different"]["l"]), ints(decided["different"]["r"])),
    )


def _name(con: duckdb.DuckDBPyConnection, uuids: random.Random | None) -> None:
    """`named`: a random uuid for each new person; of a seeded generator only where a test gives one."""
    people = con.execute("SELECT person FROM born ORDER BY person").fetchnumpy()["person"]
    if uuids is None:
        con.execute("CREATE TABLE named AS SELECT person, uuid() AS uuid FROM born")
        return
    made = [str(uuid.UUID(int=uuids.getrandbits(128), version=4)) for _ in people]
    con.register("made", pa.table({"person": people, "uuid": pa.array(made, pa.string())}))
    con.execute("CREATE TABLE named AS SELECT person, uuid::UUID AS uuid FROM made")
    con.unregister("made")


def _counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """People by what happened to them, and how far the work reached."""
    kinds = dict(con.execute("SELECT kind, count(*) FROM told GROUP BY kind").fetchall())
    counts = {kind: int(kinds.get(kind, 0)) for kind in ("created", "merged", "split", "retired", "frozen")}
    row = con.execute(
        "SELECT (SELECT count(*) FROM touched), (SELECT count(*) FROM region), (SELECT count(*) FROM before"
        " JOIN became USING (rid) WHERE before.person <> became.person AND NOT back),"
        " (SELECT count(*) FROM sides), (SELECT count(*) FROM fresh)"
    ).fetchall()[0]
    return counts | dict(zip(_REACHED, map(int, row), strict=True))


_REACHED = ("touched", "reconsidered", "churn", "pairs_weighed", "edges_made")
NOTHING = dict.fromkeys(("created", "merged", "split", "retired", "frozen", *_REACHED), 0)
"""The counts of an act that found nothing to do."""


def _write(store: Store, run: int, work: Work, told: Progress) -> None:
    con = store.con
    fields = ", ".join(FIELDS)
    steps = [
        "INSERT INTO idx.gone SELECT rid, source, record, person FROM idx.records JOIN idx.members"
        " USING (rid)"
        " WHERE rid IN (SELECT rid FROM memory.work.removed)",
        "DELETE FROM idx.gone WHERE rid IN (SELECT rid FROM memory.work.arrived)",
        "DELETE FROM idx.records WHERE rid IN (SELECT rid FROM memory.work.changed)",
        "UPDATE idx.records SET verified = t.verified FROM memory.work.turned t WHERE records.rid = t.rid",
        f"INSERT INTO idx.records SELECT rid, source, record, mac, {fields}, verified FROM"
        " memory.work.arrived",
        "DELETE FROM idx.aliases WHERE rid IN (SELECT rid FROM memory.work.changed)",
        f"INSERT INTO idx.aliases SELECT rid, nth, {fields} FROM memory.work.faces",
        *(_REPLACE if work.everything else _UPDATE),
        f"INSERT INTO idx.persons SELECT person, uuid, {run}, NULL, NULL, FALSE FROM memory.work.named",
        "UPDATE idx.persons SET superseded_by = f.new FROM memory.work.forwarded f"
        " WHERE persons.person = f.old",
        "UPDATE idx.persons SET superseded_by = f.new FROM memory.work.forwarded f"
        " WHERE persons.superseded_by = f.old",
        f"UPDATE idx.persons SET retired = {run} WHERE person IN (SELECT person FROM memory.work.retired)",
        "UPDATE idx.persons SET retired = NULL WHERE person IN (SELECT person FROM memory.work.revived)",
        "UPDATE idx.persons SET frozen = f.frozen FROM memory.work.flagged f WHERE persons.person ="
        " f.person",
        "INSERT INTO idx.events SELECT (SELECT coalesce(max(seq), 0) FROM idx.events) + row_number() OVER"
        f" (ORDER BY part, person, other, rid), {run}, kind, person, other, rid, weight FROM"
        " memory.work.told",
        "UPDATE idx.meta SET value = value + (SELECT count(*) FROM memory.work.born) WHERE name = 'person'",
        "UPDATE idx.meta SET value = greatest(value, coalesce((SELECT max(rid) + 1 FROM"
        " memory.work.arrived), 0))"
        " WHERE name = 'rid'",
        "DELETE FROM idx.sources",
        f"INSERT INTO idx.sources SELECT source, count(*), {run} FROM idx.records GROUP BY source",
    ]
    for at, step in enumerate(steps):
        told("writing the index", 0.9 + 0.07 * at / len(steps))
        con.execute(step)
    if work.everything:
        edges.store_keys(con, work.model, told)


_REPLACE = (
    "CREATE OR REPLACE TABLE idx.edges AS SELECT l, r, weight, kept FROM memory.work.fresh ORDER BY l, r",
    "CREATE OR REPLACE TABLE idx.members AS SELECT rid, person, component FROM memory.work.became"
    " JOIN memory.work.after USING (rid) ORDER BY rid",
)
_UPDATE = (
    "DELETE FROM idx.keys WHERE rowid IN (SELECT row FROM memory.work.held SEMI JOIN memory.work.changed"
    " USING (rid))",
    "INSERT INTO idx.keys SELECT rule, key, rid FROM memory.work.fresh_keys ORDER BY rule, key, rid",
    "DELETE FROM idx.edges WHERE l IN (SELECT rid FROM memory.work.moved)"
    " OR r IN (SELECT rid FROM memory.work.moved)",
    "INSERT INTO idx.edges SELECT l, r, weight, kept FROM memory.work.fresh",
    "DELETE FROM idx.members WHERE rid IN (SELECT rid FROM memory.work.before)",
    "INSERT INTO idx.members SELECT rid, person, component FROM memory.work.became"
    " JOIN memory.work.after USING (rid)",
)
