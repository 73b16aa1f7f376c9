"""Packages between roles: encrypted to the recipient, signed by the sender, bound to one exchange.

    magic | length of header | header (JSON) | signature | chunk ... chunk | signature

A fresh key of 256 bits is sealed to the recipient by HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM),
whose `info` is the header, so the key opens under no other header. Chunks are AES-256-GCM with the chunk's
number and a mark for the last one as nonce, which is sound as no key is used twice (the STREAM shape of
Hoang, Reyhanitabar, Rogaway and Vizar 2015). The header is signed (Ed25519) before anything is read, and a
second signature over the whole ends the file, so that a sender cannot deny a package, nor a recipient
make one up. Memory does not grow with the package.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol

from ...errors import LinkError, Problem
from .keys import Role, private_folder

MAGIC = b"sharewell-split-1\n"
CHUNK = 1 << 20
_LARGEST_HEADER = 1 << 14
_LAST = 1 << 31
_TAG = 16
_SIGNATURE = 64
_HEADER_LABEL, _WHOLE_LABEL = b"sharewell split header 1\0", b"sharewell split whole 1\0"


class Readable(Protocol):
    """Bytes to read in order."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Header:
    """What a package is bound to. `terms` is the SHA-256 of the agreed terms, in hex; `sequence` counts
    from 1 between this sender and this recipient under this agreement."""

    agreement: str
    terms: str
    purpose: str
    sender: str
    recipient: str
    sequence: int
    sender_key: str
    recipient_key: str

    def bytes(self) -> bytes:
        return _canonical(asdict(self))


def _canonical(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _fail(code: str, what: str, why: str = "", fix: str = "ask the sender for it again") -> NoReturn:
    raise LinkError(Problem(code, what, why, fix))


def seal(role: Role, path: Path, header: Header, chunks: Iterable[bytes]) -> None:
    """Write a package, whole or not at all. Chunks of any size up to CHUNK. LinkError EXISTS, UNKNOWN."""
    recipient = role.known(header.recipient)
    key = os.urandom(32)
    sealed = _suite().encrypt(key, _public(recipient.seal), info=header.bytes())
    body = _canonical({**asdict(header), "sealed": base64.b64encode(sealed).decode()})
    start = MAGIC + struct.pack(">I", len(body)) + body
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    private_folder(path.parent)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            digest = hashlib.sha256()
            for piece in (start, role.signing.sign(_HEADER_LABEL + start)):
                _put(file, digest, piece)
            for piece in _sealed_chunks(key, start, chunks):
                _put(file, digest, piece)
            file.write(role.signing.sign(_WHOLE_LABEL + digest.digest()))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            _fail("EXISTS", "a package of this number is there already", fix="send it, or remove it")
    finally:
        draft.unlink(missing_ok=True)


def _put(file: IO[bytes], digest: Any, piece: bytes) -> None:
    digest.update(piece)
    file.write(piece)


def _sealed_chunks(key: bytes, start: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, bound = AESGCM(key), hashlib.sha256(start).digest()
    held: bytes | None = None
    at = 0
    for chunk in chunks:
        if held is not None:
            made = cipher.encrypt(_nonce(at, last=False), held, bound)
            yield struct.pack(">I", len(made)) + made
            at += 1
        held = chunk
    made = cipher.encrypt(_nonce(at, last=True), held or b"", bound)
    yield struct.pack(">I", len(made) | _LAST) + made


def _nonce(at: int, *, last: bool) -> bytes:
    return at.to_bytes(11, "big") + bytes([last])


@dataclass(frozen=True)
class Opened:
    """A package whose header is verified. `chunks` verifies as it reads, and the whole only at its end:
    use nothing before the iteration has ended."""

    header: Header
    chunks: Iterator[bytes]


def unseal(role: Role, file: Readable) -> Opened:
    """Verify and open a package for this role.

    LinkError: FORMAT (no package), RECIPIENT (for somebody else), UNKNOWN (no card of the sender),
    SIGNATURE (altered, or signed by another), ALTERED, TRUNCATED.
    """
    start, told, header = _header(file)
    if header.recipient != role.name or header.recipient_key != role.card.fingerprint:
        what = "this package is for another recipient, or for keys that this role no longer has"
        _fail("RECIPIENT", what, fix="pass it on unopened")
    sender = role.known(header.sender)
    signature = file.read(_SIGNATURE)
    if len(signature) < _SIGNATURE:
        _fail("TRUNCATED", "this package ends within its header")
    why = "it was altered on its way, or another than its sender signed it"
    if header.sender_key != sender.fingerprint or not _signed(
        sender.verify, signature, _HEADER_LABEL + start
    ):
        _fail("SIGNATURE", "the signature of this package's header is not its sender's", why)
    key = _unsealed(role, told, header)
    return Opened(header, _opened_chunks(file, key, start, signature, sender.verify))


def _header(file: Readable) -> tuple[bytes, dict[str, Any], Header]:
    begin = file.read(len(MAGIC) + 4)
    if begin[: len(MAGIC)] != MAGIC[: len(begin)]:
        _fail("FORMAT", "this file is not a package of a split file")
    if len(begin) < len(MAGIC) + 4:
        _fail("TRUNCATED", "this package ends within its header")
    (size,) = struct.unpack(">I", begin[len(MAGIC) :])
    if size > _LARGEST_HEADER:
        _fail("FORMAT", "this package's header is larger than any that is made")
    body = file.read(size)
    if len(body) < size:
        _fail("TRUNCATED", "this package ends within its header")
    try:
        told = json.loads(body)
        header = Header(**{each.name: told[each.name] for each in fields(Header)})
        sound = all(
            isinstance(told[each.name], int if each.name == "sequence" else str) for each in fields(Header)
        )
        sound &= set(told) == {"sealed", *asdict(header)} and isinstance(told["sealed"], str)
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        _fail("FORMAT", "this package's header cannot be read")
    return begin + body, told, header


def _unsealed(role: Role, told: dict[str, Any], header: Header) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        sealed = base64.b64decode(told["sealed"], validate=True)
        key: bytes = _suite().decrypt(sealed, role.opening, info=header.bytes())
    except (ValueError, InvalidTag):
        _fail("ALTERED", "this package's key cannot be opened with this role's")
    return key


def _opened_chunks(
    file: Readable, key: bytes, start: bytes, signature: bytes, verify: bytes
) -> Iterator[bytes]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, bound = AESGCM(key), hashlib.sha256(start).digest()
    digest = hashlib.sha256(start + signature)
    at, last = 0, False
    while not last:
        length, made, last = _chunk(file)
        try:
            yield cipher.decrypt(_nonce(at, last=last), made, bound)
        except InvalidTag:
            _fail("ALTERED", f"chunk {at + 1} of this package is not as it was sealed, or not in its place")
        digest.update(length + made)
        at += 1
    whole = file.read(_SIGNATURE + 1)
    if len(whole) < _SIGNATURE:
        _fail("TRUNCATED", "this package lacks the signature that ends it")
    if len(whole) > _SIGNATURE or not _signed(verify, whole, _WHOLE_LABEL + digest.digest()):
        _fail("SIGNATURE", "the signature that ends this package is not its sender's")


def _chunk(file: Readable) -> tuple[bytes, bytes, bool]:
    length = file.read(4)
    (size,) = struct.unpack(">I", length) if len(length) == 4 else (0,)
    last, size = bool(size & _LAST), size & ~_LAST
    if len(length) == 4 and not _TAG <= size <= CHUNK + _TAG:
        _fail("ALTERED", "a chunk of this package has a length that is never made")
    made = file.read(size)
    if len(length) < 4 or len(made) < size:
        _fail(
            "TRUNCATED", "this package stops before its end", "the rest was cut off or is still on its way"
        )
    return length, made, last


def _signed(verify: bytes, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(verify).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _suite() -> Any:
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _public(raw: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    return X25519PublicKey.from_public_bytes(raw)
