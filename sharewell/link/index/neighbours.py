"""Whom a delivery may concern: holders of any key that a touched record has, or that a changed one had.

A key is crowded, and makes no pairs, if it was at training (frozen in the model) or if now more than
`edges.GROWN` records hold it; when that changes, its holders' edges are made again.
"""

from __future__ import annotations

import duckdb

from ..blocking import keys
from ..standardise import FIELDS
from ..trained import Model

_EVERY = ", ".join(("rid", *FIELDS))
_SAME_KEY = "USING (rule, key)"


def gather(con: duckdb.DuckDBPyConnection, model: Model, grown: int) -> None:
    """Fill `touched(rid)`, `fresh_keys(rule, key, rid)`, `held(row, rule, key, rid)` (what the index holds
    of those keys), `grown(rule, key)` and `heard(rid, source, verified, FIELDS...)`.

    Reads `changed`, `arrived`, `turned`, `altered`, `stored`, `now` and `names`. The index's keys are read
    once (they are most of it); the keys of a record that it holds are made again from what the record says.
    """
    con.execute("CREATE TABLE touched AS SELECT rid FROM arrived UNION ALL SELECT rid FROM turned")
    con.execute(f"CREATE VIEW spoken AS SELECT {_EVERY} FROM arrived UNION ALL SELECT {_EVERY} FROM faces")
    _keys(con, model, "spoken", "fresh_keys")
    con.execute("CREATE TABLE asked AS SELECT rid FROM changed UNION SELECT rid FROM turned")
    _neighbourhood(con, model, grown)
    if _flipped(con, grown):
        _neighbourhood(con, model, grown)
    _near(con)


def _keys(con: duckdb.DuckDBPyConnection, model: Model, spoken: str, into: str) -> None:
    """Keys of records under every name they go by; those that training found crowded are never stored."""
    keys(con, spoken, model.rules, "every_key")
    con.register("crowded_at_training", model.crowded)
    con.execute(
        f"CREATE OR REPLACE TABLE {into} AS SELECT DISTINCT rule::UTINYINT AS rule, key, rid FROM every_key"
        f" ANTI JOIN crowded_at_training {_SAME_KEY}"
    )
    con.unregister("crowded_at_training")
    con.execute("DROP TABLE every_key")


def _neighbourhood(con: duckdb.DuckDBPyConnection, model: Model, grown: int) -> None:
    """`held`, and `present`: who will hold those keys."""
    con.execute(
        f"CREATE OR REPLACE VIEW was AS SELECT {_EVERY} FROM stored SEMI JOIN asked USING (rid)"
        f" UNION ALL SELECT {_EVERY} FROM idx.aliases SEMI JOIN asked USING (rid)"
    )
    _keys(con, model, "was", "known_keys")
    con.execute(
        "CREATE OR REPLACE TABLE held AS SELECT k.rowid AS row, rule, key, rid FROM idx.keys k SEMI JOIN"
        " (SELECT rule, key FROM known_keys UNION SELECT rule, key FROM fresh_keys) wanted"
        f" {_SAME_KEY}"
    )
    con.execute(
        "CREATE OR REPLACE TABLE present AS SELECT rule, key, rid FROM held"
        " ANTI JOIN changed USING (rid) UNION ALL SELECT rule, key, rid FROM fresh_keys"
    )
    con.execute(
        "CREATE OR REPLACE TABLE grown AS SELECT rule, key FROM present GROUP BY ALL"
        f" HAVING count(*) > {grown}"
    )


def _flipped(con: duckdb.DuckDBPyConnection, grown: int) -> bool:
    """Holders of a key that has become crowded, or is no longer, are touched too."""
    con.execute(
        f"CREATE TABLE flipped AS WITH before AS (SELECT rule, key FROM held GROUP BY ALL HAVING count(*) >"
        f" {grown}), turned_keys AS ((FROM before EXCEPT FROM grown) UNION ALL (FROM grown EXCEPT FROM"
        f" before)) SELECT DISTINCT rid FROM present SEMI JOIN turned_keys {_SAME_KEY}"
        " ANTI JOIN touched USING (rid)"
    )
    if not con.execute("SELECT count(*) FROM flipped").fetchall()[0][0]:
        return False
    con.execute(
        "INSERT INTO stored BY NAME SELECT * FROM idx.records SEMI JOIN flipped USING (rid)"
        " ANTI JOIN stored USING (rid)"
    )
    for table in ("touched", "asked"):
        con.execute(f"INSERT INTO {table} FROM flipped")
    return True


def _near(con: duckdb.DuckDBPyConnection) -> None:
    """`heard`: the touched, and who shares a key with one of them and may be the same person."""
    con.execute(
        "CREATE TABLE placed AS SELECT rule, key, rid, verified IS NULL AS free, t.rid IS NOT NULL AS"
        f" touched FROM present ANTI JOIN grown {_SAME_KEY} JOIN (SELECT rid, verified FROM now SEMI JOIN"
        " present USING (rid)) USING (rid) LEFT JOIN touched t USING (rid)"
    )
    con.execute(
        "CREATE TABLE near AS SELECT rid FROM touched UNION SELECT rid FROM placed JOIN (SELECT rule, key,"
        " bool_or(free) AS some_free FROM placed WHERE touched GROUP BY ALL) asking"
        f" {_SAME_KEY} WHERE free OR some_free"
    )
    # The view `now` would carry every wide row past two joins.
    con.execute(
        f"CREATE TABLE heard AS SELECT {_EVERY}, source, verified FROM idx.records SEMI JOIN (FROM near"
        f" ANTI JOIN altered USING (rid)) USING (rid) UNION ALL SELECT {_EVERY}, source, verified FROM"
        f" arrived UNION ALL SELECT {', '.join(f's.{c}' for c in _EVERY.split(', '))}, source, t.verified"
        " FROM stored s JOIN turned t ON t.rid = s.rid"
    )
