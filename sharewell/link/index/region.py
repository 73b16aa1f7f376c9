"""How far a delivery reaches: the whole components, old and new, of the records that it touches.

A component holds together by edges that join, though some were refused, by a verified number or by a
steward's word. It is kept with its records, so that one look finds all of it: people may fall apart only if
all of their records are looked at again, and a refused edge may join as soon as another person is gone.
"""

from __future__ import annotations

import duckdb

from ..trained import Model


def reach(con: duckdb.DuckDBPyConnection, model: Model, *, everything: bool) -> None:
    """Fill `region(rid)`, the records to cluster again, and the view `held_edges(l, r, weight)` that join.

    Reads `touched`, `removed`, `reopened`, `decided` and `fresh`.
    """
    old = "FALSE" if everything else "l NOT IN (SELECT rid FROM moved) AND r NOT IN (SELECT rid FROM moved)"
    con.execute("CREATE TABLE moved AS SELECT rid FROM touched UNION SELECT rid FROM removed")
    con.execute(
        "CREATE VIEW held_edges AS SELECT l, r, weight FROM (SELECT * FROM fresh UNION ALL"
        f" SELECT * FROM idx.edges WHERE {old}) WHERE kept OR weight >= {model.least}"
    )
    if everything:
        con.execute("CREATE TABLE region AS SELECT rid FROM now")
        return
    # Old links are inside a component, which is taken whole; what is new links a touched record to another.
    con.execute(
        "CREATE TABLE seeds AS SELECT rid FROM touched UNION SELECT rid FROM reopened UNION SELECT rid FROM"
        " removed"
        f" UNION SELECT l FROM fresh WHERE kept OR weight >= {model.least}"
        f" UNION SELECT r FROM fresh WHERE kept OR weight >= {model.least}"
        " UNION SELECT rid FROM now WHERE verified IN (SELECT verified FROM arrived UNION SELECT verified"
        " FROM turned)"
        " UNION SELECT l FROM decided WHERE kind = 'same' AND r IN (FROM touched UNION FROM reopened)"
        " UNION SELECT r FROM decided WHERE kind = 'same' AND l IN (FROM touched UNION FROM reopened)"
    )
    con.execute(
        "CREATE TABLE components AS SELECT DISTINCT component FROM idx.members SEMI JOIN seeds USING (rid)"
    )
    con.execute(
        "CREATE TABLE region AS (SELECT rid FROM seeds UNION SELECT rid FROM idx.members SEMI JOIN"
        " components USING (component)) EXCEPT SELECT rid FROM removed"
    )
