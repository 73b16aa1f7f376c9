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
_SAMPLE = 300_000

_HOME = (
    "(coalesce(uprn_l = uprn_r, FALSE) OR coalesce(postcode_l = postcode_r AND number_l = number_r, FALSE)"
    " OR coalesce(street_l = street_r AND number_l = number_r, FALSE))"
)
# The cheap conditions stand first: in a CASE the engine tries the next only where those before hold.
_OTHER_NAME = "given_l <> given_r AND jaro_winkler_similarity(forename_l, forename_r) < 0.8"
_TWINS = (
    f"given_l <> given_r AND born_l = born_r AND (surname_l = surname_r OR {_HOME})"
    f" AND length(forename_l) > 1 AND length(forename_r) > 1 AND {_OTHER_NAME}"
    " AND damerau_levenshtein(forename_l, forename_r) > 1"
    " AND NOT starts_with(forename_l, left(forename_r, 3))"
    " AND NOT coalesce(jaro_winkler_similarity(forename_l, surname_r) > 0.85, FALSE)"
)
_NAMESAKES = (
    f"born_l <> born_r AND forename_l = forename_r AND surname_l = surname_r AND {_HOME}"
    " AND born_l[5:8] <> born_r[5:8]"
    " AND abs(CAST(born_l[1:4] AS INTEGER) - CAST(born_r[1:4] AS INTEGER)) BETWEEN 15 AND 60"
)
_RELATIVES = f"born_l <> born_r AND surname_l = surname_r AND {_OTHER_NAME} AND {_HOME}"
_NEEDS = frozenset({"forename", "surname", "born"})
_HOMES = ("postcode", "street", "uprn")
"""What tells neighbours; the first that most records hold."""
_SEEN_AS = {"relatives": _RELATIVES, "twins": _TWINS, "namesakes": _NAMESAKES}
_COLUMNS = ("forename", "surname", "given", "born", "postcode", "number", "street", "uprn")


def seen(con: duckdb.DuckDBPyConnection, table: str, held: Collection[str]) -> dict[str, str]:
    """The guards that `table(source, FIELDS...)` calls for: each kind that its own sources list side by
    side more than once in four thousand records, with the SQL by which a compared pair is held apart.

    Where there are many records, those of some postcodes are looked at: all of a home or none.
    """
    near = _near(con, table, held)
    if not set(held) >= _NEEDS or near is None:
        return {}
    columns = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in _COLUMNS)
    counts = ", ".join(f"count(*) FILTER (WHERE {sql}) AS {kind}" for kind, sql in _SEEN_AS.items())
    total = int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE neighbours AS SELECT source, {', '.join(_COLUMNS)}, count(*) AS n"
        f" FROM {table} WHERE {near} IS NOT NULL AND hash({near}) % {1 + total // _SAMPLE} = 0 GROUP BY ALL"
    )
    # In a source that lists people twice, slips of the pen look like twins: it is believed only where a
    # kind is more often seen than its own repeats.
    believed = ", ".join(f"coalesce(sum({kind}) FILTER (WHERE {kind} > twice), 0)" for kind in _SEEN_AS)
    found = con.execute(
        f"WITH alike AS (SELECT l.source, {counts} FROM (SELECT l.source, {columns} FROM neighbours l"
        f" JOIN neighbours r ON l.source = r.source AND l.{near} = r.{near} AND l.surname = r.surname"
        " AND (l.forename, l.born) < (r.forename, r.born)) l GROUP BY l.source), repeats AS (SELECT source,"
        " sum(k * (k - 1) / 2) AS twice FROM (SELECT source, sum(n) AS k FROM neighbours WHERE"
        " forename IS NOT NULL"
        f" AND surname IS NOT NULL AND born IS NOT NULL GROUP BY source, {near}, forename, surname,"
        f" born) GROUP BY source)"
        f" SELECT (SELECT sum(n) FROM neighbours), {believed} FROM alike JOIN repeats USING (source)"
    ).fetchall()[0]
    con.execute("DROP TABLE neighbours")
    kinds = zip(_SEEN_AS, found[1:], strict=True)
    return {kind: _apart(kind, held) for kind, n in kinds if n * _ONE_IN > (found[0] or 0)}


def _near(con: duckdb.DuckDBPyConnection, table: str, held: Collection[str]) -> str | None:
    """The column by which neighbours are found: the first that half of the records with any hold."""
    names = [name for name in _HOMES if name in held]
    if not names:
        return None
    counts = con.execute(f"SELECT {', '.join(f'count({name})' for name in names)} FROM {table}").fetchall()[
        0
    ]
    return next(name for name, n in zip(names, counts, strict=True) if 2 * n >= max(counts))


def _apart(kind: str, held: Collection[str]) -> str:
    """How a pair is told: twins and namesakes as they were seen. A relative is anyone whose forename does
    not fit even in part, unless the birth date nearly agrees and the sex does not differ (by levels of the
    model, where 0 is 'differs').
    """
    if kind != "relatives":
        return _SEEN_AS[kind]
    sex = " OR gamma_sex = 0" if "sex" in held else ""
    return f"gamma_forename <= 0 AND (gamma_born < 2{sex})"
