"""What is compared: each thing said once, however many records say it.

A *unit* is what is joined: the records of one verified number, the records that say the same of a person
down to the home, or one record. An *identity* is what is compared: one combination of fields, held by one
unit or more (a unit may hold several: an old address or a maiden name is how the next record may be
found). Weights depend on identities alone, so each pair of them is weighed once.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from .blocking import LARGEST_BLOCK
from .standardise import FIELDS, tell

CERTAIN = (
    "forename IS NOT NULL AND length(forename) > 1 AND surname IS NOT NULL AND born IS NOT NULL"
    " AND (uprn IS NOT NULL OR (postcode IS NOT NULL AND number IS NOT NULL))"
)
"""What a record must say for another that says exactly the same to be of the same person."""


def units(con: duckdb.DuckDBPyConnection, identities: pa.Table, one_per_source: frozenset[str]) -> None:
    """From `rows(rid, nth, identity, verified, side)`, side 0, make:

    members(rid, unit)            `unit` is the least rid of the unit
    units(unit, verified, mask)   mask: a bit for each source that promises one record a person
    nodes(unit, identity)
    said(rid, FIELDS..., free, masks, copies)   a view of `identities`, rid being the identity: some
                                  unit that holds it has no verified number; the bits that all its units
                                  share; how many records say it
    persons(rid, source, FIELDS..., identity)   a view: the records of side 0
    """
    con.register("promised_sources", _bits(con, one_per_source))
    con.execute(
        "CREATE OR REPLACE TABLE twice AS SELECT DISTINCT identity FROM"
        " (SELECT identity, nth FROM rows JOIN promised_sources USING (nth) WHERE verified IS NULL"
        " GROUP BY identity, nth HAVING count(*) > 1)"
    )
    con.execute(
        "CREATE OR REPLACE TABLE members AS WITH numbered AS (SELECT verified, min(rid) AS unit FROM rows"
        " WHERE side = 0 GROUP BY verified), same AS (SELECT identity, min(rid) AS unit FROM rows"
        f" SEMI JOIN (SELECT identity FROM identities WHERE {CERTAIN}) USING (identity)"
        " ANTI JOIN twice USING (identity) WHERE verified IS NULL AND side = 0 GROUP BY identity)"
        " SELECT rid, unit FROM rows JOIN numbered USING (verified) WHERE side = 0"
        " UNION ALL SELECT rid, coalesce(unit, rid) FROM rows LEFT JOIN same USING (identity)"
        " WHERE verified IS NULL AND side = 0"
    )
    con.execute(
        "CREATE OR REPLACE TABLE units AS SELECT unit, bool_or(verified IS NOT NULL) AS verified,"
        " bit_or(coalesce(bit, 0)) AS mask FROM rows JOIN members USING (rid)"
        " LEFT JOIN promised_sources USING (nth) GROUP BY unit"
    )
    con.execute(
        "CREATE OR REPLACE TABLE nodes AS SELECT DISTINCT unit, identity FROM members JOIN"
        " (SELECT rid, identity FROM rows UNION ALL FROM aliases) USING (rid)"
    )
    flags = con.sql(
        "SELECT coalesce(free, FALSE) AS free, coalesce(masks, 0) AS masks, coalesce(n, 0)::INTEGER AS n,"
        f" coalesce(copies, 0)::INTEGER AS copies FROM range({len(identities)}) each(identity) LEFT JOIN"
        " (SELECT identity, bool_or(NOT verified) AS free, bit_and(mask) AS masks, count(*) AS n"
        " FROM nodes JOIN units USING (unit) GROUP BY identity) USING (identity)"
        " LEFT JOIN (SELECT identity, count(*) AS copies FROM rows WHERE side = 0 GROUP BY identity)"
        " USING (identity) ORDER BY identity"
    ).to_arrow_table()
    for name in flags.column_names:
        identities = identities.append_column(name, flags[name].combine_chunks())
    tell(con, identities)
    con.execute(
        f"CREATE OR REPLACE VIEW said AS SELECT identity AS rid, {', '.join(FIELDS[1:])}, free, masks,"
        f" copies"
        " FROM identities WHERE n > 0"
    )
    con.execute(
        "CREATE OR REPLACE VIEW persons AS SELECT rid, nth AS source, nhs, identities.* FROM rows"
        " JOIN identities USING (identity) WHERE side = 0"
    )


def add_same(con: duckdb.DuckDBPyConnection) -> int:
    """Add to `pairs(l, r)` each identity with itself where several units hold it; answers how many were
    held by too many.
    """
    con.execute(
        "INSERT INTO pairs SELECT identity, identity FROM identities"
        f" WHERE free AND n BETWEEN 2 AND {LARGEST_BLOCK}"
    )
    crowded = con.execute(f"SELECT count(*) FROM identities WHERE free AND n > {LARGEST_BLOCK}").fetchall()
    return int(crowded[0][0])


def possible(con: duckdb.DuckDBPyConnection, said: str = "said") -> float:
    """How many pairs of a table's identities (free, masks) may be one person, counted by kind."""
    kinds = f"(SELECT free, masks, count(*) AS n FROM {said} GROUP BY ALL)"
    row = con.execute(
        "SELECT coalesce(sum(l.n * r.n * CASE WHEN r.free THEN 0.5 ELSE 1 END), 0)"
        f" FROM {kinds} l JOIN {kinds} r ON l.free AND (l.masks & r.masks) = 0"
    ).fetchall()
    return float(row[0][0])


def edges(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `edges(l, r, weight)`: the pairs of units that `scored(l, r, weight, apart)` identities join."""
    con.execute(
        "CREATE OR REPLACE TABLE edges AS SELECT least(a.unit, b.unit) AS l, greatest(a.unit, b.unit) AS r,"
        " max(weight) AS weight FROM scored JOIN nodes a ON a.identity = scored.l"
        " JOIN nodes b ON b.identity = scored.r AND a.unit <> b.unit"
        " JOIN units u ON u.unit = a.unit JOIN units v ON v.unit = b.unit"
        " WHERE apart IS NULL AND NOT (u.verified AND v.verified) AND (u.mask & v.mask) = 0"
        " GROUP BY 1, 2"
    )


def _bits(con: duckdb.DuckDBPyConnection, one_per_source: frozenset[str]) -> pa.Table:
    rows = con.execute("SELECT nth, source FROM sources ORDER BY source").fetchall()
    promised = source_bits(source for _, source in rows if source in one_per_source)
    numbers = [nth for nth, source in rows if source in one_per_source]
    return pa.table({"nth": pa.array(numbers, pa.int16()), "bit": promised["bit"]})


def source_bits(sources: Iterable[str]) -> pa.Table:
    """A bit for each source that promises one record a person (source, bit), in order of name."""
    names = sorted(sources)
    bits = [1 << at for at in range(len(names))]
    return pa.table({"source": pa.array(names, pa.string()), "bit": pa.array(bits, pa.int64())})
