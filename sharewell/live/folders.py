"""A folder that is made anew each time: written whole beside the old one, then swapped."""

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
    if folder.exists() and any(folder.iterdir()) and not (folder / mark).exists():
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
