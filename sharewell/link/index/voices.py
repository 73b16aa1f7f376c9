"""What is compared: each thing said once, however many records say it.

A record speaks in one voice, and in one more for every further name that it goes by. Voices that say the
same are one *saying*: weights depend on what is said alone, so that each pair of sayings is weighed once
and its weight given to every two records that say them. A saying is named by the hash of its columns,
which is the same in every act and whatever else there is.
"""

from __future__ import annotations

import duckdb

from ..collapse import source_bits
from ..settings import Settings
from ..standardise import FIELDS, SAID
from ..trained import Model

_VOICES = 256
"""More further names than any record has."""


def columns(model: Model | None) -> tuple[str, ...]:
    """What a saying says: all but the NHS number, unless a model made elsewhere compares that too."""
    read = model.columns.union(*(rule.needs for rule in model.rules)) if model else frozenset()
    return FIELDS if "nhs" in read else SAID


def names(con: duckdb.DuckDBPyConnection) -> None:
    """`names(rid, nth, FIELDS...)`: a view of the further names of records as they will be."""
    every = ", ".join(("rid", "nth", *FIELDS))
    con.execute(
        f"CREATE VIEW names AS SELECT {every} FROM faces UNION ALL SELECT {every} FROM idx.aliases"
        " WHERE rid NOT IN (SELECT rid FROM changed)"
    )


def hear(con: duckdb.DuckDBPyConnection, said: tuple[str, ...], heard: str, settings: Settings) -> None:
    """From `heard(rid, source, verified, FIELDS...)` and the names of those records fill

    voiced(rid, said, free, bit, touched)   who says it; `free`: its number is not verified; `bit`: its
                                            source's, if that promises one record a person; `touched`:
                                            in `touched(rid)`
    says(rid, COLUMNS..., free, masks, n, copies, touched)   what is said, rid being `said`: somebody free
                                            says it; the bits of all that do; how many voices and records
    """
    con.register("promised", source_bits(settings.one_per_source))
    name = f"(hash({', '.join(said)}) >> 1)::BIGINT"
    con.execute(
        f"CREATE TABLE voiced AS WITH spoken AS (SELECT rid, 0 AS nth, {name} AS said FROM {heard} UNION"
        f" ALL SELECT rid, nth, {name} FROM names SEMI JOIN {heard} USING (rid))"
        " SELECT rid, nth::UTINYINT AS nth, said, verified IS NULL AS free, coalesce(bit, 0)::BIGINT AS"
        f" bit, t.rid IS NOT NULL AS touched FROM spoken JOIN (SELECT rid, source, verified FROM {heard}) h"
        " USING (rid) LEFT JOIN promised USING (source) LEFT JOIN touched t USING (rid)"
    )
    con.unregister("promised")
    con.execute(
        f"CREATE TABLE firsts AS SELECT said, min(rid * {_VOICES} + nth) AS voice, bool_or(free) AS free,"
        " bit_and(bit) AS masks, count(*)::BIGINT AS n, count(*) FILTER (nth = 0)::BIGINT AS copies,"
        " bool_or(touched) AS touched FROM voiced GROUP BY said"
    )
    told = ", ".join(f"h.{column}" for column in said)
    about = f"f.said AS rid, {told}, f.free, masks, n, copies, f.touched"
    con.execute(
        f"CREATE TABLE says AS SELECT {about} FROM {heard} h JOIN firsts f ON f.voice = h.rid * {_VOICES}"
        f" UNION ALL SELECT {about} FROM names h JOIN firsts f ON f.voice = h.rid * {_VOICES} + h.nth"
    )
    con.execute("DROP TABLE firsts")
