"""Which more cells to withhold so that failing cells are protected: the cheapest movement of the whole
table.

A *movement* adds to some cells and takes from others so that every relation still holds: a second table
that fits everything published, once the cells it moves are withheld. One linear program finds, for all
failing cells at once, the movement that earns most: each failing cell earns `price` for every unit it moves
in its own (random) direction, up to what it needs, and every shown cell costs its price to move. Failing
cells so pay for each other wherever they share a row. The price rises from round to round: cells that are
cheap to protect are protected first, and what was withheld for them is free to the rest. (The movement is
that of Fischetti and Salazar's attacker, 2001; the many cells at once and the rising price keep it to a few
dozen programs.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..program import load_program, run_program
from ..structure import Floats, Ints, Mask
from .attacker import Attacker

MOVED = 1e-3
"""A shown cell that moves by less, as a share of the width asked for, is not withheld for it: interior
point methods stop near an optimum, and a dozen times sooner than the simplex finds one of its corners."""
DEAREST = 3
"""A shown cell is left out of a round if it costs more than so many times the price: nothing would pay for
it."""


@dataclass(frozen=True)
class Movement:
    """By how much each cell moves (hidden ones too), and which shown rows must be withheld for it."""

    by: Floats
    withhold: Ints


def cheapest_movement(
    attacker: Attacker,
    failing: Ints,
    signs: Floats,
    suppressed: Mask,
    primary: Mask,
    cost: Floats,
    price: float,
    near: Mask | None = None,
    exact: bool = False,
) -> Movement | None:
    """The movement that earns most at this price. signs: +1 or -1 a failing cell. near: the only rows that
    may move, by default all. exact: by a corner of the program, so that not even the least movement of a
    shown cell is let go. None if the solver fails."""
    column, rows, cells = attacker.column, attacker.structure.rows, attacker.structure.cells
    shown = np.append(~suppressed, np.zeros(cells - rows, dtype=bool))
    charge = np.append(np.where(suppressed, 0.0, cost), np.zeros(cells - rows))
    up = np.where(charge <= DEAREST * price, np.inf, 0.0)
    down = np.where(up > 0, np.append(column.values, np.full(cells - rows, np.inf)), 0.0)
    if near is not None:
        up[:rows][~near] = down[:rows][~near] = 0.0
    pay_up, pay_down = charge.copy(), charge.copy()
    _aim(attacker, failing, signs, primary, price, (up, down, pay_up, pay_down))
    loose = np.flatnonzero(shown[:rows] & (column.upper > column.lower) & (True if near is None else near))
    # Within its rounding a published cell moves for nothing, and stays published.
    slack_up, slack_down = (column.upper - column.values)[loose], (column.values - column.lower)[loose]
    index = np.arange(cells)
    place = np.concatenate([index, index, loose, loose])
    sign = np.repeat([1.0, -1.0, 1.0, -1.0], [cells, cells, len(loose), len(loose)])
    most = np.concatenate([up, down, slack_up, slack_down])
    pay = np.concatenate([pay_up, pay_down, np.zeros(2 * len(loose))])
    used = np.flatnonzero(most > 0)
    moved = _solve(attacker, place[used], sign[used], most[used], pay[used] / price, exact)
    if moved is None:
        return None
    by: Floats = np.bincount(place[used], moved * sign[used], minlength=cells).astype(np.float64)
    paid = used < 2 * cells
    charged = np.bincount(place[used][paid], moved[paid], minlength=cells)[:rows]
    return Movement(
        by, np.flatnonzero(shown[:rows] & (charged > (1e-7 if exact else MOVED) * max(1.0, column.width)))
    )


def _aim(
    attacker: Attacker,
    failing: Ints,
    signs: Floats,
    primary: Mask,
    price: float,
    program: tuple[Floats, Floats, Floats, Floats],
) -> None:
    """Let each failing cell move in its own direction only, as far as it needs, and be paid for it."""
    up, down, pay_up, pay_down = program
    column = attacker.column
    values, low, high = column.values[failing], attacker.low[failing], attacker.high[failing]
    share = np.where(primary[failing], column.share, 0.0)
    # What is proven counts: a cell that can fall to nobody needs to rise by so much less. A hair more than
    # is needed, so that the solver's tolerance does not leave the cell short of it.
    rise = (np.maximum(low + column.width, low / (1 - share)) - values) * (1 + 1e-6)
    fall = np.clip((values - np.minimum(high - column.width, (1 - share) * high)) * (1 + 1e-6), 0.0, values)
    rising = signs > 0
    up[failing], down[failing] = np.where(rising, rise, 0.0), np.where(rising, 0.0, fall)
    pay_up[failing] = pay_down[failing] = -price


def _solve(
    attacker: Attacker, place: Ints, sign: Floats, most: Floats, pay: Floats, exact: bool
) -> Floats | None:
    from scipy.sparse import csr_array, diags_array

    matrix = csr_array(attacker.matrix.tocsc()[:, place] @ diags_array(sign))
    # A relation that is not an equality has room: what its two sides differ by now.
    activity = attacker.matrix @ attacker.values
    hidden = np.diff(attacker.matrix[:, attacker.structure.rows :].indptr) > 0
    room = np.where(np.isinf(attacker.ceiling) & ~hidden, -np.maximum(activity, 0.0), 0.0)
    used = np.diff(matrix.indptr) > 0
    model = load_program(
        matrix[used],
        room[used],
        np.where(np.isinf(attacker.ceiling), np.inf, 0.0)[used],
        np.zeros(len(place)),
        most,
    )
    # Moving what is already withheld costs a trifle, so that the movement is no longer than it must be.
    model.changeColsCost(len(pay), np.arange(len(pay), dtype=np.int32), pay + 1e-6)
    if not exact:
        model.setOptionValue("solver", "ipm")
        model.setOptionValue("run_crossover", "off")
    return run_program(model)
