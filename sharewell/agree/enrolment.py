"""Whose key is whose: enrolled, vouched for, revoked. Built up record by record, in the account's order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from .signing import Enrolment, is_public_key, verifies


class Reason(StrEnum):
    """Why a key is no longer good."""

    LEFT = "left"
    COMPROMISED = "compromised"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Enrolled:
    """A key in the account. `revoked` is the number of the record that ended it.

    From `since` on, where that is given, nothing that it signed counts: not even what was entered before it
    was revoked.
    """

    enrolment: Enrolment
    number: int
    at: datetime
    revoked: int | None = None
    reason: Reason | None = None
    since: datetime | None = None

    def stood(self, number: int, at: datetime) -> bool:
        """Whether it was good for what was entered with this number, at this time."""
        if number < self.number or (self.revoked is not None and number > self.revoked):
            return False
        return self.since is None or at < self.since


class Keys:
    """Every key that was ever enrolled, by fingerprint. A key is one person's, and only once."""

    def __init__(self) -> None:
        self._held: dict[str, Enrolled] = {}

    def __iter__(self) -> Iterator[Enrolled]:
        return iter(self._held.values())

    def get(self, fingerprint: str) -> Enrolled | None:
        """The key with this fingerprint."""
        return self._held.get(fingerprint)

    def standing(self, party: str) -> tuple[Enrolled, ...]:
        """The keys of a party that are good now."""
        return tuple(k for k in self if k.enrolment.party == party and k.revoked is None)

    def takes(self, enrolment: Enrolment, vouched: str) -> bool:
        """Whether a key may be enrolled: a party's first is compared by people, later ones are vouched for
        by a signature of one that stands."""
        if not is_public_key(enrolment.key) or enrolment.fingerprint in self._held:
            return False
        standing = self.standing(enrolment.party)
        content = enrolment.content()
        return not standing or any(verifies(k.enrolment.key, content, vouched) for k in standing)

    def enrol(self, enrolment: Enrolment, vouched: str, number: int, at: datetime) -> None:
        """Add a key, if it may be."""
        if self.takes(enrolment, vouched):
            self._held[enrolment.fingerprint] = Enrolled(enrolment, number, at)

    def revoke(self, fingerprint: str, reason: Reason, since: datetime | None, number: int) -> None:
        """End a key. One that was compromised, nobody knows since when, never counted.

        A second revocation can only take more away.
        """
        held = self._held.get(fingerprint)
        if held is None:
            return
        if since is None and reason is Reason.COMPROMISED:
            since = held.at
        moments = [moment for moment in (since, held.since) if moment is not None]
        ended = number if held.revoked is None else held.revoked
        self._held[fingerprint] = replace(
            held, revoked=ended, reason=reason, since=min(moments, default=None)
        )
