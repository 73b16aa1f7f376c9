"""Person references: how the account points at a person without naming one.

A reference is HMAC-SHA256 (RFC 2104) under the agreement's account secret, cut to 128 bits. While the
secret exists, the events about a person can be found; erase it (the keyring's `destroy`) and every
reference of that agreement becomes a number that nobody can tie to anyone, although the account still
verifies.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator

from .events import JSON, Event

PREFIX = "ref:"


def person_reference(secret: bytes, person: str, unit: str = "person") -> str:
    """The reference of a person (or another unit) in one agreement: "ref:" and 32 hex digits.

    The unit is part of what is hashed, so a household never has the reference of a person.
    """
    return PREFIX + hmac.digest(secret, unit.encode() + b"\x00" + person.encode(), "sha256")[:16].hex()


def mentioning(events: Iterable[Event], reference: str) -> Iterator[Event]:
    """The events whose facts hold the reference, at any depth."""
    return (event for event in events if _holds(dict(event.facts), reference))


def _holds(value: JSON, reference: str) -> bool:
    if isinstance(value, dict):
        return any(_holds(part, reference) for part in value.values())
    if isinstance(value, list):
        return any(_holds(part, reference) for part in value)
    return value == reference
