"""Which pairs are worth scoring: those that agree on a narrow key, each once, and only where an answer
could matter.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from .model import Rule

LARGEST_BLOCK = 400
"""A key shared by more records than this is a placeholder or a name too common to help; it is skipped and
counted.
"""


def find(
    con: duckdb.DuckDBPyConnection, table: str, rules: Sequence[Rule], left: str, right: str, apart: str
) -> dict[str, int]:
    """Fill `pairs(l, r)` from `table`: rows of `left` against rows of `right` (SQL conditions), unless
    `apart`.

    `apart` is SQL over the aliases l and r for pairs that may not be one person. Answers counts: pairs,
    rows of `left` that no rule can reach, and keys skipped as too common.
    """
    con.execute("CREATE OR REPLACE TABLE pairs (l BIGINT, r BIGINT)")
    con.execute("CREATE OR REPLACE TABLE reached (rid BIGINT)")
    parts, skipped = [], 0
    for at, rule in enumerate(rules):
        skipped += _key(con, table, f"keys_{at}", rule, left, right)
        con.execute(f"INSERT INTO reached SELECT rid FROM keys_{at} WHERE is_left")
        parts.append(
            f"SELECT least(l.rid, r.rid) AS l, greatest(l.rid, r.rid) AS r FROM keys_{at} l"
            f" JOIN keys_{at} r ON l.key = r.key AND l.rid <> r.rid"
            " AND (l.rid < r.rid OR NOT (l.is_right AND r.is_left))"
            f" WHERE l.is_left AND r.is_right AND NOT l.crowded AND NOT r.crowded AND NOT ({apart})"
        )
    if parts:
        con.execute(f"INSERT INTO pairs SELECT DISTINCT l, r FROM ({' UNION ALL '.join(parts)})")
    for at in range(len(parts)):
        con.execute(f"DROP TABLE keys_{at}")
    row = con.execute(
        f"SELECT (SELECT count(*) FROM pairs), (SELECT count(*) FROM {table} WHERE ({left})"
        " AND rid NOT IN (SELECT rid FROM reached))"
    ).fetchall()[0]
    return {"pairs_scored": int(row[0]), "unlinkable": int(row[1]), "blocks_skipped": skipped}


def _key(con: duckdb.DuckDBPyConnection, table: str, name: str, rule: Rule, left: str, right: str) -> int:
    """Keys held by at least one row of each side. hash(NULL) is not null in DuckDB, so nulls go first."""
    known = " AND ".join(f"{column} IS NOT NULL" for column in sorted(rule.needs))
    con.execute(
        f"CREATE OR REPLACE TABLE {name} AS SELECT rid, verified, mask, side, key, is_left, is_right,"
        f" count(*) OVER (PARTITION BY key) > {LARGEST_BLOCK} AS crowded FROM ("
        f" SELECT rid, verified, mask, side, hash({', '.join(rule.keys)}) AS key, ({left}) AS is_left,"
        f" ({right}) AS is_right FROM {table} WHERE {known}) QUALIFY count(*) OVER (PARTITION BY key) > 1"
        " AND bool_or(is_left) OVER (PARTITION BY key) AND bool_or(is_right) OVER (PARTITION BY key)"
    )
    return int(con.execute(f"SELECT count(DISTINCT key) FROM {name} WHERE crowded").fetchall()[0][0])
