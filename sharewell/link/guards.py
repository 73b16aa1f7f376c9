"""Look-alikes that a model of independent fields cannot tell apart: relatives, twins, and a parent with a
child's name.

Families share a surname and a home, twins a birth date too; the model counts each as evidence of its own,
and one different forename as too little against so much. Whether such pairs are relatives or slips is
asked of the data: where one source itself lists them side by side they are two people, and the like
across sources are held apart too.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

_ONE_IN = 4000

_HOME = (
    "(coalesce(l.uprn = r.uprn, FALSE) OR coalesce(l.postcode = r.postcode AND l.number = r.number, FALSE))"
)
_TWINS = (
    "l.born = r.born AND (l.surname = r.surname OR {home}) AND length(l.forename) > 1 AND"
    " length(r.forename) > 1"
    " AND l.given <> r.given AND jaro_winkler_similarity(l.forename, r.forename) < 0.8"
    " AND damerau_levenshtein(l.forename, r.forename) > 1 AND NOT starts_with(l.forename,"
    " left(r.forename, 3))"
    " AND NOT coalesce(jaro_winkler_similarity(l.forename, r.surname) > 0.85, FALSE)"
)
_NAMESAKES = (
    "l.forename = r.forename AND l.surname = r.surname AND {home} AND l.born[5:8] <> r.born[5:8]"
    " AND abs(CAST(l.born[1:4] AS INTEGER) - CAST(r.born[1:4] AS INTEGER)) BETWEEN 15 AND 60"
)
_RELATIVES = (
    "{home} AND l.surname = r.surname AND l.given <> r.given"
    " AND jaro_winkler_similarity(l.forename, r.forename) < 0.8 AND l.born <> r.born"
)
_NEIGHBOURS = "l.surname = r.surname AND l.postcode = r.postcode"
_NEEDS = {"forename", "surname", "born", "postcode"}
_KINDS = {
    "twins": (_TWINS, "l.born = r.born AND l.postcode = r.postcode"),
    "namesakes": (
        _NAMESAKES,
        "l.forename = r.forename AND l.surname = r.surname AND l.postcode = r.postcode",
    ),
}


def relatives(con: duckdb.DuckDBPyConnection, held: Collection[str]) -> str:
    """SQL over Splink's levels (0 is 'differs', -1 missing) for pairs that only a family may explain, or
    FALSE.

    Where families are seen: unless the forename fits at least in part, the birth date must nearly agree
    and the sex must not differ.
    """
    if not set(held) >= _NEEDS or not _shown(con, _RELATIVES.format(home=_HOME), _NEIGHBOURS):
        return "FALSE"
    other = " AND gamma_other_id < 1" if "other_id" in held else ""
    sex = " OR gamma_sex = 0" if "sex" in held else ""
    return f"gamma_forename <= 0 AND (gamma_born < 2{sex}){other}"


def hold_apart(con: duckdb.DuckDBPyConnection, held: Collection[str]) -> dict[str, int]:
    """Remove look-alikes from `scored(l, r, weight)`; answers how many pairs of each kind were held
    apart.
    """
    if not set(held) >= _NEEDS:
        return {}
    counts = {}
    for kind, (condition, join) in _KINDS.items():
        alike = condition.format(home=_HOME)
        if _shown(con, alike, join):
            before = _count(con)
            con.execute(
                "CREATE OR REPLACE TABLE scored AS SELECT scored.* FROM scored JOIN records l ON l.rid"
                " = scored.l"
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
