"""What a reviewer is shown of the index: its weighed pairs, what holds one person together, and records.

Pairs of two verified numbers are never weighed, and edges begin at `edges.floor`; so whoever samples these
pairs samples what the index keeps, not all pairs there are.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ...errors import LinkError, Problem
from ..standardise import FIELDS
from .store import Store, guarded

_ENDS = "a.source AS source_l, a.record AS record_l, b.source AS source_r, b.record AS record_r"
_SCORED = f"""
    SELECT {_ENDS}, '' AS rule, weight, m.person = n.person AS joined
    FROM idx.edges e JOIN idx.records a ON a.rid = e.l JOIN idx.records b ON b.rid = e.r
    JOIN idx.members m ON m.rid = e.l JOIN idx.members n ON n.rid = e.r
"""
_WITHIN = f"""
    WITH mine AS (SELECT r.rid, source, record, verified FROM idx.records r JOIN idx.members USING (rid)
        WHERE person = $person),
    held AS (SELECT least(l, r) AS l, greatest(l, r) AS r, weight FROM idx.edges
        UNION ALL SELECT a.rid, b.rid, 'Infinity'::DOUBLE FROM mine a JOIN mine b
            ON a.verified = b.verified AND a.rid < b.rid
        UNION ALL SELECT least(a.rid, b.rid), greatest(a.rid, b.rid), 'Infinity'::DOUBLE
            FROM idx.decisions d
            JOIN mine a ON a.source = source_l AND a.record = record_l
            JOIN mine b ON b.source = source_r AND b.record = record_r
            WHERE kind = 'same' AND withdrawn IS NULL)
    SELECT {_ENDS}, '' AS rule, max(weight) AS weight, TRUE AS joined
    FROM held JOIN mine a ON a.rid = l JOIN mine b ON b.rid = r GROUP BY ALL ORDER BY ALL
"""


def scored(store: Store) -> pa.Table:
    """Every pair that is kept: (source_l, record_l, source_r, record_r, rule, weight, joined)."""
    with guarded():
        return store.con.sql(_SCORED).to_arrow_table()


def within(store: Store, source: str, record: str) -> pa.Table:
    """The same of one record's person alone, with pairs that a verified number or people settled: these
    weigh infinitely much. LinkError RECORD where the index holds no such record.
    """
    with guarded():
        rows = store.con.execute(
            "SELECT person FROM idx.records JOIN idx.members USING (rid) WHERE source = ? AND record = ?",
            [source, record],
        ).fetchall()
        if rows:
            return store.con.execute(_WITHIN, {"person": rows[0][0]}).to_arrow_table()
    raise LinkError(Problem("RECORD", f"the index holds no such record of source {source}"))


def held(store: Store, wanted: Sequence[tuple[str, str]]) -> pa.Table:
    """What records hold: (source, record, FIELDS...) of those that are there."""
    names = {"source": [each[0] for each in wanted], "record": [each[1] for each in wanted]}
    with guarded():
        store.con.register("asked_for", pa.table({k: pa.array(v, pa.string()) for k, v in names.items()}))
        try:
            return store.con.sql(
                f"SELECT source, record, {', '.join(FIELDS)} FROM idx.records SEMI JOIN asked_for"
                " USING (source, record) ORDER BY source, record"
            ).to_arrow_table()
        finally:
            store.con.unregister("asked_for")
