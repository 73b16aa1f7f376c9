"""Checkpoints: signed notes that fix the size and root of the account at a time.

The text is a C2SP tlog-checkpoint (origin, size, root in base64) with two further lines, our number and
time; the signature is a C2SP signed note with Ed25519, so that a witness needs no software of ours to
check one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from ..errors import AccountError, Problem
from .events import stamp

_ED25519 = b"\x01"


class Signer(Protocol):
    """What signs checkpoints with Ed25519: a name without space or plus, and a public key of 32 bytes."""

    @property
    def name(self) -> str: ...

    @property
    def public_key(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True)
class Checkpoint:
    """What was signed: the account's name, size and root, which checkpoint it is (from 1), and when."""

    origin: str
    size: int
    root: bytes
    number: int
    at: datetime
    note: bytes

    @property
    def text(self) -> bytes:
        """The signed bytes."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\nnumber {self.number}\ntime {stamp(self.at)}\n".encode()


def verifier_key(signer: Signer) -> str:
    """The public key as text to hand out: NAME+HASH+BASE64 (a C2SP note verifier key)."""
    hashed, public = _key_id(signer.name, signer.public_key), _ED25519 + signer.public_key
    return f"{signer.name}+{hashed.hex()}+{base64.b64encode(public).decode()}"


def read_keys(keys: Sequence[str]) -> dict[str, bytes]:
    """Public keys by "NAME+HASH"; AccountError for a text that is no verifier key."""
    read = {}
    for key in keys:
        try:
            name, hashed, encoded = key.split("+", 2)
            public = base64.b64decode(encoded, validate=True)
            if public[:1] != _ED25519 or len(public) != 33 or _key_id(name, public[1:]).hex() != hashed:
                raise ValueError
        except ValueError:
            raise AccountError(
                Problem(
                    "KEY", "a public key is not of the form NAME+HASH+BASE64", fix="copy the whole line"
                )
            ) from None
        read[f"{name}+{hashed}"] = public[1:]
    return read


def sign_checkpoint(signer: Signer, size: int, root: bytes, number: int, at: datetime) -> Checkpoint:
    """A checkpoint whose origin is the signer's name."""
    unsigned = Checkpoint(signer.name, size, root, number, at, b"")
    note = _note(
        unsigned.text, signer.name, _key_id(signer.name, signer.public_key), signer.sign(unsigned.text)
    )
    return Checkpoint(signer.name, size, root, number, at, note)


def read_checkpoint(note: bytes, keys: Mapping[str, bytes]) -> Checkpoint:
    """The checkpoint in a note, its signature verified with one of `keys`; AccountError says what is wrong.

    A note must be spelt exactly as we spell it, so that no byte of it can change unseen.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        text, signature_line = note.decode().split("\n\n")
        origin, size, root, number, at = text.split("\n")
        name, blob = signature_line.removeprefix("\u2014 ").removesuffix("\n").split(" ")
        raw = base64.b64decode(blob, validate=True)
        held = Checkpoint(
            origin, int(size), base64.b64decode(root, validate=True), int(number.removeprefix("number ")),
            datetime.fromisoformat(at.removeprefix("time ")), note,
        )  # fmt: skip
        if _note(held.text, name, raw[:4], raw[4:]) != note or origin != name:
            raise ValueError
    except (ValueError, binascii.Error):
        raise AccountError(Problem("CHECKPOINT", "the note is not a checkpoint as we write one")) from None
    key = keys.get(f"{name}+{raw[:4].hex()}")
    if key is None:
        raise AccountError(
            Problem("KEY", "no public key was given for its signature", fix="give the signer's public key")
        )
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], held.text)
    except InvalidSignature:
        raise AccountError(Problem("SIGNATURE", "its signature does not verify")) from None
    return held


def _note(text: bytes, name: str, key_id: bytes, signature: bytes) -> bytes:
    return text + f"\n\u2014 {name} {base64.b64encode(key_id + signature).decode()}\n".encode()


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]
