"""Canonical JSON: one way to write a value, so that equal things have equal hashes in every process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

Refer = Callable[[Any], Any]
"""What to write in place of a value (a step's number, say); None to write the value itself."""


def written(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(value: Any) -> str:
    """SHA-256 in hexadecimal of canonical JSON."""
    return hashlib.sha256(written(value)).hexdigest()


def plain(value: Any, refer: Refer) -> Any:
    """A value of a step as JSON can say it. A date is marked as one, so that it never equals its text."""
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, Enum)):
        return value
    if (told := refer(value)) is not None:
        return told
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if is_dataclass(value):
        return {entry.name: plain(getattr(value, entry.name), refer) for entry in fields(value)}
    return _container(value, refer)


def _container(value: Any, refer: Refer) -> Any:
    if isinstance(value, dict):
        return {str(key): plain(part, refer) for key, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(plain(part, refer) for part in value)
    if isinstance(value, list | tuple):
        return [plain(part, refer) for part in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")
