"""Sending and accepting packages: each number once, in order, for what the terms allow and nothing else.

What a role has sent and opened is written in `state/AGREEMENT/*.jsonl` under a lock. A package is copied
into the inbox, still sealed, while every byte of it is verified; it is opened again, in memory, when used.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from ...errors import LinkError, Problem
from . import envelope
from .keys import Role, private_folder, write_private
from .terms import Terms

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Delivery:
    """What a package held: one table, and the small things that go with it."""

    table: pa.Table
    told: Mapping[str, Any]


def silent(text: str, done: float) -> None:
    """Tells nobody."""


def allowed(terms: Terms, purpose: str, sender: str, recipient: str) -> bool:
    """Whether the terms let `sender` send `recipient` such a package."""
    parties = terms.parties
    to_party = sender in parties and recipient in parties and sender != recipient
    return {
        "identifiers": sender in parties and recipient == terms.linker,
        "content": sender in parties and parties[sender].host == recipient,
        "links": sender == terms.linker and recipient in terms.hosts,
        "encoding-key": to_party and terms.encoded,
        "intersect-ask": to_party,
        "intersect-answer": to_party,
    }.get(purpose, False)


def send(
    role: Role,
    terms: Terms,
    purpose: str,
    recipient: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    told: Mapping[str, Any] | None = None,
) -> Path:
    """Seal a table for `recipient` into the outbox; returns the file. LinkError PURPOSE, UNKNOWN."""
    if not allowed(terms, purpose, role.name, recipient):
        why = "a package that the terms do not name could put both halves in one place"
        what = f"the terms do not let {role.name} send {purpose} to {recipient}"
        raise LinkError(Problem("PURPOSE", what, why, "check the terms, and whose folder this is"))
    sent = role.state(terms.agreement) / "sent.jsonl"
    outbox = private_folder(role.folder / "outbox")
    with _locked(sent):
        start = f"{terms.hash[:8]}-{role.name}-to-{recipient}-"
        numbers = [row["sequence"] for row in _rows(sent) if row["recipient"] == recipient]
        # One written but not yet noted, because the machine stopped in between, is not written over.
        numbers += [int(path.name[len(start) :].split("-")[0]) for path in outbox.glob(f"{start}*.split")]
        number = max(numbers, default=0) + 1
        whose = (role.card.fingerprint, role.known(recipient).fingerprint)
        header = envelope.Header(terms.agreement, terms.hash, purpose, role.name, recipient, number, *whose)
        path = outbox / f"{start}{number:06d}-{purpose}.split"
        envelope.seal(role, path, header, _ipc(schema, batches, told or {}))
        _append(sent, {"recipient": recipient, "sequence": number, "purpose": purpose})
    return path


def accept(role: Role, terms: Terms, path: Path, tell: Tell = silent) -> envelope.Header:
    """Verify every byte of a package and keep it, sealed, in the inbox.

    LinkError: as `envelope.unseal`; TERMS (of another agreement, or the terms differ), PURPOSE (the terms
    name no such package), REPLAYED (this number was opened), ORDER (one before it is missing), FILE.
    """
    state = role.state(terms.agreement) / "opened.jsonl"
    inbox = private_folder(role.folder / "inbox")
    draft = inbox / f".{os.urandom(6).hex()}"
    try:
        with path.open("rb") as file, draft.open("xb") as copy, _locked(state):
            size = max(path.stat().st_size, 1)
            tee = _Tee(file, copy)
            opened = envelope.unseal(role, tee)
            _check(opened.header, terms, _rows(state))
            for _ in opened.chunks:
                tell("verifying the package", tee.count / size)
            copy.flush()
            os.fsync(copy.fileno())
            draft.chmod(0o600)
            draft.replace(inbox / f"{tee.digest.hexdigest()}.split")
            header = opened.header
            row = {"sender": header.sender, "sequence": header.sequence, "purpose": header.purpose}
            _append(state, {**row, "package": tee.digest.hexdigest()})
    except OSError as error:
        what = f"the package cannot be read or kept: {(error.strerror or 'no reason given').lower()}"
        raise LinkError(
            Problem("FILE", what, fix="check the path, its permissions and the space")
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return header


def _check(header: envelope.Header, terms: Terms, rows: list[dict[str, Any]]) -> None:
    if header.agreement != terms.agreement or header.terms != terms.hash:
        why = "what was agreed for one exchange may not be used in another"
        fix = "use the same terms.json at every role; compare: sharewell split keys terms"
        raise LinkError(Problem("TERMS", "this package is bound to other terms", why, fix))
    if not allowed(terms, header.purpose, header.sender, header.recipient):
        what = "the terms let no such package go from this sender to this recipient"
        raise LinkError(Problem("PURPOSE", what, fix="do not keep it; tell the sender"))
    last = max((row["sequence"] for row in rows if row["sender"] == header.sender), default=0)
    if header.sequence <= last:
        what = f"package {header.sequence} of {header.sender} was opened before; the last was {last}"
        raise LinkError(Problem("REPLAYED", what, "old records would come back", "ask for a new package"))
    if header.sequence > last + 1:
        what = f"package {header.sequence} of {header.sender} came, and {last + 1} is missing"
        raise LinkError(Problem("ORDER", what, "a correction in between would be lost", "open it first"))


def latest(role: Role, terms: Terms, purpose: str, sender: str) -> Delivery:
    """The last accepted package of its kind, opened in memory. LinkError MISSING where there is none."""
    rows = _rows(role.state(terms.agreement) / "opened.jsonl")
    found = [row for row in rows if (row["sender"], row["purpose"]) == (sender, purpose)]
    path = role.folder / "inbox" / f"{found[-1]['package']}.split" if found else None
    if path is None or not path.is_file():
        fix = "accept it first: sharewell split open PACKAGE"
        raise LinkError(Problem("MISSING", f"no {purpose} of {sender} is in this inbox", fix=fix))
    with path.open("rb") as file:
        return _delivery(envelope.unseal(role, file))


def forget(role: Role, terms: Terms, purpose: str) -> int:
    """Remove accepted packages of a kind from the inbox; what was opened stays known. Answers how many."""
    removed = 0
    for row in _rows(role.state(terms.agreement) / "opened.jsonl"):
        path = role.folder / "inbox" / f"{row['package']}.split"
        if row["purpose"] == purpose and path.exists():
            path.unlink()
            removed += 1
    return removed


def _delivery(opened: envelope.Opened) -> Delivery:
    try:
        with pa.ipc.open_stream(io.BufferedReader(_Chunks(opened.chunks), envelope.CHUNK)) as reader:
            table = reader.read_all()
        told = json.loads((table.schema.metadata or {}).get(b"told", b"{}"))
    except (pa.ArrowException, ValueError):
        raise LinkError(Problem("FORMAT", "this package holds no table", fix="ask the sender")) from None
    for _ in opened.chunks:  # the end must be verified before anything is used
        pass
    return Delivery(table.replace_schema_metadata(None), told)


def _ipc(schema: pa.Schema, batches: Iterable[pa.RecordBatch], told: Mapping[str, Any]) -> Iterator[bytes]:
    held = bytearray()
    told_schema = schema.with_metadata({"told": json.dumps(told)})
    with pa.ipc.new_stream(pa.PythonFile(_Sink(held), "w"), told_schema) as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(told_schema.metadata))
            yield from _pieces(held, envelope.CHUNK)
    yield from _pieces(held, 1)


def _pieces(held: bytearray, least: int) -> Iterator[bytes]:
    while len(held) >= least:
        piece = bytes(held[: envelope.CHUNK])
        del held[: envelope.CHUNK]
        yield piece


class _Sink(io.RawIOBase):
    def __init__(self, held: bytearray) -> None:
        self._held = held

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._held.extend(piece)
        return len(piece)


class _Chunks(io.RawIOBase):
    """Decrypted chunks as a file to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._held = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._held:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self._held = piece
        size = min(len(into), len(self._held))
        into[:size], self._held = self._held[:size], self._held[size:]
        return size


class _Tee:
    """Reads from one file, copies what it read to another, and knows its SHA-256."""

    def __init__(self, file: IO[bytes], copy: IO[bytes]) -> None:
        self._file, self._copy, self.digest, self.count = file, copy, hashlib.sha256(), 0

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(size)
        self._copy.write(piece)
        self.digest.update(piece)
        self.count += len(piece)
        return piece


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _rows(path: Path) -> list[dict[str, Any]]:
    """What was noted."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _append(path: Path, row: Mapping[str, Any]) -> None:
    whole = "".join(json.dumps(each, sort_keys=True) + "\n" for each in [*_rows(path), row])
    write_private(path, whole.encode())
