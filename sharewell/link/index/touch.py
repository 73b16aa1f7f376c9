"""Which records a delivery touches beyond its own: holders of a number that is verified or ceases to be.

A number is verified by all of its holders together, so one new holder may change what every other one is.
Each number that the delivery brings or takes is judged afresh over the holders that are left, by the rule
of `numbers`; a steward's word that two holders are two people makes the number a shared one too.
"""

from __future__ import annotations

import duckdb

from .. import numbers
from ..settings import Settings
from ..standardise import FIELDS, WHO

BY_NUMBER = "nhs-then-splink"
_COLUMNS = ", ".join(("rid", "source", "record", "mac", *FIELDS))
_JUDGED = "rid, source, nhs, forename, surname, given, born, sex"
_IDENTITY = f"hash({', '.join(WHO)})"
_FORMED = "regexp_full_match(nhs, '[0-9]{10}') AND nhs <> repeat(nhs[1], 10)"


def alter(con: duckdb.DuckDBPyConnection, settings: Settings, *, everything: bool) -> None:
    """Fill `changed(rid)`, `stored`, `arrived.verified`, `turned(rid, verified)` (records whose
    number is no longer what it was) and the view `now` of all records as they will be.

    Reads `arrived`, `removed`, `decided(kind, l, r)` and `reopened(rid)`, records to judge again.
    """
    con.execute("CREATE TABLE changed AS SELECT rid FROM arrived UNION ALL SELECT rid FROM removed")
    _recall(con, everything=everything)
    con.execute(
        f"CREATE TABLE holders AS SELECT {_JUDGED}, NULL::BIGINT AS verified, TRUE AS fresh FROM arrived"
        f" WHERE {_FORMED} UNION ALL SELECT {_JUDGED}, verified, FALSE FROM stored"
        f" WHERE {_FORMED} AND rid NOT IN (SELECT rid FROM changed)"
    )
    con.execute("CREATE TABLE verdict (rid BIGINT, verified BIGINT)")
    if settings.linker == BY_NUMBER:
        _verify(con, settings)
    con.execute(
        "CREATE OR REPLACE TABLE arrived AS SELECT a.*, v.verified FROM arrived a LEFT JOIN verdict v"
        " USING (rid)"
    )
    con.execute(
        "CREATE TABLE turned AS SELECT h.rid, v.verified FROM holders h LEFT JOIN verdict v USING (rid)"
        " WHERE NOT h.fresh AND h.verified IS DISTINCT FROM v.verified"
    )
    con.execute("CREATE TABLE altered AS SELECT rid FROM changed UNION SELECT rid FROM turned")
    con.execute(
        f"CREATE VIEW now AS SELECT {_COLUMNS}, verified FROM idx.records ANTI JOIN altered USING (rid)"
        f" UNION ALL SELECT {', '.join(f'r.{c}' for c in _COLUMNS.split(', '))}, t.verified FROM stored r"
        f" JOIN turned t ON t.rid = r.rid UNION ALL SELECT {_COLUMNS}, verified FROM arrived"
    )


def _recall(con: duckdb.DuckDBPyConnection, *, everything: bool) -> None:
    """`stored`: what the index says of the records that change, and of those whose numbers must be judged
    again. To read its wide rows costs more than all else, so that it is done once.
    """
    if everything:
        con.execute(f"CREATE VIEW stored AS SELECT {_COLUMNS}, verified FROM idx.records")
        return
    con.execute(
        "CREATE TABLE numbers AS SELECT nhs FROM arrived WHERE nhs IS NOT NULL UNION SELECT nhs FROM"
        " idx.records SEMI JOIN (FROM changed UNION ALL FROM reopened) USING (rid) WHERE nhs IS NOT NULL"
    )
    con.execute(
        f"CREATE TABLE stored AS SELECT {_COLUMNS}, verified FROM idx.records SEMI JOIN (SELECT rid FROM"
        " idx.records SEMI JOIN numbers USING (nhs) UNION FROM changed) USING (rid)"
    )


def _verify(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """`numbers` judges tables of its own, apart from ours."""
    con.execute("CREATE SCHEMA memory.judged")
    con.execute("USE memory.judged")
    try:
        con.execute(
            "CREATE TABLE sources AS SELECT (row_number() OVER (ORDER BY source))::SMALLINT AS nth, source"
            " FROM (SELECT DISTINCT source FROM work.holders)"
        )
        con.execute(
            f"CREATE TABLE rows AS SELECT rid, nth, nhs, {_IDENTITY} AS identity FROM work.holders"
            " JOIN sources USING (source)"
        )
        # What most people's records say of them is the same, so that few identities are left.
        con.execute(
            "CREATE TABLE identities AS SELECT identity, identity AS who, forename, surname, given, born,"
            f" sex FROM (SELECT DISTINCT {_IDENTITY} AS identity, {', '.join(WHO)}, given FROM"
            " work.holders)"
        )
        numbers.verify(con, settings.one_per_source)
        con.execute("INSERT INTO work.verdict SELECT rid, verified FROM rows WHERE verified IS NOT NULL")
    finally:
        con.execute("USE memory.work")
        con.execute("DROP SCHEMA memory.judged CASCADE")
    con.execute(
        "DELETE FROM verdict WHERE verified IN (SELECT a.verified FROM decided d JOIN verdict a ON"
        " a.rid = d.l"
        " JOIN verdict b ON b.rid = d.r WHERE d.kind = 'different' AND a.verified = b.verified)"
    )
