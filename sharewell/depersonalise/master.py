"""Master keys: what wraps every other secret, behind one interface so that it can live elsewhere.

A wrapped secret is bound to a text (an agreement's id): unwrapped for any other it fails. A service such as
Vault's transit engine or a cloud KMS fits the same two calls, with the text as its associated data.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from ..errors import Problem, SecretError
from .files import create_private, read_private

_NONCE = 12


class MasterKey(Protocol):
    """Wraps and unwraps secrets. `unwrap` raises SecretError for what it did not wrap for this `bound`."""

    @property
    def name(self) -> str: ...

    def wrap(self, secret: bytes, bound: str) -> bytes: ...

    def unwrap(self, wrapped: bytes, bound: str) -> bytes: ...


class FileMasterKey:
    """A master key in a file that only its owner may read: AES-256-GCM (NIST SP 800-38D), `bound`
    authenticated.

    A random nonce of 96 bits is safe for 2**32 wrappings; a keyring makes one an agreement.
    """

    def __init__(self, key: bytes, name: str) -> None:
        self._key = key
        self.name = name

    @classmethod
    def create(cls, path: Path) -> FileMasterKey:
        """A new master key at `path`; if another process was first, the one that it made."""
        create_private(path, os.urandom(32))
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> FileMasterKey:
        """The master key at `path`. SecretError if there is none, it is not one, or others may read it.

        It is never made here: to replace a lost key would leave every secret wrapped for ever.
        """
        key = read_private(path)
        if key is None:
            raise SecretError(
                Problem("MASTER", "there is no master key", fix="restore its file, or create one")
            )
        if len(key) != 32:
            raise SecretError(Problem("MASTER", "the file is not a master key", fix="restore it"))
        return cls(key, f"file:{path.name}")

    def wrap(self, secret: bytes, bound: str) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, secret, bound.encode())

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], bound.encode())
        except (InvalidTag, ValueError):
            raise SecretError(
                Problem(
                    "BOUND",
                    f"the secret stored for {bound} was not wrapped for it by this master key",
                    "it was altered, moved from another agreement, or the master key was replaced",
                    "restore the keyring and its master key together",
                )
            ) from None
