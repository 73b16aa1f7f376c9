"""Keyed encodings, so that even the linker sees no name: digests that can be compared only where two
records already agree on something rare.

A digest of each field under one key (or a Bloom filter of it) is as common as the name behind it, and a
linker who knows how common names are reads the common ones back. Here a record takes part in several
narrow *rules* (forename with birth date, surname with postcode, ...). For each it shows a block tag, and
digests of its other fields that are salted by that tag. Two records of one block can be compared field by
field, as Fellegi and Sunter's model asks; across blocks equal names have unequal digests. Blocks that more
than a few records of a party share are not sent.

Within a block a name is a 32-bit digest and a 64-bit SimHash of its bigrams (Charikar 2002), which has one
size whatever the length of the name; a date is one byte a digit. Everything is HMAC-SHA256 of the block
and of the value under two keys, mixed by AES-256 under a third. Design note: decisions/0021.
"""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .narrow import TYPES, parts, rules, schema

Blocks = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
CROWD = 6
"""A block that more records of one party share is not sent: its size would tell of a common name."""

_ROWS = 50_000
_WIDE = 16


@dataclass(frozen=True)
class Secret:
    """The key that the parties agree on and the linker must never hold: 32 bytes."""

    seed: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose (HKDF, RFC 5869)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), 32, None, f"sharewell split encoding 1 {purpose}".encode()).derive(self.seed)


class Encoder:
    """Encodes DuckDB's table `identified` (see `identify`) under one secret."""

    def __init__(self, con: duckdb.DuckDBPyConnection, secret: Secret, held: Collection[str]) -> None:
        self._con, self._held = con, sorted(held)
        self._schema = schema(held)
        self._block, item = secret.derive("blocks"), secret.derive("items")
        self._mix = _mixer(secret.derive("mix"))
        self._records = con.sql("SELECT record FROM identified ORDER BY rid").to_arrow_table()["record"]
        self._columns = {}
        for name, part in parts(held).items():
            sql = f"SELECT {part.sql or part.column} AS v FROM identified ORDER BY rid"
            values = con.sql(sql).to_arrow_table()["v"].combine_chunks()
            self._columns[name] = _KINDS[part.kind](part.domain, values, item, self._mix)

    def rows(self, crowd: int = CROWD) -> Iterator[pa.RecordBatch]:
        """Every record under every rule that it has the fields for, by rule and record id."""
        for at, rule in rules(self._held):
            known = " AND ".join(f"{column} IS NOT NULL" for column in sorted(rule.needs))
            key = " || chr(31) || ".join(f"({each})" for each in rule.keys)
            found = self._con.execute(
                f"SELECT rid, {key} AS keyed FROM identified WHERE {known}"
                f" QUALIFY count(*) OVER (PARTITION BY keyed) <= {crowd}"
                " ORDER BY rid"
            )
            for batch in found.to_arrow_reader(_ROWS):
                tags = _hmacs(self._block, str(at), batch.column(1).to_pylist())
                yield self._encoded(np.asarray(batch.column(0)), at, tags)

    def unsalted(self, sample: int) -> pa.Table:
        """The first records under one tag, so all can be compared. It must not leave the party."""
        rid = np.arange(min(sample, len(self._records)))
        made = self._encoded(rid, 0, np.zeros((len(rid), _WIDE), np.uint8))
        return pa.Table.from_batches([made], self._schema)

    def _encoded(self, rid: Numbers, rule: int, tags: Blocks) -> pa.RecordBatch:
        # The tag itself keys the salts, so what is shown of it is one more digest.
        shown = [
            self._records.take(pa.array(rid)).combine_chunks(),
            pa.array(np.full(len(rid), rule, np.uint8)),
        ]
        shown += [pa.array(_whole(self._mix(tags)), pa.uint64())]
        shown += [column.at(rid, tags) for column in self._columns.values()]
        return pa.RecordBatch.from_arrays(shown, schema=self._schema)


def encoder(
    con: duckdb.DuckDBPyConnection,
    table: pa.Table,
    columns: tuple[str, ...],
    secret: Secret,
    held: Collection[str],
) -> Encoder:
    """An encoder of a party's identifiers: standardised as for `people`, false NHS numbers left out."""
    identify(con, table, columns)
    return Encoder(con, secret, held)


def identify(con: duckdb.DuckDBPyConnection, table: pa.Table, columns: tuple[str, ...]) -> None:
    """Fill `identified(rid, record, ...)`: a table as `people` reads it, false NHS numbers null."""
    from .. import standardise
    from ..numbers import is_nhs_number

    standardise.load(con, {"party": table}, columns)
    held = con.sql("SELECT DISTINCT nhs FROM records WHERE nhs IS NOT NULL").to_arrow_table()
    false = [each for each in held["nhs"].to_pylist() if not is_nhs_number(each)]
    con.register("false_numbers", pa.table({"nhs": pa.array(false, pa.string())}))
    con.execute(
        "CREATE OR REPLACE TABLE identified AS SELECT * REPLACE (CASE WHEN nhs IN"
        " (SELECT nhs FROM false_numbers) THEN NULL ELSE nhs END AS nhs) FROM records ORDER BY rid"
    )


class _Column(ABC):
    """One column of all records, its distinct values already under HMAC."""

    def __init__(self, domain: str, values: pa.Array, key: bytes, mix: Callable[[Blocks], Blocks]) -> None:
        coded = values.dictionary_encode()
        self._missing = np.asarray(pc.is_null(values))
        self._code = np.asarray(pc.fill_null(coded.indices, 0))
        self._mix = mix
        distinct = coded.dictionary.to_pylist() or [""]
        self._prepare(domain, distinct, key)

    def at(self, rid: Numbers, tags: Blocks) -> pa.Array:
        """The column for these records under these tags."""
        if not len(rid):
            return pa.array([], TYPES[self.kind])
        missing = self._missing[rid]
        # Arrow writes what lies beneath a null as it is: a digest there would be a stray one.
        made = np.where(missing, 0, self._made(self._code[rid], tags))
        return pa.array(made, TYPES[self.kind], mask=missing)

    kind = ""

    @abstractmethod
    def _prepare(self, domain: str, distinct: list[str], key: bytes) -> None:
        """Digest the distinct values, once."""

    @abstractmethod
    def _made(self, code: Numbers, tags: Blocks) -> npt.NDArray[Any]:
        """What is sent for these values under these tags."""


class _Digest(_Column):
    kind = "digest"

    def _prepare(self, domain: str, distinct: list[str], key: bytes) -> None:
        self._items = _hmacs(key, domain, distinct)

    def _made(self, code: Numbers, tags: Blocks) -> npt.NDArray[Any]:
        return np.ascontiguousarray(self._mix(tags ^ self._items[code])[:, :4]).view(np.uint32)[:, 0]


class _Digits(_Column):
    """One byte for each of eight characters by its place, so that differing places can be counted."""

    kind = "digits"

    def _prepare(self, domain: str, distinct: list[str], key: bytes) -> None:
        letters = np.array(distinct, "U8").view(np.uint32).reshape(-1, 8)
        known, self._letters = np.unique(letters, return_inverse=True)
        self._letters = self._letters.reshape(-1, 8)
        told = [chr(letter) for letter in known.tolist()]
        self._items = [_hmacs(key, f"{domain} {place}", told) for place in range(8)]

    def _made(self, code: Numbers, tags: Blocks) -> npt.NDArray[Any]:
        made = np.empty((len(code), 8), np.uint8)
        for place, items in enumerate(self._items):
            made[:, place] = self._mix(tags ^ items[self._letters[code, place]])[:, 0]
        return made.view(np.uint64)[:, 0]


class _Sketch(_Column):
    """SimHash: each bigram votes on every bit; the share of bits in which two names differ tells their
    angle.
    """

    kind = "sketch"

    def _prepare(self, domain: str, distinct: list[str], key: bytes) -> None:
        grams = [_bigrams(value) for value in distinct]
        known = {gram: at for at, gram in enumerate(sorted({gram for each in grams for gram in each}))}
        self._items = _hmacs(key, f"{domain} gram", list(known))
        self._size = np.array([len(each) for each in grams])
        self._start = np.concatenate([[0], np.cumsum(self._size)[:-1]])
        self._grams = np.array([known[gram] for each in grams for gram in each])

    def _made(self, code: Numbers, tags: Blocks) -> npt.NDArray[Any]:
        size = self._size[code]
        first = np.concatenate([[0], np.cumsum(size)[:-1]])
        place = np.repeat(self._start[code] - first, size) + np.arange(size.sum())
        mixed = self._mix(np.repeat(tags, size, axis=0) ^ self._items[self._grams[place]])
        votes = np.add.reduceat(np.unpackbits(mixed[:, :8], axis=1), first, axis=0, dtype=np.int16)
        # Where votes tie the tag decides, alike for all of its block.
        bits = 2 * votes + np.unpackbits(self._mix(tags)[:, 8:], axis=1) > size[:, None]
        return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


_KINDS: dict[str, type[_Column]] = {"digest": _Digest, "digits": _Digits, "sketch": _Sketch}


def _bigrams(value: str) -> list[str]:
    padded = f"^{value}$"
    return sorted({padded[at : at + 2] for at in range(len(padded) - 1)})


def _hmacs(key: bytes, label: str, values: Sequence[str]) -> Blocks:
    """HMAC-SHA256 of each value under a label, cut to 128 bits."""
    start = f"{len(label)}:{label}"
    made = b"".join(hmac.digest(key, f"{start}{value}".encode(), "sha256")[:_WIDE] for value in values)
    return np.frombuffer(made, np.uint8).reshape(-1, _WIDE)


def _mixer(key: bytes) -> Callable[[Blocks], Blocks]:
    """AES-256 as a pseudo-random function of blocks of 16 bytes, which are themselves HMACs: all differ."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    cipher = Cipher(algorithms.AES(key), modes.ECB())

    def mix(blocks: Blocks) -> Blocks:
        made = cipher.encryptor().update(np.ascontiguousarray(blocks).tobytes())
        return np.frombuffer(made, np.uint8).reshape(-1, _WIDE)

    return mix


def _whole(blocks: Blocks) -> npt.NDArray[np.uint64]:
    return np.ascontiguousarray(blocks[:, :8]).view(np.uint64)[:, 0]
