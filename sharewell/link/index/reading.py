"""One record standardised in under a millisecond or two: what `standardise.load` would make of it.

`load` sets up tables for millions of rows; here the same expressions are prepared once over one row. A test
holds the two equal on any text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ..nicknames import ROOTS
from ..settings import IDENTITY
from ..spellings import ALIAS, ALIASES, MACROS, READINGS
from ..standardise import FIELDS

Face = dict[str, str | None]
"""The standard fields of a record under one of its names."""

Readings = Mapping[str, Sequence[tuple[str, str]]]
_FIELDS: Readings = {name: READINGS[name] for name in FIELDS if name in READINGS}
_FURTHER: Readings = {"alias": ALIASES}
_NAMES: Readings = {name: (("alias", sql),) for name, sql in ALIAS.items()}


class Reader:
    """Reads identities on a connection that is its own (it makes macros, a table and statements there).

    Compiling the patterns is nearly all of the work: columns that are read alike share a statement, and a
    less sure reading is tried only where the surer says nothing.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, columns: Collection[str]) -> None:
        self._con = con
        for macro in MACROS:
            con.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
        con.execute("CREATE OR REPLACE TEMP TABLE said (name VARCHAR, x VARCHAR)")
        widen(con, "said", 2)
        self._columns = [name for name in IDENTITY if name in columns]
        self._prepared: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}

    def read(self, identity: Mapping[str, str]) -> list[Face]:
        """The record's fields, and once more under a further name if it has one; a column that the settings
        do not let be used is not looked at.
        """
        known = {name: identity[name] for name in self._columns if identity.get(name) is not None}
        self._tell(known)
        found = self._spell(known, _FIELDS)
        alias = self._spell(known, _FURTHER).get("alias")
        faces = [_named({name: found.get(name) for name in FIELDS})]
        if alias is not None:
            self._tell({"alias": alias})
            faces.append(_named(faces[0] | self._spell({"alias": alias}, _NAMES)))
        return faces

    def _tell(self, known: Mapping[str, str]) -> None:
        self._con.execute("DELETE FROM said")
        if known:
            values = pc.utf8_trim_whitespace(pa.array(list(known.values()), pa.string())).to_pylist()
            rows = [text for pair in zip(known, values, strict=True) for text in pair]
            self._con.execute(f"INSERT INTO said VALUES {', '.join('(?, ?)' for _ in known)}", rows)

    def _spell(self, known: Mapping[str, str], readings: Readings) -> Face:
        """Each field that a column tells, by the surest reading that says something."""
        found: Face = {}
        for rank in range(max(len(choices) for choices in readings.values())):
            wanted: dict[str, list[tuple[str, str]]] = {}
            for field, choices in readings.items():
                if field not in found and rank < len(choices) and choices[rank][0] in known:
                    wanted.setdefault(choices[rank][0], []).append((field, choices[rank][1]))
            found |= self._read(wanted)
        return found

    def _read(self, wanted: Mapping[str, Sequence[tuple[str, str]]]) -> Face:
        """For each column the fields to read from it, and how; answers those that say something."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for column, pairs in wanted.items():
            alike.setdefault(tuple(sql for _, sql in pairs), []).append(column)
        found: Face = {}
        for sqls, columns in alike.items():
            for column, *values in self._con.execute(self._statement(sqls, tuple(columns))).fetchall():
                for (field, _), value in zip(wanted[column], values, strict=True):
                    if value is not None and (written := _latin(value)) is not None:
                        found[field] = written
        return found

    def _statement(self, sqls: tuple[str, ...], columns: tuple[str, ...]) -> str:
        if (sqls, columns) not in self._prepared:
            name = f"read_{len(self._prepared)}"
            which = ", ".join(f"'{column}'" for column in columns)
            self._con.execute(
                f"PREPARE {name} AS SELECT name, {', '.join(sqls)} FROM said WHERE name IN ({which})"
            )
            self._prepared[sqls, columns] = f"EXECUTE {name}"
        return self._prepared[sqls, columns]


def widen(con: duckdb.DuckDBPyConnection, table: str, texts: int, others: int = 0) -> None:
    """Let a table of texts, and then numbers, have held anything, and be empty.

    A statement is planned by what its table has held: over one that never held a null, IS NOT NULL is taken
    to be always true, also for rows that come later.
    """
    far = chr(0x10FFFF) * 300
    values = (("NULL", "NULL"), ("''", "-1e300"), (f"'{far}'", "1e300"))
    rows = [[text] * texts + [number] * others for text, number in values]
    con.execute(f"INSERT INTO {table} VALUES {', '.join('(' + ', '.join(row) + ')' for row in rows)}")
    con.execute(f"DELETE FROM {table}")


def _named(face: Face) -> Face:
    """With the name that an everyday form stands for: BILL and WILLIAM are one."""
    forename = face["forename"]
    return face | {"given": None if forename is None else ROOTS.get(forename, forename)}


def _latin(value: str) -> str | None:
    if value.isascii():
        return value
    from anyascii import anyascii

    return "".join(letter for letter in anyascii(value).upper() if letter.isalnum()) or None
