"""Look-alikes that a model of independent fields cannot tell apart: twins, and a parent with a child's name.

Twins agree on surname, birth date and home; one different forename is too little evidence against so much for.
Whether such pairs are twins or slips is asked of the data: where one source itself lists two of them side by side,
they are two people, and the like across sources are held apart too.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

_ONE_IN = 4000

_HOME = (
    "(coalesce(l.uprn = r.uprn, FALSE) OR coalesce(l.postcode = r.postcode AND l.number = r.number, FALSE))"
)
_TWINS = (
    "l.born = r.born AND (l.surname = r.surname OR {home}) AND length(l.forename) > 1 AND length(r.forename) > 1"
    " AND l.given <> r.given AND jaro_winkler_similarity(l.forename, r.forename) < 0.8"
    " AND damerau_levenshtein(l.forename, r.forename) > 1 AND NOT starts_with(l.forename, left(r.forename, 3))"
    " AND NOT coalesce(jaro_winkler_similarity(l.forename, r.surname) > 0.85, FALSE)"
)
_NAMESAKES = (
    "l.forename = r.forename AND l.surname = r.surname AND {home} AND l.born[5:8] <> r.born[5:8]"
    " AND abs(CAST(l.born[1:4] AS INTEGER) - CAST(r.born[1:4] AS INTEGER)) BETWEEN 15 AND 60"
)
_KINDS = {
    "twins": (_TWINS, "l.born = r.born AND l.postcode = r.postcode"),
    "namesakes": (
        _NAMESAKES,
        "l.forename = r.forename AND l.surname = r.surname AND l.postcode = r.postcode",
    ),
}


def hold_apart(con: duckdb.DuckDBPyConnection, held: Collection[str]) -> dict[str, int]:
    """Remove look-alikes from `scored(l, r, weight)`; answers how many pairs of each kind were held apart."""
    if not {"forename", "surname", "born", "postcode"} <= set(held):
        return {}
    counts = {}
    for kind, (condition, join) in _KINDS.items():
        alike = condition.format(home=_HOME)
        if _shown(con, alike, join):
            before = _count(con)
            con.execute(
                "CREATE OR REPLACE TABLE scored AS SELECT scored.* FROM scored JOIN records l ON l.rid = scored.l"
                f" JOIN records r ON r.rid = scored.r WHERE NOT coalesce({alike}, FALSE)"
            )
            counts[kind] = before - _count(con)
    return counts


def _shown(con: duckdb.DuckDBPyConnection, alike: str, join: str) -> bool:
    row = con.execute(
        "SELECT (SELECT count(*) FROM records l JOIN records r ON l.source = r.source AND l.rid < r.rid"
        f" AND {join} WHERE {alike}), (SELECT count(*) FROM records)"
    ).fetchall()[0]
    return int(row[0]) * _ONE_IN > int(row[1])


def _count(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("SELECT count(*) FROM scored").fetchall()[0][0])
