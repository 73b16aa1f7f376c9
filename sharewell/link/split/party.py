"""The party: splits its table in two, so that no package holds both who somebody is and what is known."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...errors import LinkError, Problem
from . import encoding, exchange, narrow, weights
from .keys import Role, write_private
from .pseudonyms import for_linker
from .terms import Party, Terms

_BATCH = 20_000


@dataclass(frozen=True)
class Prepared:
    """The two packages, how many records they tell of, and the columns that stayed behind."""

    identifiers: Path
    content: Path
    records: int
    left_behind: list[str]


def share_key(role: Role, terms: Terms) -> list[Path]:
    """Make the parties' encoding key and seal it for each of the others. The linker is never among them."""
    terms.party(role.name)
    key = role.secret(terms.agreement, "encoding-key")
    table = pa.table({"key": pa.array([key], pa.binary())})
    others = [name for name in terms.parties if name != role.name]
    return [
        exchange.send(role, terms, "encoding-key", name, table.schema, table.to_batches())
        for name in others
    ]


def take_key(role: Role, terms: Terms, sender: str) -> None:
    """Keep the encoding key that another party sent. LinkError KEY where this party has another."""
    key: bytes = exchange.latest(role, terms, "encoding-key", sender).table["key"][0].as_py()
    path = role.state(terms.agreement) / "encoding-key.secret"
    if path.exists() and path.read_bytes() != key:
        what = "this party has another encoding key for these terms"
        fix = "agree whose counts: one party shares, the others open"
        raise LinkError(Problem("KEY", what, "records under two keys can never be linked", fix))
    write_private(path, key)
    exchange.forget(role, terms, "encoding-key")


def prepare(role: Role, terms: Terms, table: pa.Table, tell: exchange.Tell = exchange.silent) -> Prepared:
    """Seal identifiers for the linker and content for the host, under pseudonyms of two kinds.

    `table` has the party's own columns. Both packages are sorted by their own pseudonym, so that the order
    of rows joins nothing. A record may have many rows of content, but one identity. Raises LinkError:
    COLUMN, RECORD, REPEATED, KEY (encoded terms, and no key agreed), and as `exchange.send`.
    """
    party = terms.party(role.name)
    _check(party, table)
    tell("making pseudonyms", 0.05)
    secret = role.secret(terms.agreement, "pseudonyms")
    key = role.secret(terms.agreement, "between-pseudonyms")
    coded = table[party.record].cast(pa.string()).combine_chunks().dictionary_encode()
    own = np.frombuffer(
        b"".join(
            hmac.digest(secret, each.encode(), "sha256")[:16] for each in coded.dictionary.to_pylist()
        ),
        np.uint8,
    ).reshape(-1, 16)
    at = np.asarray(coded.indices)
    identities = _identities(party, table, at)
    named = identities.append_column("record", pa.array(for_linker(key, own)))
    tell("splitting", 0.2)
    if terms.encoded:
        batches, schema, told = _encoded(role, terms, named)
    else:
        ordered = named.sort_by("record")
        batches, schema, told = iter(ordered.to_batches(_BATCH)), ordered.schema, {}
    tell("sealing identifiers for the linker", 0.5)
    first = exchange.send(role, terms, "identifiers", terms.linker, schema, batches, told)
    tell("sealing content for the host", 0.8)
    content = table.select(list(party.content)).append_column("record", pa.array(_hex(own[at])))
    content = content.sort_by("record")
    told = {"between": key.hex()}
    second = exchange.send(
        role, terms, "content", party.host, content.schema, content.to_batches(_BATCH), told
    )
    tell("done", 1.0)
    sent = {party.record, *party.identifiers.values(), *party.content}
    return Prepared(first, second, len(own), sorted(set(table.column_names) - sent))


def _check(party: Party, table: pa.Table) -> None:
    wanted = [party.record, *party.identifiers.values(), *party.content]
    absent = sorted(set(wanted) - set(table.column_names))
    if absent:
        what = f"the table lacks columns that the terms name: {', '.join(absent)}"
        raise LinkError(Problem("COLUMN", what, fix=f"it has: {', '.join(table.column_names)}"))
    missing = table[party.record].null_count
    if missing:
        raise LinkError(
            Problem("RECORD", f"{missing} rows have no record number", fix=f"fill {party.record}")
        )
    for name in sorted({"record", "key"} & set(party.content)):
        raise LinkError(Problem("COLUMN", f"a column of content is called {name}", fix="rename it"))


def _identities(party: Party, table: pa.Table, at: npt.NDArray[Any]) -> pa.Table:
    """One row a record, in the order of the pseudonyms. REPEATED where rows of a record tell two people."""
    columns = {
        name: table[own].cast(pa.string()).combine_chunks() for name, own in party.identifiers.items()
    }
    made = pa.table({"nth": pa.array(at, pa.int64()), **columns}).group_by(["nth", *columns]).aggregate([])
    ids = np.asarray(made["nth"])
    repeated = len(ids) - len(np.unique(ids))
    if repeated:
        what = f"{repeated} record numbers have rows with different identifiers"
        raise LinkError(
            Problem("REPEATED", what, "a link could not say whom it means", "send one identity each")
        )
    return made.sort_by("nth").drop_columns("nth")


def _hex(blocks: npt.NDArray[Any]) -> list[str]:
    return [block.hex() for block in map(bytes, blocks)]


def _encoded(
    role: Role, terms: Terms, named: pa.Table
) -> tuple[Iterator[pa.RecordBatch], pa.Schema, dict[str, object]]:
    """Encodings in place of names; a row of rule 255 lists each record, so that those without are known."""
    path = role.state(terms.agreement) / "encoding-key.secret"
    if not path.exists():
        fix = "one party: sharewell split keys share; the others open what it sends"
        raise LinkError(Problem("KEY", "no encoding key is agreed between the parties", fix=fix))
    held = terms.standard
    columns = tuple(name for name in named.column_names if name != "record")
    con = duckdb.connect(config={"threads": 2})
    con.execute("SET enable_progress_bar = false")
    encoder = encoding.encoder(con, named, columns, encoding.Secret(path.read_bytes()), held)
    rates = weights.strangers(con, encoder.unsalted(weights.SAMPLE), held)
    schema = narrow.schema(held)
    every = pa.table(
        {"record": named["record"].sort(), "rule": pa.array(np.full(len(named), 255), pa.uint8())}
    )
    empty = [pa.nulls(len(named), kind) for kind in schema.types[2:]]
    listed = pa.table([*every.columns, *empty], schema=schema)

    def batches() -> Iterator[pa.RecordBatch]:
        # In order of pseudonym: nothing of the order of the party's own table is left.
        with con:
            yield from encoder.rows()
        yield from listed.to_batches(_BATCH)

    return batches(), schema, {"rates": rates.to_pylist()}
