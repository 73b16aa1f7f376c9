"""Taking turns: an agreement is run by one process at a time, and a process that dies gives up its turn."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..errors import Problem, StorageError


class Turn:
    """A lock that the system holds for this process, so that a killed one leaves nothing to clear up."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, path: Path, *, wait: bool = False) -> Turn | None:
        """The turn, or None where somebody else has it and it is not waited for. StorageError where the
        place cannot be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            reason = (error.strerror or "cannot be written").lower()
            raise StorageError(
                Problem("FILE", f"the lock: {reason}", fix="free space, or check permissions")
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(handle)
            return None
        return cls(handle)

    def give_up(self) -> None:
        """Let the next one. Done twice, it closes nothing that is somebody else's by then."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1
