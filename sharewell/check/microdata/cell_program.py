"""The cheapest suppression of cells, as an integer program (HiGHS): for small cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from .cell_moves import Columns, Move, Moves, patterns_of, price, price_of_leaving
from .tuples import Ints

_NODES = 5000
"""Branches after which the search is given up."""


def solve_exactly(
    codes: Ints, people: Ints, k: int, weights: Sequence[float], removable: int, subsets: Sequence[Columns]
) -> Moves | None:
    """x[class, subset] people move, y[pattern] says whether a pattern is shown: people of a class add up,
    and a pattern shown has at least k. None where it is infeasible or not finished."""
    classes = len(people)
    ways = [(of, subset) for subset in subsets for of in range(classes)] + [
        (of, None) for of in range(classes)
    ]
    cost = [price_of_leaving(weights) if way is None else price(way, weights) for _, way in ways]
    shown, patterns = [], 0
    for subset in subsets:
        each = patterns_of(codes, subset)
        shown += list(patterns + each)
        patterns += int(each.max()) + 1
    moving, total = len(shown), len(ways) + patterns
    of = np.arange(len(ways)) % classes
    pattern = np.array(shown)
    adds = coo_array((np.ones(len(ways)), (of, np.arange(len(ways)))), shape=(classes, total))
    index = np.arange(moving)
    enough = coo_array(
        (
            np.concatenate([np.ones(moving), np.full(patterns, -float(k))]),
            (
                np.concatenate([pattern, np.arange(patterns)]),
                np.concatenate([index, len(ways) + np.arange(patterns)]),
            ),
        ),
        shape=(patterns, total),
    )
    only = coo_array(
        (
            np.concatenate([np.ones(moving), -people[of[:moving]].astype(float)]),
            (np.concatenate([index, index]), np.concatenate([index, len(ways) + pattern])),
        ),
        shape=(moving, total),
    )
    leaving = coo_array(
        (np.ones(classes), (np.zeros(classes, dtype=int), np.arange(moving, len(ways)))), shape=(1, total)
    )
    answer = milp(
        np.array(cost + [0.0] * patterns),
        integrality=np.ones(total, dtype=int),
        bounds=Bounds(0, np.concatenate([people[of].astype(float), np.ones(patterns)])),
        constraints=[
            LinearConstraint(adds, people, people),
            LinearConstraint(enough, 0, np.inf),
            LinearConstraint(only, -np.inf, 0),
            LinearConstraint(leaving, 0, removable),
        ],
        options={"node_limit": _NODES, "mip_rel_gap": 0},
    )
    if answer.status != 0:
        return None
    numbers = np.rint(answer.x[: len(ways)]).astype(int)
    moves = [
        Move(ways[at][0], ways[at][1], int(numbers[at]))
        for at in np.flatnonzero(numbers)
        if ways[at][1] != ()
    ]
    return Moves(tuple(moves), True, float(np.array(cost) @ numbers))
