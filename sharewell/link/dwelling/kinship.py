"""families(): who belongs together, within one home or over several, and by which kind of tie.

A household lives at one home; a family is joined through people: a child of two homes joins both, a
grandmother who lives in joins three generations, a guardian on a school's file joins though they live
apart. Lodgers, students and residents of a communal establishment are not family for sharing a door.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from .. import cluster
from ..session import session
from . import ties

WIDE = 20
"""A family of more people is marked: chains of step-families and shared surnames want a look."""

_DWELT = """
CREATE TABLE dwelt AS SELECT home::VARCHAR AS home, person::VARCHAR AS person,
    coalesce(since, first_seen) AS came,
    least(coalesce(until, gone_by, $last), $last) AS left_on, $first AS opening FROM stays
WHERE standing <> 'doubtful' AND first_seen IS NOT NULL
    AND coalesce(since, first_seen) < $last AND coalesce(until, gone_by, $last) > $first
    AND home::VARCHAR NOT IN (SELECT home::VARCHAR FROM communal)
"""
# All surnames that a person has had, and both halves of a double one.
_FOLK = r"""
CREATE TABLE folk AS SELECT person::VARCHAR AS person, min(born)::DATE AS born, list_filter(
    string_split_regex(upper(strip_accents(string_agg(surname, ' '))), '[^\p{L}'']+'),
    x -> x <> '') AS names
FROM (SELECT * FROM people UNION ALL BY NAME SELECT DISTINCT person FROM stays) GROUP BY person
"""
_ALL = """
SELECT person::VARCHAR AS one, other::VARCHAR AS two, kind, NULL::DATE AS since, NULL::DATE AS until,
    0 AS homes, TRUE AS declared FROM declared WHERE person::VARCHAR IN (SELECT person FROM folk)
    AND other::VARCHAR IN (SELECT person FROM folk) AND person <> other GROUP BY ALL
UNION ALL SELECT one, two, kind, since, until, homes, FALSE FROM inferred ORDER BY one, two, declared, kind
"""


@dataclass(frozen=True)
class Families:
    """`table` holds (person, family, members, wide), `ties` (one, two, kind, since, until, homes, declared,
    family_tie); `evidence` only counts.

    Everyone has a family, if only of one. A family wider than WIDE is marked. Inferred ties run from
    the day on which the two came to live together to the last within the period, at so many homes; declared
    ones have no days.
    """

    table: pa.Table
    ties: pa.Table
    evidence: Mapping[str, Any]


def families(
    stays: pa.Table,
    people: pa.Table,
    *,
    secret: bytes,
    period: tuple[dt.date, dt.date],
    declared: pa.Table | None = None,
    communal: pa.Array | None = None,
    threads: int = 2,
) -> Families:
    """Families within `period`, from stays (of `occupancy.stays`), people (person, surname, born) and
    declared ties (person, other, kind) such as a child's guardian on a school's file.

    `communal` are the homes at which living together makes no tie. Someone who left before the period is
    tied only by a declaration. Family ids are opaque under `secret`. Raises LinkError for missing columns
    or a period that ends before it begins.
    """
    _check(stays, people, declared, period)
    with session(threads) as con:
        try:
            nobody = pa.table({name: pa.array([], pa.string()) for name in ("person", "other", "kind")})
            homes = pa.array([], pa.string()) if communal is None else communal
            for name, table in (
                ("stays", stays),
                ("people", people.select(["person", "surname", "born"])),
                ("declared", nobody if declared is None else declared.select(["person", "other", "kind"])),
                ("communal", pa.table({"home": homes})),
            ):
                con.register(name, table)
            con.execute(_DWELT, {"first": period[0], "last": period[1]})
            con.execute(_FOLK)
            ties.infer(con)
            found = con.execute(_ALL).to_arrow_table()
            folk = con.execute("SELECT person FROM folk ORDER BY person").to_arrow_table()["person"]
        except duckdb.Error as error:
            kind = type(error).__name__
            raise LinkError(
                Problem("ENGINE", f"the engine stopped ({kind})", "its text may quote a row")
            ) from None
    found = found.append_column("family_tie", pc.is_in(found["kind"], pa.array(ties.FAMILY)))
    table = _joined(folk.combine_chunks(), found, secret)
    return Families(table, found, _counts(table, found, declared))


def _check(
    stays: pa.Table, people: pa.Table, declared: pa.Table | None, period: tuple[dt.date, dt.date]
) -> None:
    needed = [
        (
            "stays",
            stays,
            ("home", "person", "since", "until", "first_seen", "last_seen", "gone_by", "standing"),
        ),
        ("people", people, ("person", "surname", "born")),
    ]
    if declared is not None:
        needed.append(("declared ties", declared, ("person", "other", "kind")))
    problems = [
        Problem("COLUMN", f"the table of {noun} has no column {name}")
        for noun, table, names in needed
        for name in names
        if name not in table.column_names
    ]
    if period[1] <= period[0]:
        problems.append(Problem("PERIOD", "the period ends before it begins"))
    if problems:
        raise LinkError(problems)


def _joined(folk: pa.Array, found: pa.Table, secret: bytes) -> pa.Table:
    binding = found.filter(found["family_tie"])
    left, right = (
        pc.index_in(binding[name], folk).combine_chunks().to_numpy().astype(np.int64)
        for name in ("one", "two")
    )
    none = np.zeros(len(folk), np.int64)
    labels, _ = cluster.join(len(folk), left, right, np.ones(len(left)), none, none)
    known = pa.table({"source": pa.repeat("person", len(folk)), "record": folk.cast(pa.string())})
    members = np.bincount(labels, minlength=len(folk))[labels]
    return pa.table(
        {
            "person": folk,
            "family": cluster.name(secret, "family", known, labels),
            "members": pa.array(members, pa.int64()),
            "wide": pa.array(members > WIDE, pa.bool_()),
        }
    )


def _counts(table: pa.Table, found: pa.Table, declared: pa.Table | None) -> dict[str, Any]:
    kinds = Counter(found["kind"].to_pylist())
    stated = 0 if declared is None else len(declared)
    return {
        "people": len(table),
        "families": pc.count_distinct(table["family"]).as_py(),
        "wide_families": pc.count_distinct(table.filter(table["wide"])["family"]).as_py(),
        "ties": dict(sorted(kinds.items())),
        "declared": stated,
        "declared_unused": stated - (pc.sum(found["declared"]).as_py() or 0),
    }
