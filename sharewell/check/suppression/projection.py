"""Proofs in bulk without linear programs: random movements, projected and shrunk until they fit.

Any movement of the withheld cells (`null_space`), shrunk until no cell falls below zero and no bound is
broken, leads to a second table that fits everything published, and its mirror image to a third. A few such
movements prove most cells of a large table that ask for no more than a share of what they hold. Cells are
measured in their own size, so that small ones do not hold all others up; after a few alternations between
the relations and the bounds, one exact projection makes the movement a proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..structure import Floats, Ints, Mask
from .attacker import Attacker
from .null_space import EXACT, ROUGH, NullSpace

TOGETHER = 4
"""Random movements at once."""
ROUNDS, ALTERNATIONS = 8, 6
WITHIN = 0.9
"""Cells are kept within this share of their bounds before the last projection."""
AMPLE = 1.75
"""How much more than it needs a cell is pressed to move."""


@dataclass(frozen=True)
class _Room:
    """The cells that move, and what the program knows of them. needed: how far each must move to either
    side, as a share of its size; infinite where a mirrored movement cannot do."""

    rows: Ints
    size: Floats
    needed: Floats
    space: NullSpace


def prove_by_projection(attacker: Attacker, suppressed: Mask, primary: Mask) -> None:
    """Teach the attacker's proofs (`attacker.learn`) as many suppressed cells as projections prove.

    Without effect where cells beneath the table are unknown: there is no table to move from.
    """
    if attacker.structure.cells > attacker.structure.rows:
        return
    room = _measure(attacker, suppressed, primary)
    random = np.random.default_rng(20240229)
    todo = _todo(attacker, room, primary)
    for number in range(ROUNDS):
        if not todo.any():
            return
        before = int(todo.sum())
        for moved in _movements(room, todo, random, number).T:
            for by in (moved, -moved):
                point = np.zeros(attacker.structure.cells)
                point[room.rows] = by * room.size
                attacker.learn(point, suppressed)
        todo = _todo(attacker, room, primary)
        if number and before - int(todo.sum()) <= before // 20:
            return


def _measure(attacker: Attacker, suppressed: Mask, primary: Mask) -> _Room:
    from scipy.sparse import csr_array, diags_array

    column = attacker.column
    rows = np.flatnonzero(suppressed & (column.values > 0))
    size = column.values[rows]
    share = np.where(primary[rows], column.share, 0.0)
    needed = np.maximum(column.width / 2, share * size / (2 - share)) * (1 + 1e-6) / size
    relations = csr_array(attacker.tight()[:, rows] @ diags_array(size))
    return _Room(rows, size, np.where(needed < WITHIN, needed, np.inf), NullSpace(relations))


def _todo(attacker: Attacker, room: _Room, primary: Mask) -> Mask:
    """The cells of the room that are not proven yet and that a mirrored movement could prove."""
    wide = attacker.column.is_wide(attacker.low, attacker.high, primary)
    todo: Mask = ~wide[room.rows] & np.isfinite(room.needed)
    return todo


def _movements(room: _Room, todo: Mask, random: np.random.Generator, number: int) -> Floats:
    """Cells x TOGETHER: movements in shares of the cells' sizes, none over 1 to either side."""
    signs = random.choice((-1.0, 1.0), (len(todo), TOGETHER)) * todo[:, None]
    moved = room.space.project(signs, ROUGH)
    least = np.where(todo, np.minimum(AMPLE * room.needed, WITHIN), 0.0)[:, None]
    for _ in range(ALTERNATIONS if number else ALTERNATIONS // 2):
        usual = np.quantile(np.abs(moved), 0.9, axis=0)
        moved = np.clip(moved / np.maximum(usual, 1e-9), -WITHIN, WITHIN)
        moved = np.sign(moved) * np.maximum(np.abs(moved), least)
        moved = room.space.project(moved, ROUGH)
    moved = room.space.project(moved, EXACT)
    most = np.abs(moved).max(axis=0, initial=0.0)
    return np.asarray(moved / np.maximum(most, 1e-9))
