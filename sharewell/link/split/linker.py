"""The linker: sees who, never what. It answers each host with keys for the records that host has."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from ..settings import Linked, Progress, Settings
from . import exchange
from .keys import Role
from .resolve import Encoded, people_encoded
from .terms import Terms


@dataclass(frozen=True)
class Answered:
    """A package for each host, and counts of the linking."""

    packages: dict[str, Path]
    evidence: dict[str, Any]


def answer(role: Role, terms: Terms, tell: Progress = exchange.silent, *, keep: bool = False) -> Answered:
    """Link what the parties sent; seal for each host (party, record pseudonym, linkage key).

    Each host gets keys of its own, so that two hosts cannot join their data. The packages of identifiers
    are then removed, unless `keep`. Raises LinkError: LINKER (not this role's work), MISSING (all parties
    that have not sent), and as `people`.
    """
    if role.name != terms.linker:
        what = f"{role.name} is not the linker of these terms: {terms.linker} is"
        raise LinkError(Problem("LINKER", what, "who links may hold no content", "run this in its folder"))
    tell("opening packages", 0.0)
    linked = _linked(role, terms, _received(role, terms), tell)
    packages = {}
    for host in terms.hosts:
        secret = role.secret(terms.agreement, f"linkage-keys-{host}")
        table = _for_host(linked.table, [n for n, p in terms.parties.items() if p.host == host], secret)
        packages[host] = exchange.send(role, terms, "links", host, table.schema, table.to_batches(20_000))
    if not keep:
        exchange.forget(role, terms, "identifiers")
    counts = {"records": len(linked.table), "clusters": pc.count_distinct(linked.table["cluster"]).as_py()}
    return Answered(packages, {**linked.evidence, **counts})


def _received(role: Role, terms: Terms) -> dict[str, exchange.Delivery]:
    received = {}
    problems: list[Problem] = []
    for name in terms.parties:
        try:
            received[name] = exchange.latest(role, terms, "identifiers", name)
        except LinkError as error:
            problems += error.problems
    if problems:
        raise LinkError(problems)
    return received


def _linked(role: Role, terms: Terms, received: dict[str, exchange.Delivery], tell: Progress) -> Linked:
    once = frozenset(name for name, party in terms.parties.items() if party.once)
    columns = tuple(sorted({name for party in terms.parties.values() for name in party.identifiers}))
    settings = Settings(
        role.secret(terms.agreement, "clusters"),
        terms.method,
        threshold=terms.threshold,
        one_per_source=once,
        columns=columns,
    )
    if terms.encoded:
        sources = {name: _encoded(delivery) for name, delivery in received.items()}
        return people_encoded(sources, columns=terms.standard, settings=settings, progress=tell)
    from ..identify import people

    tables = {name: delivery.table for name, delivery in received.items()}
    return people(tables, settings=settings, progress=tell)


def _encoded(delivery: exchange.Delivery) -> Encoded:
    listed = pc.equal(delivery.table["rule"], 255)
    told = delivery.told["rates"]
    kinds = pa.schema([("comparison", pa.string()), ("level", pa.string()), ("n", pa.int64())])
    rows = delivery.table.filter(pc.invert(listed))
    return Encoded(
        delivery.table.filter(listed).select(["record"]), rows, pa.Table.from_pylist(told, kinds)
    )


def _for_host(table: pa.Table, parties: list[str], secret: bytes) -> pa.Table:
    chosen = table.filter(pc.is_in(table["source"], pa.array(parties, pa.string())))
    coded = chosen["cluster"].combine_chunks().dictionary_encode()
    keys = [
        hmac.digest(secret, cluster.encode(), "sha256")[:16].hex()
        for cluster in coded.dictionary.to_pylist()
    ]
    at = np.asarray(coded.indices)
    links = pa.array(keys, pa.string()).take(pa.array(at, pa.int64()))
    made = pa.table({"party": chosen["source"], "record": chosen["record"], "key": links})
    return made.sort_by([("party", "ascending"), ("record", "ascending")])
