"""Files and folders that are written whole, beside what stands there, and only then take its place."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from ..errors import Problem, StorageError


def replace_folder(folder: Path, files: Mapping[str, bytes], mark: str) -> Path:
    """Write `files` (paths within the folder to content) in the place of what stood there.

    A reader sees the old files or the new ones, never both, and nothing old is left. `mark` is the file by
    which a folder is known as one of ours. StorageError where it holds something else, or cannot be
    written: then what stood there still stands.
    """
    if _holds_something_else(folder, mark):
        what, why = f"{folder.name} holds something else", "it would be lost"
        raise StorageError(Problem("EXISTS", what, why, "name another folder", folder.parent.as_posix()))
    making, old = (folder.parent / f".{folder.name}.{word}" for word in ("writing", "old"))
    try:
        for left in (making, old):
            shutil.rmtree(left, ignore_errors=True)
        for name, held in files.items():
            path = making / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(held)
        if folder.exists():
            folder.rename(old)
        making.rename(folder)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        reason = (error.strerror or "cannot be written").lower()
        fix = "free space, or check permissions"
        raise StorageError(Problem("FILE", f"{folder.name}: {reason}", fix=fix)) from None
    shutil.rmtree(old, ignore_errors=True)
    return folder


def write_file(path: Path, text: str, *, over: bool = False) -> None:
    """Write a text to a file, whole or not at all; what is there is replaced only with `over`.

    StorageError EXISTS where there is a file, FILE where it cannot be written.
    """
    try:
        beside = over and (path.is_file() or not path.exists())
        making = path.with_name(f".{path.name}.writing") if beside else path
        # A pipe or a terminal is written to, not replaced.
        with making.open("w" if over else "x", encoding="utf-8", newline="") as file:
            try:
                file.write(text)
                file.flush()
            except OSError:
                if making.is_file():
                    making.unlink()
                raise
        if beside:
            making.replace(path)
    except FileExistsError:
        problem = Problem("EXISTS", "the file is there already", fix="name another", where=path.name)
        raise StorageError(problem) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", "") or "cannot be written").lower()
        fix = "free space, check permissions, or name another"
        raise StorageError(Problem("FILE", reason, fix=fix, where=path.name)) from None


def _holds_something_else(folder: Path, mark: str) -> bool:
    """Whether a file, or a folder that is not one of ours, stands in the place."""
    try:
        if not folder.is_dir():
            return folder.exists()
        return not (folder / mark).exists() and any(folder.iterdir())
    except OSError:
        return True
