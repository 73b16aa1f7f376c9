"""A master key in the keyring of the operating system, by the `keyring` library (an optional extra).

Macs and Windows keep it in their own store, Linux in the Secret Service of the desktop session. Stores that
keep it in a plain file, or nowhere, are refused.
"""

from __future__ import annotations

import base64
import os
from importlib import import_module
from typing import Any

from ..errors import Problem, SecretError
from .master import LENGTH, not_bound, seal, unseal

SERVICE = "sharewell"
STORES = ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
"""Modules of `keyring.backends` whose stores are locked by the person's own login."""


class SystemMasterKey:
    """The master key kept under `name` in the system's keyring, read at each use."""

    def __init__(self, name: str, store: Any) -> None:
        self._entry, self._store = name, store
        self.name = f"keyring:{name}"

    @classmethod
    def create(cls, name: str) -> SystemMasterKey:
        """A new master key under this name; the one that is there if there is one."""
        made = cls(name, system_store())
        if made._read() is None:
            secret = base64.b64encode(os.urandom(LENGTH)).decode()
            made._ask("set_password", SERVICE, name, secret)
        return cls.open(name)

    @classmethod
    def open(cls, name: str) -> SystemMasterKey:
        """The master key under this name; SecretError MASTER if there is none. It is never made here."""
        opened = cls(name, system_store())
        opened._key()
        return opened

    def wrap(self, secret: bytes, bound: str) -> bytes:
        return seal(self._key(), secret, bound)

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        if (secret := unseal(self._key(), wrapped, bound)) is None:
            raise not_bound(bound)
        return secret

    def is_current(self, wrapped: bytes, bound: str) -> bool:
        return unseal(self._key(), wrapped, bound) is not None

    def _key(self) -> bytes:
        held = self._read()
        try:
            key = base64.b64decode(held or "", validate=True)
        except ValueError:
            key = b""
        if len(key) != LENGTH:
            what = "there is no master key" if held is None else "what is kept is not a master key"
            raise SecretError(
                Problem("MASTER", f"{what} in the system's keyring", fix="restore it, or create one")
            )
        return key

    def _read(self) -> str | None:
        held: str | None = self._ask("get_password", SERVICE, self._entry)
        return held

    def _ask(self, call: str, *given: str) -> Any:
        """A call to the store. Its own errors are withheld: they may quote what was given."""
        try:
            return getattr(self._store, call)(*given)
        except Exception:
            raise SecretError(
                Problem("LOCKED", "the system's keyring did not answer", fix="unlock it, and try again")
            ) from None


def system_store() -> Any:
    """The store that the `keyring` library found. SecretError where there is none that keeps a secret."""
    try:
        store = import_module("keyring").get_keyring()
    except ImportError:
        raise SecretError(
            Problem("LIBRARY", "the keyring library is not installed", fix="install sharewell[keyring]")
        ) from None
    parts = list(getattr(store, "backends", ())) or [store]
    for part in parts:
        if type(part).__module__.removeprefix("keyring.backends.").split(".")[0] not in STORES:
            raise SecretError(
                Problem(
                    "STORE",
                    "the system has no keyring that is locked by a login",
                    "a key in a plain file would be a file key without its guard",
                    "use a key file, or Vault",
                )
            )
    return store
