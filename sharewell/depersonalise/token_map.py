"""Old tokens to new ones, after an agreement's secret was renewed: who holds it can follow people across.

It is made only at a place that holds the identifiers or may open tokens, is signed so that whoever applies
it knows whose it is, and lies in a private file. It belongs erased once it was applied: joined to it, the
tokens of two generations are one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import DataError, Problem, SecretError
from ..plan.canonical import written
from .files import create_private, read_private
from .signing import Signer, verifies


@dataclass(frozen=True)
class MapTerms:
    """What a map is of: an agreement and unit, from one generation to another."""

    agreement: str
    unit: str
    old: int
    new: int

    def content(self, table: pa.Table) -> bytes:
        """The bytes that are signed: the terms, and the hash of the pairs in their order."""
        pairs = "\n".join(f"{a} {b}" for a, b in zip(*(c.to_pylist() for c in table.columns), strict=True))
        held = asdict(self) | {"pairs": sha256(pairs.encode()).hexdigest()}
        return b"sharewell/1/token-map\n" + written(held)


@dataclass(frozen=True)
class TokenMap:
    """Pairs of tokens (columns old and new, ordered by old), their terms, and the signature of both."""

    terms: MapTerms
    table: pa.Table
    signature: bytes

    def write(self, path: Path) -> None:
        """Into a new file with mode 0600. StorageError where that is not possible, or one is there."""
        schema = self.table.schema.with_metadata(
            {"terms": json.dumps(asdict(self.terms)), "signature": self.signature.hex()}
        )
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, schema) as writer:
            writer.write_table(self.table.cast(schema))
        if not create_private(path, sink.getvalue().to_pybytes()):
            raise SecretError(
                Problem("THERE", "a map of tokens is there", fix="erase it first", where=path.name)
            )

    @classmethod
    def read(cls, path: Path, terms: MapTerms, public_key: bytes) -> TokenMap:
        """The map in a file. SecretError if there is none, it is another's, or it is not so signed."""
        content = read_private(path)
        try:
            table = pa.ipc.open_file(pa.py_buffer(content or b"")).read_all()
            about = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
            found = cls(MapTerms(**json.loads(about["terms"])), table.replace_schema_metadata(None),
                        bytes.fromhex(about["signature"]))  # fmt: skip
        except (pa.ArrowInvalid, ValueError, LookupError, TypeError):
            raise SecretError(Problem("MAP", "the file is no map of tokens", fix="make it again")) from None
        if found.terms != terms or not verifies(public_key, terms.content(found.table), found.signature):
            raise SecretError(
                Problem(
                    "MAP",
                    "the map is not the one that was signed for this agreement, unit and generations",
                    "applied, it would exchange people",
                    "ask the place that holds the identifiers for it",
                )
            )
        return found

    def apply(self, tokens: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """The new token of each old one. SecretError MAP if any is not in it."""
        places = pc.index_in(tokens, value_set=self.table["old"].combine_chunks())
        absent = places.null_count - tokens.null_count
        if absent:
            raise SecretError(Problem("MAP", f"{absent} tokens are not in the map", fix="map all of them"))
        return self.table["new"].combine_chunks().take(places)


def map_tokens(
    old: pa.Array | pa.ChunkedArray, new: pa.Array | pa.ChunkedArray, terms: MapTerms, signer: Signer
) -> TokenMap:
    """A signed map from tokens of the same identifiers in both generations, row by row.

    DataError PAIRS unless it is one to one: otherwise two people would become one.
    """
    table = pa.table({"old": old, "new": new})
    table = table.group_by(["old", "new"]).aggregate([]).filter(pc.is_valid(pc.field("old"))).sort_by("old")
    rows = table.num_rows
    if table["new"].null_count or any(pc.count_distinct(table[n]).as_py() != rows for n in ("old", "new")):
        raise DataError(
            Problem(
                "PAIRS",
                "old and new tokens are not one to one",
                "two people would become one, or one two",
                "make both from the same identifiers, row by row",
            )
        )
    table = table.combine_chunks()
    return TokenMap(terms, table, signer.sign(terms.content(table)))
