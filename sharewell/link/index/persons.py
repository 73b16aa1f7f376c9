"""Ids that survive: from who was one person before and who is now, to which id each is now.

Each old person goes on in one heir, the part that a steward pinned or else the one with most of its
records; where several go on in the same, the oldest keeps its id and the others forward to it for ever. A
part that is nobody's heir is someone new. Ties are broken by content, never by the order of arrival.
"""

from __future__ import annotations

import duckdb

EVENTS = ("created", "revived", "joined", "left", "merged", "split", "retired", "frozen", "thawed")
"""Kinds of event. `other` is: of `merged`, the person that now forwards; of `split`, the one split off."""


def assign(con: duckdb.DuckDBPyConnection, following: int) -> None:
    """Give each part of `after` its person; new ones are numbered from `following`.

    Reads before(rid, person, back), `back` where the record was removed from that person and has returned,
    ages(person, since, frozen, retired), after(rid, label, rank, weight, frozen) where
    `rank` is the records' order by content, and pinned(rid). Fills became(rid, person), born(person,
    label), forwarded(old, new), retired(person), revived(person), flagged(person, frozen) and
    told(kind, person, other, rid, weight) in the order in which it is to be read.
    """
    for step in (_OVERLAP, _HEIRS, _SURVIVORS):
        con.execute(step)
    con.execute(
        f"CREATE TABLE born AS SELECT {following} - 1 + row_number() OVER (ORDER BY min(rank)) AS"
        " person, label"
        " FROM after ANTI JOIN survivors USING (label) GROUP BY label"
    )
    for step in (_BECAME, _FORWARDED, _RETIRED, _REVIVED, _FLAGGED, _TOLD):
        con.execute(step)


_OVERLAP = """
CREATE TABLE overlap AS SELECT person, label, count(*) AS n, min(rank) AS first,
    bool_or(rid IN (SELECT rid FROM pinned)) AS pinned
FROM before JOIN after USING (rid) GROUP BY person, label
"""
_HEIRS = """
CREATE TABLE heirs AS SELECT person, label, n, first FROM overlap
QUALIFY row_number() OVER (PARTITION BY person ORDER BY pinned DESC, n DESC, first) = 1
"""
_SURVIVORS = """
CREATE TABLE survivors AS SELECT label, person FROM heirs JOIN ages USING (person)
QUALIFY row_number() OVER (PARTITION BY label ORDER BY since, n DESC, first) = 1
"""
_BECAME = """
CREATE TABLE became AS SELECT rid, person FROM after
JOIN (FROM survivors UNION ALL SELECT label, person FROM born) USING (label)
"""
_FORWARDED = """
CREATE TABLE forwarded AS SELECT heirs.person AS old, survivors.person AS new
FROM heirs JOIN survivors USING (label) WHERE heirs.person <> survivors.person
"""
_RETIRED = """
CREATE TABLE retired AS SELECT DISTINCT person FROM before WHERE person NOT IN (SELECT person FROM overlap)
"""
_REVIVED = """
CREATE TABLE revived AS SELECT person FROM survivors JOIN ages USING (person) WHERE retired IS NOT NULL
"""
_FLAGGED = """
CREATE TABLE flagged AS SELECT person, bool_or(after.frozen) AS frozen,
    coalesce(bool_or(ages.frozen), FALSE) AS was FROM after JOIN became USING (rid)
LEFT JOIN ages USING (person) GROUP BY person
HAVING bool_or(after.frozen) <> coalesce(bool_or(ages.frozen), FALSE)
"""
# A record that follows its person through a merge tells nothing of its own: the merge does.
_TOLD = """
CREATE TABLE told AS
WITH expected AS (SELECT rid, before.person AS was, coalesce(new, before.person) AS person
    FROM before LEFT JOIN forwarded ON old = before.person WHERE NOT back)
SELECT * FROM (
    SELECT 1 AS part, 'created' AS kind, person, NULL::BIGINT AS other, NULL::BIGINT AS rid,
        NULL::DOUBLE AS weight FROM born
    UNION ALL SELECT 1, 'revived', person, NULL, NULL, NULL FROM revived
    UNION ALL SELECT 2, 'merged', new, old, NULL, NULL FROM forwarded
    UNION ALL SELECT 3, 'split', o.person, b.person, NULL, NULL FROM overlap o JOIN born b USING (label)
    UNION ALL SELECT 4, 'left', e.person, b.person, e.rid, NULL FROM expected e
        LEFT JOIN became b USING (rid) WHERE b.person IS DISTINCT FROM e.person
    UNION ALL SELECT 5, 'joined', b.person, e.person, b.rid, a.weight FROM became b
        JOIN after a USING (rid) LEFT JOIN expected e USING (rid) WHERE b.person IS DISTINCT FROM e.person
    UNION ALL SELECT 6, 'retired', person, NULL, NULL, NULL FROM retired
    UNION ALL SELECT 7, CASE WHEN frozen THEN 'frozen' ELSE 'thawed' END, person, NULL, NULL, NULL
        FROM flagged
) ORDER BY part, person, other, rid
"""
