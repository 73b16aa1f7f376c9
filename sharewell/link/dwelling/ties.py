"""Ties between people who lived together, by kind: what the ages, the surnames and the stays can tell.

Sharing a home alone makes nobody a relative: not in a house of lodgers, not among students, and never in a
communal establishment. A child ties the adults who bring it up; a surname ties adults.
"""

from __future__ import annotations

import duckdb

FAMILY = ("parent", "guardian", "carer", "partner", "sibling", "kin", "grandparent")
"""Kinds that make a family, inferred or declared; any other kind is kept and makes none."""

TOGETHER_DAYS = 31
"""Stays that overlap for less have not been a life together."""

_MOST_ADULTS = 6
"""A surname shared among more adults than this at one home may be chance."""

_PAIRS = f"""
CREATE TABLE lived AS SELECT a.person AS one, b.person AS two, a.home,
    greatest(a.came, b.came) AS since, least(a.left_on, b.left_on) AS until
FROM dwelt a JOIN dwelt b ON a.home = b.home AND a.person < b.person
    AND greatest(a.came, b.came, a.opening) + INTERVAL {TOGETHER_DAYS} DAY <= least(a.left_on, b.left_on)
"""
# Adults about a pair: whoever lived there with either and was 18 before the two came together, so that a
# child who grows up is none.
_ADULTS = """
CREATE TABLE adults AS SELECT l.one, l.two, l.home, count(DISTINCT d.person) AS adults
FROM lived l JOIN dwelt d ON d.home = l.home AND d.came < l.until AND d.left_on > l.since
JOIN folk ON folk.person = d.person
WHERE coalesce(folk.born + INTERVAL 18 YEAR <= l.since, TRUE) GROUP BY ALL
"""
_AGED = """
CREATE TABLE aged AS SELECT l.one, l.two, l.home, l.since, l.until, adults,
    abs(a.born - b.born) / 365.25 AS gap,
    list_has_any(a.names, b.names) AS namesake,
    greatest(a.born, b.born) + INTERVAL 18 YEAR > l.since AS raised,
    least(a.born, b.born) + INTERVAL 18 YEAR > l.since AS both_young
FROM lived l LEFT JOIN adults USING (one, two, home)
JOIN folk a ON a.person = one JOIN folk b ON b.person = two
"""
_KINDS = f"""
CREATE TABLE kinds AS SELECT one, two, home, since, until, adults, gap, CASE
    WHEN gap IS NULL THEN CASE WHEN namesake AND adults <= {_MOST_ADULTS} THEN 'kin' END
    WHEN both_young AND (namesake OR adults <= 2) THEN 'sibling'
    WHEN raised AND NOT both_young AND gap BETWEEN 15 AND 55 AND namesake THEN 'parent'
    WHEN raised AND NOT both_young AND gap > 55 AND namesake THEN 'grandparent'
    WHEN raised AND NOT both_young AND gap >= 15 AND adults <= 2 THEN 'carer'
    WHEN namesake AND adults <= {_MOST_ADULTS} THEN 'kin' END AS kind FROM aged
"""
# Two adults bring up one child, or have moved from home to home by themselves.
_PARTNERS = """
CREATE TABLE partners AS WITH raising AS (
    SELECT if(a.born < b.born, one, two) AS adult, if(a.born < b.born, two, one) AS child, home FROM kinds
    JOIN folk a ON a.person = one JOIN folk b ON b.person = two WHERE kind IN ('parent', 'carer')),
moved AS (SELECT one, two FROM aged WHERE adults = 2 AND NOT raised GROUP BY ALL
    HAVING count(DISTINCT home) > 1)
SELECT k.one, k.two, k.home FROM kinds k JOIN aged USING (one, two, home) WHERE NOT raised AND aged.gap < 25
    AND (EXISTS (FROM raising p JOIN raising q ON p.child = q.child AND p.home = q.home
            WHERE p.adult = k.one AND q.adult = k.two AND p.home = k.home)
        OR (k.one, k.two) IN (SELECT (one, two) FROM moved)
        OR (k.kind = 'kin' AND k.gap < 15 AND k.adults = 2))
"""
_INFERRED = """
CREATE TABLE inferred AS SELECT one, two, kind, min(since) AS since,
    max(until) AS until, count(DISTINCT home)::INTEGER AS homes FROM (
        SELECT one, two, home, since, until,
            CASE WHEN p.one IS NOT NULL THEN 'partner' ELSE coalesce(kind, 'shares a home') END AS kind
        FROM kinds LEFT JOIN partners p USING (one, two, home)) GROUP BY ALL
"""


def infer(con: duckdb.DuckDBPyConnection) -> None:
    """Table `inferred(one, two, kind, since, until, homes)` from `dwelt` (home, person, came, left_on, and
    `opening`, the first day of the period; left_on is within it) and `folk` (person, born, names)."""
    for step in (_PAIRS, _ADULTS, _AGED, _KINDS, _PARTNERS, _INFERRED):
        con.execute(step)
