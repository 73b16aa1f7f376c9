"""What the people in a withheld cell can add: they know that cell, and so perhaps another.

Somebody who is alone in a withheld cell knows it exactly; `coalition` respondents who pool what they know,
know every cell that holds no more than them. With these cells known, no other primary cell may follow from
what is published. (The singleton problem: Robertson, 2000; Jewett, 1993.)

One cell follows from others exactly when, in every movement that the published figures allow, it moves in
proportion to them. A few random movements (projections on the null space of the relations among withheld
cells) show all such ties at once, whatever their number and however long the chain between the two cells.
Bounds play no part here: they are the attacker's, who is certified against apart.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...errors import GateError, Problem
from ..structure import Floats, Ints, Mask, Structure
from .null_space import NullSpace, one_thread

MOVEMENTS = 5
"""Random movements; two cells that are not tied look so with a chance of about TIED ** 2."""

TIED = 1e-9
"""How far from 1 the cosine between the movements of two tied cells may be, for the solver's tolerance."""

CHUNK = 256
MOST_COALITIONS = 20_000


def known_to_insiders(
    structure: Structure, overlapping: Mask, suppressed: Mask, primary: Mask, people: Floats, coalition: int
) -> Ints:
    """Primary rows that a coalition in other withheld rows can work out.

    people: the least number of people behind each row. GateError TOO_LARGE where there are too many
    coalitions to judge.
    """
    inside = np.flatnonzero(suppressed & (people > 0) & (people <= coalition))
    targets = np.flatnonzero(suppressed & primary)
    if not len(inside) or len(targets) < 2:
        return np.zeros(0, dtype=np.int64)
    moved = _movements(structure, overlapping, suppressed)
    learnt = np.zeros(structure.rows, dtype=bool)
    for members in _coalitions(inside, people, coalition):
        rest = coalition - float(people[list(members)].sum())
        left = _without(moved, members)
        more = inside[(people[inside] <= rest) & ~np.isin(inside, members)]
        found = _tied(left, more, targets)
        learnt[found[~np.isin(found, members)]] = True
    return np.flatnonzero(learnt)


def count_ties(structure: Structure, overlapping: Mask, suppressed: Mask, primary: Mask) -> int:
    """Pairs of primary rows of which each gives the other away; anybody can count them again."""
    targets = np.flatnonzero(suppressed & primary)
    if len(targets) < 2 or not len(structure.parents):
        return 0
    from scipy.spatial import cKDTree

    unit = _unit(_movements(structure, overlapping, suppressed)[targets])
    unit = unit[np.abs(unit).sum(axis=1) > 0]
    close = cKDTree(unit).count_neighbors(cKDTree(np.vstack([unit, -unit])), np.sqrt(2 * TIED))
    return (int(close) - len(unit)) // 2


def widen(structure: Structure, overlapping: Mask, suppressed: Mask, learnt: Ints, cost: Floats) -> Mask:
    """More rows withheld: for each row that insiders learn, the cheapest neighbour in a relation of its, or
    where all of those are withheld the cheapest in any relation that a withheld row stands in.

    GateError INSIDER where all of these are withheld already.
    """
    more = suppressed.copy()
    strict = _strict(structure, overlapping)
    parts = structure.children.tocsc()
    for row in learnt.tolist():
        relations = np.append(
            parts.indices[parts.indptr[row] : parts.indptr[row + 1]],
            np.flatnonzero(structure.parents == row),
        )
        best = _cheapest(structure, relations[strict[relations]], more, cost)
        if best < 0:
            best = _cheapest(structure, np.flatnonzero(strict & _touched(structure, more)), more, cost)
        if best >= 0:
            more[best] = True
    if (more == suppressed).all():
        raise GateError(
            Problem(
                "INSIDER",
                "a person who is alone in a withheld group could work out another withheld group",
                "withholding every figure beside it would not hide it",
                "group more coarsely, or leave out the margins that give it away",
            )
        )
    return more


def _touched(structure: Structure, withheld: Mask) -> Mask:
    """The relations in which a withheld row stands, as their parent or a child."""
    inside: Mask = np.asarray(structure.children @ withheld.astype(float)) > 0
    parents = structure.parents
    return inside | ((parents >= 0) & withheld[np.maximum(parents, 0)])


def _cheapest(structure: Structure, relations: Ints, withheld: Mask, cost: Floats) -> int:
    """The cheapest shown row of the relation that hides the fewest and has one to spare; -1 if none has."""
    found: tuple[int, float, int] | None = None
    indices, indptr = structure.children.indices, structure.children.indptr
    for relation in relations.tolist():
        cells = np.append(indices[indptr[relation] : indptr[relation + 1]], structure.parents[relation])
        rows = cells[(cells >= 0) & (cells < structure.rows)]
        spare = rows[~withheld[rows]]
        if len(spare):
            row = int(spare[np.argmin(cost[spare])])
            option = (int(withheld[rows].sum()), float(cost[row]), row)
            found = option if found is None else min(found, option)
    return -1 if found is None else found[2]


def _coalitions(inside: Ints, people: Floats, coalition: int) -> Iterator[tuple[int, ...]]:
    """All but the last member cell of each coalition; the last is looked for among all cells at once."""
    waiting: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    given = 0
    while waiting:
        members, total = waiting.pop()
        given += 1
        if given > MOST_COALITIONS:
            raise GateError(
                Problem(
                    "TOO_LARGE",
                    f"{len(inside)} small groups make too many coalitions to judge",
                    fix="set a smaller coalition, or group more coarsely",
                )
            )
        yield members
        for cell in inside[inside > (members[-1] if members else -1)].tolist():
            # One person at least is left for the last member, else it is no larger coalition.
            if total + people[cell] < coalition:
                waiting.append(((*members, cell), total + float(people[cell])))


def _movements(structure: Structure, overlapping: Mask, suppressed: Mask) -> Floats:
    """Cells x MOVEMENTS: random ways in which the unknown cells can move while every relation holds."""
    from scipy.sparse import csr_array

    free = np.append(suppressed, np.ones(structure.cells - structure.rows, dtype=bool))
    strict = np.flatnonzero(_strict(structure, overlapping))
    held = np.flatnonzero(structure.parents >= 0)
    shape = structure.children.shape
    totals = csr_array((np.ones(len(held)), (held, structure.parents[held])), shape=shape)
    matrix = csr_array(structure.children - totals)[strict][:, np.flatnonzero(free)]
    random = np.random.default_rng(20240229).normal(size=(int(free.sum()), MOVEMENTS))
    moved = np.zeros((structure.cells, MOVEMENTS))
    with one_thread():
        moved[free] = NullSpace(csr_array(matrix)).project(random)
    return moved


def _strict(structure: Structure, overlapping: Mask) -> Mask:
    """Relations that hold exactly."""
    loose: Mask = np.asarray(structure.across[:, overlapping].any(axis=1), dtype=np.bool_)
    return ~loose


def _without(moved: Floats, members: tuple[int, ...]) -> Floats:
    """The movements that leave the members where they are."""
    for cell in members:
        length = float(np.linalg.norm(moved[cell]))
        if length > 1e-6:
            unit = moved[cell] / length
            moved = moved - np.outer(moved @ unit, unit)
    return moved


def _unit(moved: Floats) -> Floats:
    """Directions; zero for a cell that does not move at all, which is not an insider's doing."""
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    unit: Floats = np.where(length > 1e-6, moved / np.maximum(length, 1e-6), 0.0)
    return unit


def _tied(moved: Floats, inside: Ints, targets: Ints) -> Ints:
    """Targets that move in proportion to one of the insiders' cells."""
    learnt = np.zeros(len(targets), dtype=bool)
    aim = _unit(moved[targets])
    for start in range(0, len(inside), CHUNK):
        known = inside[start : start + CHUNK]
        close = np.abs(aim @ _unit(moved[known]).T) > 1 - TIED
        close &= targets[:, None] != known[None, :]
        learnt |= close.any(axis=1)
    return targets[learnt]
