"""Signatures: what is signed, by which key, and whether it holds. Ed25519 (RFC 8032) by PyCA cryptography.

What is signed is the canonical JSON of the agreement's name, version and two hashes, and of who signs, in
which office, for which party, and when. The moment is part of it, so that a signature that was voided
cannot be entered a second time. A first line says what the bytes are for, so that no signature can be
taken for one of another kind.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from ..errors import Problem, SecretError
from ..plan.canonical import written

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class Undertaking:
    """What a signatory binds a party to. `terms`, `flow` are the agreement's hashes, `at` is ISO 8601."""

    agreement: str
    version: int
    terms: str
    flow: str
    party: str
    office: str
    who: str
    at: str

    def content(self) -> bytes:
        """The bytes that are signed."""
        return b"sharewell/1/signature\n" + written(asdict(self))


@dataclass(frozen=True)
class Enrolment:
    """A public key (32 bytes in hexadecimal) as that of one person, in one office, for one party."""

    who: str
    party: str
    office: str
    key: str

    def content(self) -> bytes:
        """The bytes that somebody of the same party signs to vouch for it."""
        return b"sharewell/1/enrolment\n" + written(asdict(self))

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key)


class SigningKey:
    """A person's private key. It is nowhere kept, printed or logged; `pem` is for its owner's own file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def new(cls) -> SigningKey:
        """A fresh key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, pem: bytes, passphrase: bytes | None = None) -> SigningKey:
        """The key in a PEM file.

        SecretError PASSPHRASE where it wants one or another one, KEY where it is no Ed25519 key.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if wants_passphrase(pem) and not passphrase:
            raise SecretError(
                Problem("PASSPHRASE", "this key is locked by a passphrase", fix="give it when asked")
            )
        try:
            key = load_pem_private_key(pem, passphrase if wants_passphrase(pem) else None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            if wants_passphrase(pem):
                what, fix = (
                    "the passphrase does not open this key",
                    "try again, or make and enrol a new key",
                )
                raise SecretError(Problem("PASSPHRASE", what, fix=fix)) from None
            raise _no_key() from None
        if not isinstance(key, Ed25519PrivateKey):
            raise _no_key()
        return cls(key)

    def pem(self, passphrase: bytes | None = None) -> bytes:
        """PKCS #8 in PEM, locked by a passphrase unless that is None."""
        from cryptography.hazmat.primitives import serialization as to

        lock = to.BestAvailableEncryption(passphrase) if passphrase else to.NoEncryption()
        return self._key.private_bytes(to.Encoding.PEM, to.PrivateFormat.PKCS8, lock)

    @property
    def public(self) -> str:
        """The public key to hand out: 32 bytes in hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> str:
        """The signature: 64 bytes in hexadecimal."""
        return self._key.sign(content).hex()


def wants_passphrase(pem: bytes) -> bool:
    """Whether a key file is locked."""
    return b"BEGIN ENCRYPTED PRIVATE KEY" in pem


def is_public_key(text: str) -> bool:
    """Whether a text is 32 bytes in hexadecimal, as public keys and fingerprints are written."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def fingerprint(key: str) -> str:
    """SHA-256 of a public key: what two people read to each other to compare it."""
    return sha256(bytes.fromhex(key)).hexdigest()


@lru_cache(maxsize=4096)
def verifies(key: str, content: bytes, signature: str) -> bool:
    """Whether a signature over these bytes is by the owner of this public key. Never raises."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _no_key() -> SecretError:
    what = "the file holds no Ed25519 private key"
    return SecretError(Problem("KEY", what, fix="make one: sharewell keys new --as WHO --key FILE"))
