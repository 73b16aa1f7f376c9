"""Rotation of the master key: every secret wrapped anew, and the old key kept until all of them are.

    MASTER             the key in use
    MASTER.next        its successor, while secrets are moved to it
    MASTER.former      the old one, when all are moved, until it is erased

Each secret's file is replaced as a whole, and what is done shows in the files themselves: stopped at any
point, both keys open what they wrapped, everything can be used, and the same call goes on where it stopped.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..errors import Problem, SecretError, StorageError
from .files import create_private, erase, locked, replace_private, sweep, sync_folder
from .held import bound_of, read_held, wrapped_in
from .master import LENGTH, FileMasterKey, MasterKey, read_master, successor_of


@dataclass(frozen=True)
class Rotated:
    """What a rotation did: secrets moved by this call, secrets in all, and when (ISO 8601)."""

    master: str
    moved: int
    secrets: int
    at: str

    def facts(self) -> dict[str, str | int]:
        """The same, for the account's event."""
        return asdict(self)


def rotate_file_master(folder: Path, master: Path, *, at: datetime) -> Rotated:
    """Give the keyring in `folder` a new master key in place of the file `master`, and erase the old one.

    Or go on with a rotation that was stopped. SecretError, and the old key kept, if any secret opens with
    neither key; StorageError, likewise, on a full disk: make room and call it again.
    """
    successor, former = successor_of(master), master.with_name(f"{master.name}.former")
    with locked(folder):
        _sweep(folder)
        for name in (master.name, successor.name):
            sweep(master.parent, name)
        if former.exists() and not successor.exists():
            erase(former)  # all but this was done before it was stopped
            return _rotated(f"file:{master.name}", 0, folder, at)
        read_master(master)
        if not successor.exists():
            create_private(successor, os.urandom(LENGTH))
        key = FileMasterKey.open(master)
        moved = _move(folder, key, key)
        _check_all(folder, key)
        _put_in_place(master, successor, former)
    return _rotated(key.name, moved, folder, at)


def rewrap(folder: Path, old: MasterKey, new: MasterKey, *, at: datetime) -> Rotated:
    """Wrap every secret of a keyring by another master key, or by the newest version of the same one.

    From a file to Vault, say, or within Vault after its transit key was rotated. Stopped, it goes on when
    called again. The old key must be kept until it returns: until then a keyring that is opened with
    `Moving(new, old)` can use all secrets.
    """
    with locked(folder):
        _sweep(folder)
        moved = _move(folder, old, new)
        _check_all(folder, new)
    return _rotated(new.name, moved, folder, at)


class Moving:
    """A master key that gives way to another: the new one wraps, either unwraps."""

    def __init__(self, new: MasterKey, old: MasterKey) -> None:
        self._new, self._old = new, old
        self.name = new.name

    def wrap(self, secret: bytes, bound: str) -> bytes:
        return self._new.wrap(secret, bound)

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        try:
            return self._new.unwrap(wrapped, bound)
        except SecretError as error:
            if error.problems[0].code != "BOUND":  # it could not be asked: that says nothing of the secret
                raise
        return self._old.unwrap(wrapped, bound)

    def is_current(self, wrapped: bytes, bound: str) -> bool:
        return self._new.is_current(wrapped, bound)


def _files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("secrets/*.json"), *folder.glob("signers/*.json")])


def _sweep(folder: Path) -> None:
    for kind in ("secrets", "signers"):
        sweep(folder / kind)


def _move(folder: Path, old: MasterKey, new: MasterKey) -> int:
    """Wrap by `new` what is not yet; how many that were."""
    moved = 0
    for path in _files(folder):
        held, bound = read_held(path), bound_of(path)
        wrapped = wrapped_in(held, path)
        if new.is_current(wrapped, bound):
            continue
        again = new.wrap(old.unwrap(wrapped, bound), bound)
        replace_private(path, json.dumps(held | {"wrapped": base64.b64encode(again).decode()}).encode())
        moved += 1
    return moved


def _check_all(folder: Path, new: MasterKey) -> None:
    """Read every file back before the old key may go."""
    for path in _files(folder):
        wrapped, bound = wrapped_in(read_held(path), path), bound_of(path)
        if not new.is_current(wrapped, bound):
            raise SecretError(
                Problem("ROTATION", f"the secret of {bound} was not moved", fix="rotate again")
            )
        new.unwrap(wrapped, bound)


def _put_in_place(master: Path, successor: Path, former: Path) -> None:
    """The successor becomes the master key in one step; the old one is held by another name until it is
    overwritten."""
    try:
        if not former.exists():
            os.link(master, former)
            sync_folder(master.parent)
        successor.replace(master)
        sync_folder(master.parent)
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"a master key cannot be put in place: {error.strerror}", where=master.name)
        ) from None
    erase(former)


def _rotated(name: str, moved: int, folder: Path, at: datetime) -> Rotated:
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    return Rotated(name, moved, len(_files(folder)), moment)
