"""A few pairs weighed at once: the statement of `weigh`, planned once and run for every question.

Planning it takes ten times as long as weighing twenty pairs.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from ..trained import Model
from ..weigh import lookups, weighed
from . import edges
from .reading import Face, widen

_RENEWED = 500
"""Deleted rows of a table in memory are still walked over: after so many questions it is made afresh."""


class Weigher:
    """Weighs pairs on two connections: registering a table on one leaves what the other has planned."""

    def __init__(self, con: duckdb.DuckDBPyConnection, model: Model) -> None:
        self._filling, self._planned = con.cursor(), con.cursor()
        self._columns, self._ends = sorted(model.columns), lookups(model)
        self._shares = {
            name: dict(zip(table["value"].to_pylist(), table["share"].to_pylist(), strict=True))
            for name, table in model.frequencies.items()
        }
        self._texts = 2 * len(self._columns)
        texts = [(f"{name}_{end}", pa.string()) for name in self._columns for end in "lr"]
        tfs = [(f"tf_{name}_{end}", pa.float64()) for name, ends in self._ends.items() for end in ends]
        self._schema = pa.schema([*texts, *tfs, ("pair", pa.float64())])
        self._sql = _statement(model)
        self._asked = 0

    def weigh(self, sides: Sequence[tuple[int, Face, Face]]) -> list[tuple[int, float]]:
        """Of pairs (number, left, right) those that weigh no less than an edge must and are not held apart:
        their number and weight."""
        if self._asked % _RENEWED == 0:
            self._renew()
        self._asked += 1
        self._filling.register(
            "sides", pa.Table.from_pylist([self._row(*side) for side in sides], self._schema)
        )
        self._filling.execute("DELETE FROM memory.main.both_sides")
        self._filling.execute("INSERT INTO memory.main.both_sides FROM sides")
        found = self._planned.execute("EXECUTE weighed").fetchall()
        return [(int(at), float(weight)) for at, weight in found]

    def _row(self, at: int, left: Face, right: Face) -> dict[str, object]:
        faces = {"l": left, "r": right}
        row: dict[str, object] = {"pair": at}
        row |= {f"{name}_{end}": faces[end][name] for name in self._columns for end in "lr"}
        for name, ends in self._ends.items():
            row |= {f"tf_{name}_{end}": self._shares[name].get(faces[end][name]) for end in ends}
        return row

    def _renew(self) -> None:
        kinds = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE"}
        columns = ", ".join(f"{field.name} {kinds[field.type]}" for field in self._schema)
        self._filling.execute(f"CREATE OR REPLACE TABLE memory.main.both_sides ({columns})")
        widen(self._filling, "memory.main.both_sides", self._texts, len(self._schema) - self._texts)
        self._planned.execute(f"PREPARE weighed AS {self._sql}")

    def close(self) -> None:
        """Forget the pairs last weighed."""
        self._filling.execute("DROP TABLE IF EXISTS memory.main.both_sides")
        self._filling.close()
        self._planned.close()


def _statement(model: Model) -> str:
    found = weighed(model, "FROM memory.main.both_sides", edges.floor(model))
    return f"SELECT pair, weight FROM ({found}) WHERE apart IS NULL"
