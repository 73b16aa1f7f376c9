"""A disk of its own, small enough to be filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk_at(place: Path, megabytes: int) -> Iterator[Path]:
    """A new folder on such a disk, taken away at the end; skips where nobody may mount one."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk to fill")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(filler: Path) -> None:
    """Leave no byte free."""
    handle, size = os.open(filler, os.O_WRONLY | os.O_CREAT), 1 << 20
    while size:
        try:
            os.write(handle, b"\0" * size)
        except OSError:
            size //= 2
    os.close(handle)
