"""Which addresses of the gazetteer a record is weighed against: those that share a key with it.

Keys: postcode and a number; postcode and a first word, where one of the two has no number; first word of
the street and a number, anywhere or within the outward code; the first two words where there is no number.
A key that very many addresses hold tells nothing and is not used.
"""

from __future__ import annotations

import duckdb

MOST = 200
"""A key held by more addresses of the gazetteer than this seeks none of them."""

_NUMBERS = "[low::VARCHAR, high::VARCHAR, CASE WHEN low IS NULL THEN unit END]"


def _keys(table: str, least: bool) -> str:
    """Selects (id, key) of all rules; `least` leaves out those for which the record has better ones."""
    numberless = " AND low IS NULL" if least else ""
    parts = (
        ("postcode", "n", "''", f"(SELECT *, unnest({_NUMBERS}) AS n FROM {table})", ""),
        ("postcode", "lead", "'word'", table, numberless),
        ("postcode", "split_part(name, ' ', 1)", "'word'", table, ""),
        ("lead", "n", "'street'", f"(SELECT *, unnest({_NUMBERS}) AS n FROM {table})", ""),
        ("lead", "n", "left(postcode, length(postcode) - 3)",
         f"(SELECT *, unnest({_NUMBERS}) AS n FROM {table})", ""),
        ("lead", "next", "'name'", table, numberless),
        ("split_part(name, ' ', 1)", "split_part(name, ' ', 2)", "'name'", table, numberless),
    )  # fmt: skip
    return " UNION ".join(
        f"SELECT id, hash({one}, {two}, {kind}) AS key FROM {source}"
        f" WHERE nullif({one}, '') IS NOT NULL AND nullif({two}, '') IS NOT NULL"
        f" AND {kind} IS NOT NULL{more}"
        for one, two, kind, source, more in parts
    )


def find(con: duckdb.DuckDBPyConnection, asked: str, gazetteer: str, into: str) -> int:
    """Make table `into(r, c)` of distinct pairs of ids; answers how many keys were too common.

    `asked` may hold an id twice (as written and as mended); both tables have the columns of `parts.parse`.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE sought AS {_keys(asked, True)}")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE offered AS SELECT * FROM"
        f" ({_keys(gazetteer, False)}) SEMI JOIN sought USING (key)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE crowded AS SELECT key FROM offered GROUP BY key"
        f" HAVING count(*) > {MOST}"
    )
    con.execute(
        f"CREATE OR REPLACE TABLE {into} AS SELECT DISTINCT sought.id AS r, offered.id AS c"
        " FROM sought JOIN offered USING (key) ANTI JOIN crowded USING (key)"
    )
    count: int = con.execute("SELECT count(*) FROM crowded").fetchall()[0][0]
    for name in ("sought", "offered", "crowded"):
        con.execute(f"DROP TABLE {name}")
    return count
