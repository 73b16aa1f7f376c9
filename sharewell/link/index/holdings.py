"""What the index holds, laid out in memory for one record to be asked after at a time.

Values are codes into the distinct ones (four bytes each), keys thirteen bytes each: 177 bytes a record,
measured over five million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..standardise import FIELDS

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Holdings:
    """Rows are the records, and once more each further name of one, in order of `rid`.

    `said` their fields; `mac` the first eight bytes of their digest; `person` and `verified` (0: none) of
    each. `keys`, sorted, with `rules` and `holders` (rids) of each. `numbered` are the well-formed NHS
    numbers, sorted, and `number_rows` the rows that hold them. By person: `uuids`, how many `records`, the
    verified `number`, whether `frozen`.
    """

    rid: Small
    said: Mapping[str, pa.DictionaryArray]
    mac: Words
    person: Small
    verified: Ints
    keys: Words
    rules: npt.NDArray[np.uint8]
    holders: Small
    numbered: Ints
    number_rows: Small
    uuids: pa.StringArray
    records: Small
    number: Ints
    frozen: npt.NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Bytes."""
        held = sum(array.nbytes for array in vars(self).values() if not isinstance(array, Mapping))
        return int(held + sum(column.nbytes for column in self.said.values()))

    def sharing(self, rule: int, key: int) -> Small:
        """The records that hold a key."""
        word = np.uint64(key)
        low, high = np.searchsorted(self.keys, word, "left"), np.searchsorted(self.keys, word, "right")
        found: Small = self.holders[low:high][self.rules[low:high] == rule]
        return found

    def holding(self, number: int) -> Small:
        """The rows of the records that hold an NHS number, verified or not."""
        low = np.searchsorted(self.numbered, number, "left")
        return self.number_rows[low : np.searchsorted(self.numbered, number, "right")]

    def rows_of(self, rids: Small) -> Small:
        """The rows of some records, which are in order."""
        low, high = np.searchsorted(self.rid, rids, "left"), np.searchsorted(self.rid, rids, "right")
        return np.concatenate(
            [np.arange(a, b, dtype=np.int32) for a, b in zip(low, high, strict=True)]
            or [np.zeros(0, np.int32)]
        )

    def fields(self, rows: Small, names: Sequence[str]) -> dict[str, list[Any]]:
        """What rows say."""
        at = pa.array(rows)
        return {name: self.said[name].take(at).to_pylist() for name in names}


_ROWS = (
    "(SELECT r.rid, mac, coalesce(verified, 0) AS verified, {fields}, 0 AS nth FROM idx.records r"
    " UNION ALL SELECT a.rid, mac, coalesce(verified, 0), {others}, 1 + nth FROM idx.aliases a"
    " JOIN idx.records r ON r.rid = a.rid)"
)


def hold(con: duckdb.DuckDBPyConnection) -> Holdings:
    """Read the index, a column at a time, so that little more than the answer is ever held."""
    rows = _ROWS.format(fields=", ".join(FIELDS), others=", ".join(f"a.{name}" for name in FIELDS))
    order = "ORDER BY rid, nth"
    said = {name: _codes(con, f"SELECT {name} FROM {rows} {order}") for name in FIELDS}
    main = con.execute(
        f"SELECT rid::INTEGER AS rid, person::INTEGER AS person, verified FROM {rows}"
        f" JOIN idx.members USING (rid) {order}"
    ).fetchnumpy()
    digests = con.sql(f"SELECT mac FROM {rows} {order}").to_arrow_table()["mac"]
    keyed = con.execute("SELECT key, rule, rid::INTEGER AS rid FROM idx.keys ORDER BY key").fetchnumpy()
    numbered = con.execute(
        "SELECT TRY_CAST(nhs AS BIGINT) AS number, row_number() OVER () - 1 AS at FROM"
        f" (SELECT nhs FROM {rows} {order}) WHERE TRUE QUALIFY number IS NOT NULL ORDER BY number"
    ).fetchnumpy()
    people = con.sql("SELECT person, uuid::VARCHAR AS uuid, frozen FROM idx.persons ORDER BY person")
    persons = people.to_arrow_table().combine_chunks()
    count = int(np.max(persons["person"].to_numpy(), initial=-1)) + 1
    at = pa.array(np.searchsorted(persons["person"].to_numpy(), np.arange(count)))
    first = np.append(True, main["rid"][1:] != main["rid"][:-1])[: len(main["rid"])]
    number = np.zeros(count, np.int64)
    np.maximum.at(number, main["person"], main["verified"])
    return Holdings(
        np.asarray(main["rid"]),
        said,
        _words(digests),
        np.asarray(main["person"]),
        np.asarray(main["verified"]),
        np.asarray(keyed["key"]),
        np.asarray(keyed["rule"]),
        np.asarray(keyed["rid"]),
        np.asarray(numbered["number"]),
        np.asarray(numbered["at"]).astype(np.int32),
        persons["uuid"].combine_chunks().take(at),
        np.bincount(main["person"][first], minlength=count).astype(np.int32),
        number,
        np.asarray(persons["frozen"].to_numpy(zero_copy_only=False)[at.to_numpy()], np.bool_),
    )


def _codes(con: duckdb.DuckDBPyConnection, sql: str) -> pa.DictionaryArray:
    column = con.sql(sql).to_arrow_table().column(0).dictionary_encode()
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.DictionaryArray) else whole.chunk(0)


def _words(digests: pa.ChunkedArray) -> Words:
    """Big-endian, so that they compare as the digests do."""
    parts = [np.frombuffer(b"".join(chunk.to_pylist()), ">u8")[::2] for chunk in digests.chunks]
    return np.concatenate(parts or [np.zeros(0)]).astype(np.uint64)
