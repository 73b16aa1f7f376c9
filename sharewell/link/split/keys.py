"""A role's folder and its keys: one key to sign with (Ed25519), one to be written to (X25519).

    FOLDER/card.json       name and public keys: what the others are given
    FOLDER/private.json    the private halves, mode 0600
    FOLDER/known/*.json    cards of others, entered after their fingerprints were compared
    FOLDER/inbox, outbox   packages accepted, packages to send
    FOLDER/state           what was sent and opened, and secrets of one agreement, mode 0600

Nothing in a folder is needed by another: three roles on three machines share files only as packages.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import LinkError, Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Card:
    """A role's name and public keys, 32 bytes each."""

    name: str
    verify: bytes
    seal: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 over name and keys, in hex: what two people compare by telephone."""
        return hashlib.sha256(b"sharewell card 1\0" + self.text().encode()).hexdigest()

    def text(self) -> str:
        """JSON, always the same for the same card."""
        told = {"name": self.name, "seal": self.seal.hex(), "verify": self.verify.hex()}
        return json.dumps(told, sort_keys=True)

    @classmethod
    def of(cls, text: str | bytes) -> Card:
        """Read a card. LinkError CARD where it is none."""
        try:
            told = json.loads(text)
            card = cls(str(told["name"]), bytes.fromhex(told["verify"]), bytes.fromhex(told["seal"]))
        except (ValueError, KeyError, TypeError):
            raise LinkError(
                Problem("CARD", "this is not a card of keys", fix="ask for card.json")
            ) from None
        if not _NAME.fullmatch(card.name) or (len(card.verify), len(card.seal)) != (32, 32):
            raise LinkError(
                Problem("CARD", "this card's name or keys are malformed", fix="ask for it again")
            )
        return card


@dataclass(frozen=True)
class Role:
    """A party, a linker or a host at work in its own folder."""

    folder: Path
    card: Card
    signing: Ed25519PrivateKey = field(repr=False)
    opening: X25519PrivateKey = field(repr=False)

    @property
    def name(self) -> str:
        return self.card.name

    def known(self, name: str) -> Card:
        """The card of another role. LinkError UNKNOWN where it was never entered."""
        path = self.folder / "known" / f"{name}.json"
        if not _NAME.fullmatch(name) or not path.is_file():
            what = f"{self.name} knows no keys of that sender or recipient"
            fix = "enter its card: sharewell split keys trust CARD"
            raise LinkError(Problem("UNKNOWN", what, "anybody could have written it", fix))
        return Card.of(path.read_bytes())

    def secret(self, agreement: str, purpose: str) -> bytes:
        """32 random bytes for one agreement and purpose, made on first use; they never leave the folder."""
        path = self.state(agreement) / f"{purpose}.secret"
        if not path.exists():
            write_private(path, os.urandom(32))
        return path.read_bytes()

    def state(self, agreement: str) -> Path:
        """Where this role keeps what belongs to one agreement."""
        return private_folder(self.folder / "state" / hashlib.sha256(agreement.encode()).hexdigest()[:16])


def create(folder: Path, name: str) -> Role:
    """Make a role's folder and keys. LinkError NAME for a bad name, EXISTS where there are keys."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    if not _NAME.fullmatch(name):
        fix = "use small letters, digits and hyphens, at most 40, a letter first"
        raise LinkError(Problem("NAME", "this cannot be a role's name", fix=fix))
    private_folder(folder)
    if (folder / "private.json").exists():
        raise LinkError(Problem("EXISTS", "this folder has keys already", "a key is never overwritten"))
    sign, seal = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    halves = {"sign": sign.private_bytes_raw().hex(), "open": seal.private_bytes_raw().hex()}
    card = Card(name, sign.public_key().public_bytes_raw(), seal.public_key().public_bytes_raw())
    write_private(folder / "private.json", json.dumps(halves).encode())
    (folder / "card.json").write_text(card.text() + "\n", encoding="ascii")
    return Role(folder, card, sign, seal)


def load(folder: Path) -> Role:
    """The role whose folder it is. LinkError ROLE where it holds no keys, SHARED where others may read
    them."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    path = folder / "private.json"
    if not path.is_file():
        fix = "make them: sharewell split keys new --folder FOLDER --name NAME"
        raise LinkError(Problem("ROLE", "this folder holds no keys of a role", fix=fix))
    if path.stat().st_mode & 0o077:
        raise LinkError(Problem("SHARED", "others may read the private keys", fix="chmod 600 private.json"))
    halves: dict[str, Any] = json.loads(path.read_bytes())
    sign = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(halves["sign"]))
    seal = X25519PrivateKey.from_private_bytes(bytes.fromhex(halves["open"]))
    return Role(folder, Card.of((folder / "card.json").read_bytes()), sign, seal)


def trust(role: Role, card: Card) -> None:
    """Enter another's card, its fingerprint compared. LinkError KNOWN where the name has other keys."""
    path = private_folder(role.folder / "known") / f"{card.name}.json"
    if card.name == role.name:
        raise LinkError(
            Problem("CARD", "this card bears this role's own name", fix="each role has its own")
        )
    if path.exists() and Card.of(path.read_bytes()) != card:
        what = f"{card.name} is known by other keys"
        fix = "ask by telephone which are right; remove the old card to replace it"
        raise LinkError(Problem("KNOWN", what, "somebody may be posing as it", fix))
    write_private(path, card.text().encode())


def private_folder(path: Path) -> Path:
    """The folder, made with mode 0700 if it is not there."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write whole or not at all, mode 0600, durably."""
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    private_folder(path.parent)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
