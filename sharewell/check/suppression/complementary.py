"""Complementary suppression: withhold more cells until no withheld one can be worked out from the rest.

**What is promised.** For every withheld cell of a count column, the interval to which everything published
narrows it is at least `Policy.protection` people wide; with the default, the width of the small numbers
themselves, no interval lies within them. For every withheld cell of a sum it is at least as wide as `share`
of what a group of the minimum size comes to on average; and for a cell that itself broke a rule also at
least `share` of the interval's upper end (hence of the true value). The attacker is that of `attacker`.

**How.** Withhold the cheapest cells that unpin every withheld one (`cover`); prove what random
movements prove (`projection`); certify the rest in batches of linear programs. Repair the failures,
whose bounds alone leave too little room, by the cheapest movements at a rising price (`repair`; in
large tables one by one, nearby), each of which is itself a proof; certify again, until nothing fails.
The pattern is one for all columns of a row: a count withheld takes the row's other figures with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import GateError, Problem
from ..structure import Floats, Mask, Structure
from .attacker import Attacker, Column
from .cover import cover
from .null_space import NullSpace, one_thread, pinned
from .projection import prove_by_projection
from .repair import cheapest_movement

METHOD = "reverse delete on the null space, projected witnesses, batch and exact LP (HiGHS)"

DEAREST_CELL = 1e5
"""Costs are cut off here, so that the cheapest cell's is not lost in the solver's tolerance."""

PASSES, PASSES_LARGE = 3, 1
"""Further passes at most, up to and over FINE_UP_TO cells; one that withholds no less ends them."""

FINE_UP_TO = 1000
"""Cells up to which the price rises in small steps, which finds cheaper patterns and takes longer."""

LOCAL_FROM, NEARBY = 6000, 12
"""Rows from which repairs look at one cell and its neighbourhood; categories of each dimension in it."""


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
) -> Pattern:
    """The pattern that protects `primary`, cheap in the sum of `cost` over the rows added.

    `start` holds rows that are withheld whatever comes of it (primary ones, and those other tables force).

    GateError UNPROTECTABLE where even withholding every row would not do (a total known to be zero).
    """
    start = primary.copy() if start is None else start
    cost = np.minimum(cost / max(float(cost.min(initial=np.inf)), 1e-9), DEAREST_CELL)
    attackers = [Attacker(structure, column, overlapping) for column in columns]
    with one_thread():
        start = _unpin(attackers, primary, cost, start)
    for attacker in attackers:
        if len(attacker.failures(start, primary)):
            break
    else:
        return Pattern(start, primary, _narrowest(attackers, start))
    for attacker in attackers:
        attacker.keep()
    best = _withhold(attackers, primary, cost, start, 0)
    # Some of what early rounds withheld is not needed beside what later ones did: choose among it again.
    passes = PASSES if structure.cells <= FINE_UP_TO else PASSES_LARGE
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
    """More rows withheld, so that no relation pins a withheld one; and what projections prove of them."""
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
        prove_by_projection(attacker, suppressed, primary)
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
            if len(attacker.failures(suppressed, primary)):
                _repair(attacker, suppressed, primary, cost, seed)
                stable = False
        if stable:
            return Pattern(suppressed, primary, _narrowest(attackers, suppressed))


def _repair(attacker: Attacker, suppressed: Mask, primary: Mask, cost: Floats, seed: int) -> None:
    """Add to `suppressed` until every cell of one column that fails now is protected."""
    if len(suppressed) > LOCAL_FROM:
        _repair_nearby(attacker, suppressed, primary, cost)
        return
    random = np.random.default_rng(seed)
    growth = 1.3 if attacker.structure.cells <= FINE_UP_TO else 2.0
    shown = cost[~suppressed & np.isfinite(cost)]
    price = 0.1 * float(np.median(shown)) if len(shown) else 2.0
    last = 10 * float(cost[np.isfinite(cost)].sum())
    failing = attacker.unproven(suppressed, primary)
    while len(failing):
        signs = random.choice((-1.0, 1.0), len(failing))
        signs[attacker.column.values[failing] <= 0] = 1.0
        if price > last:
            failing, signs = failing[:1], np.ones(1)
        move = cheapest_movement(attacker, failing, signs, suppressed, primary, cost, min(price, last))
        if move is not None:
            suppressed[move.withhold] = True
            attacker.learn(move.by, suppressed)
        left = attacker.failures(suppressed, primary)
        if price > last and len(left) and left[0] == failing[0]:
            raise GateError(_unprotectable(attacker.column.name))
        failing, price = left, price * growth


def _repair_nearby(attacker: Attacker, suppressed: Mask, primary: Mask, cost: Floats) -> None:
    """One failing cell after another, in the part of the table that a few categories beside its own make
    up; in a larger part where that does not do."""
    codes = attacker.structure.codes[: len(suppressed)]
    last = 10 * float(cost[np.isfinite(cost)].sum())
    most = int(codes.max(initial=0)) + 1
    for cell in attacker.unproven(suppressed, primary):
        beside = NEARBY
        while cell in attacker.unproven(suppressed, primary):
            ahead = (codes - codes[cell]) % (codes.max(axis=0) + 1)
            near = ((ahead <= beside) | (codes == 0)).all(axis=1) if beside < most else None
            move = cheapest_movement(
                attacker, np.array([cell]), np.ones(1), suppressed, primary, cost, last, near
            )
            if move is not None:
                suppressed[move.withhold] = True
                attacker.learn(move.by, suppressed)
            if near is None and cell in attacker.unproven(suppressed, primary):
                raise GateError(_unprotectable(attacker.column.name))
            beside *= 2


def _unprotectable(column: str) -> Problem:
    return Problem(
        "UNPROTECTABLE",
        f"{column}: a withheld figure follows from totals that have no row and so are known to be zero",
        "withholding the whole table would not hide it",
        "leave out these margins, or publish a coarser table",
    )


def _narrowest(attackers: Sequence[Attacker], suppressed: Mask) -> dict[str, float]:
    found = {}
    for attacker in attackers:
        widths = (attacker.high - attacker.low)[suppressed]
        if len(widths) and attacker.column.width > 0:
            found[attacker.column.name] = round(float(widths.min()) / attacker.column.width, 3)
    return found
