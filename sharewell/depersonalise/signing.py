"""Signers: Ed25519 (RFC 8032) under a name, for the account's checkpoints and for agreements."""

from __future__ import annotations

import re

from ..errors import Problem, SecretError

_NAME = re.compile(r"[^\s+]{1,100}")


class Signer:
    """A private key of 32 bytes and the name it signs under (without spaces or plus, for signed notes)."""

    def __init__(self, name: str, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not _NAME.fullmatch(name):
            raise SecretError(
                Problem("NAME", "a signer's name has a space or plus, or is empty", fix="rename it")
            )
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.name = name

    @property
    def public_key(self) -> bytes:
        """The 32 bytes to hand out."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(message)


def verifies(public_key: bytes, content: bytes, signature: bytes) -> bool:
    """Whether a signature over these bytes is by the owner of this public key (32 bytes). Never raises."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
