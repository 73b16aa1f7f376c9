"""Master keys: what wraps every other secret, behind one interface so that it can live elsewhere.

A wrapped secret is bound to a text (an agreement's id): unwrapped for any other it fails. A file, the
system's keyring (`system_keyring`) and Vault's transit engine (`vault`) offer the same calls.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from ..errors import Problem, SecretError
from .files import create_private, read_private

_NONCE = 12
LENGTH = 32
"""Bytes of a master key that is kept here or in the system's keyring: AES-256."""


class MasterKey(Protocol):
    """Wraps and unwraps secrets. `unwrap` raises SecretError for what it did not wrap for this `bound`.

    `is_current` says whether a secret is wrapped by the newest key there is, so that a rotation knows what
    is left to do.
    """

    @property
    def name(self) -> str: ...

    def wrap(self, secret: bytes, bound: str) -> bytes: ...

    def unwrap(self, wrapped: bytes, bound: str) -> bytes: ...

    def is_current(self, wrapped: bytes, bound: str) -> bool: ...


class FileMasterKey:
    """A master key in a file that only its owner may read.

    While it is rotated its successor lies beside it (`rotation`): the successor wraps, either unwraps.
    The files are read at each use, so that no process wraps by a key that was replaced meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"file:{path.name}"

    @classmethod
    def create(cls, path: Path) -> FileMasterKey:
        """A new master key at `path`; if another process was first, the one that it made."""
        create_private(path, os.urandom(LENGTH))
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> FileMasterKey:
        """The master key at `path`. SecretError if there is none, it is not one, or others may read it.

        It is never made here: to replace a lost key would leave every secret wrapped for ever.
        """
        read_master(path)
        return cls(path)

    def wrap(self, secret: bytes, bound: str) -> bytes:
        return seal(self._keys()[0], secret, bound)

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        for key in self._keys():
            if (secret := unseal(key, wrapped, bound)) is not None:
                return secret
        raise not_bound(bound)

    def is_current(self, wrapped: bytes, bound: str) -> bool:
        return unseal(self._keys()[0], wrapped, bound) is not None

    def _keys(self) -> list[bytes]:
        """The newest first."""
        successor = successor_of(self._path)
        newer = [read_master(successor)] if successor.exists() else []
        return [*newer, read_master(self._path)]


def successor_of(path: Path) -> Path:
    """Where the next master key lies until every secret is wrapped by it."""
    return path.with_name(f"{path.name}.next")


def read_master(path: Path) -> bytes:
    """The key in a file; SecretError as for `FileMasterKey.open`."""
    key = read_private(path)
    if key is None:
        raise SecretError(
            Problem("MASTER", "there is no master key", fix="restore its file, or create one")
        )
    if len(key) != LENGTH:
        raise SecretError(Problem("MASTER", "the file is not a master key", fix="restore it"))
    return key


def seal(key: bytes, secret: bytes, bound: str) -> bytes:
    """AES-256-GCM (NIST SP 800-38D) with `bound` authenticated: nonce, then ciphertext and tag.

    A random nonce of 96 bits is safe for 2**32 wrappings; a keyring makes one an agreement.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, bound.encode())


def unseal(key: bytes, wrapped: bytes, bound: str) -> bytes | None:
    """What was sealed, or None where this key did not seal it for this `bound`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], bound.encode())
    except (InvalidTag, ValueError):
        return None


def not_bound(bound: str) -> SecretError:
    """What every master key raises for a secret that it did not wrap for this `bound`."""
    return SecretError(
        Problem(
            "BOUND",
            f"the secret stored for {bound} was not wrapped for it by this master key",
            "it was altered, moved from another agreement, or the master key was replaced",
            "restore the keyring and its master key together",
        )
    )
