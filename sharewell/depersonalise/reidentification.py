"""A request to open tokens again, and an officer's yes to it: what is signed, and whether it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from ..errors import Problem
from ..plan.canonical import written
from .officers import Officer
from .signing import verifies

LONGEST = timedelta(days=3)
"""How long a request may be good."""


@dataclass(frozen=True)
class Request:
    """What is asked. `subjects` are references to tokens, times are ISO 8601, `opens_to` is the X25519 key
    of whoever asks, `signs` their Ed25519 key (hexadecimal)."""

    agreement: str
    generation: int
    unit: str
    purpose: str
    reason: str
    subjects: tuple[str, ...]
    asked_by: str
    asked: str
    expires: str
    opens_to: str
    signs: str
    nonce: str
    signature: str = ""

    def content(self) -> bytes:
        """The bytes that who asks signs."""
        held = {name: value for name, value in asdict(self).items() if name != "signature"}
        return b"sharewell/1/reidentify\n" + written(held)

    @property
    def digest(self) -> str:
        """What the request is known by, in hexadecimal."""
        return sha256(self.content()).hexdigest()

    def problems(self, at: datetime, standing: Collection[str]) -> Iterator[Problem]:
        """Every reason why it may not be acted on now."""
        begin, end = moment_of(self.asked), moment_of(self.expires)
        if begin is None or end is None or not timedelta(0) < end - begin <= LONGEST:
            yield Problem("TIME", f"a request is good for at most {LONGEST.days} days", fix="ask anew")
        elif not begin <= at < end:
            yield Problem(
                "EXPIRED",
                f"the request was good from {self.asked} until {self.expires}",
                "what was right to open then need not be now",
                "ask anew",
            )
        for name in ("agreement", "unit", "purpose", "reason", "asked_by"):
            if not 1 <= len(getattr(self, name)) <= 500:
                yield Problem(
                    "REQUEST", f"the request does not say its {name}", fix="say it, in 500 letters"
                )
        if not self.subjects or len(set(self.subjects)) != len(self.subjects):
            yield Problem("REQUEST", "the request names no subject, or one twice", fix="name each once")
        if self.signs not in standing or not _signed(self.signs, self.content(), self.signature):
            yield Problem(
                "SIGNATURE",
                f"the request is not signed by {self.asked_by}, or the key does not stand",
                "it may have been altered after it was signed",
                "ask anew, and sign with the enrolled key",
            )


@dataclass(frozen=True)
class Approval:
    """One officer's yes to one request: their share sealed (base64) to who asks, and their signature."""

    officer: Officer
    request: str
    share: str
    at: str
    signature: str = ""

    def content(self) -> bytes:
        """The bytes that the officer signs."""
        return b"sharewell/1/approve\n" + written(
            [self.officer.fingerprint, self.request, sha256(self.share.encode()).hexdigest(), self.at]
        )


def reference(agreement: str, token: str) -> str:
    """What a request calls the subject of a token. Tokens cannot be listed, so a plain hash hides them."""
    return sha256(f"sharewell/1/subject\n{agreement}\n{token}".encode()).hexdigest()


def facts(request: Request, approvals: Sequence[Approval]) -> dict[str, Any]:
    """What the account is told: who, why, about how many and which hashed references; no token."""
    return {
        "request": request.digest,
        "generation": request.generation,
        "unit": request.unit,
        "purpose": request.purpose,
        "reason": request.reason,
        "asked_by": request.asked_by,
        "asked": request.asked,
        "expires": request.expires,
        "officers": [approval.officer.who for approval in approvals],
        "keys": [approval.officer.fingerprint for approval in approvals],
        "people": len(request.subjects),
        "subjects": list(request.subjects),
    }


def _signed(key: str, content: bytes, signature: str) -> bool:
    try:
        return verifies(bytes.fromhex(key), content, bytes.fromhex(signature))
    except ValueError:
        return False


def moment_of(text: str) -> datetime | None:
    """A time with its zone; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else None


def stamp(at: datetime) -> str:
    """A time as it is signed: UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
