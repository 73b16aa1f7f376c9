"""Proofs in bulk without linear programs: points inside the attacker's polytope, towards random costs.

Each point of the polytope proves of every withheld cell at once how far it can go. Costs are random over
the cells not yet proven, and each is followed both ways (`interior`); as cells get fewer, the costs are
followed further. Cells that only an exact optimum reaches, or none, are left to linear programs.
"""

from __future__ import annotations

import numpy as np

from ..interior import Interior
from ..structure import Floats, Mask
from .attacker import Attacker

PAIRS = 4
"""Random costs at once, each followed both ways."""
ROUNDS, ROUNDS_FEW, FEW = 10, 1, 1500
"""Rounds at most, and up to FEW cells that move, where linear programs take less time."""
EARLY, LATE = (2.5, 2.5, 10.0, 10.0), (2.5, 10.0, 40.0, 160.0)
"""Weights of the costs against the barrier, where a cell that moves by what it needs earns 1."""
SOME = 0.5
"""The share of the open cells in one late cost, so that they do not hold one another up."""
ROOM = 3.0
"""A cell may rise by so many times what it needs, so that some do not take the room of others."""


def prove_inside(attacker: Attacker, suppressed: Mask, primary: Mask) -> bool:
    """Teach the attacker's proofs as many suppressed cells as points inside prove.

    False, and without effect, where cells beneath the table are unknown (there is no table to start from),
    or where there is no inside.
    """
    if attacker.structure.cells > attacker.structure.rows:
        return False
    todo = attacker.unproven(suppressed, primary)
    if not len(todo):
        return True
    column = attacker.column
    rows = np.flatnonzero(suppressed | (column.upper > column.lower))
    share = np.where(primary, column.share, 0.0)[rows]
    need = np.maximum(column.width, share * column.values[rows] / (1 - share))
    random = np.random.default_rng(20240229)
    inside = _interior(attacker, suppressed, rows, need)
    if inside.centre is None:
        return False
    for number in range(ROUNDS if len(rows) > FEW else ROUNDS_FEW):
        before = len(todo)
        open_ = np.isin(rows, todo)
        cost = random.uniform(0.5, 1.0, (len(rows), PAIRS)) * random.choice((-1, 1), (len(rows), PAIRS))
        cost *= (open_ / need)[:, None]
        if number > 1:
            cost *= random.random(cost.shape) < SOME
        points = inside.follow(np.hstack([cost, -cost]), EARLY if number < 2 else LATE, number > 1)
        for point in points.T:
            attacker.learn_point(rows, point, suppressed)
        todo = attacker.unproven(suppressed, primary)
        if not len(todo) or (number > 1 and before - len(todo) <= before // 8):
            break
    return True


def _interior(attacker: Attacker, suppressed: Mask, rows: np.ndarray, need: Floats) -> Interior:
    column, values = attacker.column, attacker.column.values
    lower = np.where(suppressed, 0.0, column.lower)[rows]
    upper = np.where(suppressed[rows], values[rows] + ROOM * need, column.upper[rows])
    matrix = attacker.matrix[:, rows].tocsr()
    used = np.flatnonzero(np.diff(matrix.indptr))
    activity = (attacker.matrix @ attacker.values)[used]
    own = matrix[used] @ values[rows]
    floor = attacker.floor[used] - activity + own
    # A relation without a ceiling is given one out of reach of these cells.
    far = own + abs(matrix[used]) @ (upper - lower) + 1.0
    ceiling = np.minimum(attacker.ceiling[used] - activity + own, far)
    return Interior(matrix[used], (floor, ceiling), lower, upper, values[rows])
