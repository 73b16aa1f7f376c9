"""The two officers of dual control: who they are, and the key by which each opens what was sealed to them.

An officer signs with the Ed25519 key that is enrolled for them, and by it vouches for a second, an X25519
key. To that, shares are sealed with HPKE (RFC 9180, base mode: DHKEM X25519, HKDF-SHA256, AES-256-GCM).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from ..errors import Problem, SecretError
from ..plan.canonical import written
from .signing import verifies

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hpke import Suite


@dataclass(frozen=True)
class Officer:
    """A person in an office: both public keys in hexadecimal; `vouched` signs `opens`."""

    who: str
    party: str
    office: str
    signs: str
    opens: str
    vouched: str = ""

    def content(self) -> bytes:
        """The bytes that the officer signs to vouch for the opening key."""
        held = {name: value for name, value in asdict(self).items() if name != "vouched"}
        return b"sharewell/1/officer\n" + written(held)

    @classmethod
    def enrol(
        cls, who: str, party: str, office: str, signs: str, key: OpeningKey, sign: Callable[[bytes], str]
    ) -> Officer:
        """An officer as the owner of both keys makes it. `sign` gives a signature in hexadecimal."""
        plain = cls(who, party, office, signs, key.public)
        return cls(who, party, office, signs, key.public, sign(plain.content()))

    def signed(self, content: bytes, signature: str) -> bool:
        """Whether this officer signed these bytes. Never raises."""
        try:
            return verifies(bytes.fromhex(self.signs), content, bytes.fromhex(signature))
        except ValueError:
            return False

    @property
    def is_vouched(self) -> bool:
        return self.signed(self.content(), self.vouched)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of both public keys."""
        return sha256(f"{self.signs} {self.opens}".encode()).hexdigest()


class OpeningKey:
    """An X25519 private key. It is nowhere printed or logged; `pem` is for its owner's own file."""

    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def new(cls) -> OpeningKey:
        """A fresh key."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return cls(X25519PrivateKey.generate())

    @classmethod
    def read(cls, pem: bytes, passphrase: bytes | None = None) -> OpeningKey:
        """The key in a PEM file. SecretError KEY if it holds none, or the passphrase does not open it."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, X25519PrivateKey):
            raise SecretError(
                Problem("KEY", "this is no opening key, or the passphrase is another one", fix="try again")
            )
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

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """What was sealed to this key for `bound`. SecretError SHARE where it was not."""
        from cryptography.exceptions import InvalidTag

        try:
            opened: bytes = _suite().decrypt(sealed, self._key, info=bound)
        except (InvalidTag, ValueError):
            raise SecretError(
                Problem(
                    "SHARE",
                    "a share was not sealed to this key for this purpose",
                    "it is another officer's, agreement's or request's, or was altered",
                    "use the key that was enrolled, and the share of this agreement",
                )
            ) from None
        return opened


def seal_to(public: str, content: bytes, bound: bytes) -> bytes:
    """Content that only the owner of this X25519 key can open, and only for `bound`."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    sealed: bytes = _suite().encrypt(
        content, X25519PublicKey.from_public_bytes(bytes.fromhex(public)), info=bound
    )
    return sealed


def _suite() -> Suite:
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
