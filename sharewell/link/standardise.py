"""Identity fields brought to one spelling, and records that say the same told once.

Each distinct value of a column is tidied once, by DuckDB, however many records hold it: of a million birth
dates there are some forty thousand. `spellings` holds how each kind of value is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .coded import Coded, Ints, distinct_rows, first_known, stacked
from .nicknames import ROOTS
from .settings import IDENTITY
from .spellings import ALIAS, ALIASES, MACROS, READINGS

FIELDS = (
    "nhs",
    "forename",
    "surname",
    "given",
    "born",
    "sex",
    "postcode",
    "number",
    "street",
    "uprn",
    "other_id",
)
"""The standard columns that follow `rid`, `source`, `record`; all text, null where missing."""

SAID = FIELDS[1:]
"""What an identity says of a person, the NHS number apart."""

WHO = ("forename", "surname", "born", "sex")
"""Who somebody is, wherever they live."""


_BATCH = 122_880


@dataclass(frozen=True)
class Loaded:
    """How many records there are, and the distinct things that they say."""

    count: int
    identities: pa.Table


def load(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], columns: tuple[str, ...]
) -> Loaded:
    """Fill the tables and the view below from the sources.

        rows(rid, nth, record, nhs, identity, since, until)     a row a record
        aliases(rid, identity)                                  what else a record is known as
        identities(identity, who, *SAID)                        each distinct thing said, once, kept outside
                                                                the engine as codes; `who` is the same
                                                                wherever *WHO are
        sources(nth, source)
        records(rid, source, record, *FIELDS, since, until)     a view: rows with what they say

    `rid` counts in order of (source, record), so everything that follows is free of the order of arrival.
    """
    for macro in MACROS:
        con.execute(f"CREATE OR REPLACE MACRO {macro}")
    names = sorted(tables)
    whole = _stack([tables[name] for name in names], set(columns))
    fields = _read(con, whole)
    fields["given"] = _given(fields["forename"])
    also, known = _aliases(con, whole, fields)
    said = [stacked(fields[name], known[name]) for name in SAID]
    identity, first = distinct_rows(said)
    distinct = {name: column.take(first) for name, column in zip(SAID, said, strict=True)}
    who, _ = distinct_rows([distinct[name] for name in WHO])
    numbered = {"identity": np.arange(len(first)).astype(np.int32), "who": who.astype(np.int32)}
    identities = tell(con, pa.table(_columns({**numbered, **distinct})))
    count = len(whole)
    _keep(con, "aliases", {"rid": also, "identity": identity[count:]})
    sizes = [len(tables[name]) for name in names]
    held = {
        "rid": np.arange(count),
        "nth": np.repeat(np.arange(len(names)), sizes).astype(np.int16),
        "record": whole["record"],
        "identity": identity[:count].astype(np.int32),
    }
    _keep(con, "kept", {**held, **{name: fields[name] for name in ("nhs", "since", "until")}})
    _keep(
        con,
        "sources",
        {"nth": np.arange(len(names)).astype(np.int16), "source": pa.array(names, pa.string())},
    )
    con.execute(
        "CREATE OR REPLACE TABLE rows AS SELECT rid, nth, record, nhs, identity,"
        " try_strptime(since, '%Y%m%d')::DATE AS since, try_strptime(until, '%Y%m%d')::DATE AS until"
        " FROM kept"
    )
    con.execute("DROP TABLE kept")
    con.execute(
        f"CREATE OR REPLACE VIEW records AS SELECT rid, source, record, {', '.join(FIELDS)}, since, until"
        " FROM rows JOIN identities USING (identity) JOIN sources USING (nth)"
    )
    return Loaded(count, identities)


def tell(con: duckdb.DuckDBPyConnection, identities: pa.Table) -> pa.Table:
    """Let the engine read `identities`, in batches that its threads can share; answers them."""
    batches = identities.to_batches(max_chunksize=_BATCH)
    table = pa.Table.from_batches(batches, schema=identities.schema)
    con.register("identities", table)
    return table


def _stack(tables: Sequence[pa.Table], allowed: set[str]) -> pa.Table:
    """All sources, one below the other, each in order of its record ids; `record` is text."""
    parts = []
    for table in tables:
        held = [name for name in IDENTITY if name in table.column_names and name in allowed]
        ids = table["record"].cast(pa.string())
        part = table.select(held).append_column("record", ids)
        flat = ids.combine_chunks()
        if not pc.all(pc.less(flat[:-1], flat[1:])).as_py():
            part = part.take(pc.sort_indices(flat))
        parts.append(part)
    kinds = {name: _kinds(parts, name) for name in ("record", *IDENTITY)}
    schema = pa.schema([(name, kind) for name, kind in kinds.items() if kind is not None])
    return pa.concat_tables([_fill(part, schema) for part in parts]) if parts else schema.empty_table()


def _kinds(parts: Sequence[pa.Table], name: str) -> pa.DataType | None:
    """The type in which a column is read: its own where all sources agree, else text."""
    kinds = {part.schema.field(name).type for part in parts if name in part.column_names}
    if not kinds:
        return pa.string() if name == "record" else None
    only = next(iter(kinds))
    odd = (pa.types.is_dictionary, pa.types.is_null, pa.types.is_floating)
    plain = len(kinds) == 1 and not any(is_odd(only) for is_odd in odd)
    return only if plain else pa.string()


def _fill(part: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        _as(part[field.name], field.type)
        if field.name in part.column_names
        else pa.nulls(len(part), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _as(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """A number that became a float on its way (empty cells do that) would be written as 1.0e+11."""
    if pa.types.is_floating(column.type) and pa.types.is_string(kind):
        # A NaN would become the least of all integers, and so one number for all that have none.
        column = pc.cast(pc.if_else(pc.is_finite(column), column, None), pa.int64(), safe=False)
    return column.cast(kind)


def _read(con: duckdb.DuckDBPyConnection, whole: pa.Table) -> dict[str, Coded]:
    """Each standard field out of the columns that may tell it, the surest first."""
    wanted = [(column, sql) for readings in READINGS.values() for column, sql in readings]
    spelt: dict[tuple[str, str], Coded] = {}
    for column in dict.fromkeys(name for name, _ in wanted if name in whole.column_names):
        sqls = list(dict.fromkeys(sql for name, sql in wanted if name == column))
        for sql, made in zip(sqls, _spell(con, Coded.of(whole[column]), sqls), strict=True):
            spelt[column, sql] = made
    found = {field: [spelt[r] for r in readings if r in spelt] for field, readings in READINGS.items()}
    return {name: first_known(held) if held else Coded.silent(len(whole)) for name, held in found.items()}


def _spell(con: duckdb.DuckDBPyConnection, column: Coded, sqls: Sequence[str]) -> list[Coded]:
    """A column as each of these expressions writes it; together, since they share much of their work."""
    con.register("spelt", pa.table({"x": pc.utf8_trim_whitespace(column.values)}))
    chosen = ", ".join(f"{sql} AS x{at}" for at, sql in enumerate(sqls))
    table = con.sql(f"SELECT {chosen} FROM spelt").to_arrow_table()
    con.unregister("spelt")
    return [column.spelt(_latin(values.combine_chunks())) for values in table.columns]


def _latin(values: pa.Array) -> pa.Array:
    """Names in other scripts written in Latin letters, so that the two forms of one name may meet."""
    other = pc.invert(pc.fill_null(pc.string_is_ascii(values), True))
    if not pc.any(other).as_py():
        return values
    from anyascii import anyascii

    written = [
        "".join(letter for letter in anyascii(value).upper() if letter.isalnum()) or None
        for value in values.filter(other).to_pylist()
    ]
    return pc.replace_with_mask(values, other, pa.array(written, pa.string()))


def _given(forename: Coded) -> Coded:
    """The name that an everyday form stands for: BILL and WILLIAM are one."""
    return forename.spelt(
        pa.array([ROOTS.get(name, name) for name in forename.values.to_pylist()], pa.string())
    )


def _aliases(
    con: duckdb.DuckDBPyConnection, whole: pa.Table, fields: Mapping[str, Coded]
) -> tuple[Ints, dict[str, Coded]]:
    """The records that have an alias, and what each says under it."""
    held = [(Coded.of(whole[name]), sql) for name, sql in ALIASES if name in whole.column_names]
    alias = first_known(
        [_spell(con, column, [sql])[0] for column, sql in held] or [Coded.silent(len(whole))]
    )
    rows = np.flatnonzero(alias.codes >= 0)
    known = {name: fields[name].take(rows) for name in SAID}
    for name, read in zip(ALIAS, _spell(con, alias.take(rows), list(ALIAS.values())), strict=True):
        known[name] = first_known([read, known[name]])
    return rows, known | {"given": _given(known["forename"])}


def _keep(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, object]) -> None:
    con.register("given_columns", pa.table(_columns(columns)))
    con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given_columns")
    con.unregister("given_columns")


def _columns(columns: Mapping[str, object]) -> dict[str, object]:
    return {name: held.column() if isinstance(held, Coded) else held for name, held in columns.items()}
