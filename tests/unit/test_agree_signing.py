"""Signatures: only the very bytes, signed by the very key, count; and a private key stays its owner's."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewell.agree.signing import SigningKey, Undertaking, fingerprint, is_public_key, verifies
from sharewell.errors import DocumentError, Refusal, SecretError, StorageError
from sharewell.live.keyfiles import is_locked, make_key, public_file, read_key, read_public

KEY = SigningKey.new()
SAID = Undertaking(
    "warm-homes", 1, "a" * 64, "b" * 64, "north-clinic", "caldicott guardian", "guardian@north-clinic",
    "2024-06-03T09:00:00+00:00",
)  # fmt: skip
SIGNATURE = KEY.sign(SAID.content())


def test_a_signature_holds_for_what_was_signed() -> None:
    assert verifies(KEY.public, SAID.content(), SIGNATURE)
    assert not verifies(SigningKey.new().public, SAID.content(), SIGNATURE)


@given(st.integers(0, len(SAID.content()) - 1), st.integers(1, 255))
def test_any_changed_byte_of_what_was_signed_fails(at: int, flip: int) -> None:
    harmed = bytearray(SAID.content())
    harmed[at] ^= flip
    assert not verifies(KEY.public, bytes(harmed), SIGNATURE)


@given(st.integers(0, 63), st.integers(1, 255))
def test_any_changed_byte_of_the_signature_fails(at: int, flip: int) -> None:
    harmed = bytearray(bytes.fromhex(SIGNATURE))
    harmed[at] ^= flip
    assert not verifies(KEY.public, SAID.content(), harmed.hex())


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("agreement", "cold-homes"), ("version", 2), ("terms", "c" * 64), ("flow", "c" * 64),
        ("party", "north-council"), ("office", "chief executive"), ("who", "mallory@north-clinic"),
        ("at", "2024-06-03T09:00:01+00:00"),
    ],
)  # fmt: skip
def test_every_part_is_bound(field: str, other: object) -> None:
    assert not verifies(KEY.public, replace(SAID, **{field: other}).content(), SIGNATURE)  # type: ignore[arg-type]


@given(st.text(max_size=200), st.text(max_size=200))
def test_what_is_no_key_or_signature_is_false_and_no_error(key: str, signature: str) -> None:
    assert not verifies(key, b"anything", signature)


def test_a_locked_key_opens_only_with_its_passphrase(tmp_path: Path) -> None:
    made = make_key(tmp_path / "own" / "k.pem", b"correct horse")
    path = tmp_path / "own" / "k.pem"
    assert is_locked(path)
    assert read_key(path, b"correct horse").public == made.public == read_public(str(public_file(path)))
    for wrong in (None, b"", b"correct house"):
        with pytest.raises(SecretError, match="PASSPHRASE") as refused:
            read_key(path, wrong)
        assert "horse" not in str(refused.value)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"correct horse" not in path.read_bytes()


def test_an_unlocked_key_needs_none(tmp_path: Path) -> None:
    made = make_key(tmp_path / "k.pem")
    assert not is_locked(tmp_path / "k.pem")
    assert read_key(tmp_path / "k.pem").public == made.public
    assert is_public_key(made.public)
    assert fingerprint(made.public) != made.public


def test_a_key_is_never_overwritten_or_made_in_a_workspace(tmp_path: Path) -> None:
    make_key(tmp_path / "k.pem")
    with pytest.raises(StorageError, match="EXISTS"):
        make_key(tmp_path / "k.pem")
    (tmp_path / "space" / "deep").mkdir(parents=True)
    (tmp_path / "space" / "sharewell.toml").write_text("")
    with pytest.raises(Refusal, match="WORKSPACE"):
        make_key(tmp_path / "space" / "deep" / "k.pem")
    assert not list((tmp_path / "space").rglob("*.pem"))


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretError, match="KEY"):
        read_key(path)
    path.chmod(0o644)
    with pytest.raises(SecretError, match="OPEN"):
        read_key(path)
    with pytest.raises(SecretError, match="KEY"):
        read_key(tmp_path / "nothing.pem")


def test_a_public_key_is_64_digits_or_their_file(tmp_path: Path) -> None:
    assert read_public(KEY.public.upper()) == KEY.public
    for wrong in ("abc", str(tmp_path), str(tmp_path / "none.pub"), KEY.public[:-1] + "g"):
        with pytest.raises(DocumentError, match="KEY"):
            read_public(wrong)
