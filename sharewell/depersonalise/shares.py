"""A secret in two shares, each sealed to one officer: alone, either is random bytes.

The split is the one-time pad (Shamir's 2 of 2 with one bit a field): one share is random, the other is the
secret with it added. Where the secret itself stays in the keyring, who holds the master key can open tokens
without the officers; where it must not be so, split a secret that the keyring never held.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ..errors import Problem, SecretError
from ..plan.canonical import written
from .files import create_private, read_private
from .officers import Officer, OpeningKey, seal_to


@dataclass(frozen=True)
class Shares:
    """Two sealed shares (base64) of the secret of one generation of an agreement, and whose they are.

    `check` proves a secret that was put together, without telling it. Nothing in it is secret by itself.
    """

    agreement: str
    generation: int
    officers: tuple[Officer, Officer]
    sealed: tuple[str, str]
    check: str
    issued: str

    @property
    def bound(self) -> bytes:
        """What each share is sealed for: moved to another agreement or beside another officer it fails."""
        who = [officer.fingerprint for officer in self.officers]
        return b"sharewell/1/share\n" + written([self.agreement, self.generation, who, self.check])

    def share(self, officer: Officer, key: OpeningKey) -> bytes:
        """An officer's own share. SecretError OFFICER for somebody who has none, SHARE for another key."""
        if officer not in self.officers:
            raise SecretError(
                Problem("OFFICER", f"{officer.who} holds no share of {self.agreement}", fix=self._who())
            )
        sealed = self.sealed[self.officers.index(officer)]
        return key.open(base64.b64decode(sealed), self.bound)

    def join(self, first: bytes, second: bytes) -> bytes:
        """The secret. SecretError SHARE if what was put together is not it."""
        secret = bytes(a ^ b for a, b in zip(first, second, strict=False))
        if not hmac.compare_digest(_check(secret, self.agreement, self.generation), self.check):
            raise SecretError(
                Problem("SHARE", "the two shares are not of one secret", fix="use both of this agreement")
            )
        return secret

    def _who(self) -> str:
        return "ask " + " and ".join(officer.who for officer in self.officers)

    def write(self, path: Path) -> None:
        """Into a new file with mode 0600. SecretError THERE if there is one."""
        if not create_private(path, json.dumps(asdict(self)).encode()):
            raise SecretError(
                Problem("THERE", "there are shares already", fix="name another file", where=path.name)
            )

    @classmethod
    def read(cls, path: Path) -> Shares:
        """The shares in a file. SecretError FILE if it holds none."""
        try:
            held = json.loads(read_private(path) or b"")
            officers = tuple(Officer(**officer) for officer in held["officers"])
            return cls(**held | {"officers": officers, "sealed": tuple(held["sealed"])})
        except (ValueError, LookupError, TypeError):
            raise SecretError(
                Problem("FILE", "the file holds no shares", fix="restore it", where=path.name)
            ) from None


def split(
    secret: bytes,
    agreement: str,
    officers: Sequence[Officer],
    *,
    generation: int = 1,
    standing: Collection[str],
    at: datetime,
) -> Shares:
    """Split a secret between two officers. `standing`: the Ed25519 public keys (hexadecimal) good now.

    SecretError with every cause: not two people, in two offices, each with keys of their own that stand and
    are vouched for.
    """
    problems = _officer_problems(officers, standing)
    if problems:
        raise SecretError(problems)
    first, second = officers
    pad = os.urandom(len(secret))
    other = bytes(a ^ b for a, b in zip(secret, pad, strict=True))
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    check = _check(secret, agreement, generation)
    bare = Shares(agreement, generation, (first, second), ("", ""), check, moment)
    sealed = tuple(
        base64.b64encode(seal_to(officer.opens, share, bare.bound)).decode()
        for officer, share in ((first, pad), (second, other))
    )
    return Shares(agreement, generation, (first, second), (sealed[0], sealed[1]), check, moment)


def _officer_problems(officers: Sequence[Officer], standing: Collection[str]) -> list[Problem]:
    problems = []
    if len(officers) != 2:
        return [Problem("OFFICER", f"dual control takes two officers, not {len(officers)}", fix="name two")]
    for name in ("who", "office", "signs", "opens"):
        if getattr(officers[0], name) == getattr(officers[1], name):
            what = {"who": "person", "office": "office", "signs": "signing key", "opens": "opening key"}[
                name
            ]
            problems.append(
                Problem(
                    "OFFICER",
                    f"both officers have one {what}",
                    "what one can do alone is not controlled by two",
                    "name two people in two offices, each with their own keys",
                )
            )
    for officer in officers:
        if officer.signs not in standing or not officer.is_vouched:
            problems.append(
                Problem(
                    "OFFICER",
                    f"the keys of {officer.who} are not enrolled, or not vouched for",
                    fix="enrol the signing key, and sign the opening key with it",
                )
            )
    return problems


def _check(secret: bytes, agreement: str, generation: int) -> str:
    about = b"sharewell/1/check\n" + written([agreement, generation])
    return hmac.digest(sha256(secret).digest(), about, "sha256").hex()
