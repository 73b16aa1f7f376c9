"""communal(): homes that are establishments, by what the gazetteer says or else by who lives there.

Care homes, halls, hostels and prisons form no household and no family. Where the gazetteer gives a class,
that decides; otherwise how many live there at a time, how quickly they follow one another, how few share a
surname, and how old they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from ..session import session

CLASSES = {
    "RI01": "care home",
    "RI02": "hostel",
    "RI03": "hall",
    "CH": "hotel",
    "CM03": "hospital",
    "CC03": "prison",
}
"""Beginnings of the AddressBase classification (Ordnance Survey), and what is lived in there."""

_WORDS = {
    "care home": "care|nursing|residential home",
    "hall": "hall|student|residential education|boarding school",
    "hostel": "hostel|refuge|shelter|foyer|communal residence",
    "prison": "prison|custody|secure|detention",
    "hospital": "hospital|hospice",
    "barracks": "barracks|military",
    "hotel": "hotel|guest house",
}
_FEW, _OLD, _APART, _TURNOVER = 5, 75, 0.75, 3.0
"""From this many at a time: a median age that makes a care home; the share of surnames that makes
strangers; how many people over the years for each place."""

_CLASSED = """
CREATE TABLE classed AS SELECT home::VARCHAR AS home, CASE {cases} END AS kind FROM classes
"""
_PEOPLE = """
CREATE TABLE lived AS SELECT home::VARCHAR AS home, s.person::VARCHAR AS person,
    coalesce(since, first_seen) AS came,
    coalesce(until, gone_by, DATE '2999-01-01') AS left_on, last_seen, surname, born
FROM stays s LEFT JOIN (SELECT person, min(surname) AS surname, min(born) AS born
    FROM people GROUP BY person) p ON p.person = s.person WHERE standing <> 'doubtful'
"""
# Whoever has no dates counts as one that has always been there.
_PEAK = """
CREATE TABLE peak AS WITH steps AS (
    SELECT home, coalesce(came, DATE '1000-01-01') AS on_day, 1 AS step FROM lived
    UNION ALL SELECT home, left_on, -1 FROM lived),
running AS (SELECT home, sum(step) OVER (PARTITION BY home ORDER BY on_day, step
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS at_once FROM steps)
SELECT home, max(at_once)::INTEGER AS residents FROM running GROUP BY home
"""
_TRAITS = """
CREATE TABLE traits AS SELECT home, count(DISTINCT person)::INTEGER AS people, residents,
    count(DISTINCT upper(surname)) /
        nullif(count(DISTINCT person) FILTER (surname IS NOT NULL), 0) AS apart,
    median((last_seen - born) / 365.25) AS age
FROM lived JOIN peak USING (home) GROUP BY home, residents
"""
_FOUND = f"""
SELECT home, coalesce(kind, CASE WHEN basis IS NULL THEN NULL WHEN age >= {_OLD} THEN 'care home'
        WHEN age BETWEEN 17 AND 26 THEN 'hall' ELSE 'establishment' END) AS kind, basis,
    coalesce(residents, 0) AS residents, coalesce(people, 0) AS people
FROM (SELECT home, classed.kind, residents, people, age, CASE WHEN classed.kind IS NOT NULL THEN 'class'
        WHEN classed.home IS NOT NULL THEN NULL
        WHEN residents > $most THEN 'residents'
        WHEN residents >= {_FEW} AND apart >= {_APART} AND age >= {_OLD} THEN 'ages and surnames'
        WHEN residents >= {_FEW} AND apart >= {_APART} AND people >= {_TURNOVER} * residents THEN 'turnover'
        END AS basis
    FROM traits FULL JOIN classed USING (home)) WHERE basis IS NOT NULL ORDER BY home
"""


@dataclass(frozen=True)
class Communal:
    """`table` holds (home, kind, basis, residents, people): the kind of establishment, what told it (class,
    residents, ages and surnames, turnover), the most residents at a time, and how many there ever were.
    `evidence` only counts."""

    table: pa.Table
    evidence: Mapping[str, Any]


def communal(
    stays: pa.Table,
    people: pa.Table,
    *,
    classes: pa.Table | None = None,
    most: int = 12,
    threads: int = 2,
) -> Communal:
    """The communal establishments among the homes of `stays` (of `occupancy.stays`).

    `people` (person, surname, born) tell who is who; `classes` (home, class) what the gazetteer calls a
    home, as an AddressBase code or in words: a home with a class that is none of an establishment is none.
    More than `most` residents at a time make any other home one. Raises LinkError for missing columns.
    """
    needed = [
        ("stays", stays, ("home", "person", "since", "until", "first_seen", "last_seen", "gone_by")),
        ("people", people, ("person", "surname", "born")),
        *([("classes", classes, ("home", "class"))] if classes is not None else []),
    ]
    missing = [
        Problem("COLUMN", f"the table of {noun} has no column {name}")
        for noun, table, names in needed
        for name in names
        if name not in table.column_names
    ]
    if missing:
        raise LinkError(missing)
    with session(threads) as con:
        try:
            for noun, table, _ in needed:
                con.register(noun, table)
            if classes is None:
                con.register(
                    "classes", pa.table({name: pa.array([], pa.string()) for name in ("home", "class")})
                )
            con.execute(_CLASSED.format(cases=_cases()))
            for step in (_PEOPLE, _PEAK, _TRAITS):
                con.execute(step)
            table = con.execute(_FOUND, {"most": most}).to_arrow_table()
        except duckdb.Error as error:
            kind = type(error).__name__
            raise LinkError(
                Problem("ENGINE", f"the engine stopped ({kind})", "its text may quote a row")
            ) from None
    found = {name: dict(sorted(Counter(table[name].to_pylist()).items())) for name in ("kind", "basis")}
    return Communal(table, {"establishments": len(table), **found})


def _cases() -> str:
    codes = [f"WHEN starts_with(upper(class), '{code}') THEN '{kind}'" for code, kind in CLASSES.items()]
    words = [
        f"WHEN regexp_matches(lower(class), '\\b({pattern})s?\\b') THEN '{kind}'"
        for kind, pattern in _WORDS.items()
    ]
    return " ".join(codes + words)
