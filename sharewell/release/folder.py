"""A folder written whole or not at all, and never changed after.

Everything is written and synced in a hidden sibling, which is then renamed: POSIX makes that one step, so
a reader sees no folder or a complete one. A writer that is killed leaves only the sibling; the next one
clears it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import Problem, StorageError

SUMS = "SHA256SUMS"
"""The last file of each folder, in the form that `sha256sum --check` reads."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class WrittenFile:
    """A file by its path within the folder, the SHA-256 of its content (hexadecimal) and its bytes."""

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


def write_whole(folder: Path, files: Mapping[str, bytes], *, private: bool = False) -> Written:
    """Write `files` (paths within `folder` to content) and return what was written.

    Files are read-only; `private` keeps them and the folder to their owner. Raises StorageError when the
    folder exists with other bytes (the same are left as they are), or when the disk is full or refuses;
    then nothing of it is left behind.
    """
    with _storage(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.parent):
            if os.path.lexists(folder):
                return _same(folder, files)
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


def _same(folder: Path, files: Mapping[str, bytes]) -> Written:
    """What stands there, if it is byte for byte what was to be written; StorageError otherwise.

    So a run that was killed after it wrote may go on.
    """
    done = [
        WrittenFile(n, hashlib.sha256(held).hexdigest(), len(held)) for n, held in sorted(files.items())
    ]
    sums = _sums(done)
    stand = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    wanted = {**files, SUMS: sums}
    if set(stand) != set(wanted) or any(stand[name].read_bytes() != wanted[name] for name in wanted):
        raise StorageError(_exists(folder))
    digest = hashlib.sha256(sums).hexdigest()
    return Written(folder, (*done, WrittenFile(SUMS, digest, len(sums))), digest)


def _sums(done: Sequence[WrittenFile]) -> bytes:
    return "".join(f"{file.sha256}  {file.path}\n" for file in done).encode()


def _fill(making: Path, folder: Path, files: Mapping[str, bytes], private: bool) -> Written:
    """Write and sync every file, then the list of sums, then the folders that hold them."""
    making.mkdir(mode=0o700)
    done = [_write(making, name, content, private) for name, content in sorted(files.items())]
    sums = _write(making, SUMS, _sums(done), private)
    for inner in sorted((path for path in making.rglob("*") if path.is_dir()), reverse=True):
        _seal(inner, private)
    _seal(making, private)
    return Written(folder, (*done, sums), sums.sha256)


def _write(making: Path, name: str, content: bytes, private: bool) -> WrittenFile:
    path = making / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), 0o400 if private else 0o444)
        os.fsync(file.fileno())
    return WrittenFile(name, hashlib.sha256(content).hexdigest(), len(content))


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
    """Hold the parent.

    Two writers must not find each other's half-made folder and take it for a dead one's.
    """
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _storage(folder: Path) -> Iterator[None]:
    """Turn the system's refusal into StorageError.

    Its own text is dropped, its cause kept in plain words.
    """
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
