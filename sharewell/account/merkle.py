"""The Merkle tree of RFC 6962, section 2.1: hashes, proofs, and their verification.

A leaf is SHA-256(0x00 || data), a node SHA-256(0x01 || left || right). Only nodes over complete subtrees
are ever stored: the node at (level, position) covers the leaves from position * 2**level for 2**level
leaves, and never changes once written. Everything here is pure: a tree is a function from (level,
position) to a hash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

Place = tuple[int, int]
"""(level, position) of a complete subtree."""

Tree = Callable[[int, int], bytes]
"""The hash of the complete subtree at (level, position)."""

EMPTY = sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def peaks(size: int, start: int = 0) -> list[Place]:
    """The complete subtrees that make up `size` leaves from an aligned `start`, largest first."""
    places = []
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            places.append((level, start >> level))
            start += 1 << level
    return places


def span_hash(tree: Tree, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962, for a `start` that the subtree is aligned to."""
    hashes = [tree(*place) for place in peaks(end - start, start)]
    if not hashes:
        return EMPTY
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


def root_hash(tree: Tree, size: int) -> bytes:
    """The root over the first `size` leaves."""
    return span_hash(tree, 0, size)


@dataclass
class Frontier:
    """The right edge of a growing tree: its size and the hash of each peak, by level."""

    size: int = 0
    peaks: dict[int, bytes] = field(default_factory=dict)

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take in a leaf; returns the nodes it completes as (level, position, hash), the leaf first."""
        level, position, value = 0, self.size, leaf
        made = [(level, position, value)]
        while level in self.peaks:
            value = node_hash(self.peaks.pop(level), value)
            level, position = level + 1, position >> 1
            made.append((level, position, value))
        self.peaks[level] = value
        self.size += 1
        return made


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_path(tree: Tree, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962, section 2.1.1: the siblings from the leaf up."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(span_hash(tree, middle, end))
            end = middle
        else:
            path.append(span_hash(tree, start, middle))
            start = middle
    return path[::-1]


def consistency_path(tree: Tree, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962, section 2.1.2; empty where either tree proves itself."""
    path: list[bytes] = []
    start, end, whole = 0, new, True
    if old in (0, new):
        return path
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(span_hash(tree, middle, end))
            end = middle
        else:
            path.append(span_hash(tree, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(span_hash(tree, start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Does `path` prove `leaf` to be number `index` of `size` leaves under `root`? (RFC 9162, 2.1.3.2)"""
    if not 0 <= index < size:
        return False
    at, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node_hash(sibling, value)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Does `path` prove that the tree of `new` leaves only adds to that of `old`? (RFC 9162, 2.1.4.2)"""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not path and old_root == (EMPTY if old == 0 else new_root)
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    small = large = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            small, large = node_hash(sibling, small), node_hash(sibling, large)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            large = node_hash(large, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and small == old_root and large == new_root
