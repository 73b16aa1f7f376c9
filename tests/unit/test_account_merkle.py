"""The tree is RFC 6962's: known roots, and proofs that prove exactly what they should."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.account import merkle

# The leaves and roots of the certificate-transparency reference tests.
LEAVES = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """The nodes of a tree that grew a leaf at a time."""
    frontier, nodes = merkle.Frontier(), {}
    for leaf in leaves:
        for level, position, value in frontier.add(merkle.leaf_hash(leaf)):
            assert (level, position) not in nodes, "a node is written once"
            nodes[level, position] = value
    return nodes


def plain_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962, section 2.1, writes it down."""
    if len(leaves) < 2:
        return merkle.leaf_hash(leaves[0]) if leaves else sha256().digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return merkle.node_hash(plain_root(leaves[:half]), plain_root(leaves[half:]))


def test_known_roots():
    nodes = grown(LEAVES)
    assert [merkle.root_hash(lambda *at: nodes[at], size).hex() for size in range(9)] == ROOTS


SIZE = 70
MANY = [bytes([n]) for n in range(SIZE)]
NODES = grown(MANY)


def tree(level: int, position: int) -> bytes:
    return NODES[level, position]


TRUE_ROOTS = [plain_root(MANY[:size]) for size in range(SIZE + 1)]


def test_a_root_at_any_size_is_the_definitions():
    assert [merkle.root_hash(tree, size) for size in range(SIZE + 1)] == TRUE_ROOTS


def test_every_inclusion_proof_proves_its_leaf_and_no_other():
    for size in (1, 2, 3, 7, 8, 33, 64, 70):
        for index in range(size):
            path = merkle.inclusion_path(tree, index, size)
            assert len(path) <= size.bit_length()
            leaf = merkle.leaf_hash(MANY[index])
            assert merkle.verify_inclusion(leaf, index, size, path, TRUE_ROOTS[size])
            assert not merkle.verify_inclusion(leaf, index + 1, size, path, TRUE_ROOTS[size])
            assert not merkle.verify_inclusion(leaf, index, size, [*path, leaf], TRUE_ROOTS[size])
            assert not merkle.verify_inclusion(leaf, index, size, path, TRUE_ROOTS[size - 1])


def test_every_consistency_proof_proves_its_two_sizes():
    for new in (1, 2, 6, 7, 8, 33, 64, 70):
        for old in range(new + 1):
            path = merkle.consistency_path(tree, old, new)
            roots = TRUE_ROOTS[old], TRUE_ROOTS[new]
            assert merkle.verify_consistency(old, new, path, *roots)
            other = plain_root([b"x", *MANY[1:old]]) if old else b"x"
            assert not merkle.verify_consistency(old, new, path, other, roots[1])
            assert not merkle.verify_consistency(old, new, [*path, roots[0]], *roots)


@settings(max_examples=200)
@given(data=st.data())
def test_a_changed_proof_proves_nothing(data):
    size = data.draw(st.integers(2, SIZE))
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(tree, index, size)
    at, bit = data.draw(st.integers(0, len(path) * 32 - 1)), data.draw(st.integers(0, 7))
    joined = bytearray(b"".join(path))
    joined[at] ^= 1 << bit
    forged = [bytes(joined[n : n + 32]) for n in range(0, len(joined), 32)]
    assert not merkle.verify_inclusion(merkle.leaf_hash(MANY[index]), index, size, forged, TRUE_ROOTS[size])


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_sizes_that_make_no_sense(old, new):
    assert not merkle.verify_consistency(old, new, [], b"", b"")
    assert not merkle.verify_inclusion(b"", -1, 3, [], b"")
