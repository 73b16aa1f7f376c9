"""stays(): who lived at each home, from when to when, out of what several sources say.

Every date in the answer was said by a source. A stay goes on while nobody says that it ended and the
person is not seen living elsewhere; sources that place a person elsewhere at the same time are counted
against it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from ..session import session

MOVING_DAYS = 31
"""Sources may differ by this long about a move without disagreeing."""

STANDINGS = ("certain", "likely", "doubtful")
"""Two sources or more and none against; one, or as many for as against; more against than for."""

_DATES = ("since", "until", "seen")
# The first of January 1900 and the like are what a form holds where nobody knew.
_EARLIEST, _LATEST = "1900-01-02", "2100-01-01"

_SIGHTINGS = f"""
CREATE TABLE sightings AS WITH known AS (SELECT source, record, person, home,
        CASE WHEN since BETWEEN DATE '{_EARLIEST}' AND DATE '{_LATEST}' THEN since END AS since,
        CASE WHEN until BETWEEN DATE '{_EARLIEST}' AND DATE '{_LATEST}' THEN until END AS until,
        CASE WHEN seen BETWEEN DATE '{_EARLIEST}' AND DATE '{_LATEST}' THEN seen END AS seen
    FROM written WHERE person IS NOT NULL AND home IS NOT NULL),
sound AS (SELECT * REPLACE (CASE WHEN until < since THEN NULL ELSE since END AS since,
        CASE WHEN until < since THEN NULL ELSE until END AS until),
        coalesce(until < since, FALSE) AS reversed FROM known)
SELECT *, least(since, until, seen) AS first, greatest(since, until, seen) AS last FROM sound
"""
# A new stay begins after a gap only if somebody said that the last one ended, or saw the person elsewhere.
_NUMBERED = f"""
CREATE TABLE numbered AS WITH ordered AS (SELECT *,
        lag(home) OVER (PARTITION BY person ORDER BY first, last, home, source, record) AS before
    FROM sightings WHERE first IS NOT NULL),
so_far AS (SELECT *, max(last) OVER past AS reached, max(until) OVER past AS ended FROM ordered
    WINDOW past AS (PARTITION BY person, home ORDER BY first, last, source, record
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
SELECT *, sum((reached IS NULL OR (first > reached + INTERVAL {MOVING_DAYS} DAY
        AND (coalesce(ended >= reached, FALSE) OR before <> home)))::INTEGER)
    OVER (PARTITION BY person, home ORDER BY first, last, source, record) AS nth FROM so_far
"""
# An end counts only if no source saw the person there well after it.
_STAYS = f"""
CREATE TABLE stays AS SELECT home, person, nth, min(since) AS since,
    CASE WHEN max(until) + INTERVAL {MOVING_DAYS} DAY >= max(last) THEN max(until) END AS until,
    min(first) AS first_seen, max(last) AS last_seen,
    count(DISTINCT source) AS sources, count(*) AS records
FROM numbered GROUP BY ALL
UNION ALL SELECT home, person, NULL, NULL, NULL, NULL, NULL, count(DISTINCT source), count(*)
FROM sightings WHERE first IS NULL GROUP BY ALL
"""


def _crossed(since: str, until: str, day: str, first: str, last: str) -> str:
    """SQL: a sighting on one day at one home speaks against living at another from `first` to `last`: a
    start, if that life went on well after it; else if it had begun well before."""
    moving = f"INTERVAL {MOVING_DAYS} DAY"
    started = f"{since} IS NOT NULL AND {until} IS NULL"
    return (
        f"CASE WHEN {started} THEN {day} > {first} AND {day} + {moving} < {last}"
        f" ELSE {day} > {first} + {moving} END"
    )


# Two homes at once for longer than a move takes, or seen at one well after living at the other began.
_JUDGED = f"""
WITH gone AS (SELECT s.home, s.person, s.nth, min(n.first_seen) AS gone_by
    FROM stays s JOIN stays n ON n.person = s.person AND n.home <> s.home AND n.first_seen > s.last_seen
    WHERE s.until IS NULL GROUP BY ALL),
opposed AS (SELECT s.home, s.person, s.nth, count(DISTINCT n.source) AS against
    FROM stays s JOIN numbered n ON n.person = s.person AND n.home <> s.home
        AND n.first <= s.last_seen AND s.first_seen <= n.last
    WHERE least(n.last, s.last_seen) > greatest(n.first, s.first_seen) + INTERVAL {MOVING_DAYS} DAY
        OR (n.first = n.last AND {_crossed("n.since", "n.until", "n.first", "s.first_seen", "s.last_seen")})
        OR (s.first_seen = s.last_seen
            AND {_crossed("s.since", "s.until", "s.first_seen", "n.first", "n.last")})
    GROUP BY ALL)
SELECT home, person, since, until, first_seen, last_seen, gone_by, sources::INTEGER AS sources,
    records::INTEGER AS records, coalesce(against, 0)::INTEGER AS against,
    CASE WHEN against > sources THEN 'doubtful'
        WHEN sources > 1 AND against IS NULL AND first_seen IS NOT NULL THEN 'certain'
        ELSE 'likely' END AS standing
FROM stays LEFT JOIN gone USING (home, person, nth) LEFT JOIN opposed USING (home, person, nth)
ORDER BY home, first_seen, person
"""


@dataclass(frozen=True)
class Stays:
    """`table` holds (home, person, since, until, first_seen, last_seen, gone_by, sources, records, against,
    standing); `evidence` only counts.

    `since` and `until` are a stated start and end, null where no source states one; the person was there at
    `first_seen` and `last_seen` at the least; `gone_by` is the day on which, no end being stated, they are
    first seen at another home. `against` counts sources that place them elsewhere meanwhile. A stay without
    any date has none.
    """

    table: pa.Table
    evidence: Mapping[str, Any]


def stays(sightings: pa.Table, *, threads: int = 2) -> Stays:
    """The stays that `sightings` tell of: (source, record, person, home) and any of since, until, seen.

    The dates are of living there, as a source states them, and the last day on which it saw the person
    there; a source that keeps its register up to date has seen all its open records on the day of the
    extract. Rows without a person or a home are left out and counted. Raises LinkError for missing columns.
    """
    missing = [n for n in ("source", "record", "person", "home") if n not in sightings.column_names]
    if missing:
        raise LinkError([Problem("COLUMN", f"the sightings have no column {name}") for name in missing])
    with session(threads) as con:
        try:
            con.register("written", _dated(sightings))
            for step in (_SIGHTINGS, _NUMBERED, _STAYS):
                con.execute(step)
            table = con.execute(_JUDGED).to_arrow_table()
            counts = con.execute(
                "SELECT count(*), count(*) FILTER (first IS NULL), count(*) FILTER (reversed)"
                " FROM sightings"
            ).fetchall()[0]
        except duckdb.Error as error:
            kind = type(error).__name__
            raise LinkError(
                Problem("ENGINE", f"the engine stopped ({kind})", "its text may quote a row")
            ) from None
    standing = table["standing"].to_pylist()
    evidence = {
        "sightings": len(sightings),
        "without_person_or_home": len(sightings) - counts[0],
        "without_a_date": counts[1],
        "dates_reversed": counts[2],
        "stays": {name: standing.count(name) for name in STANDINGS},
    }
    return Stays(table, evidence)


def living_on(table: pa.Table, day: dt.date) -> pa.Table:
    """Who lives where on one day, by `stays`: (home, people, certain, sources, last_seen), counts for each
    home at which anybody is; a home without a row shows no sign of being lived in.

    `certain` counts people whose stay is certain, `sources` is the most that speak for one of them,
    `last_seen` the last day on which any of them was seen there. Doubtful stays and those without a date do
    not count.
    """
    with session(2, spills=False) as con:
        con.register("held", table)
        return con.execute(
            "SELECT home, count(DISTINCT person)::INTEGER AS people,"
            " (count(DISTINCT person) FILTER (standing = 'certain'))::INTEGER AS certain,"
            " max(sources)::INTEGER AS sources, max(last_seen) AS last_seen FROM held"
            " WHERE standing <> 'doubtful' AND first_seen <= $day AND coalesce(since, first_seen) <= $day"
            " AND coalesce(until, gone_by, DATE '2999-01-01') > $day GROUP BY home ORDER BY home",
            {"day": day},
        ).to_arrow_table()


def _dated(sightings: pa.Table) -> pa.Table:
    for name in _DATES:
        if name not in sightings.column_names:
            sightings = sightings.append_column(name, pa.nulls(len(sightings), pa.date32()))
    return sightings
