"""Which pairs are worth scoring: those that agree on a narrow key, each once, and only where an answer
could matter.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from .model import Rule

LARGEST_BLOCK = 400
"""A key shared by more records than this is a placeholder or a name too common to help; it is skipped and
counted.
"""


def key_of(rule: Rule) -> str:
    """SQL of a rule's key, a UBIGINT over bare columns; null where a column is.

    hash(NULL) is not null in DuckDB, so nulls are told apart first.
    """
    known = " AND ".join(f"{column} IS NOT NULL" for column in sorted(rule.needs))
    return f"CASE WHEN {known} THEN hash({', '.join(rule.keys)}) END"


def keys(con: duckdb.DuckDBPyConnection, table: str, rules: Sequence[Rule], into: str) -> None:
    """Fill `into(rule, key, rid)` with every key of every row of `table(rid, FIELDS...)`."""
    parts = [
        f"SELECT {at}::INTEGER AS rule, {key_of(rule)} AS key, rid FROM {table} WHERE key IS NOT NULL"
        for at, rule in enumerate(rules)
    ]
    empty = "SELECT 0::INTEGER AS rule, 0::UBIGINT AS key, 0::BIGINT AS rid WHERE FALSE"
    con.execute(f"CREATE OR REPLACE TABLE {into} AS {' UNION ALL '.join(parts or [empty])}")


def crowded(con: duckdb.DuckDBPyConnection, table: str, rules: Sequence[Rule]) -> pa.Table:
    """The keys (rule, key) that more than `LARGEST_BLOCK` rows of `table(rid, FIELDS...)` share."""
    parts = [
        f"SELECT {at}::INTEGER AS rule, {key_of(rule)} AS key FROM {table} WHERE key IS NOT NULL"
        f" GROUP BY ALL HAVING count(*) > {LARGEST_BLOCK}"
        for at, rule in enumerate(rules)
    ]
    empty = "SELECT 0::INTEGER AS rule, 0::UBIGINT AS key WHERE FALSE"
    return con.sql(f"{' UNION ALL '.join(parts or [empty])} ORDER BY rule, key").to_arrow_table()


def find(
    con: duckdb.DuckDBPyConnection,
    table: str,
    rules: Sequence[Rule],
    *,
    left: str = "TRUE",
    right: str = "TRUE",
    apart: str = "FALSE",
    carry: Sequence[str] = (),
) -> dict[str, int]:
    """Fill `pairs(l, r)` from `table(rid, FIELDS...)`: rows of `left` against rows of `right` (SQL
    conditions), l < r, each pair once.

    `apart` is SQL over the aliases l and r, and the columns `carry`, for pairs that may not be one person.
    Answers counts: pairs, and keys skipped as too common.
    """
    con.execute("CREATE OR REPLACE TABLE found (l BIGINT, r BIGINT)")
    skipped = 0
    for rule in rules:
        skipped += _block(con, table, rule, left, right, carry)
        con.execute(
            "INSERT INTO found SELECT least(l.rid, r.rid), greatest(l.rid, r.rid)"
            " FROM blocks l JOIN blocks r ON l.key = r.key AND l.rid <> r.rid"
            " AND (l.rid < r.rid OR NOT (l.is_right AND r.is_left))"
            f" WHERE l.is_left AND r.is_right AND NOT ({apart})"
        )
    con.execute("CREATE OR REPLACE TABLE pairs AS SELECT DISTINCT l, r FROM found")
    con.execute("DROP TABLE found; DROP TABLE IF EXISTS blocks")
    count = con.execute("SELECT count(*) FROM pairs").fetchall()[0][0]
    return {"pairs_scored": int(count), "blocks_skipped": skipped}


def silent(rules: Sequence[Rule]) -> str:
    """SQL of a row that no rule can reach, whatever others say."""
    return " AND ".join(f"({key_of(rule)}) IS NULL" for rule in rules) or "TRUE"


def _block(
    con: duckdb.DuckDBPyConnection, table: str, rule: Rule, left: str, right: str, carry: Sequence[str]
) -> int:
    """Fill `blocks` with the rows whose key another row shares; answers how many keys were too common."""
    columns = ", ".join(["rid", *carry])
    few = "" if left == "TRUE" else f" AND key IN (SELECT {key_of(rule)} FROM {table} WHERE {left})"
    con.execute(
        f"CREATE OR REPLACE TABLE keyed AS SELECT {columns}, {key_of(rule)} AS key,"
        f" ({left}) AS is_left, ({right}) AS is_right FROM {table} WHERE key IS NOT NULL{few}"
    )
    con.execute(
        "CREATE OR REPLACE TABLE shared_keys AS SELECT key, count(*) AS n FROM keyed GROUP BY key"
        " HAVING count(*) > 1 AND bool_or(is_left) AND bool_or(is_right)"
    )
    con.execute(
        "CREATE OR REPLACE TABLE blocks AS SELECT keyed.* FROM keyed JOIN shared_keys USING (key)"
        f" WHERE n <= {LARGEST_BLOCK}"
    )
    row = con.execute(f"SELECT count(*) FROM shared_keys WHERE n > {LARGEST_BLOCK}").fetchall()[0]
    con.execute("DROP TABLE keyed; DROP TABLE shared_keys")
    return int(row[0])
