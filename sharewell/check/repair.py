"""Which more cells to withhold so that one cell is protected: the cheapest hypercube, or the cheapest cells.

A hypercube (Repsilber; Giessing in tau-Argus) pairs a cell with one other category in each dimension, totals
included. Adding an amount at its even corners and taking it from its odd ones changes no margin, so
all 2^k corners can move together by the least corner of either parity. Where the table is too ragged for one, a
linear program finds the movement through the cheapest cells (Fischetti and Salazar's attacker, turned round).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from .attacker import Attacker, load_program, run_program
from .structure import Floats, Ints, Mask


@dataclass(frozen=True)
class Move:
    """Cells that can move together: how far each may fall and rise."""

    cells: Ints
    down: Floats
    up: Floats


def cheapest_hypercube(
    attacker: Attacker, lookup: Ints, cell: int, cost: Floats, primary: Mask
) -> Move | None:
    """The cheapest hypercube that protects `cell`; `cost` is 0 where already withheld. None where none does."""
    structure, column = attacker.structure, attacker.column
    active = np.flatnonzero(structure.across.any(axis=0))
    code = structure.codes[cell]
    options = [np.delete(np.arange(structure.sizes[d]), code[d]) for d in active]
    if not options or any(len(o) == 0 for o in options):
        return None
    shape = tuple(len(o) for o in options)
    total, corners = np.zeros(shape), []
    least = [np.full(shape, np.inf), np.full(shape, np.inf)]
    for flips in product((False, True), repeat=len(active)):
        place = [np.asarray(c) for c in code]
        for axis, (d, flip) in enumerate(zip(active, flips, strict=True)):
            if flip:
                place[d] = options[axis].reshape([-1 if a == axis else 1 for a in range(len(active))])
        found = np.broadcast_to(lookup[tuple(place)], shape)
        corners.append(found)
        there = found >= 0
        total += np.where(there, cost[found], np.inf)
        parity = sum(flips) % 2
        least[parity] = np.minimum(least[parity], np.where(there, column.values[found], 0.0))
    value = column.values[cell]
    fits = column.is_wide(value - least[0], value + least[1], np.asarray(primary[cell]))
    total[~fits] = np.inf
    best = np.unravel_index(int(np.argmin(total)), shape)
    if not np.isfinite(total[best]):
        return None
    even = np.array([sum(flips) % 2 == 0 for flips in product((False, True), repeat=len(active))])
    down = np.where(even, least[0][best], least[1][best])
    up = np.where(even, least[1][best], least[0][best])
    return Move(np.array([found[best] for found in corners]), down, up)


def cheapest_cells(attacker: Attacker, cell: int, cost: Floats, primary: bool) -> Ints | None:
    """Rows whose withholding lets `cell` rise (or else fall) as far as it must, at least total cost x movement.

    None where no movement of the whole table does it.
    """
    column, structure = attacker.column, attacker.structure
    share = column.share if primary else 0.0
    value = float(column.values[cell])
    rise = max(column.width, share * value / (1 - share)) * (1 + 1e-6)
    fall = max(column.width, share * value)
    for amount in (rise, -fall):
        if value + amount < 0:
            continue
        moved = _movement(attacker, cell, amount, cost)
        if moved is not None:
            return np.flatnonzero(np.abs(moved[: structure.rows]) > 1e-7 * max(1.0, rise))
    return None


def _movement(attacker: Attacker, cell: int, amount: float, cost: Floats) -> Floats | None:
    from scipy.sparse import csr_array, hstack

    structure, values = attacker.structure, attacker.values
    hidden = np.arange(len(values)) >= structure.rows
    activity = attacker.matrix @ values
    floor = np.where(
        np.isfinite(attacker.floor) & np.isinf(attacker.ceiling), attacker.floor - activity, 0.0
    )
    up = np.full(len(values), np.inf)
    down = np.where(hidden, np.inf, values)
    low = np.zeros(2 * len(values))
    if amount > 0:
        low[cell] = up[cell] = amount
        down[cell] = 0.0
    else:
        low[len(values) + cell] = down[cell] = -amount
        up[cell] = 0.0
    model = load_program(
        csr_array(hstack([attacker.matrix, -attacker.matrix])),
        np.minimum(floor, 0.0),
        np.where(np.isinf(attacker.ceiling), np.inf, 0.0),
        low,
        np.append(up, down),
    )
    price = np.append(cost + 1e-6 * (1 + cost.max(initial=0)), np.zeros(int(hidden.sum())))
    index = np.arange(2 * len(values), dtype=np.int32)
    model.changeColsCost(len(index), index, np.append(price, price))
    point = run_program(model)
    return None if point is None else point[: len(values)] - point[len(values) :]
