"""Pairs worth weighing, and their weights, for the records that a delivery touches.

An edge depends on nothing but its two records, whether their numbers are verified, and which of the keys
that they share are crowded; so an index kept by deltas holds the edges that a rebuild would make.
"""

from __future__ import annotations

import duckdb

from ..blocking import LARGEST_BLOCK, key_of
from ..model import Rule
from ..settings import Progress, Settings
from ..trained import Model
from ..weigh import weigh
from . import neighbours, voices
from .told import silently

GROWN = 4 * LARGEST_BLOCK
"""Records that may hold a key which was not crowded at training: there sayings were counted, of which a
person has fewer than records; and a key that crossed the line daily would make and break people daily.
"""

MARGIN = 2.0
"""Bits by which a join of an earlier model may fall below the new threshold and still stand (4 to 1).
Models trained on three synthetic towns of some 7,000 records weighed the same pairs near the threshold
0.5 bits apart in the median and 1.6 at the 95th percentile (few pairs: an order of size, no constant of
nature), so less than this tells the models apart, not the people.
"""


def floor(model: Model) -> float:
    """Edges are kept from even odds, or the margin of hysteresis, up: reviewers want the uncertain too."""
    return min(0.0, model.least - MARGIN)


def find(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    settings: Settings,
    *,
    everything: bool,
    told: Progress = silently,
) -> None:
    """Fill `touched(rid)`, `voiced` and `says` (see `voices.hear`) and their pairs `sides(l, r)` from
    `changed`, `arrived`, `turned` and `now`; of the model it needs the rules and the crowded keys.
    """
    if everything:
        listen(con, voices.columns(model), settings)
    else:
        voices.names(con)
        told("finding whom it may concern", 0.2)
        neighbours.gather(con, model, GROWN)
        voices.hear(con, voices.columns(model), "heard", settings)
    pair(con, model, everything=everything, told=told)


def listen(con: duckdb.DuckDBPyConnection, said: tuple[str, ...], settings: Settings) -> None:
    """`touched`, `voiced` and `says` of all records."""
    voices.names(con)
    con.execute("CREATE TABLE touched AS SELECT rid FROM now")
    voices.hear(con, said, "now", settings)


def pair(
    con: duckdb.DuckDBPyConnection, model: Model, *, everything: bool, told: Progress = silently
) -> None:
    """Fill `sides(l, r)`: sayings that share a key which is not crowded, one of them touched, that may be
    of one person. A pair is laid the same way round whenever it is made, since a likeness of names may
    depend on which comes first.
    """
    con.register("crowded_at_training", model.crowded)
    con.execute("CREATE TABLE found (l BIGINT, r BIGINT)")
    for at, rule in enumerate(model.rules):
        told("finding pairs to compare", 0.3 + 0.1 * at / len(model.rules))
        _block(con, at, rule, everything=everything)
        con.execute(
            "INSERT INTO found SELECT l.rid, r.rid FROM blocks l JOIN blocks r ON l.key = r.key"
            " AND l.rid < r.rid WHERE (l.free OR r.free) AND (l.touched OR r.touched)"
            " AND (l.masks & r.masks) = 0"
            " UNION ALL SELECT rid, rid FROM blocks WHERE n > 1 AND free AND touched AND masks = 0"
        )
    con.execute("CREATE TABLE sides AS SELECT DISTINCT l, r FROM found")
    con.execute("DROP TABLE found; DROP TABLE IF EXISTS blocks")
    con.unregister("crowded_at_training")


def _block(con: duckdb.DuckDBPyConnection, at: int, rule: Rule, *, everything: bool) -> None:
    """`blocks`: sayings whose key under this rule others share, and not too many."""
    con.execute(
        f"CREATE OR REPLACE TABLE keyed AS SELECT {key_of(rule)} AS key, rid, free, masks, n, touched"
        " FROM says WHERE key IS NOT NULL"
    )
    if everything:
        # Voices are more than records where one record says the same key twice: so these are counted.
        grown = (
            "SELECT key FROM keyed JOIN voiced ON said = keyed.rid SEMI JOIN (SELECT key FROM keyed GROUP"
            f" BY key HAVING sum(n) > {GROWN}) USING (key) GROUP BY key HAVING count(DISTINCT voiced.rid) >"
            f" {GROWN}"
        )
    else:
        grown = f"SELECT key FROM grown WHERE rule = {at}"
    con.execute(
        "CREATE OR REPLACE TABLE blocks AS FROM keyed SEMI JOIN (SELECT key FROM keyed GROUP BY key HAVING"
        " sum(n) > 1 AND bool_or(free) AND bool_or(touched)) USING (key)"
        f" ANTI JOIN (SELECT key FROM crowded_at_training WHERE rule = {at} UNION ALL {grown}) USING (key)"
    )
    con.execute("DROP TABLE keyed")


def make(
    con: duckdb.DuckDBPyConnection, model: Model, *, everything: bool, told: Progress = silently
) -> None:
    """`fresh(l, r, weight, kept)`: two records weigh what the best pair of names, by which they share a
    key, does.
    """
    told("weighing pairs", 0.45)
    weigh(con, model, "says", "sides", "weighed", least=floor(model))
    told("joining records", 0.6)
    con.execute(
        "CREATE TABLE fresh AS SELECT least(a.rid, b.rid) AS l, greatest(a.rid, b.rid) AS r,"
        " max(weight) AS weight, FALSE AS kept FROM weighed JOIN voiced a ON a.said = weighed.l"
        " JOIN voiced b ON b.said = weighed.r AND a.rid <> b.rid AND (a.free OR b.free)"
        " AND (a.touched OR b.touched) AND (a.bit & b.bit) = 0 WHERE apart IS NULL GROUP BY ALL"
    )
    con.execute("DROP TABLE weighed")
    _hold(con, model, everything=everything)


def _hold(con: duckdb.DuckDBPyConnection, model: Model, *, everything: bool) -> None:
    """Keep the joins that hysteresis keeps, of records that say what they did.

    Under a new model they are all pairs of one person; under the same, those that it kept already.
    """
    unchanged = "l NOT IN (SELECT rid FROM changed) AND r NOT IN (SELECT rid FROM changed)"
    one_person = (
        "fresh JOIN idx.members a ON a.rid = l JOIN idx.members b ON b.rid = r AND a.person = b.person"
        " WHERE TRUE"
    )
    chosen = one_person if everything else "idx.edges WHERE kept"
    low, high = model.least - MARGIN, model.least
    con.execute(
        f"CREATE TABLE held_before AS SELECT l, r FROM {chosen} AND {unchanged} AND weight >= {low} AND"
        f" weight < {high}"
    )
    if con.execute("SELECT count(*) FROM held_before").fetchall()[0][0]:
        con.execute(
            "UPDATE fresh SET kept = TRUE FROM held_before h WHERE h.l = fresh.l AND h.r = fresh.r"
            f" AND fresh.weight >= {low} AND fresh.weight < {high}"
        )


def store_keys(con: duckdb.DuckDBPyConnection, model: Model, told: Progress = silently) -> None:
    """Write the keys of all records anew, in order of rule and key, a rule at a time."""
    con.execute("CREATE OR REPLACE TABLE idx.keys (rule UTINYINT, key UBIGINT, rid BIGINT)")
    con.register("crowded_at_training", model.crowded)
    for at, rule in enumerate(model.rules):
        told("writing the index", 0.97 + 0.03 * at / len(model.rules))
        con.execute(
            f"INSERT INTO idx.keys SELECT DISTINCT {at}, key, v.rid FROM (SELECT rid AS said,"
            f" {key_of(rule)} AS key FROM memory.work.says WHERE key IS NOT NULL) ANTI JOIN (SELECT key"
            f" FROM crowded_at_training WHERE rule = {at}) USING (key) JOIN memory.work.voiced v"
            " USING (said) ORDER BY key, v.rid"
        )
    con.unregister("crowded_at_training")
