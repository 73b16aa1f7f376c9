"""The cheapest cells that unpin all pinned ones: reverse delete, and a search around what it leaves.

Where some withheld cells are pinned by the relations among all of them (`null_space`), more cells must be
withheld, until a movement reaches each. This is a question of a matroid, of which columns of the relations
depend on which: a cell may be shown again as long as no pinned cell moves only in proportion to it. So
withhold all cheap cells at once, and show them again from the dearest down, one by one, wherever that pins
nothing. Then, a few times, withhold some cheap cells more and show again what can be; the cheapest is kept.

Bounds play no part here. That every cell moves far enough is certified afterwards, by `attacker`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..structure import Floats, Ints, Mask
from .null_space import NullSpace

if TYPE_CHECKING:
    from scipy.sparse import csc_array

LOST = 1e-9
"""The share of a cell's movements at which it has none left; rounding errors are far smaller."""

MOST_PINNED, MOST_CHOICES = 150, 350
"""Cells looked at together: pinned ones, and those to choose from."""

CHOICES_EACH = 6
"""Cells to choose from for each pinned one, at first."""

SEARCHES = 48
"""Steps of the search around the first answer."""


def cover(relations: csc_array, free: Mask, failing: Ints, cost: Floats) -> Ints:
    """Columns to free besides `free`, so that none of the `failing` ones is pinned, cheap in the sum of
    `cost`; a column of infinite cost is never freed. A pinned column that nothing unpins is left pinned.

    relations x columns; free holds the failing columns too.
    """
    free = free.copy()
    order = np.argsort(cost, kind="stable")
    order = order[np.isfinite(cost[order])]
    chosen = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(failing), MOST_PINNED):
        part = failing[start : start + MOST_PINNED]
        found = _cover_some(relations, free, part, order[~free[order]], cost)
        free[found] = True
        chosen.append(found)
    return np.concatenate(chosen)


def _cover_some(relations: csc_array, free: Mask, pinned: Ints, choices: Ints, cost: Floats) -> Ints:
    """Cells of `choices` (cheapest first) that unpin these cells."""
    reach, waiting, count = free.copy(), pinned, min(MOST_CHOICES, 40 + CHOICES_EACH * len(pinned))
    some: list[Ints] = []
    while len(waiting):
        reach[waiting] = False
        space = NullSpace(relations[:, np.flatnonzero(reach)].tocsr())
        choices = choices[~space.spans(relations[:, choices].tocsr())]
        if not len(choices):
            break
        band, choices = choices[:count], choices[count:]
        choice = _choose(space, relations, waiting, band, cost)
        got = choice.reached()
        # What is still pinned looks among dearer cells; these are free to it.
        some.append(band[choice.show_again(np.arange(len(band))[::-1])] if len(some) else band)
        reach[band] = True
        reach[waiting] = True
        waiting = waiting[~got]
    if not some:
        return choices[:0]
    found = np.concatenate(some)
    if len(some) > 1:
        reach = free.copy()
        reach[pinned] = False
        space = NullSpace(relations[:, np.flatnonzero(reach)].tocsr())
        choice = _choose(space, relations, pinned, found, cost)
    return found[_search(choice, choice.show_again(np.argsort(-cost[found], kind="stable")))]


def _choose(space: NullSpace, relations: csc_array, pinned: Ints, some: Ints, cost: Floats) -> _Choice:
    return _Choice(space.outside(relations[:, np.append(pinned, some)].tocsr()), len(pinned), cost[some])


@dataclass(frozen=True)
class _Choice:
    """Pinned cells, and cells to choose from. apart: coordinates x (pinned, then the others): they move as
    far as these cancel. cost: of each to choose from."""

    apart: Floats
    pinned: int
    cost: Floats

    def moves(self) -> Floats:
        """A basis of how they move, one row a cell."""
        from scipy.linalg import qr, solve_triangular

        columns = self.apart.shape[1]
        if not self.apart.size:
            return np.eye(columns)
        triangle, order = qr(self.apart, mode="r", pivoting=True, check_finite=False)
        size = np.abs(triangle.diagonal())
        rank = int((size > 1e-8 * max(float(size[0]), 1.0)).sum())
        basis = np.zeros((columns, columns - rank))
        basis[order[:rank]] = -solve_triangular(triangle[:rank, :rank], triangle[:rank, rank:])
        basis[order[rank:]] = np.eye(columns - rank)
        return basis

    def reached(self) -> Mask:
        """The pinned cells that some movement moves."""
        moved: Mask = np.abs(self.moves()[: self.pinned]).max(axis=1, initial=0.0) > 1e-7
        return moved

    def show_again(self, order: Ints) -> Mask:
        """Which of the cells to choose from stay withheld, once all were tried in this order."""
        moves, pinned = self.moves(), self.pinned
        own = (moves * moves).sum(axis=1)
        lost = np.maximum(LOST * own, 1e-14)
        reached = own[:pinned] > 1e-14
        kept = np.ones(len(self.cost), dtype=bool)
        for cell in order.tolist():
            row = pinned + cell
            if own[row] > lost[row]:
                along = moves[row] / np.sqrt(own[row])
                with_it = moves @ along
                less = own - with_it * with_it
                if (reached & (less[:pinned] <= lost[:pinned])).any():
                    continue
                own = less
                moves -= np.outer(with_it, along)
            kept[cell] = False
            own[row] = 0.0
        return kept

    def only(self, cells: Ints) -> _Choice:
        """The same where no more than these cells can be chosen."""
        held = np.append(np.arange(self.pinned), self.pinned + cells)
        return _Choice(self.apart[:, held], self.pinned, self.cost[cells])


def _search(choice: _Choice, kept: Mask) -> Ints:
    """A cheaper choice near the first: some cells more, all tried again, the dearest first."""
    random = np.random.default_rng(20240229)
    best = np.flatnonzero(kept)
    for _ in range(SEARCHES):
        spare = np.setdiff1d(np.arange(len(kept)), best)
        if not len(spare) or not len(best):
            break
        chance = 1 / choice.cost[spare]
        number = min(len(spare), int(random.integers(4, 48)))
        more = random.choice(spare, number, replace=False, p=chance / chance.sum())
        cells = np.append(best, more)
        some = choice.only(cells)
        order = np.argsort(-some.cost * random.uniform(0.7, 1.3, len(cells)), kind="stable")
        found = cells[some.show_again(order)]
        if choice.cost[found].sum() <= choice.cost[best].sum():
            best = found
    return best
