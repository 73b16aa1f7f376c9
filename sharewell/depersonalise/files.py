"""Files that only their owner may read, whole or not at all."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import Problem, SecretError, StorageError

_DRAFT = re.compile(r"\..+\.[0-9a-f]{16}")


def create_private(path: Path, content: bytes) -> bool:
    """Write a new file with mode 0600, durably; False, and nothing changed, if it is already there.

    It is linked into place when complete, so that nobody ever reads half of it and of two that write one
    wins.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink()
        sync_folder(path.parent)
    except FileExistsError:
        return False
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"a secret cannot be written: {error.strerror}", where=path.name)
        ) from None
    return True


def replace_private(path: Path, content: bytes) -> None:
    """Put this content in place of a file's, with mode 0600, durably: a reader finds all old or all new.

    StorageError, and the old file as it was, where that is not possible.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"a secret cannot be replaced: {error.strerror}", where=path.name)
        ) from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone in a folder of secrets, among all processes of this machine, until the block ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"secrets cannot be locked: {error.strerror}", where=folder.name)
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_private(path: Path) -> bytes | None:
    """The content, None if there is no file. SecretError if anyone but its owner may read or write it."""
    try:
        with path.open("rb") as file:
            shared = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
            content = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"a secret cannot be read: {error.strerror}", where=path.name)
        ) from None
    if shared:
        raise SecretError(
            Problem("OPEN", "others may read this secret", fix="set its mode to 0600", where=path.name)
        )
    return content


def erase(path: Path) -> None:
    """Overwrite with random bytes, then remove, durably.

    A disk that copies on write, or a backup, may keep the old blocks: what was in them is still wrapped.
    """
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"a secret cannot be erased: {error.strerror}", where=path.name)
        ) from None


def sweep(folder: Path, name: str = "*") -> None:
    """Remove what writers that were killed left half done beside `name`: it may hold a whole secret.

    Only for who is alone there (`locked`). A draft that is linked in place already is one file with two
    names: to overwrite it would destroy what was written.
    """
    for draft in folder.glob(f".{name}.*"):
        if not _DRAFT.fullmatch(draft.name):
            continue
        if draft.stat().st_nlink > 1:
            draft.unlink()
        else:
            erase(draft)


def sync_folder(folder: Path) -> None:
    """Make what was linked, moved or removed in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
