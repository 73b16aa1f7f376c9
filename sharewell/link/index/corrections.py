"""A person's correction of what a source says: it stands until the source agrees or they correct again.

Kept by (source, record) and laid over whatever the source delivers, so that neither a replay nor a new
delivery with the old mistake undoes it. The source's own digest stays as it was. When the source's value
comes to agree, the correction has done its work and lapses: what the source says later counts again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from .. import standardise
from ..session import session
from ..settings import IDENTITY
from ..standardise import FIELDS
from .decisions import enter, rid_of
from .resolve import Write
from .store import Store, guarded

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "nhs_number": ("nhs",),
    "forename": ("forename", "given"),
    "surname": ("surname",),
    "born": ("born",),
    "sex": ("sex",),
    "postcode": ("postcode",),
    "address": ("number", "street"),
    "uprn": ("uprn",),
    "other_id": ("other_id",),
}
"""The identity columns that can be corrected, and the standard fields that each tells."""


def correct(store: Store, source: str, record: str, fields: Mapping[str, str | None]) -> Write:
    """Enter in memory that these columns of a record are otherwise (None: not known at all); answers what
    must be written with the act. Call after `intake.take_in`.

    Raises LinkError: FIELDS for a column that cannot be corrected or a value that cannot be read, RECORD.
    """
    con, rid = store.con, rid_of(store, source, record)
    values = read(fields)
    con.execute("CREATE TABLE corrected (field VARCHAR, value VARCHAR)")
    con.executemany("INSERT INTO corrected VALUES (?, ?)", list(values.items()))
    columns = ", ".join(FIELDS)
    con.execute(
        f"INSERT INTO arrived BY NAME SELECT rid, source, record, mac, {columns}, FALSE AS fresh"
        f" FROM idx.records WHERE rid = {rid}"
    )
    con.execute(f"INSERT INTO faces SELECT rid, nth, {columns} FROM idx.aliases WHERE rid = {rid}")
    con.execute(f"CREATE TABLE over AS SELECT {rid}::BIGINT AS rid, field, value FROM corrected")
    _lay_over(con)
    return partial(_write, rid, source, record)


def read(fields: Mapping[str, str | None]) -> dict[str, str | None]:
    """The standard fields that columns tell. LinkError for each that is unknown or unreadable."""
    problems = [
        Problem("FIELDS", f"{name} cannot be corrected", fix=f"use {', '.join(COLUMNS)}")
        for name in sorted(set(fields) - set(COLUMNS))
    ]
    row = {name: pa.array([value], pa.string()) for name, value in fields.items() if name in COLUMNS}
    with guarded(), session(2, spills=False) as con:
        standardise.load(con, {"": pa.table({"record": ["1"], **row})}, IDENTITY)
        told = con.sql(f"SELECT {', '.join(FIELDS)} FROM records").to_arrow_table().to_pylist()[0]
    values = {field: told[field] for name in row for field in COLUMNS[name]}
    problems += [
        Problem("FIELDS", f"the new {name} cannot be read", fix="write it as a source would, or None")
        for name in row
        if fields[name] is not None and not any(values[field] for field in COLUMNS[name])
    ]
    if problems or not fields:
        raise LinkError(problems or [Problem("FIELDS", "a correction of nothing")])
    return values


def overlay(con: duckdb.DuckDBPyConnection) -> None:
    """Lay the corrections in force over what has just arrived, noting in `lapsed` those it agrees with."""
    con.execute("CREATE TABLE lapsed (source VARCHAR, record VARCHAR, field VARCHAR)")
    con.execute(
        "CREATE TABLE over AS SELECT a.rid, source, record, field, value,"
        f" CASE field {' '.join(f'''WHEN '{name}' THEN {name}''' for name in FIELDS)} END AS told"
        " FROM idx.corrections JOIN arrived a USING (source, record)"
    )
    con.execute(
        "INSERT INTO lapsed SELECT source, record, field FROM over WHERE value IS NOT DISTINCT FROM told"
    )
    _lay_over(con)
    con.execute("DROP TABLE over")


def lapse(con: duckdb.DuckDBPyConnection) -> None:
    """Within the transaction of any act: forget the corrections that the source has come to agree with."""
    con.execute(
        "DELETE FROM idx.corrections WHERE (source, record, field) IN"
        " (SELECT (source, record, field) FROM memory.work.lapsed)"
    )


def _lay_over(con: duckdb.DuckDBPyConnection) -> None:
    """`over(rid, field, value)` onto `arrived`, and onto a further name where it says what the record did:
    its own forename or surname is not what was corrected.
    """
    for (name,) in con.execute("SELECT DISTINCT field FROM over ORDER BY field").fetchall():
        con.execute(
            f"UPDATE faces SET {name} = o.value FROM over o JOIN arrived a ON a.rid = o.rid"
            f" WHERE o.field = '{name}' AND faces.rid = o.rid"
            f" AND faces.{name} IS NOT DISTINCT FROM a.{name}"
        )
        con.execute(
            f"UPDATE arrived SET {name} = o.value FROM over o WHERE o.field = '{name}' AND"
            f" arrived.rid = o.rid"
        )


def _write(rid: int, source: str, record: str, con: duckdb.DuckDBPyConnection, run: int) -> None:
    con.execute(
        "DELETE FROM idx.corrections WHERE source = ? AND record = ? AND field IN"
        " (SELECT field FROM memory.work.corrected)",
        [source, record],
    )
    con.execute(
        f"INSERT INTO idx.corrections SELECT ?, ?, field, value, {run} FROM memory.work.corrected",
        [source, record],
    )
    enter(con, run, "corrected", rid)
