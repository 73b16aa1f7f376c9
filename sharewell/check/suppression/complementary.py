"""Complementary suppression: withhold more cells until no withheld one can be worked out from the rest.

**What is promised.** For every withheld cell of a count column, the interval to which everything published
narrows it is at least `Policy.protection` people wide; with the default, the width of the small numbers
themselves, no interval lies within them. For every withheld cell of a sum it is at least as wide as `share`
of what a group of the minimum size comes to on average; and for a cell that itself broke a rule also at
least `share` of the interval's upper end (hence of the true value). The attacker is that of `attacker`.

**How.** Withhold the cheapest cells that unpin every withheld one (`cover`); prove what points inside the
polytope prove (`inside`), in small tables the rest in batches of linear programs. Repair the failures,
whose bounds alone leave too little room, by the cheapest movements at a rising price (`repair`; in large
tables near the failing cells, `nearby`), each of which is itself a proof; certify again, until nothing
fails. A failing cell is asked to move no further than what is proven of it leaves open.
The pattern is one for all columns of a row: a count withheld takes the row's other figures with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import GateError
from ..structure import Floats, Ints, Mask, Structure
from .attacker import Attacker, Column
from .cover import cover
from .inside import prove_inside
from .nearby import Places, unprotectable
from .null_space import NullSpace, one_thread, pinned
from .repair import cheapest_movement

METHOD = "reverse delete on the null space, interior witnesses, batch and exact LP (HiGHS)"

DEAREST_CELL = 1e5
"""Costs are cut off here, so that the cheapest cell's is not lost in the solver's tolerance."""

PASSES, PASSES_LARGE = 3, 1
"""Further passes at most, up to and over FINE_UP_TO cells; one that withholds no less ends them."""

FINE_UP_TO, ONCE_FROM = 1000, 6000
"""Cells up to which the price rises in small steps, which finds cheaper patterns and takes longer; and from
which one pass is all."""

STEPS_FINE, STEPS = 1.3, 1.6
"""How the price rises from round to round."""

NEAR_ROWS = 3000
"""Rows beyond which a repair looks at the neighbourhoods of the failing cells only: about as many."""

PROGRAMS_UP_TO = 1500
"""Withheld cells up to which linear programs come after points inside: they then take less time than a
repair that is not needed."""


@dataclass(frozen=True)
class Pattern:
    """Which rows are withheld. narrowest: per column, the least proven width over the width required."""

    suppressed: Mask
    primary: Mask
    narrowest: dict[str, float]


def protect(
    structure: Structure,
    columns: Sequence[Column],
    overlapping: Mask,
    primary: Mask,
    cost: Floats,
    start: Mask | None = None,
    known: Sequence[Attacker] | None = None,
) -> Pattern:
    """The pattern that protects `primary`, cheap in the sum of `cost` over the rows added.

    `start` holds rows that are withheld whatever comes of it (primary ones, and those other tables force).
    known: attackers of the columns, from an earlier answer of which `start` withholds all: what was proven
    of them holds.

    GateError UNPROTECTABLE where even withholding every row would not do (a total known to be zero).
    """
    start = primary.copy() if start is None else start
    cost = np.minimum(cost / max(float(cost.min(initial=np.inf)), 1e-9), DEAREST_CELL)
    attackers = known or [Attacker(structure, column, overlapping) for column in columns]
    with one_thread():
        start = _unpin(attackers, primary, cost, start)
    if not any(len(_failures(attacker, start, primary)) for attacker in attackers):
        return Pattern(start, primary, _narrowest(attackers, start))
    for attacker in attackers:
        attacker.keep()
    best = _withhold(attackers, primary, cost, start, 0)
    # Some of what early rounds withheld is not needed beside what later ones did: choose among it again.
    passes = PASSES if structure.cells <= FINE_UP_TO else PASSES_LARGE
    passes = passes if structure.cells < ONCE_FROM else 0
    for again in range(1, passes + 1):
        within = np.where(best.suppressed, cost, np.inf)
        try:
            found = _withhold(attackers, primary, within, start, again)
        except GateError:
            break
        if cost[found.suppressed].sum() >= cost[best.suppressed].sum():
            break
        best = found
    return best


def _unpin(attackers: Sequence[Attacker], primary: Mask, cost: Floats, start: Mask) -> Mask:
    """More rows withheld, so that no relation pins a withheld one; and what points inside prove of them."""
    suppressed = start.copy()
    for attacker in attackers:
        relations, free = attacker.freed(suppressed)
        columns = np.flatnonzero(free)
        still = columns[pinned(NullSpace(relations[:, columns].tocsr()), len(columns))]
        still = still[still < attacker.structure.rows]
        still = still[suppressed[still]]
        if len(still):
            charge = np.full(len(free), np.inf)
            charge[: len(cost)] = cost
            suppressed[cover(relations, free, still, charge)] = True
    for attacker in attackers:
        prove_inside(attacker, suppressed, primary)
    return suppressed


def _withhold(
    attackers: Sequence[Attacker], primary: Mask, cost: Floats, start: Mask, seed: int
) -> Pattern:
    """One pass from `start` to a pattern in which nothing fails; cells of infinite cost stay shown."""
    for attacker in attackers:
        attacker.go_back()
    suppressed = start.copy()
    for attacker in attackers:
        if len(attacker.unproven(suppressed, primary)):
            _repair(attacker, suppressed, primary, cost, seed)
    while True:
        stable = True
        for attacker in attackers:
            if len(_failures(attacker, suppressed, primary)):
                _repair(attacker, suppressed, primary, cost, seed)
                stable = False
        if stable:
            return Pattern(suppressed, primary, _narrowest(attackers, suppressed))


def _repair(attacker: Attacker, suppressed: Mask, primary: Mask, cost: Floats, seed: int) -> None:
    """Add to `suppressed` until every cell of one column that fails now is protected."""
    random = np.random.default_rng(seed)
    growth = STEPS_FINE if attacker.structure.cells <= FINE_UP_TO else STEPS
    places = Places(attacker.structure)
    shown = cost[~suppressed & np.isfinite(cost)]
    price = float(shown.min()) if len(shown) else 2.0
    last = 10 * float(cost[np.isfinite(cost)].sum())
    failing, whole = attacker.unproven(suppressed, primary), False
    while len(failing):
        signs = random.choice((-1.0, 1.0), len(failing))
        signs[attacker.column.values[failing] <= 0] = 1.0
        # In the end one cell after another, whatever it costs, by exact programs.
        alone = price > last
        if alone:
            failing, signs = failing[:1], np.ones(1)
        charge = np.where(suppressed, -attacker.column.values, cost)
        near = None if whole else places.around(failing, charge, NEAR_ROWS)
        program = (min(price, last), near, alone)
        move = cheapest_movement(attacker, failing, signs, suppressed, primary, cost, *program)
        if move is not None:
            suppressed[move.withhold] = True
            attacker.learn(move.by, suppressed)
        left = _failures(attacker, suppressed, primary)
        stuck = alone and len(left) > 0 and left[0] == failing[0]
        if stuck and near is None:
            raise GateError(unprotectable(attacker.column.name))
        failing, whole, price = left, stuck, price * growth


def _failures(attacker: Attacker, suppressed: Mask, primary: Mask) -> Ints:
    """Cells that are not proven wide enough; in large tables some may only seem so. The cheapest movement,
    which costs nothing for these, then proves it."""
    if prove_inside(attacker, suppressed, primary) and int(suppressed.sum()) > PROGRAMS_UP_TO:
        return attacker.unproven(suppressed, primary)
    return attacker.failures(suppressed, primary)


def _narrowest(attackers: Sequence[Attacker], suppressed: Mask) -> dict[str, float]:
    found = {}
    for attacker in attackers:
        widths = (attacker.high - attacker.low)[suppressed]
        if len(widths) and attacker.column.width > 0:
            found[attacker.column.name] = round(float(widths.min()) / attacker.column.width, 3)
    return found
