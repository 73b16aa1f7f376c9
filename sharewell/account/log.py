"""The account: an append-only log of what was done, which anyone can hold to its word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, tuple_
from sqlalchemy.exc import DatabaseError

from ..errors import AccountError, Problem
from . import merkle
from .events import JSON, Entry, Event, EventKind, read_event
from .notes import Checkpoint, Signer, read_checkpoint, read_keys, sign_checkpoint, verifier_key
from .storage import CHECKPOINTS, EVENTS, NODES, open_engine, reading, writing
from .verify import Verdict, verify

_PAGE = 1000


@dataclass(frozen=True)
class Proof:
    """A Merkle proof: the hashes that lead from what one holds to `root`, the root over `size` events.

    An inclusion proof is about the event at `start`; a consistency proof about the first `start` events.
    """

    start: int
    size: int
    path: tuple[bytes, ...]
    root: bytes


def verify_inclusion(leaf: bytes, proof: Proof, root: bytes) -> bool:
    """Is the event with this leaf hash number `proof.start` in the account with this (trusted) root?"""
    return merkle.verify_inclusion(leaf, proof.start, proof.size, proof.path, root)


def verify_consistency(proof: Proof, old_root: bytes, new_root: bytes) -> bool:
    """Does the account with `new_root` only add to the one with `old_root`?"""
    return merkle.verify_consistency(proof.start, proof.size, proof.path, old_root, new_root)


class Account:
    """An account in a SQLite file or behind an SQLAlchemy URL. One writer at a time, any number of readers.

    Appending costs O(log n) hashes in one transaction: an event is there with its whole branch of the tree,
    or not at all. Open one in each process; it may be used from several threads.
    """

    def __init__(self, engine: Engine, signer: Signer | None) -> None:
        self._engine = engine
        self.signer = signer

    @classmethod
    def open(cls, path_or_url: Path | str, signer: Signer | None = None) -> Account:
        """The account there, made if it is not. `signer` signs checkpoints; without one they can be only
        read.

        StorageError if the place cannot be read or written.
        """
        return cls(open_engine(path_or_url), signer)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Account:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        with reading(self._engine) as connection:
            return _size(connection)

    def append(
        self,
        kind: EventKind,
        *,
        at: datetime,
        actor: str,
        agreement: str | None = None,
        run: str | None = None,
        facts: Mapping[str, JSON] | None = None,
    ) -> Event:
        """Enter one event. AccountError, with every cause, if its facts may not be held here."""
        return self.append_all([Entry(kind, at, actor, agreement, run, facts or {})])[0]

    def append_all(self, entries: Iterable[Entry]) -> list[Event]:
        """Enter several in order, all or none, for the price of one transaction."""
        events: list[Event] = []
        rows: list[dict[str, Any]] = []
        nodes: list[dict[str, Any]] = []
        chosen = list(entries)
        if not chosen:
            return events
        with writing(self._engine) as connection:
            frontier = _frontier(connection)
            for entry in chosen:
                index, body = frontier.size, entry.body(frontier.size)
                leaf = merkle.leaf_hash(body)
                made = frontier.add(leaf)
                nodes += [{"level": level, "position": at, "hash": value} for level, at, value in made]
                row = {
                    "position": index,
                    "kind": entry.kind.value,
                    "agreement": entry.agreement,
                    "run": entry.run,
                }
                rows.append(row | {"body": body})
                events.append(read_event(body, leaf))
            connection.execute(insert(EVENTS), rows)
            connection.execute(insert(NODES), nodes)
        return events

    def events(
        self,
        *,
        agreement: str | None = None,
        run: str | None = None,
        kind: EventKind | None = None,
        after: int = -1,
    ) -> Iterator[Event]:
        """The events that match all that is given, in order, from the one after index `after`.

        Read a page at a time, so that no lock is held while the caller works; AccountError for one that
        cannot be read.
        """
        wanted = {"agreement": agreement, "run": run, "kind": None if kind is None else kind.value}
        query = select(EVENTS.c.position, EVENTS.c.body).order_by(EVENTS.c.position).limit(_PAGE)
        for name, value in wanted.items():
            if value is not None:
                query = query.where(EVENTS.c[name] == value)
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(query.where(EVENTS.c.position > after)).all()
            for position, body in rows:
                yield _read(position, body)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def event(self, index: int) -> Event:
        """The event with this index; AccountError if there is none."""
        with reading(self._engine) as connection:
            body = connection.scalar(select(EVENTS.c.body).where(EVENTS.c.position == index))
        if body is None:
            raise AccountError(Problem("GONE", "is not in the account", where=f"event {index}"))
        return _read(index, body)

    def root(self, size: int | None = None) -> bytes:
        """The root (32 bytes) over the first `size` events, by default all."""
        with reading(self._engine) as connection:
            size = _checked_size(connection, size)
            return merkle.root_hash(_tree(connection), size)

    def inclusion(self, index: int, size: int | None = None) -> Proof:
        """The proof that event `index` is in the account of the first `size` events, by default all."""
        with reading(self._engine) as connection:
            size = _checked_size(connection, size)
            if not 0 <= index < size:
                raise AccountError(
                    Problem("SIZE", f"is not among the first {size}", where=f"event {index}")
                )
            tree = _tree(connection)
            return Proof(
                index, size, tuple(merkle.inclusion_path(tree, index, size)), merkle.root_hash(tree, size)
            )

    def consistency(self, old: int, new: int | None = None) -> Proof:
        """The proof that the account of `new` events (by default all) only adds to that of `old`."""
        with reading(self._engine) as connection:
            new = _checked_size(connection, new)
            if not 0 <= old <= new:
                raise AccountError(
                    Problem("SIZE", f"an account of {new} events cannot extend one of {old}")
                )
            tree = _tree(connection)
            return Proof(
                old, new, tuple(merkle.consistency_path(tree, old, new)), merkle.root_hash(tree, new)
            )

    def checkpoint(self, *, at: datetime) -> Checkpoint:
        """Sign the account as it stands, for somebody else to keep. AccountError without a signer."""
        if self.signer is None:
            raise AccountError(
                Problem("KEY", "the account was opened without a signer", fix="open it with one")
            )
        with writing(self._engine) as connection:
            size = _size(connection)
            number = (connection.scalar(select(func.max(CHECKPOINTS.c.number))) or 0) + 1
            root = merkle.root_hash(_tree(connection), size)
            signed = sign_checkpoint(self.signer, size, root, number, at)
            connection.execute(insert(CHECKPOINTS).values(number=number, size=size, note=signed.note))
        return signed

    def checkpoints(self, keys: Sequence[str] = ()) -> list[Checkpoint]:
        """Every checkpoint, oldest first; AccountError for one whose signature no key verifies."""
        with reading(self._engine) as connection:
            notes = connection.scalars(select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.number)).all()
        return [read_checkpoint(note, self._keys(keys)) for note in notes]

    def verify(self, *, keys: Sequence[str] = (), held: Iterable[bytes] = ()) -> Verdict:
        """Recompute everything from the stored bytes. It changes nothing and never raises for what it
        finds.

        `keys`: verifier keys of earlier or other signers, beside the account's own. `held`: notes that
        others kept; without one, events after the last stored checkpoint, or that together with every
        checkpoint since, can be taken away unseen.
        """
        try:
            with reading(self._engine) as connection:
                return _judged(connection, self._keys(keys), held)
        except AccountError as error:
            return Verdict(0, b"", 0, error.problems)

    def _keys(self, keys: Sequence[str]) -> dict[str, bytes]:
        own = [] if self.signer is None else [verifier_key(self.signer)]
        return read_keys([*own, *keys])


def _judged(connection: Connection, keys: Mapping[str, bytes], held: Iterable[bytes]) -> Verdict:
    try:
        return verify(connection, keys, held)
    except DatabaseError:
        fault = Problem(
            "FILE", "the database file is damaged past reading", fix="restore it, and compare checkpoints"
        )
        return Verdict(0, b"", 0, (fault,))


def _size(connection: Connection) -> int:
    last = connection.scalar(select(func.max(EVENTS.c.position)))
    return 0 if last is None else last + 1


def _checked_size(connection: Connection, size: int | None) -> int:
    whole = _size(connection)
    if size is not None and not 0 <= size <= whole:
        raise AccountError(Problem("SIZE", f"the account has {whole} events, not {size}"))
    return whole if size is None else size


def _tree(connection: Connection) -> merkle.Tree:
    def node(level: int, position: int) -> bytes:
        query = select(NODES.c.hash).where(NODES.c.level == level, NODES.c.position == position)
        found: bytes | None = connection.scalar(query)
        if found is None:
            raise AccountError(
                Problem(
                    "NODE",
                    "a node of the tree is missing",
                    fix="verify the account",
                    where=f"event {position << level}",
                )
            )
        return found

    return node


def _frontier(connection: Connection) -> merkle.Frontier:
    size = _size(connection)
    places = merkle.peaks(size)
    query = select(NODES.c.level, NODES.c.hash).where(tuple_(NODES.c.level, NODES.c.position).in_(places))
    held = {row.level: row.hash for row in connection.execute(query)}
    if len(held) != len(places):
        raise AccountError(Problem("NODE", "the tree's right edge is missing", fix="verify the account"))
    return merkle.Frontier(size, held)


def _read(index: int, body: bytes) -> Event:
    try:
        return read_event(body, merkle.leaf_hash(body))
    except (ValueError, KeyError, TypeError):
        raise AccountError(
            Problem("BODY", "is not readable", fix="verify the account", where=f"event {index}")
        ) from None
