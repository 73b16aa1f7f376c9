"""What a linker who cheats does with keyed encodings: see `link_private`, which runs and prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

COLUMNS = ("forename", "surname", "born", "address", "postcode", "other_id")
COUNTY_COLUMNS = ("nhs_number", "forename", "surname", "born", "sex", "postcode")
FIELDS = ("forename", "surname")


def standard(columns: Sequence[str]) -> list[str]:
    """The standard columns that these identity columns give."""
    from sharewell.link.split.terms import STANDARD

    return sorted({each for column in columns for each in STANDARD[column]})


def encode(table: pa.Table, key: bytes, columns: tuple[str, ...] = COLUMNS, *, salted: bool = True) -> Any:
    """What a party would send (`people_encoded`'s Encoded), and the names it stands for, by
    record. `salted` False: one digest a field, the same in every block."""
    from sharewell.link.split import encoding, narrow, weights
    from sharewell.link.split.resolve import Encoded

    held = standard(columns)
    with duckdb.connect() as con:
        encoder = encoding.encoder(con, table, columns, encoding.Secret(key), held)
        rows = pa.Table.from_batches(encoder.rows(), narrow.schema(held))
        if not salted:
            plain = encoder.unsalted(len(table)).drop_columns(["rule", "block"])
            rows = rows.select(["record", "rule", "block"]).join(plain, "record").select(rows.column_names)
        rates = weights.strangers(con, encoder.unsalted(weights.SAMPLE), held)
        names = con.sql("SELECT record, forename, surname FROM identified ORDER BY rid").to_arrow_table()
    return Encoded(names.select(["record"]), rows, rates), names


Names = Sequence[str | None]


def aligned(groups: Sequence[int], names: Names, seed: int) -> float:
    """The share of records named rightly by giving the nth largest group the nth commonest name.

    `groups` is for each record the group it is seen in; those without a name do not count.
    """
    random = np.random.default_rng(seed)
    known = [at for at, name in enumerate(names) if name is not None]
    sizes = Counter(groups[at] for at in known)
    common = Counter(names[at] for at in known)
    ranked = sorted(sizes, key=lambda group: (-sizes[group], random.random()))
    guesses = sorted(common, key=lambda name: (-common[name], random.random()))
    guess = dict(zip(ranked, guesses, strict=False))
    return sum(guess.get(groups[at]) == names[at] for at in known) / max(len(known), 1)


def by_ranks(rows: pa.Table, records: Sequence[str], names: Names, column: str, seed: int) -> float:
    """The most that frequencies of a digest give away under any one rule."""
    number = {record: at for at, record in enumerate(records)}
    best = 0.0
    for rule in rows["rule"].unique().to_pylist():
        some = rows.filter(pc.equal(rows["rule"], rule))
        # Records that the rule leaves out stand alone.
        groups = list(range(-len(records), 0))
        shown = some[column].to_pylist()
        for record, digest in zip(some["record"].to_pylist(), shown, strict=True):
            groups[number[record]] = digest if digest is not None else groups[number[record]]
        best = max(best, aligned(groups, names, seed))
    return best


def gathered(groups: Sequence[int], names: Names) -> float:
    """Of the bearers of the commonest name, the share that the largest single group of them joins."""
    commonest = Counter(name for name in names if name is not None).most_common(1)[0][0]
    sizes = Counter(group for group, name in zip(groups, names, strict=True) if name == commonest)
    return max(sizes.values()) / sum(sizes.values())


def by_graph(rows: pa.Table, records: Sequence[str], column: str, *, salted: bool) -> list[int]:
    """A group for each record: every chain of agreement, followed to its end. Without salts any
    two equal digests agree, wherever they stand."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    number = {record: at for at, record in enumerate(records)}
    some = rows.filter(pc.is_valid(rows[column]))
    seen: dict[tuple[int, ...], int] = {}
    left, right = [], []
    keys = zip(*(some[name].to_pylist() for name in ("rule", "block", column, "record")), strict=True)
    for rule, block, digest, record in keys:
        where = (rule, block, digest) if salted else (digest,)
        first = seen.setdefault(where, number[record])
        left.append(first)
        right.append(number[record])
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(len(records),) * 2)
    groups: list[int] = connected_components(graph, directed=False)[1].tolist()
    return groups


def floor(names: Names) -> float:
    """Who names everybody by the commonest name is right so often."""
    known = [name for name in names if name is not None]
    return max(Counter(known).values()) / len(known)


def by_register(rows: pa.Table, register: pa.Table) -> float:
    """The share of records found again by encoding a register and looking up its blocks."""
    keyed = {(rule, block): record for rule, block, record in _keys(register)}
    found: dict[str, Counter[str]] = {}
    for rule, block, record in _keys(rows):
        if (rule, block) in keyed:
            found.setdefault(record, Counter())[keyed[rule, block]] += 1
    right = sum(counts.most_common(1)[0][0] == record for record, counts in found.items())
    return right / len(set(rows["record"].to_pylist()))


def _keys(rows: pa.Table) -> list[tuple[int, int, str]]:
    return list(zip(*(rows[name].to_pylist() for name in ("rule", "block", "record")), strict=True))


def attack(
    tables: Mapping[str, pa.Table], seed: int, columns: tuple[str, ...] = COLUMNS, *, salted: bool
) -> dict[str, float]:
    """Success of each attack on one draw of records, both sources in the linker's hands."""
    random = np.random.default_rng(seed)
    key = random.bytes(32)
    sent, named = [], []
    for table in tables.values():
        some = table.filter(pa.array(random.random(len(table)) < 0.8))
        encoded, names = encode(some, key, columns, salted=salted)
        sent.append(encoded.rows)
        named.append(names)
    rows, names = pa.concat_tables(sent), pa.concat_tables(named)
    records = names["record"].to_pylist()
    told = {}
    for field in FIELDS:
        truth = names[field].to_pylist()
        told[f"ranks, {field}"] = by_ranks(rows, records, truth, field, seed)
        groups = by_graph(rows, records, field, salted=salted)
        told[f"graph, {field}"] = aligned(groups, truth, seed)
        told[f"gathered, {field}"] = gathered(groups, truth)
        told[f"floor, {field}"] = floor(truth)
    return told


def keys(table: pa.Table, seed: int, columns: tuple[str, ...] = COLUMNS) -> dict[str, float]:
    """Success of looking a draw of records up in the whole register, with a guessed key and with theirs."""
    random = np.random.default_rng(seed)
    key, guess = random.bytes(32), random.bytes(32)
    some = encode(table.filter(pa.array(random.random(len(table)) < 0.8)), key, columns)[0].rows
    registers = {"wrong key": guess, "key leaked": key}
    return {
        name: by_register(some, encode(table, each, columns)[0].rows) for name, each in registers.items()
    }
