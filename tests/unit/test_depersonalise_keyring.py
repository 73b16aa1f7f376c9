"""Secrets are wrapped, bound to their agreement, and gone when destroyed."""

from __future__ import annotations

import json
import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from sharewell.account import person_reference
from sharewell.depersonalise import FileMasterKey, Keyring, Use, files, key_column
from sharewell.errors import SecretError, StorageError

NOW = datetime(2026, 9, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def master(tmp_path):
    return FileMasterKey.create(tmp_path / "keys" / "master.key")


@pytest.fixture
def keyring(tmp_path, master):
    keyring = Keyring.open(tmp_path / "ring", master)
    keyring.issue("kid", at=NOW)
    keyring.issue("warm-home", at=NOW)
    return keyring


def test_a_secret_is_stable_and_differs_by_agreement_and_use(tmp_path, keyring):
    again = Keyring.open(tmp_path / "ring", FileMasterKey.open(tmp_path / "keys" / "master.key"))
    secrets = {
        (agreement, use): again.secret(agreement, use) for agreement in ("kid", "warm-home") for use in Use
    }
    assert len(set(secrets.values())) == len(secrets) == 2 * len(Use)
    assert all(len(secret) == 32 for secret in secrets.values())
    assert secrets["kid", Use.LINK] == keyring.secret("kid", Use.LINK)


def test_issuing_twice_changes_nothing(keyring):
    before = keyring.secret("kid", Use.DATA)
    assert keyring.issue("kid", at=NOW) is False
    assert keyring.secret("kid", Use.DATA) == before


def test_no_secret_lies_in_the_folder_unwrapped(tmp_path, keyring, master):
    stored = b"".join(path.read_bytes() for path in (tmp_path / "ring").rglob("*.json"))
    for use in Use:
        secret = keyring.secret("kid", use)
        assert secret not in stored
        assert secret.hex().encode() not in stored
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "ring").rglob("*.json"))


def test_a_wrapped_key_moved_to_another_agreement_fails(tmp_path, keyring):
    secrets = tmp_path / "ring" / "secrets"
    (secrets / "kid.json").write_bytes((secrets / "warm-home.json").read_bytes())
    with pytest.raises(SecretError, match="BOUND"):
        keyring.secret("kid", Use.PERSON_KEY)


def test_a_signing_key_cannot_pass_as_an_agreements(tmp_path, keyring):
    keyring.issue_signer("kid", at=NOW)
    ring = tmp_path / "ring"
    (ring / "secrets" / "kid.json").write_bytes((ring / "signers" / "kid.json").read_bytes())
    with pytest.raises(SecretError, match="BOUND"):
        keyring.secret("kid", Use.PERSON_KEY)


def test_another_master_key_opens_nothing(tmp_path, keyring):
    other = Keyring.open(tmp_path / "ring", FileMasterKey.create(tmp_path / "other.key"))
    with pytest.raises(SecretError, match="BOUND"):
        other.secret("kid", Use.DATA)


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_a_changed_byte_of_a_wrapped_key_is_noticed(tmp_path, keyring, place):
    path = tmp_path / "ring" / "secrets" / "kid.json"
    held = json.loads(path.read_bytes())
    text = held["wrapped"]
    at = place % len(text)
    held["wrapped"] = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    path.write_text(json.dumps(held))
    with pytest.raises(SecretError):
        keyring.secret("kid", Use.DATA)


def test_after_destruction_every_use_says_that_and_when(tmp_path, keyring):
    wrapped = (tmp_path / "ring" / "secrets" / "kid.json").read_bytes()
    certificate = keyring.destroy("kid", at=NOW)
    assert certificate.facts()["destroyed"] == "2026-09-01T12:30:00+00:00"
    for use in Use:
        with pytest.raises(SecretError, match=r"DESTROYED .*2026-09-01T12:30:00"):
            keyring.secret("kid", use)
    with pytest.raises(SecretError, match="DESTROYED"):
        keyring.issue("kid", at=NOW)
    assert not keyring.holds("kid")
    assert keyring.holds("warm-home")
    left = b"".join(path.read_bytes() for path in (tmp_path / "ring").rglob("*") if path.is_file())
    assert json.loads(wrapped)["wrapped"].encode() not in left
    assert keyring.destroy("kid", at=datetime(2027, 1, 1, tzinfo=UTC)) == certificate


def test_what_was_keyed_cannot_be_keyed_again_after_destruction(tmp_path, master):
    """The only way back from a key is to make all the keys again: without the secret that is gone."""
    ids, ring = pa.array(["9434765919"]), Keyring.open(tmp_path / "ring", master)
    ring.issue("kid", at=NOW)
    before = key_column(ids, ring.secret("kid", Use.PERSON_KEY), "person")[0].as_py()
    reference = person_reference(ring.secret("kid", Use.ACCOUNT), "9434765919")
    ring.destroy("kid", at=NOW)
    ring.issue("kid-2", at=NOW)
    assert key_column(ids, ring.secret("kid-2", Use.PERSON_KEY), "person")[0].as_py() != before
    assert person_reference(ring.secret("kid-2", Use.ACCOUNT), "9434765919") != reference


def test_a_destruction_cut_short_is_completed(tmp_path, keyring, master, monkeypatch):
    def power_cut(_path):
        raise SystemExit

    path = tmp_path / "ring" / "secrets" / "kid.json"
    with monkeypatch.context() as patched:
        patched.setattr("sharewell.depersonalise.keyring.erase", power_cut)
        with pytest.raises(SystemExit):
            keyring.destroy("kid", at=NOW)
    assert path.exists()
    with pytest.raises(SecretError, match="DESTROYED"):
        keyring.secret("kid", Use.DATA)
    Keyring.open(tmp_path / "ring", master)
    assert not path.exists()


def test_a_missing_secret_and_a_wrong_name(keyring):
    with pytest.raises(SecretError, match="MISSING"):
        keyring.secret("falls", Use.DATA)
    with pytest.raises(SecretError, match="MISSING"):
        keyring.destroy("falls", at=NOW)
    for name in ("../kid", "", "Kid", "a/b"):
        with pytest.raises(SecretError, match="NAME"):
            keyring.issue(name, at=NOW)


def test_the_master_key_is_private_and_never_made_by_opening(tmp_path, master):
    path = tmp_path / "keys" / "master.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in path.parent.iterdir()) == ["master.key"]
    path.chmod(0o640)
    with pytest.raises(SecretError, match="OPEN"):
        FileMasterKey.open(path)
    with pytest.raises(SecretError, match="MASTER"):
        FileMasterKey.open(tmp_path / "lost.key")
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(SecretError, match="MASTER"):
        FileMasterKey.open(path)


def test_a_full_disk_leaves_no_half_written_secret(tmp_path, master, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    keyring = Keyring.open(tmp_path / "ring", master)
    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            keyring.issue("kid", at=NOW)
    assert list((tmp_path / "ring").rglob("*.json*")) == []


def _issue(folder: Path) -> bytes:
    keyring = Keyring.open(folder / "ring", FileMasterKey.create(folder / "master.key"))
    keyring.issue("kid", at=NOW)
    return keyring.secret("kid", Use.DATA)


def test_processes_that_start_together_share_one_master_and_one_secret(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert len(set(pool.map(_issue, [tmp_path] * 6))) == 1


def test_a_signer_signs_under_its_name(keyring):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    assert keyring.issue_signer("northshire-insight", at=NOW)
    assert not keyring.issue_signer("northshire-insight", at=NOW)
    signer = keyring.signer("northshire-insight")
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(signer.sign(b"m"), b"m")
    assert signer.public_key == keyring.signer("northshire-insight").public_key
    with pytest.raises(SecretError, match="MISSING"):
        keyring.signer("nobody")


def test_umask_does_not_open_a_secret(tmp_path):
    before = os.umask(0)
    try:
        FileMasterKey.create(tmp_path / "loose" / "master.key")
    finally:
        os.umask(before)
    assert (tmp_path / "loose" / "master.key").stat().st_mode & 0o777 == 0o600
