"""AES-SIV: the RFC's own vectors, one token a person in one agreement, and nothing in another."""

from __future__ import annotations

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.depersonalise.sealing import open_column, seal_column
from sharewell.errors import DataError, SecretError

SECRET, OTHER = bytes(range(32)), bytes(range(1, 33))
PEOPLE = pa.array(["9434765919", None, "9434765870", "9434765919"])

RFC = [  # RFC 5297, A.1 and A.2: key, associated data (and nonce), plaintext, IV and ciphertext
    (
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        ["101112131415161718191a1b1c1d1e1f2021222324252627"],
        "112233445566778899aabbccddee",
        "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c",
    ),
    (
        "7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f",
        [
            "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100",
            "102030405060708090a0",
            "09f911029d74e35bd84156c5635688c0",
        ],
        "7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d414553",
        "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17"
        "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d",
    ),
]


@pytest.mark.parametrize(("key", "associated", "plain", "sealed"), RFC)
def test_the_cipher_is_that_of_rfc_5297(key, associated, plain, sealed):
    cipher, bound = AESSIV(bytes.fromhex(key)), [bytes.fromhex(part) for part in associated]
    assert cipher.encrypt(bytes.fromhex(plain), bound).hex() == sealed
    assert cipher.decrypt(bytes.fromhex(sealed), bound).hex() == plain


@given(st.lists(st.text(min_size=1, max_size=30) | st.none(), max_size=12))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_what_is_sealed_opens_and_equal_people_are_equal_tokens(values):
    column = pa.array(values, pa.string())
    tokens = seal_column(column, SECRET, "istv", "person")
    assert open_column(tokens, SECRET, "istv", "person").to_pylist() == values
    held = [token for token in tokens.to_pylist() if token is not None]
    assert len(set(held)) == len({value for value in values if value is not None})


def test_a_token_is_useless_in_another_agreement_unit_or_under_another_secret():
    tokens = seal_column(PEOPLE, SECRET, "istv", "person")
    assert tokens.to_pylist()[0] == tokens.to_pylist()[3]
    for secret, agreement, unit in (
        (OTHER, "istv", "person"),
        (SECRET, "kid", "person"),
        (SECRET, "istv", "household"),
    ):
        assert not set(seal_column(PEOPLE, secret, agreement, unit).to_pylist()[2:]) & set(
            tokens.to_pylist()
        )
        with pytest.raises(SecretError, match="TOKEN 2 tokens"):
            open_column(tokens, secret, agreement, unit)


def test_agreement_and_unit_cannot_be_run_together():
    """Associated data are separate strings: ("ab", "c") is not ("a", "bc")."""
    first = seal_column(PEOPLE, SECRET, "ab", "c")
    assert first.to_pylist() != seal_column(PEOPLE, SECRET, "a", "bc").to_pylist()


@pytest.mark.parametrize("place", [0, 7, 31, 33, 51])
def test_a_changed_token_is_not_opened_and_no_value_is_in_the_message(place):
    token = seal_column(PEOPLE, SECRET, "istv", "person")[0].as_py()
    changed = token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :]
    with pytest.raises(SecretError, match="TOKEN 1 tokens") as caught:
        open_column(pa.array([changed]), SECRET, "istv", "person")
    assert "9434765919" not in str(caught.value)
    assert token not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("token", ["zz", "00", "00" * 16, "é" * 60])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(SecretError, match="TOKEN"):
        open_column(pa.array([token]), SECRET, "istv", "person")


def test_chunks_dictionaries_and_nothing_at_all():
    chunks = pa.chunked_array([PEOPLE, PEOPLE.slice(2)]).dictionary_encode()
    tokens = seal_column(chunks, SECRET, "istv", "person")
    assert [len(chunk) for chunk in tokens.chunks] == [4, 2]
    assert open_column(tokens, SECRET, "istv", "person").to_pylist() == chunks.to_pylist()
    empty = pa.chunked_array([], pa.string())
    assert seal_column(empty, SECRET, "istv", "person").to_pylist() == []


def test_bad_input_is_refused():
    with pytest.raises(SecretError, match="SECRET"):
        seal_column(PEOPLE, b"short", "istv", "person")
    with pytest.raises(SecretError, match="BOUND"):
        seal_column(PEOPLE, SECRET, "", "person")
    with pytest.raises(DataError, match="EMPTY"):
        seal_column(pa.array(["", "a"]), SECRET, "istv", "person")
    with pytest.raises(DataError, match="TYPE"):
        seal_column(pa.array([1]), SECRET, "istv", "person")
