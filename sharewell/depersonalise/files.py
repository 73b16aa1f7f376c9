"""Files that only their owner may read, whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from ..errors import Problem, SecretError, StorageError


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
        _sync_folder(path.parent)
    except FileExistsError:
        return False
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"a secret cannot be written: {error.strerror}", where=path.name)
        ) from None
    return True


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
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            Problem("PLACE", f"a secret cannot be erased: {error.strerror}", where=path.name)
        ) from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
