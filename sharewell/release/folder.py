"""A folder written whole or not at all, and never changed after.

Everything is written and synced in a hidden sibling, which is then renamed: POSIX makes that one step, so a
reader sees no folder or a complete one. A writer that is killed leaves only the sibling; the next one clears it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import Problem, StorageError

SUMS = "SHA256SUMS"
"""The last file of each folder, in the form that `sha256sum --check` reads."""

Content = bytes | Callable[[BinaryIO], None]
"""What a file will hold: its bytes, or a function that writes them (for rows too many to hold twice)."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class WrittenFile:
    """A file by its path within the folder, the SHA-256 of its content (hexadecimal) and its length in bytes."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Written:
    """A folder as it was written. `digest` is the SHA-256 of its list of sums: one line for the account."""

    folder: Path
    files: tuple[WrittenFile, ...]
    digest: str

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


class _Summed:
    """A binary file that hashes and counts what passes through it, in the shape that PyArrow writes to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash, self.count = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.count += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def tell(self) -> int:
        return self.count

    @property
    def closed(self) -> bool:
        return self._file.closed

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def write_whole(folder: Path, files: Mapping[str, Content], *, private: bool = False) -> Written:
    """Write `files` (paths within `folder` to content) and return what was written.

    Files are read-only; `private` keeps them and the folder to their owner. Raises StorageError when the folder
    exists, or when the disk is full or refuses; then nothing of it is left behind.
    """
    with _storage(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.parent):
            if os.path.lexists(folder):
                raise StorageError(_exists(folder))
            making = folder.parent / f".{folder.name}.writing"
            shutil.rmtree(making, ignore_errors=True)
            try:
                written = _fill(making, folder, files, private)
                making.rename(folder)
            except BaseException:
                shutil.rmtree(making, ignore_errors=True)
                raise
            _sync(folder.parent)
    return written


def _fill(making: Path, folder: Path, files: Mapping[str, Content], private: bool) -> Written:
    """Write and sync every file, then the list of sums, then the folders that hold them."""
    making.mkdir(mode=0o700)
    done = [_write(making, name, content, private) for name, content in sorted(files.items())]
    lines = "".join(f"{file.sha256}  {file.path}\n" for file in done).encode()
    sums = _write(making, SUMS, lines, private)
    for inner in sorted((path for path in making.rglob("*") if path.is_dir()), reverse=True):
        _seal(inner, private)
    _seal(making, private)
    return Written(folder, (*done, sums), sums.sha256)


def _write(making: Path, name: str, content: Content, private: bool) -> WrittenFile:
    path = making / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        summed = _Summed(file)
        if isinstance(content, bytes):
            summed.write(content)
        else:
            content(summed)  # type: ignore[arg-type]  # the part of BinaryIO that PyArrow and writers use
        file.flush()
        os.fchmod(file.fileno(), 0o400 if private else 0o444)
        os.fsync(file.fileno())
    return WrittenFile(name, summed.hexdigest(), summed.count)


def _seal(inner: Path, private: bool) -> None:
    inner.chmod(0o700 if private else 0o755)
    _sync(inner)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """Hold the parent: two writers must not find each other's half-made folder and take it for a dead one's."""
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _storage(folder: Path) -> Iterator[None]:
    """Turn the system's refusal into StorageError; its own text is dropped, its cause kept in plain words."""
    try:
        yield
    except OSError as error:
        full = error.errno in _FULL
        reason = "there is no room" if full else (os.strerror(error.errno) if error.errno else "it failed")
        problem = Problem(
            "FULL" if full else "WRITE",
            f"the release {folder.name} could not be written: {reason}",
            why="nothing of it was left half-written, and no recipient has it",
            fix="free some space and run it again" if full else "put the place right and run it again",
            where=str(folder.parent),
        )
        raise StorageError(problem) from None


def _exists(folder: Path) -> Problem:
    return Problem(
        "EXISTS",
        f"the release {folder.name} is already there",
        why="an output is never changed: what was checked, signed for and counted must stay what it was",
        fix="withdraw it, and release a new run beside it",
        where=str(folder.parent),
    )
