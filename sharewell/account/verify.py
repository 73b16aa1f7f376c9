"""Recompute everything that the account claims, from the stored bytes.

Each level is held against the stored level below it, so that one change is one fault: a changed body does
not hash to its leaf, a changed leaf is not under its node, and so on to the signed roots. A fault names
its event.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, func, select
from sqlalchemy.exc import DBAPIError

from ..errors import AccountError, Problem
from .merkle import leaf_hash, node_hash, root_hash
from .notes import Checkpoint, read_checkpoint
from .storage import CHECKPOINTS, EVENTS, NODES, faults_of_store

_PAGE = 5000
_DEEPEST = 63
"""Levels that a tree can have."""


@dataclass(frozen=True)
class Verdict:
    """What was found: the size and root it stands for, how many checkpoints hold, and every fault."""

    size: int
    root: bytes
    checkpoints: int
    faults: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        return not self.faults

    def check(self) -> None:
        """Raise AccountError with every fault, if there is one."""
        if self.faults:
            raise AccountError(self.faults)


@dataclass
class _Tree:
    """The stored nodes by level, what is wrong in which event, and which nodes to blame no further."""

    size: int
    levels: list[list[bytes | None]] = field(default_factory=list)
    faults: list[tuple[int, Problem]] = field(default_factory=list)

    def blame(self, index: int, code: str, what: str, why: str = "") -> None:
        self.faults.append((index, Problem(code, what, why, where=f"event {index}")))

    def node(self, level: int, position: int) -> bytes:
        value = self.levels[level][position]
        if value is None:
            raise LookupError
        return value


def verify(connection: Connection, keys: Mapping[str, bytes], held: Iterable[bytes]) -> Verdict:
    """The verdict on all that is stored, and on `held`: notes of checkpoints that others kept.

    Takes about a second per 100,000 events, and 70 bytes of memory an event.
    """
    faults = faults_of_store(connection)
    tree = _Tree(_size(connection))
    _load_levels(connection, tree)
    _judge_events(connection, tree)
    _judge_nodes(tree)
    good, signed = _judge_checkpoints(connection, tree, keys, held)
    faults += [problem for _, problem in sorted(tree.faults, key=lambda fault: fault[0])] + signed
    try:
        root = root_hash(tree.node, tree.size)
    except LookupError:
        root = b""
    return Verdict(tree.size, root, good, tuple(faults))


def _size(connection: Connection) -> int:
    """The most events that any row speaks of: what is missing elsewhere is then a fault.

    A number beyond all the rows there are is a damaged number, found when rows are counted; to believe it
    could ask for any amount of memory.
    """
    rows, last = connection.execute(
        select(func.count(), func.max(EVENTS.c.position)).select_from(EVENTS)
    ).one()
    lasts = [(0, last)]
    levels = select(NODES.c.level, func.count(), func.max(NODES.c.position)).group_by(NODES.c.level)
    for level, count, last in connection.execute(levels):
        rows += count
        lasts.append((level, last))
    sizes = [
        (last + 1) << level for level, last in lasts if isinstance(last, int) and level in range(_DEEPEST)
    ]
    return max((size for size in sizes if 0 <= size <= rows), default=0)


def _pages(
    connection: Connection, query: Select[Any], key: Column[Any], until: int
) -> Iterator[Sequence[Any] | int]:
    """Rows in order of `key`, a page at a time; where a row cannot be read, its key instead."""
    for start in range(0, until, _PAGE):
        page = query.where(key >= start, key < min(start + _PAGE, until)).order_by(key)
        try:
            yield from connection.execute(page).all()
        except DBAPIError:
            yield from _one_by_one(connection, query, key, range(start, min(start + _PAGE, until)))


def _one_by_one(
    connection: Connection, query: Select[Any], key: Column[Any], span: range
) -> Iterator[Sequence[Any] | int]:
    for number in span:
        try:
            yield from connection.execute(query.where(key == number)).all()
        except DBAPIError:
            yield number


def _load_levels(connection: Connection, tree: _Tree) -> None:
    """Every node; a missing one is None. A node or event outside the tree belongs to nothing."""
    loaded = 0
    for level in range(max(tree.size.bit_length(), 1)):
        count = tree.size >> level
        held: list[bytes | None] = [None] * count
        query = select(NODES.c.position, NODES.c.hash).where(NODES.c.level == level)
        for row in _pages(connection, query, NODES.c.position, count):
            loaded += 1
            if not isinstance(row, int) and isinstance(row[1], bytes):
                held[row[0]] = row[1]
        tree.levels.append(held)
    _blame_strays(connection, tree, NODES, loaded)


def _blame_strays(connection: Connection, tree: _Tree, table: Table, known: int) -> None:
    if (connection.scalar(select(func.count()).select_from(table)) or 0) > known:
        tree.blame(tree.size, "STRAY", f"{table.name} has rows that belong to no event")


def _judge_events(connection: Connection, tree: _Tree) -> None:
    columns = (EVENTS.c.position, EVENTS.c.kind, EVENTS.c.agreement, EVENTS.c.run, EVENTS.c.body)
    seen = rows = 0
    for row in _pages(connection, select(*columns), EVENTS.c.position, tree.size):
        index = row if isinstance(row, int) else row[0]
        _blame_gap(tree, seen, index)
        seen, rows = index + 1, rows + 1
        if isinstance(row, int):
            tree.blame(index, "UNREADABLE", "its row cannot be read")
        else:
            _judge_event(tree, *row)
    _blame_gap(tree, seen, tree.size)
    _blame_strays(connection, tree, EVENTS, rows)


def _blame_gap(tree: _Tree, start: int, end: int) -> None:
    if start < end:
        last = f" to {end - 1}" if end - start > 1 else ""
        tree.faults.append(
            (start, Problem("GONE", "is missing from the account", where=f"event {start}{last}"))
        )


def _judge_event(
    tree: _Tree, index: int, kind: str, agreement: str | None, run: str | None, body: bytes
) -> None:
    leaf = tree.levels[0][index]
    if not isinstance(body, bytes) or leaf_hash(body) != leaf:
        tree.blame(index, "BODY", "does not hash to its leaf in the tree", "one of the two was changed")
        return
    try:
        said = json.loads(body)
        same = (index, kind, agreement, run) == tuple(
            said[name] for name in ("index", "kind", "agreement", "run")
        )
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        tree.blame(
            index, "COLUMNS", "is filed under another number, kind, agreement or run than its body says"
        )


def _judge_nodes(tree: _Tree) -> None:
    """Each node is the hash of the two below it. One already found wrong is not blamed on those above."""
    wrong = {index for index, _ in tree.faults}
    for level in range(1, len(tree.levels)):
        below, wrong_below, wrong = tree.levels[level - 1], wrong, set()
        for position, value in enumerate(tree.levels[level]):
            left, right = below[2 * position : 2 * position + 2]
            if left is not None and right is not None and value == node_hash(left, right):
                continue
            wrong.add(position)
            if wrong_below.isdisjoint((2 * position, 2 * position + 1)):
                first, end = position << level, (position + 1) << level
                why = f"the node over events {first} to {end - 1} is not the hash of those below it"
                tree.blame(first, "NODE", "is under a node that was changed", why)


def _judge_checkpoints(
    connection: Connection, tree: _Tree, keys: Mapping[str, bytes], held: Iterable[bytes]
) -> tuple[int, list[Problem]]:
    faults: list[Problem] = []
    good = 0
    proven = 0  # events that a verified checkpoint covers
    rows = connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.number)).all()
    notes: list[tuple[str, bytes, Callable[[Checkpoint], bool]]] = []
    for expected, (number, size, note) in enumerate(rows, 1):
        stored = note if isinstance(note, bytes) else b""
        notes.append((f"checkpoint {expected}", stored, _filed_as(expected, number, size)))
    notes += [(f"checkpoint kept elsewhere ({n})", note, lambda _: True) for n, note in enumerate(held, 1)]
    for name, note, filed in notes:
        try:
            checkpoint = read_checkpoint(note, keys)
        except AccountError as error:
            faults += [
                Problem(p.code, f"{name}: {p.what}", p.why, p.fix, f"event {proven} and on")
                for p in error.problems
            ]
            continue
        problem = _fault_of_checkpoint(tree, name, checkpoint, filed, proven)
        if problem:
            faults.append(problem)
        else:
            good, proven = good + 1, max(proven, checkpoint.size)
    return good, faults


def _filed_as(expected: int, number: int, size: int) -> Callable[[Checkpoint], bool]:
    return lambda checkpoint: expected == number == checkpoint.number and size == checkpoint.size


def _fault_of_checkpoint(
    tree: _Tree, name: str, checkpoint: Checkpoint, filed: Callable[[Checkpoint], bool], proven: int
) -> Problem | None:
    size = checkpoint.size
    if not filed(checkpoint):
        return Problem("CHECKPOINT", f"{name} is misfiled, or one before it is gone",
                       where=f"event {size}")  # fmt: skip
    if size > tree.size:
        return Problem("GONE", f"missing: {name} was signed over {size} events",
                       where=f"event {tree.size} to {size - 1}")  # fmt: skip
    try:
        same = root_hash(tree.node, size) == checkpoint.root
    except LookupError:
        same = False
    if same or any(index < size for index, _ in tree.faults):
        return None
    return Problem("ROOT", f"one of them is not what {name} was signed over",
                   where=f"event {min(proven, size)} to {size - 1}")  # fmt: skip
