"""Signs that only a comparison of sources shows: columns swapped or shifted, files delivered twice.

Each source is held against every other; one is called odd when it disagrees with all that share enough
people or names with it. People are drawn by a hash of their names, so from every source alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

import duckdb
import pyarrow as pa

from . import common_values
from .signs import Sign

_LOOKED_AT = 200_000
_FEWEST = 20
_MOST = 0.5
"""Of pairs that should agree, half: slips make a few in a hundred, a shifted column nearly all."""
_REPEATS = 0.4
_COPIED = 0.99
_UK = r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}"

_NAMED = "forename IS NOT NULL AND surname IS NOT NULL AND born IS NOT NULL"
_OTHER_NUMBERS = (
    "WITH one AS (SELECT nth, who, min(nhs) AS nhs FROM peek"
    f" WHERE {_NAMED} AND length(nhs) = 10 GROUP BY nth, who HAVING min(nhs) = max(nhs))"
    " SELECT l.nth, r.nth, count(*) FILTER (l.nhs <> r.nhs), count(*) FROM one l JOIN one r"
    " ON l.who = r.who AND l.nth <> r.nth GROUP BY l.nth, r.nth"
)
_SWAPPED_DATES = (
    "WITH one AS (SELECT nth, forename, surname, born[1:4] AS y, min(born)[5:6] AS m, min(born)[7:8] AS d"
    f" FROM peek WHERE {_NAMED} GROUP BY ALL HAVING min(born) = max(born))"
    " SELECT l.nth, r.nth, count(*) FILTER (l.d = r.m), count(*) FROM one l JOIN one r"
    " ON l.forename = r.forename AND l.surname = r.surname AND l.y = r.y AND l.nth <> r.nth"
    " AND l.m <> l.d AND ((l.m = r.m AND l.d = r.d AND l.d <= '12') OR (l.m = r.d AND l.d = r.m))"
    " GROUP BY l.nth, r.nth"
)
_SWAPPED_NAMES = (
    "WITH told AS (SELECT nth, forename AS name, 1 AS f, 0 AS s FROM peek WHERE forename IS NOT NULL"
    " UNION ALL SELECT nth, surname, 0, 1 FROM peek WHERE surname IS NOT NULL),"
    " roles AS (SELECT nth, name, sum(f) AS f, sum(s) AS s FROM told GROUP BY nth, name)"
    " SELECT l.nth, r.nth, sum(CASE WHEN r.s > r.f THEN l.f ELSE 0 END)::BIGINT, sum(l.f)::BIGINT"
    " FROM roles l JOIN roles r ON l.name = r.name AND l.nth <> r.nth AND l.f + l.s > 0"
    " GROUP BY l.nth, r.nth HAVING count(*) >= 20 AND sum(l.f) > 0"
)
_COPIES = (
    "WITH said AS (SELECT DISTINCT nth, identity FROM peek),"
    " sizes AS (SELECT nth, count(*) AS n FROM said GROUP BY nth)"
    " SELECT l.nth, count(*), any_value(a.n) FROM said l JOIN said r ON l.identity = r.identity"
    " AND l.nth <> r.nth JOIN sizes a ON a.nth = l.nth JOIN sizes b ON b.nth = r.nth"
    f" GROUP BY l.nth, r.nth HAVING count(*) >= {_FEWEST} AND count(*) > {_COPIED} * any_value(a.n)"
    f" AND count(*) > {_COPIED} * any_value(b.n) ORDER BY l.nth, r.nth"
)
_REPEATED = (
    "SELECT nth, count(*) - count(DISTINCT (identity, nhs)), count(*) FROM peek"
    f" WHERE {_NAMED} GROUP BY nth HAVING count(*) >= {_FEWEST} ORDER BY nth"
)
_FORMS = (
    f"SELECT nth, count(*) FILTER (NOT regexp_full_match(postcode, '{_UK}')) AS odd, count(*) AS n"
    f" FROM peek WHERE postcode IS NOT NULL GROUP BY nth HAVING n >= {_FEWEST} ORDER BY nth"
)


def look(con: duckdb.DuckDBPyConnection, identities: pa.Table) -> tuple[list[Sign[int]], pa.Table]:
    """Signs between the sources in `rows` and `identities`. NHS numbers that contradict every other source,
    and postcodes of another form than all others', become missing in their source. Answers the identities
    as they are then.
    """
    about = _draw(con)
    found: list[tuple[int, str, str, int, int]] = []
    for field, kind, sql in (
        ("nhs", "other_numbers", _OTHER_NUMBERS),
        ("born", "swapped_dates", _SWAPPED_DATES),
        ("forename", "swapped_names", _SWAPPED_NAMES),
    ):
        found += [(nth, field, kind, n, of) for nth, n, of in _odd(con.execute(sql).fetchall())]
    for nth, n, of in con.execute(_REPEATED).fetchall():
        found += [(nth, "records", "repeated", n, of)] if n > _REPEATS * of else []
    copies = {nth: (nth, "records", "copied", n, of) for nth, n, of in con.execute(_COPIES).fetchall()}
    found += copies.values()
    found += [(nth, "postcode", "other_form", n, of) for nth, n, of in _other_form(con)]
    con.execute("DROP TABLE peek")
    for nth, field, kind, _, _ in found:
        if kind == "other_numbers":
            con.execute("UPDATE rows SET nhs = NULL WHERE nth = ?", [nth])
        if kind == "other_form":
            identities = common_values.blank(con, identities, nth, field)
    signs = [Sign(int(nth), field, kind, int(n), int(of), about) for nth, field, kind, n, of in found]
    return signs, identities


def _draw(con: duckdb.DuckDBPyConnection) -> bool:
    """Fill `peek` with the records of some names; answers whether there are others."""
    count = int(con.execute("SELECT count(*) FROM rows").fetchall()[0][0])
    parts = 1 + count // _LOOKED_AT
    con.execute(
        "CREATE OR REPLACE TEMP TABLE peek AS SELECT nth, nhs, i.* FROM rows JOIN (FROM identities WHERE"
        f" hash(forename, surname) % {parts} = 0) i USING (identity)"
    )
    return parts > 1


def _odd(compared: Iterable[tuple[int, int, int, int]]) -> list[tuple[int, int, int]]:
    """Of (source, other, disagreeing, of): the sources that disagree with every other they can be held
    against, with the counts for the other that shares most with it.
    """
    by: dict[int, list[tuple[int, int]]] = {}
    for nth, _, n, of in sorted(compared):
        if of >= _FEWEST:
            by.setdefault(nth, []).append((n, of))
    odd = {nth: pairs for nth, pairs in by.items() if all(n > _MOST * of for n, of in pairs)}
    return [(nth, *max(pairs, key=itemgetter(1, 0))) for nth, pairs in odd.items()]


def _other_form(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int, int]]:
    """Sources with few UK postcodes, where those of all others are UK postcodes."""
    rows = con.execute(_FORMS).fetchall()
    odd = [(nth, n, of) for nth, n, of in rows if n > 0.8 * of]
    usual = [nth for nth, n, of in rows if n < 0.2 * of]
    return odd if usual and len(odd) + len(usual) == len(rows) else []
