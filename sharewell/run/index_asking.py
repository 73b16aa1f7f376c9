"""What one agreement asks of another's index: each of its records under the name that the index knows.

A party brings, beside the number by which its own agreement knows a record, the number by which the index
does (keyed under the index's agreement, and sent to the linker alone). Two tables that draw on one asset
ask of the same record once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..plan.personal import known_by
from ..plan.steps import Link

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Asking:
    """`tables`: by the index's name of a source (or one that is none of its), records under its numbers.

    `rows` says which of our records is which of those: (source, record, asked_source, asked_record).
    """

    tables: Mapping[str, pa.Table]
    rows: pa.Table

    @classmethod
    def of(cls, agreement: str, step: Link, tables: Mapping[str, pa.Table]) -> Asking:
        """What the tables of a step ask."""
        import pyarrow as pa

        asked: dict[str, list[pa.Table]] = {}
        rows = []
        for name, known in zip(step.names, step.known_as, strict=True):
            table = tables[name]
            column = known_by(step.index) if known else "record"
            source, numbers = known or f"{agreement}/{name}", table[column].cast(pa.string())
            rows.append(_rows(name, table["record"], source, numbers))
            fields = [field for field in table.column_names if field not in ("record", column)]
            asked.setdefault(source, []).append(table.select(fields).append_column("record", numbers))
        return cls({source: _once_each(parts) for source, parts in asked.items()}, pa.concat_tables(rows))

    def unknown(self, people: pa.Table) -> dict[str, pa.Table]:
        """Of `tables`, the records that (source, record, person) of an index does not hold."""
        import pyarrow.compute as pc

        rest = {}
        for source, table in self.tables.items():
            theirs = people.filter(pc.equal(people["source"], source))["record"].combine_chunks()
            left = table.filter(pc.invert(pc.is_in(table["record"], theirs)))
            if left.num_rows:
                rest[source] = left
        return rest

    def answered(self, people: pa.Table) -> pa.Table:
        """(source, record, person) of our records, of whom an index says (source, record, person)."""
        keys = ["asked_source", "asked_record"]
        joined = self.rows.join(people, keys, ["source", "record"], join_type="left outer")
        return joined.select(["source", "record", "person"])


def placed(people: pa.Table, after: pa.Table, asked: Mapping[str, pa.Table]) -> pa.Table:
    """(source, record, person) of `asked`, by what a copy of the index said of them `after` it was told.

    Whoever was nobody in `people` is called by the least of their records: a copy's new ids are of no copy
    but this one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    told = pa.concat_tables([_ids(source, table) for source, table in asked.items()])
    mine = told.join(after, ["source", "record"]).sort_by(
        [("source", "ascending"), ("record", "ascending")]
    )
    first: dict[str, str] = {}
    for row in mine.to_pylist():
        first.setdefault(row["person"], f"{row['source']}/{row['record']}")
    known = pc.is_in(mine["person"], people["person"].unique())
    names = pa.array([first[person] for person in mine["person"].to_pylist()], pa.string())
    person = pc.if_else(known, mine["person"], names)
    return pa.table({"source": mine["source"], "record": mine["record"], "person": person})


def _rows(name: str, records: pa.ChunkedArray, source: str, numbers: pa.ChunkedArray) -> pa.Table:
    import pyarrow as pa

    columns = {
        "source": pa.array([name] * len(records), pa.string()),
        "record": records.cast(pa.string()),
        "asked_source": pa.array([source] * len(records), pa.string()),
        "asked_record": numbers,
    }
    return pa.table(columns)


def _ids(source: str, table: pa.Table) -> pa.Table:
    import pyarrow as pa

    sources = pa.array([source] * table.num_rows, pa.string())
    return pa.table({"source": sources, "record": table["record"]})


def _once_each(parts: list[pa.Table]) -> pa.Table:
    """Tables of one asset as one, each record once, by its first row."""
    import numpy as np
    import pyarrow as pa

    whole = pa.concat_tables(parts, promote_options="permissive")
    _, first = np.unique(whole["record"].to_numpy(zero_copy_only=False).astype(str), return_index=True)
    return whole.take(pa.array(first))
