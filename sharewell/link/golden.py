"""golden(): one record for each cluster, by declared rules, and where each of its values comes from.

Fields that say one thing (address, postcode, UPRN) survive together, out of one record: a value never mixes
two. What the linker takes for no value (UNKNOWN, 1900-01-01, a number with a wrong check digit) never wins.
Preferences are held against one another in the order declared; then the source's and the record's name
decide, so that the same tables give the same golden records, whatever the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from ..errors import LinkError, Problem
from .golden_rules import COMMON, COMPLETE, RECENT, TRUSTED, Preference, Survivor
from .numbers import FORMED
from .session import session
from .spellings import MACROS, READINGS


def golden(
    tables: Mapping[str, pa.Table],
    clusters: pa.Table,
    rules: Sequence[Survivor],
    *,
    at: date | None = None,
) -> pa.Table:
    """The golden record of each cluster.

    `tables` are the sources by name, each with `record` and any of the fields; `clusters` is (source,
    record, cluster); records without a cluster have none. `at` is the day it is: a later date is not
    believed, as one never read, and loses to any other.

    Answers a row a cluster, in order: `cluster`, and for each rule NAME its fields as they were written
    (text, null where no record has a value), and `NAME_source`, `NAME_record` (whose they are), `NAME_rule`
    (what decided: only, agreed, trusted, recent, complete, common, or tie) and `NAME_conflict` (whether
    trusted sources, or all where none is declared, say different things in any field). LinkError with
    every fault of the rules.
    """
    faults = list(_faults(tables, rules))
    if faults:
        raise LinkError(faults)
    fields = list(dict.fromkeys(name for rule in rules for name in rule.fields))
    dates = list(dict.fromkeys(p.column for rule in rules for p in rule.by if p.kind == RECENT))
    with session(2) as con:
        con.execute("SET enable_progress_bar = false")
        try:
            for macro in MACROS:
                con.execute(f"CREATE MACRO {macro}")
            _hold(con, tables, clusters, list(dict.fromkeys([*fields, *dates])))
            for name in fields:
                _spell(con, name)
            for rule in rules:
                _survive(con, rule, at)
                for table in ("candidates", "votes", "conflicts", "ranked", "best", "rivals"):
                    con.execute(f"DROP TABLE {table}")
            return _joined(con, rules)
        except duckdb.Error as error:
            kind = type(error).__name__  # DuckDB quotes the value that it stumbled on
        what = f"golden records could not be made ({kind})"
        raise LinkError(Problem("ENGINE", what, "its text may quote a row"))


def _faults(tables: Mapping[str, pa.Table], rules: Sequence[Survivor]) -> Iterator[Problem]:
    held = {name for table in tables.values() for name in table.column_names} - {"record"}
    for source, table in sorted(tables.items()):
        if "record" not in table.column_names:
            yield Problem("RECORD", f"source {source} has no column `record`", fix="name its key")
    said = [name for rule in rules for name in rule.fields]
    names = [rule.name for rule in rules]
    for name in sorted({n for n in names if names.count(n) > 1} | {n for n in said if said.count(n) > 1}):
        yield Problem("GOLDEN", f"{name} is declared twice", "one of the two would be lost", "say it once")
    for name in sorted({*said, *names}):
        if not name or '"' in name:
            yield Problem("GOLDEN", f"{name!r} cannot name a column", fix="use letters, digits, - and _")
    for rule in rules:
        for name in sorted({*rule.fields, *rule.columns} - held):
            what = f"{rule.name}: no source has a field {name}"
            yield Problem("GOLDEN", what, fix=f"there are: {', '.join(sorted(held))}")
        for name in sorted(set(rule.sources) - set(tables)):
            what = f"{rule.name}: {name} is trusted and is no source"
            yield Problem("GOLDEN", what, fix=f"there are: {', '.join(sorted(tables))}")


def _hold(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], clusters: pa.Table, names: list[str]
) -> None:
    """Table `held(source, record, cluster, NAMES as text)` of every record that has a cluster."""
    parts = []
    for number, (source, table) in enumerate(sorted(tables.items())):
        con.register(f"source_{number}", table)
        con.register(f"name_{number}", pa.table({"source": [source]}))
        columns = ", ".join(
            f'nullif(trim(CAST("{n}" AS VARCHAR)), \'\') AS "{n}"'
            if n in table.column_names
            else f'CAST(NULL AS VARCHAR) AS "{n}"'
            for n in names
        )
        parts.append(
            f"SELECT source, CAST(record AS VARCHAR) AS record, {columns}"
            f" FROM source_{number}, name_{number}"
        )
    con.register("clusters", clusters)
    con.execute(
        f"CREATE TABLE held AS SELECT cluster, h.* FROM ({' UNION ALL '.join(parts)}) h JOIN clusters c"
        " ON h.source = c.source AND h.record = CAST(c.record AS VARCHAR) WHERE cluster IS NOT NULL"
    )


def _spell(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Table `spelt_NAME(x, said)`: each distinct value and what it says, null where that is nothing."""
    readings = [
        sql
        for field, columns in READINGS.items()
        for column, sql in columns
        if column == name and (field != "sex" or name in ("sex", "title"))
    ]
    if name == "nhs_number":
        said = f"CASE WHEN {FORMED} THEN nhs END"
        number = "TRY_CAST(nhs_digits(x) AS BIGINT) AS nhs_number"
        source = f'(SELECT x, nhs_digits(x) AS nhs, {number} FROM "distinct")'
    elif readings:
        said, source = f"nullif(concat_ws('|', {', '.join(readings)}), '')", '"distinct"'
    else:
        letters = r"regexp_matches(x, '\p{L}')"
        said = f"CASE WHEN {letters} THEN known_name(plain(x)) ELSE nullif(plain(x), '') END"
        source = '"distinct"'
    con.execute(
        f'CREATE TABLE "spelt_{name}" AS WITH "distinct" AS (SELECT DISTINCT "{name}" AS x FROM held'
        f' WHERE "{name}" IS NOT NULL) SELECT x, {said} AS said FROM {source}'
    )


def _survive(con: duckdb.DuckDBPyConnection, rule: Survivor, at: date | None) -> None:
    """Table `golden_NAME(cluster, FIELDS, source, record, rule, conflict)`."""
    fields = rule.fields
    spelt = " ".join(f'LEFT JOIN "spelt_{f}" s{n} ON s{n}.x = held."{f}"' for n, f in enumerate(fields))
    kept = ", ".join(
        f'CASE WHEN s{n}.said IS NOT NULL THEN "{f}" END AS "{f}"' for n, f in enumerate(fields)
    )
    parts = ", ".join(f"s{n}.said AS said_{n}" for n in range(len(fields)))
    known = " OR ".join(f"s{n}.said IS NOT NULL" for n in range(len(fields)))
    whole = ", ".join(f"coalesce(s{n}.said, '')" for n in range(len(fields)))
    dates = "".join(f', {_day(column, at)} AS "day_{column}"' for column in rule.columns)
    con.execute(
        f"CREATE OR REPLACE TABLE candidates AS SELECT held.cluster, source, record, {kept}, {parts},"
        f" concat_ws(chr(31), {whole}) AS said{dates} FROM held {spelt} WHERE {known}"
    )
    con.execute(
        "CREATE OR REPLACE TABLE votes AS SELECT cluster, said, count(DISTINCT source) AS votes"
        " FROM candidates GROUP BY ALL"
    )
    con.register("asked", pa.table({"trusted": pa.array(sorted(set(rule.sources)), pa.string())}))
    trusted = "source IN (SELECT trusted FROM asked)" if rule.sources else "TRUE"
    differ = " OR ".join(f"count(DISTINCT said_{n}) FILTER ({trusted}) > 1" for n in range(len(fields)))
    con.execute(
        f"CREATE OR REPLACE TABLE conflicts AS SELECT cluster, {differ} AS conflict, count(*) AS records,"
        " count(DISTINCT said) AS sayings FROM candidates GROUP BY cluster"
    )
    _rank(con, rule)


def _rank(con: duckdb.DuckDBPyConnection, rule: Survivor) -> None:
    """The best candidate, and, to tell what decided, the best of those that say something else."""
    for number, preference in enumerate(rule.by):
        con.register(f"order_{number}", _order(preference))
    keys = [_key(number, preference, rule) for number, preference in enumerate(rule.by)]
    named = ", ".join(f"{sql} AS key_{number}" for number, sql in enumerate(keys))
    joins = " ".join(
        f"LEFT JOIN order_{number} o{number} ON o{number}.name = source"
        for number, preference in enumerate(rule.by)
        if preference.kind == TRUSTED
    )
    con.execute(
        f"CREATE OR REPLACE TABLE ranked AS SELECT candidates.*, {named} FROM candidates"
        f" JOIN votes USING (cluster, said) {joins}"
    )
    ordered = ", ".join([*(f"key_{number}" for number in range(len(keys))), "source", "record"])
    first = f"row_number() OVER (PARTITION BY cluster ORDER BY {ordered}) = 1"
    con.execute(f"CREATE OR REPLACE TABLE best AS SELECT * FROM ranked QUALIFY {first}")
    kept = ("cluster", "source", "record", *(f"key_{number}" for number in range(len(keys))))
    con.execute(
        "CREATE OR REPLACE TABLE rivals AS WITH others AS (SELECT"
        f" {', '.join(f'r.{name}' for name in kept)} FROM ranked r JOIN best b"
        f" ON r.cluster = b.cluster AND r.said <> b.said) SELECT * FROM others QUALIFY {first}"
    )
    decided = " ".join(
        f"WHEN best.key_{number} <> rivals.key_{number} THEN '{preference.kind}'"
        for number, preference in enumerate(rule.by)
    )
    fields = ", ".join(f'best."{name}"' for name in rule.fields)
    con.execute(
        f'CREATE TABLE "golden_{rule.name}" AS SELECT best.cluster, {fields}, best.source, best.record,'
        f" CASE WHEN records = 1 THEN 'only' WHEN sayings = 1 THEN 'agreed' {decided} ELSE 'tie' END"
        " AS rule, conflict FROM best JOIN conflicts USING (cluster) LEFT JOIN rivals USING (cluster)"
    )


def _order(preference: Preference) -> pa.Table:
    places = list(range(len(preference.sources)))
    return pa.table(
        {"name": pa.array(preference.sources, pa.string()), "place": pa.array(places, pa.int64())}
    )


def _key(number: int, preference: Preference, rule: Survivor) -> str:
    """SQL of one preference, least is best."""
    if preference.kind == TRUSTED:
        return f"coalesce(o{number}.place, {len(preference.sources)})"
    if preference.kind == RECENT:
        return f"coalesce(date_diff('day', \"day_{preference.column}\", DATE '3000-01-01'), 1000000)"
    if preference.kind == COMMON:
        return "-votes"
    assert preference.kind == COMPLETE
    filled = " + ".join(f"CAST(said_{n} IS NOT NULL AS BIGINT)" for n in range(len(rule.fields)))
    length = " + ".join(f'coalesce(length("{name}"), 0)' for name in rule.fields)
    return f"-(({filled}) * 1000000 + least({length}, 999999))"


def _day(column: str, at: date | None) -> str:
    day = f"TRY_CAST(try_strptime(tidy_date(held.\"{column}\"), '%Y%m%d') AS DATE)"
    return f"CASE WHEN {day} <= DATE '{at.isoformat()}' THEN {day} END" if at else day


def _joined(con: duckdb.DuckDBPyConnection, rules: Sequence[Survivor]) -> pa.Table:
    columns, joins = ["clusters.cluster"], []
    for number, rule in enumerate(rules):
        columns += [f'g{number}."{name}"' for name in rule.fields]
        columns += [f'g{number}.{told} AS "{rule.name}_{told}"' for told in ("source", "record", "rule")]
        columns.append(f'coalesce(g{number}.conflict, FALSE) AS "{rule.name}_conflict"')
        joins.append(f'LEFT JOIN "golden_{rule.name}" g{number} ON g{number}.cluster = clusters.cluster')
    return con.sql(
        f"SELECT {', '.join(columns)} FROM (SELECT DISTINCT cluster FROM held) clusters {' '.join(joins)}"
        " ORDER BY clusters.cluster"
    ).to_arrow_table()
