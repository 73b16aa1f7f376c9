"""Values that too many records of one source hold to be facts, and how they are taken out of it.

A surname that stands in 40% of a source is a placeholder, unless it is not: in a gurdwara's list it is a
name. What tells the two apart is what other sources say of the same people, found by NHS number or by what
else is known of them. So a common value becomes missing only where others contradict it; names of a
community are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from .signs import Sign
from .standardise import SAID, WHO, tell

_LOOKED_AT = 40_000
_FEWEST, _SOURCE = 20, 200
_TELLERS = 20
_COUNTERPARTS = 5_000
_PEOPLE = 20
"""One person is not told in more than twenty ways (name, birth date, sex) by one source."""
_OUTLIER = 10
_RANK = 10

LIMITS = {
    "forename": 0.10,
    "surname": 0.05,
    "born": 0.01,
    "postcode": 0.05,
    "street": 0.10,
    "uprn": 0.05,
    "other_id": 0.01,
}
"""From which share of a source a value is looked into. The sources of a made county of 15,000 people reach
2.7% (forename), 1.8% (surname), 0.6% (birth date), 2.4% (postcode) and 2.5% (street) at most; a single
school year gives each date 0.3%. Real sources of one community or one care home go further: hence the look.
"""

_BORNE_OUT = {"postcode": 0.1, "street": 0.1, "uprn": 0.1}
"""People move, so a home is borne out by fewer; anything else by half of those known elsewhere."""

_KEYS = {
    "forename": ("surname", "born", "postcode"),
    "surname": ("forename", "born", "postcode"),
    "born": ("forename", "surname", "postcode"),
}
_KEY = ("forename", "surname", "born")
_TOGETHER = {"forename": ("forename", "given"), "street": ("street", "number")}


@dataclass(frozen=True)
class _Common:
    nth: int
    field: str
    value: str
    outlier: bool


def look(con: duckdb.DuckDBPyConnection, identities: pa.Table) -> tuple[list[Sign[int]], pa.Table]:
    """Find common values in `rows` and `identities`, take out those that others contradict, and say so.
    Answers the identities as they are then.
    """
    _draw(con)
    signs = _one_number(con)
    out = []
    for common in _candidates(con):
        same, asked = _counterparts(con, common)
        if asked >= _TELLERS:
            contradicted = same < _BORNE_OUT.get(common.field, 0.5) * asked
            if not contradicted:
                continue
        else:
            contradicted = common.outlier
        signs.append(_sign(con, common, "common" if contradicted else "common_left"))
        out += [common] if contradicted else []
    con.execute("DROP TABLE glimpse")
    return signs, _take_out(con, identities, out) if out else identities


def _draw(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `glimpse` with some records of each source. Drawn before they are joined to what they say: the
    engine would otherwise join all of them first.
    """
    sizes = con.execute("SELECT nth, count(*) FROM rows GROUP BY nth").fetchall()
    parts = " ".join(f"WHEN {nth} THEN {1 + count // _LOOKED_AT}" for nth, count in sizes)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE drawn AS SELECT nth, nhs, identity FROM rows"
        f" WHERE hash(rid) % (CASE nth {parts or 'WHEN 0 THEN 1'} END)::UBIGINT = 0"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE glimpse AS SELECT nth, nhs, i.* FROM drawn"
        " JOIN identities i USING (identity)"
    )
    con.execute("DROP TABLE drawn")


def blank(con: duckdb.DuckDBPyConnection, identities: pa.Table, nth: int, field: str) -> pa.Table:
    """Make a field (not `nhs`) missing throughout a source; answers the identities as they then are."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT identity, nth FROM (SELECT identity, nth"
        " FROM rows UNION ALL SELECT a.identity, nth FROM aliases a JOIN rows USING (rid)) WHERE nth = ?",
        [nth],
    )
    return _renumber(con, identities, dict.fromkeys(_TOGETHER.get(field, (field,)), "NULL::VARCHAR"))


def _one_number(con: duckdb.DuckDBPyConnection) -> list[Sign[int]]:
    found = con.execute(
        "SELECT nth, nhs FROM glimpse WHERE nhs IS NOT NULL GROUP BY nth, nhs HAVING count(*) >"
        f" {_PEOPLE} AND count(DISTINCT who) > {_PEOPLE} ORDER BY nth, nhs"
    ).fetchall()
    signs = []
    for nth, number in found:
        n, of = con.execute(
            "SELECT count(*) FILTER (nhs = ?), count(*) FROM rows WHERE nth = ?", [number, nth]
        ).fetchall()[0]
        con.execute("UPDATE rows SET nhs = NULL WHERE nth = ? AND nhs = ?", [nth, number])
        signs.append(Sign(int(nth), "nhs", "one_number", int(n), int(of), False))
    con.execute(
        "UPDATE glimpse SET nhs = NULL FROM (SELECT nth, nhs FROM glimpse WHERE nhs IS NOT NULL GROUP BY"
        f" nth, nhs HAVING count(*) > {_PEOPLE} AND count(DISTINCT who) > {_PEOPLE}) c"
        " WHERE glimpse.nth = c.nth AND glimpse.nhs = c.nhs"
    )
    return signs


def _candidates(con: duckdb.DuckDBPyConnection) -> Iterator[_Common]:
    """Values over the limits. An outlier is a birth date, or a number of its own, ten times as common as
    the tenth commonest of its source: such things are spread evenly, wherever.
    """
    for field, limit in LIMITS.items():
        rows = con.execute(
            f"WITH counted AS (SELECT nth, {field} AS value, count(*) AS n FROM glimpse"
            f" WHERE {field} IS NOT NULL GROUP BY ALL),"
            " ranked AS (SELECT *, row_number() OVER (PARTITION BY nth ORDER BY n DESC, value) AS place"
            " FROM counted), usual AS (SELECT nth, n AS usual FROM ranked WHERE place ="
            f" {_RANK}), sizes AS (SELECT nth, count(*) AS total FROM glimpse GROUP BY nth)"
            f" SELECT nth, value, coalesce(n >= {_OUTLIER} * usual, FALSE) FROM ranked JOIN sizes"
            f" USING (nth) LEFT JOIN usual USING (nth) WHERE n >= {_FEWEST} AND total >= {_SOURCE}"
            f" AND n > {limit} * total ORDER BY nth, value"
        ).fetchall()
        even = field in {"born", "other_id"}
        yield from (_Common(int(nth), field, value, even and bool(out)) for nth, value, out in rows)


def _counterparts(con: duckdb.DuckDBPyConnection, common: _Common) -> tuple[int, int]:
    """Of the records with the value: how many are known elsewhere with something in that field, and how
    many of them with the same.
    """
    field, keys = common.field, _KEYS.get(common.field, _KEY)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE held AS SELECT rid, rows.nhs, i.* FROM rows JOIN (FROM identities"
        f" WHERE {field} = ?) i USING (identity) WHERE nth = ? ORDER BY hash(rid) LIMIT {_COUNTERPARTS}",
        [common.value, common.nth],
    )
    same = " AND ".join(f"i.{key} = held.{key}" for key in keys)
    row = con.execute(
        f"SELECT count(*) FILTER (same), count(*) FROM (SELECT rid, bool_or(said = ?) AS same FROM"
        f" (SELECT held.rid, i.{field} AS said FROM held JOIN rows o ON o.nhs = held.nhs AND o.nth <> ?"
        f" JOIN identities i ON i.identity = o.identity UNION ALL"
        f" SELECT held.rid, i.{field} FROM held JOIN identities i ON {same}"
        " JOIN rows o ON o.identity = i.identity AND o.nth <> ?) WHERE said IS NOT NULL GROUP BY rid)",
        [common.value, common.nth, common.nth],
    ).fetchall()[0]
    con.execute("DROP TABLE held")
    return int(row[0]), int(row[1])


def _sign(con: duckdb.DuckDBPyConnection, common: _Common, kind: str) -> Sign[int]:
    n, of = con.execute(
        f"SELECT count(*) FILTER ({common.field} = ?), count(*) FROM rows JOIN identities USING (identity)"
        " WHERE nth = ?",
        [common.value, common.nth],
    ).fetchall()[0]
    return Sign(common.nth, common.field, kind, int(n), int(of), False)


def _take_out(con: duckdb.DuckDBPyConnection, identities: pa.Table, out: list[_Common]) -> pa.Table:
    """Make these values missing, each in its own source."""
    given = pa.table(
        {
            "nth": pa.array([each.nth for each in out], pa.int16()),
            "field": [each.field for each in out],
            "value": [each.value for each in out],
        }
    )
    con.register("taken_out", given)
    fields = sorted({each.field for each in out})
    meant = {
        field: f"(nth, {field}) IN (SELECT nth, value FROM taken_out WHERE field = '{field}')"
        for field in fields
    }
    con.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT identity, nth FROM (SELECT identity, nth"
        " FROM rows UNION ALL SELECT a.identity, nth FROM aliases a JOIN rows USING (rid)) JOIN identities"
        f" USING (identity) WHERE {' OR '.join(meant.values())}"
    )
    changed = {
        name: f"CASE WHEN NOT coalesce({meant[field]}, FALSE) THEN {name} END"
        for field in fields
        for name in _TOGETHER.get(field, (field,))
    }
    answer = _renumber(con, identities, changed)
    con.unregister("taken_out")
    return answer


def _renumber(con: duckdb.DuckDBPyConnection, identities: pa.Table, changed: Mapping[str, str]) -> pa.Table:
    """Give the identities in `touched(identity, nth)` these new fields, in rows and aliases of those
    sources alone: under the number of an identity that says so already, else under a new one. Answers all.
    """
    said = ", ".join(SAID)
    fields = ", ".join(f"({changed.get(name, name)}) AS {name}" for name in SAID)
    found = ", ".join(f"n.{name}" for name in SAID)
    same = " AND ".join(f"i.{name} IS NOT DISTINCT FROM n.{name}" for name in SAID)
    who = " AND ".join(f"w.{name} IS NOT DISTINCT FROM n.{name}" for name in WHO)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE become AS SELECT identity AS old, nth, {fields} FROM touched JOIN"
        " identities USING (identity)"
    )
    top = "(SELECT max(who) FROM identities)"
    fresh = con.sql(
        f"WITH n AS (SELECT DISTINCT {said} FROM become)"
        f" SELECT ({len(identities)} - 1 + row_number() OVER (ORDER BY {found}))::INTEGER AS identity,"
        f" coalesce(w.who, {top} + dense_rank() OVER (ORDER BY {', '.join(f'n.{each}' for each in WHO)}))"
        f"::INTEGER AS who, {found} FROM n ANTI JOIN identities i ON"
        f" {same} LEFT JOIN (SELECT DISTINCT who, {', '.join(WHO)} FROM identities) w ON {who}"
        " ORDER BY identity"
    ).to_arrow_table()
    answer = tell(con, _below(identities, fresh))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE renamed AS SELECT old, nth, i.identity AS new FROM become n"
        f" JOIN identities i ON {same}"
    )
    con.execute(
        "UPDATE aliases SET identity = new FROM rows, renamed WHERE rows.rid = aliases.rid"
        " AND renamed.nth = rows.nth AND renamed.old = aliases.identity"
    )
    con.execute(
        "UPDATE rows SET identity = new FROM renamed WHERE old = identity AND renamed.nth = rows.nth"
    )
    con.execute("DROP TABLE touched; DROP TABLE become; DROP TABLE renamed")
    return answer


def _below(identities: pa.Table, fresh: pa.Table) -> pa.Table:
    """Further identities, coded as the first are."""
    columns = [
        fresh[field.name].dictionary_encode() if pa.types.is_dictionary(field.type) else fresh[field.name]
        for field in identities.schema
    ]
    coded = pa.table(columns, names=identities.column_names).cast(identities.schema)
    return pa.concat_tables([identities, coded]).unify_dictionaries()
