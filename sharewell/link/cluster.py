"""From scored pairs to people: connected components that keep the rules, and opaque ids for them.

A component is taken whole unless it would join two verified numbers or two records of a source that
promises one a person; then its pairs are taken from the strongest down, and any that would break a rule
is left out. A record torn between two people by nearly equal weights joins neither.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .session import session

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TORN = 3.0
"""Weights (in bits) closer than this do not decide between two people: less than 8 to 1."""


def join(
    count: int, left: Ints, right: Ints, weight: Floats, verified: Ints, mask: Ints
) -> tuple[Ints, Ints]:
    """Partition units 0..count-1. `verified` is 0 or 1, `mask` the promised sources of each unit, one bit
    each.

    Answers the label of each unit (the least unit of its cluster), and the indices of the pairs that were
    kept.
    """
    labels = _components(count, left, right)
    broken = _broken(labels, verified, mask)
    inside = broken[labels[left]] if len(left) else np.zeros(0, bool)
    kept = np.ones(len(left), bool)
    if inside.any():
        at = np.flatnonzero(inside)
        kept[at] = _strongest_first(left[at], right[at], weight[at], verified, mask)
        labels = _components(count, left[kept], right[kept])
    return labels, np.flatnonzero(kept)


def identifiers(secret: bytes, kind: str, records: pa.Table) -> pa.Array:
    """An opaque id for the cluster whose least record is each row of `records(source, record)`.

    HMAC-SHA256 (RFC 2104) under the linking secret, cut to 128 bits, in DuckDB, since there may be
    millions; `kind` keeps the ids of people, homes and households apart.
    """
    key = (secret if len(secret) <= 64 else hashlib.sha256(secret).digest()).ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C))
    with session(2, spills=False) as con:
        con.register("firsts", records)
        made = con.execute(
            "SELECT left(sha256($outer || unhex(sha256($inner || encode($kind || ':' || length(source)"
            " || ':'"
            " || source || record)))), 32) AS id FROM firsts",
            {"outer": outer, "inner": inner, "kind": kind},
        ).to_arrow_table()
    return made["id"].combine_chunks()


def name(secret: bytes, kind: str, records: pa.Table, labels: Ints) -> pa.Array:
    """The id of each row of `records(source, record)` from its cluster's least row; null where the label
    is -1.
    """
    firsts = np.flatnonzero(np.bincount(labels[labels >= 0], minlength=len(labels)))
    ids = identifiers(secret, kind, records.select(["source", "record"]).take(pa.array(firsts)))
    at = np.zeros(len(labels) + 1, np.int64)
    at[firsts] = np.arange(len(firsts))
    return ids.take(pa.array(at[labels], pa.int64(), mask=labels < 0))


def _components(count: int, left: Ints, right: Ints) -> Ints:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    least = np.full(labels.max(initial=-1) + 1, count, np.int64)
    np.minimum.at(least, labels, np.arange(count))
    answer: Ints = least[labels]
    return answer


def _broken(labels: Ints, verified: Ints, mask: Ints) -> npt.NDArray[np.bool_]:
    count = len(labels)
    broken = np.bincount(labels, verified, minlength=count) > 1
    for bit in range(int(mask.max(initial=0)).bit_length()):
        broken |= np.bincount(labels, (mask >> bit) & 1, minlength=count) > 1
    return broken


def _strongest_first(
    left: Ints, right: Ints, weight: Floats, verified: Ints, mask: Ints
) -> npt.NDArray[np.bool_]:
    order = np.lexsort((right, left, -weight))
    torn = _torn(left, right, weight, order, verified, mask)
    parent: dict[int, int] = {}
    held: dict[int, tuple[int, int]] = {}

    def root(unit: int) -> int:
        while (up := parent.setdefault(unit, unit)) != unit:
            parent[unit] = unit = parent[up]
        return unit

    kept = np.zeros(len(left), bool)
    for at in order.tolist():
        a, b = root(int(left[at])), root(int(right[at]))
        one = held.setdefault(a, (int(verified[a]), int(mask[a])))
        two = held.setdefault(b, (int(verified[b]), int(mask[b])))
        if at in torn or (a != b and (one[0] + two[0] > 1 or one[1] & two[1])):
            continue
        kept[at] = True
        if a != b:
            parent[b] = a
            held[a] = (one[0] + two[0], one[1] | two[1])
    return kept


def _torn(left: Ints, right: Ints, weight: Floats, order: Ints, verified: Ints, mask: Ints) -> set[int]:
    """The pairs of units whose two best partners cannot be one person and weigh nearly the same."""
    best: dict[int, list[tuple[float, int, int]]] = {}
    for at in order.tolist():
        a, b = int(left[at]), int(right[at])
        for unit, other in ((a, b), (b, a)):
            if not verified[unit]:
                best.setdefault(unit, []).append((float(weight[at]), other, at))
    torn: set[int] = set()
    for partners in best.values():
        top, first, _ = partners[0]
        rivals = [
            at
            for heavy, other, at in partners[1:]
            if other != first
            and top - heavy < TORN
            and (verified[first] + verified[other] > 1 or mask[first] & mask[other])
        ]
        if rivals:
            torn.update(at for heavy, _, at in partners if top - heavy < TORN)
    return torn
