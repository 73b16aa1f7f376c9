"""Complementary suppression: withhold more cells until no withheld one can be worked out from the rest.

**What is promised.** For every withheld cell of a count column, the interval to which everything published
narrows it is at least `Policy.protection` people wide; with the default, the width of the small numbers
themselves, no interval lies within them. For every withheld cell of a sum it is at least as wide as `share` of
what a group of the minimum size comes to on average; and for a cell that itself broke a rule also at least
`share` of the interval's upper end (hence of the true value). The attacker is that of `attacker`.

**How.** Certify in batches; repair only the failures, each with the cheapest hypercube; certify again; what a
hypercube could not mend gets the cheapest further cells by an exact linear program; at last drop the
dearest cells that turn out not to be needed. The batch method and the order of work keep a table of thousands of cells
under a second. The pattern is one for all columns of a row: a count withheld takes the row's other figures with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import GateError, Problem
from .attacker import Attacker, Column
from .repair import cheapest_cells, cheapest_hypercube
from .structure import Floats, Mask, Structure, neighbours

METHOD = "batch LP certificates, cheapest hypercube, cheapest cells by LP (HiGHS)"


@dataclass(frozen=True)
class Pattern:
    """Which rows are withheld. narrowest: per column, the least proven width as a multiple of what is required."""

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
    attackers = [Attacker(structure, column, overlapping) for column in columns]
    suppressed = primary.copy() if start is None else start.copy()
    tried: set[tuple[str, int]] = set()
    while True:
        failing = [(a, int(cell)) for a in attackers for cell in a.failures(suppressed, primary)]
        if not failing:
            break
        # Small cells first: the cells they need are the cheap ones, which later repairs then have for nothing.
        failing.sort(key=lambda pair: (float(cost[pair[1]]), pair[1]))
        before = suppressed.copy()
        for attacker, cell in failing:
            _mend(attacker, cell, suppressed, primary, cost, tried)
        if (suppressed == before).all():
            raise GateError(_unprotectable(failing[0][0].column.name))
    return Pattern(suppressed, primary, _narrowest(attackers, suppressed))


def _mend(
    attacker: Attacker,
    cell: int,
    suppressed: Mask,
    primary: Mask,
    cost: Floats,
    tried: set[tuple[str, int]],
) -> None:
    """Add what protects `cell` in one column to `suppressed`; nothing where an earlier repair already does."""
    column = attacker.column
    if column.is_wide(attacker.low[[cell]], attacker.high[[cell]], primary[[cell]])[0]:
        return
    price = np.where(suppressed, 0.0, cost)
    name = (column.name, cell)
    if name not in tried:
        tried.add(name)
        move = cheapest_hypercube(attacker, attacker.structure.lookup, cell, price, primary)
        if move is not None:
            suppressed[move.cells] = True
            if not column.loose:
                attacker.moved(move.cells, move.down, move.up)
            return
    found = cheapest_cells(attacker, cell, price, bool(primary[cell]))
    if found is not None:
        suppressed[found] = True


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


def widen_singletons(
    structure: Structure, people: Floats, suppressed: Mask, primary: Mask, cost: Floats
) -> Mask:
    """Withhold a third cell wherever a relation hides two, and in one of them a single person stands.

    That person knows their own contribution, and would have the other cell by subtraction.
    """
    more = suppressed.copy()
    for cells in neighbours(structure):
        shown = cells[cells < structure.rows]
        hidden = shown[more[shown]]
        alone = (people[hidden] == 1) & primary[hidden]
        spare = shown[~more[shown]]
        if len(hidden) == 2 and alone.any() and primary[hidden].all() and len(spare):
            more[spare[np.argmin(cost[spare])]] = True
    return more
