"""Packages: altered, cut, replayed, out of order, misdirected or unsigned, each is refused by its code."""

from __future__ import annotations

import io
import json
import os
import struct
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.errors import LinkError
from sharewell.link.split import envelope, exchange, keys
from sharewell.link.split.envelope import MAGIC, Header
from sharewell.link.split.keys import Role
from sharewell.link.split.terms import Terms

CANARY = "CANARY-ZUZANNA"


def code(error: pytest.ExceptionInfo[LinkError]) -> str:
    assert CANARY not in str(error.value)
    return error.value.problems[0].code


def told(**changes: object) -> dict[str, object]:
    party = {"host": "lab", "record": "id", "identifiers": {"surname": "s"}, "content": ["c"]}
    return {
        "agreement": "a1",
        "purpose": "to plan",
        "linker": "trent",
        "parties": {"alice": party, "bob": party},
        **changes,
    }


TERMS = Terms.of(told())


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Role]:
    folder = tmp_path_factory.mktemp("roles")
    made = {name: keys.create(folder / name, name) for name in ("alice", "bob", "trent", "lab")}
    for role in made.values():
        for other in made.values():
            if other is not role:
                keys.trust(role, other.card)
    return made


@pytest.fixture
def fresh(tmp_path: Path) -> dict[str, Role]:
    made = {name: keys.create(tmp_path / name, name) for name in ("alice", "trent")}
    keys.trust(made["alice"], made["trent"].card)
    keys.trust(made["trent"], made["alice"].card)
    return made


def header(roles: dict[str, Role], sender: str = "alice", recipient: str = "trent") -> Header:
    ids = (roles[sender].card.fingerprint, roles[recipient].card.fingerprint)
    return Header("a1", TERMS.hash, "identifiers", sender, recipient, 1, *ids)


def sealed(roles: dict[str, Role], folder: Path, chunks: list[bytes]) -> bytes:
    path = folder / f"{os.urandom(6).hex()}.split"
    envelope.seal(roles["alice"], path, header(roles), chunks)
    return path.read_bytes()


def opened(role: Role, package: bytes) -> bytes:
    return b"".join(envelope.unseal(role, io.BytesIO(package)).chunks)


def size_of_head(package: bytes) -> int:
    (length,) = struct.unpack(">I", package[len(MAGIC) : len(MAGIC) + 4])
    return len(MAGIC) + 4 + int(length) + 64


@settings(max_examples=25, deadline=None)
@given(chunks=st.lists(st.binary(max_size=3000), max_size=5))
def test_what_was_sealed_is_opened_and_no_byte_of_it_is_shown(
    roles: dict[str, Role], tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    whole = [*chunks, CANARY.encode()]
    package = sealed(roles, tmp_path_factory.mktemp("p"), whole)
    assert opened(roles["trent"], package) == b"".join(whole)
    assert CANARY.encode() not in package


def test_every_byte_of_a_package_counts(roles: dict[str, Role], tmp_path: Path) -> None:
    package = sealed(roles, tmp_path, [CANARY.encode(), b"second"])
    seen = set()
    for at in range(len(package)):
        altered = bytearray(package)
        altered[at] ^= 1 << (at % 8)
        with pytest.raises(LinkError) as error:
            opened(roles["trent"], bytes(altered))
        seen.add(code(error))
    assert seen <= {"FORMAT", "TRUNCATED", "RECIPIENT", "UNKNOWN", "SIGNATURE", "ALTERED"}
    assert {"FORMAT", "SIGNATURE", "ALTERED"} <= seen


def test_every_cut_is_seen_and_so_is_more(roles: dict[str, Role], tmp_path: Path) -> None:
    package = sealed(roles, tmp_path, [b"one", b"two"])
    for length in range(1, len(package)):
        with pytest.raises(LinkError) as error:
            opened(roles["trent"], package[:length])
        assert code(error) == "TRUNCATED"
    with pytest.raises(LinkError) as error:
        opened(roles["trent"], package + b"x")
    assert code(error) == "SIGNATURE"
    with pytest.raises(LinkError) as error:
        opened(roles["trent"], b"a letter")
    assert code(error) == "FORMAT"


def test_chunks_cannot_change_places_or_be_dropped(roles: dict[str, Role], tmp_path: Path) -> None:
    package = sealed(roles, tmp_path, [b"one", b"two", b"end"])
    start, size = size_of_head(package), 4 + 3 + 16
    head, (one, two) = package[:start], (package[start + n * size :][:size] for n in (0, 1))
    rest = package[start + 2 * size :]
    for swapped in (head + two + one + rest, head + two + rest, head + one + one + rest):
        with pytest.raises(LinkError) as error:
            opened(roles["trent"], swapped)
        assert code(error) == "ALTERED"


def test_a_body_under_another_header_does_not_open(roles: dict[str, Role], tmp_path: Path) -> None:
    one, two = sealed(roles, tmp_path, [b"one"]), sealed(roles, tmp_path, [b"two"])
    with pytest.raises(LinkError) as error:
        opened(roles["trent"], one[: size_of_head(one)] + two[size_of_head(two) :])
    assert code(error) == "ALTERED"


def test_who_it_is_for_and_who_it_is_from(roles: dict[str, Role], tmp_path: Path) -> None:
    package = sealed(roles, tmp_path, [b"x"])
    with pytest.raises(LinkError) as error:
        opened(roles["bob"], package)
    assert code(error) == "RECIPIENT"
    posing = keys.create(tmp_path / "posing", "alice")
    keys.trust(posing, roles["trent"].card)
    envelope.seal(posing, tmp_path / "posed.split", header({**roles, "alice": posing}), [b"x"])
    with pytest.raises(LinkError) as error:
        opened(roles["trent"], (tmp_path / "posed.split").read_bytes())
    assert code(error) == "SIGNATURE"
    stranger = keys.create(tmp_path / "stranger", "trent")
    with pytest.raises(LinkError) as error:
        opened(stranger, package)
    assert code(error) == "RECIPIENT"  # the same name, other keys
    (roles["trent"].folder / "known" / "bob.json").rename(tmp_path / "bob.json")
    try:
        envelope.seal(roles["bob"], tmp_path / "b.split", header(roles, "bob"), [b"x"])
        with pytest.raises(LinkError) as error:
            opened(roles["trent"], (tmp_path / "b.split").read_bytes())
        assert code(error) == "UNKNOWN"
    finally:
        (tmp_path / "bob.json").rename(roles["trent"].folder / "known" / "bob.json")


def send(role: Role, terms: Terms = TERMS, purpose: str = "identifiers", to: str = "trent") -> Path:
    table = pa.table({"record": ["1", "2"], "surname": [CANARY, None]})
    return exchange.send(role, terms, purpose, to, table.schema, table.to_batches())


def test_a_package_is_opened_once_and_in_its_order(fresh: dict[str, Role]) -> None:
    alice, trent = fresh["alice"], fresh["trent"]
    first, second, third = send(alice), send(alice), send(alice)
    with pytest.raises(LinkError) as error:
        exchange.accept(trent, TERMS, second)
    assert code(error) == "ORDER"
    assert exchange.accept(trent, TERMS, first).sequence == 1
    for again in (first, first):
        with pytest.raises(LinkError) as error:
            exchange.accept(trent, TERMS, again)
        assert code(error) == "REPLAYED"
    assert exchange.accept(trent, TERMS, second).sequence == 2
    held = exchange.latest(trent, TERMS, "identifiers", "alice")
    assert held.table["surname"].to_pylist() == [CANARY, None]
    assert exchange.forget(trent, TERMS, "identifiers") == 2
    with pytest.raises(LinkError) as error:  # what was removed is still known
        exchange.accept(trent, TERMS, first)
    assert code(error) == "REPLAYED"
    assert exchange.accept(trent, TERMS, third).sequence == 3


def test_an_altered_package_leaves_nothing_behind(fresh: dict[str, Role], tmp_path: Path) -> None:
    package = bytearray(send(fresh["alice"]).read_bytes())
    package[-70] ^= 1
    (tmp_path / "bad.split").write_bytes(package)
    with pytest.raises(LinkError) as error:
        exchange.accept(fresh["trent"], TERMS, tmp_path / "bad.split")
    assert code(error) == "ALTERED"
    assert list((fresh["trent"].folder / "inbox").iterdir()) == []
    with pytest.raises(LinkError) as error:
        exchange.latest(fresh["trent"], TERMS, "identifiers", "alice")
    assert code(error) == "MISSING"
    with pytest.raises(LinkError) as error:
        exchange.accept(fresh["trent"], TERMS, tmp_path / "none.split")
    assert code(error) == "FILE"


def test_terms_bind(fresh: dict[str, Role]) -> None:
    other = Terms.of(told(purpose="to sell"))
    with pytest.raises(LinkError) as error:
        exchange.accept(fresh["trent"], other, send(fresh["alice"]))
    assert code(error) == "TERMS"
    for purpose, to in (
        ("content", "trent"),
        ("links", "trent"),
        ("encoding-key", "trent"),
        ("gossip", "trent"),
    ):
        with pytest.raises(LinkError) as error:
            send(fresh["alice"], purpose=purpose, to=to)
        assert code(error) == "PURPOSE"


def test_content_in_an_envelope_for_the_linker_is_refused_there_too(
    fresh: dict[str, Role], tmp_path: Path
) -> None:
    ids = (fresh["alice"].card.fingerprint, fresh["trent"].card.fingerprint)
    forged = Header("a1", TERMS.hash, "content", "alice", "trent", 1, *ids)
    envelope.seal(fresh["alice"], tmp_path / "c.split", forged, [b"content"])
    with pytest.raises(LinkError) as error:
        exchange.accept(fresh["trent"], TERMS, tmp_path / "c.split")
    assert code(error) == "PURPOSE"


def test_a_package_larger_than_memory_allows_is_sealed_chunk_by_chunk(
    roles: dict[str, Role], tmp_path: Path
) -> None:
    import tracemalloc

    piece = bytes(envelope.CHUNK)
    tracemalloc.start()
    envelope.seal(roles["alice"], tmp_path / "big.split", header(roles), (piece for _ in range(40)))
    with (tmp_path / "big.split").open("rb") as file:
        assert sum(len(chunk) for chunk in envelope.unseal(roles["trent"], file).chunks) == 40 * len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * len(piece)


def test_keys_are_private_and_never_written_over(tmp_path: Path) -> None:
    role = keys.create(tmp_path / "r", "r")
    assert (tmp_path / "r" / "private.json").stat().st_mode & 0o777 == 0o600
    secret = json.loads((tmp_path / "r" / "private.json").read_text())["sign"]
    assert secret not in repr(role)
    for wrong, expected in ((("r", "r"), "EXISTS"), (("s", "No Name"), "NAME")):
        with pytest.raises(LinkError) as error:
            keys.create(tmp_path / wrong[0], wrong[1])
        assert code(error) == expected
    (tmp_path / "r" / "private.json").chmod(0o644)
    with pytest.raises(LinkError) as error:
        keys.load(tmp_path / "r")
    assert code(error) == "SHARED"
    other, posing = keys.create(tmp_path / "o", "o"), keys.create(tmp_path / "p", "o")
    keys.trust(role, other.card)
    with pytest.raises(LinkError) as error:
        keys.trust(role, posing.card)
    assert code(error) == "KNOWN"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"linker": "lab"}, "both halves"),
        ({"linker": "alice"}, "both halves"),
        ({"purpose": ""}, "purpose is missing"),
        ({"colour": "red"}, "no word of the terms"),
        ({"threshold": 3}, "threshold"),
        ({"parties": {"alice": {"host": "lab", "record": "id", "identifiers": {"hair": "h"}}}}, "identity"),
        (
            {
                "parties": {
                    "alice": {"host": "h", "record": "id", "identifiers": {"born": "b"}, "content": ["b"]}
                }
            },
            "both identifier and content",
        ),
    ],
)
def test_faulty_terms_are_refused_with_their_fault(changes: dict[str, object], says: str) -> None:
    with pytest.raises(LinkError) as error:
        Terms.of(told(**changes))
    assert says in str(error.value)
