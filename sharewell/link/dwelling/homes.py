"""households(): which records share a home, and which of those who ever lived there lived there together.

A home is a UPRN where one is held, else the postcode with the numbers (or the words) of the address; an
address that some record ties to a UPRN takes it. Where dates are held, the residents of one home fall
into successive households: surnames whose stays overlap by more than a month live together. A home of more
residents at a time than a household has is communal, and its residents form none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from .. import cluster, standardise
from ..identify import check_records
from ..session import session
from ..settings import Housed, Linked, Progress, Settings
from .addresses import KINDS, place

_MOVING_DAYS = 31
"""Old and new residents may overlap this long in the records without having lived together."""

_DOORS = """
CREATE TABLE doors AS SELECT rid, uprn, CASE
    WHEN postcode IS NOT NULL AND coalesce(number, street) IS NOT NULL
    THEN postcode || ' ' || coalesce(number, street) END AS door FROM records
"""
# An address is tied to the UPRN that most records give for it; the least on a tie.
_HOMES = """
CREATE TABLE homes AS WITH tied AS (
    SELECT door, arg_min(uprn, (-n, uprn)) AS tied FROM
        (SELECT door, uprn, count(*) AS n FROM doors WHERE door IS NOT NULL AND uprn IS NOT NULL
        GROUP BY ALL) GROUP BY door)
SELECT rid, CASE WHEN key IS NOT NULL THEN min(rid) OVER (PARTITION BY key) END AS home FROM
    (SELECT rid, coalesce(uprn, tied, door) AS key FROM doors LEFT JOIN tied USING (door))
"""
# Whoever is next seen living elsewhere has left, whatever the old register says.
_STAYS = """
CREATE TABLE stays AS SELECT rid, home, person, surname, since, coalesce(until, min(since) OVER (
        PARTITION BY person ORDER BY since RANGE BETWEEN INTERVAL 1 DAY FOLLOWING AND UNBOUNDED FOLLOWING),
        DATE '2999-01-01') AS until
    FROM records JOIN homes USING (rid) JOIN residents USING (rid) WHERE home IS NOT NULL
"""
_SPANS = f"""
CREATE TABLE spans AS WITH surnames AS (
    SELECT home, coalesce(surname, '') AS surname, min(since) AS since, max(until) AS until FROM stays
    WHERE since IS NOT NULL GROUP BY ALL),
fresh AS (SELECT *, coalesce(since + INTERVAL {_MOVING_DAYS} DAY > max(until) OVER (
        PARTITION BY home ORDER BY since, until, surname 
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), TRUE) AS starts
    FROM surnames)
SELECT home, surname, sum(starts::INTEGER) OVER (PARTITION BY home ORDER BY since, until, surname) AS nth
FROM fresh
"""
# A record without dates goes with its surname, else with the household that is there now.
_HOUSEHOLDS = """
CREATE TABLE households AS WITH latest AS (SELECT home, max(nth) AS nth FROM spans GROUP BY home),
placed AS (SELECT rid, stays.home, person, coalesce(spans.nth, latest.nth, 0) AS nth FROM stays
    LEFT JOIN spans ON spans.home = stays.home AND spans.surname = coalesce(stays.surname, '')
    LEFT JOIN latest ON latest.home = stays.home)
SELECT rid, min(rid) OVER (PARTITION BY home, nth) AS household,
    (SELECT count(DISTINCT person) FROM placed p WHERE p.home = placed.home AND p.nth = placed.nth)
    AS residents FROM placed
"""


def households(
    tables: Mapping[str, pa.Table],
    *,
    settings: Settings,
    linked: Linked | None = None,
    gazetteer: pa.Table | None = None,
    progress: Progress | None = None,
) -> Housed:
    """Group the records of named sources into homes and households.

    Tables are as for `people`; `since` and `until` (dates of living there) separate successive
    households. `linked`, if given, tells who is one person; otherwise residents are counted by name and
    birth date. With a `gazetteer` (uprn, address, postcode) an address without a reference is first looked
    up in it, as by `place`. Raises LinkError as `people` and `place` do.
    """
    told = progress or (lambda stage, done: None)
    check_records(tables, settings)
    placed: dict[str, Any] = {}
    if gazetteer is not None:
        told("looking addresses up", 0.0)
        tables, placed = _looked_up(tables, gazetteer, settings)
    with session(settings.threads) as con:
        con.execute("SET enable_progress_bar = false")
        told("standardising addresses", 0.0)
        try:
            standardise.load(con, tables, settings.columns)
            _residents(con, linked)
            for at, step in enumerate((_DOORS, _HOMES, _STAYS, _SPANS, _HOUSEHOLDS)):
                told("forming households", 0.3 + at / 10)
                con.execute(step)
            records = con.sql("SELECT source, record FROM records ORDER BY rid").to_arrow_table()
            found = con.execute(
                "SELECT coalesce(home, -1) AS home, coalesce(household, -1) AS household,"
                " coalesce(residents, 0) AS residents"
                " FROM homes LEFT JOIN households USING (rid) ORDER BY rid"
            ).fetchnumpy()
        except duckdb.Error as error:
            kind = type(error).__name__
            raise LinkError(
                Problem("ENGINE", f"the linking engine stopped ({kind})", "its text may quote a row")
            ) from None
    told("done", 1.0)
    home, household = (np.asarray(found[name], np.int64) for name in ("home", "household"))
    communal = found["residents"] > settings.communal
    household = np.where(communal, -1, household)
    table = records.append_column("home", cluster.name(settings.secret, "home", records, home))
    table = table.append_column("household", cluster.name(settings.secret, "household", records, household))
    return Housed(
        table.append_column("communal", pa.array(communal, pa.bool_())),
        _counts(home, household, communal) | placed,
    )


def _looked_up(
    tables: Mapping[str, pa.Table], gazetteer: pa.Table, settings: Settings
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """The sources with a reference for each address that the gazetteer knows, and how many of each kind."""
    if not {"address", "uprn"} <= set(settings.columns):
        return dict(tables), {}
    filled = dict(tables)
    sought = [name for name in sorted(tables) if "address" in tables[name].column_names]
    if not sought:
        return filled, {"placed": dict.fromkeys(KINDS, 0)}
    parts = [_places(tables[name], "postcode" in settings.columns) for name in sought]
    found = place(pa.concat_tables(parts), gazetteer, threads=settings.threads)
    start = 0
    for name in sought:
        table = tables[name]
        uprn = found.table["uprn"].slice(start, len(table))
        start += len(table)
        if "uprn" in table.column_names:
            at = table.column_names.index("uprn")
            held = _digits(table["uprn"])
            filled[name] = table.set_column(at, "uprn", pc.coalesce(held, uprn))
        else:
            filled[name] = table.append_column("uprn", uprn)
    return filled, {"placed": found.evidence["placed"], "unplaced": found.evidence["unplaced"]}


def _digits(uprn: pa.ChunkedArray) -> pa.ChunkedArray:
    """References as text; a column with gaps often comes as floating-point numbers."""
    if pa.types.is_floating(uprn.type):
        uprn = pc.cast(pc.if_else(pc.is_finite(uprn), uprn, None), pa.int64(), safe=False)
    return pc.replace_substring_regex(uprn.cast(pa.string()), r"\.0*$", "")


def _places(table: pa.Table, with_postcode: bool) -> pa.Table:
    held = with_postcode and "postcode" in table.column_names
    postcode = table["postcode"].cast(pa.string()) if held else pa.nulls(len(table), pa.string())
    return pa.table({"address": table["address"].cast(pa.string()), "postcode": postcode})


def _residents(con: duckdb.DuckDBPyConnection, linked: Linked | None) -> None:
    if linked is None:
        con.execute(
            "CREATE TABLE residents AS SELECT rid, coalesce(forename || ' ' || surname || ' ' ||"
            " coalesce(born, ''), rid::VARCHAR)"
            " AS person FROM records"
        )
        return
    con.register("linked", linked.table)
    con.execute(
        "CREATE TABLE residents AS SELECT rid, coalesce(cluster, rid::VARCHAR) AS person"
        " FROM records LEFT JOIN linked USING (source, record)"
    )


def _counts(home: cluster.Ints, household: cluster.Ints, communal: Any) -> dict[str, int]:
    return {
        "records": len(home),
        "homes": len(np.unique(home[home >= 0])),
        "households": len(np.unique(household[household >= 0])),
        "communal_homes": len(np.unique(home[communal])),
        "without_a_home": int((home < 0).sum()),
    }
