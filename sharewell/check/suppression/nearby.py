"""Where in a large table the movements that protect a cell are looked for.

A cell can only move if in each of its relations others move against it. Those that serve are already
withheld, or cheap. So the categories are sought, of each dimension, under which the cell has such
neighbours; the part of the table under these categories (and all totals) holds its cheapest movements more
often than not.
"""

from __future__ import annotations

import numpy as np

from ...errors import Problem
from ..structure import Floats, Ints, Mask, Structure


class Places:
    """Where each combination of categories stands in the table."""

    def __init__(self, structure: Structure) -> None:
        self.codes = structure.codes[: structure.rows]
        self._sizes = tuple(self.codes.max(axis=0, initial=0) + 1)
        places = np.ravel_multi_index(tuple(self.codes.T), self._sizes)
        self._order = np.argsort(places, kind="stable")
        self._sorted = places[self._order]

    def around(self, rows: Ints, charge: Floats, most: int) -> Mask | None:
        """The rows in which several cells may find their movements, about `most` at most."""
        if len(self.codes) <= most:
            return None
        number = int((most / len(rows)) ** (1 / self.codes.shape[1]))
        near = np.zeros(len(self.codes), dtype=bool)
        for row in rows.tolist():
            beside = self.beside(row, charge, number)
            if beside is None:
                return None
            near |= beside
        return near

    def beside(self, row: int, charge: Floats, number: int) -> Mask | None:
        """The rows under the `number` categories of each dimension that have the cheapest neighbours of a
        row, its own and all totals; None where that is all rows."""
        if number >= max(self._sizes):
            return None
        near = np.ones(len(self.codes), dtype=bool)
        for d, size in enumerate(self._sizes):
            line = np.repeat(self.codes[[row]], size, axis=0)
            line[:, d] = np.arange(size)
            places = np.ravel_multi_index(tuple(line.T), self._sizes)
            at = np.minimum(np.searchsorted(self._sorted, places), len(self._sorted) - 1)
            there = self._sorted[at] == places
            price = np.where(there, charge[self._order[at]], np.inf)
            chosen = np.zeros(size, dtype=bool)
            chosen[np.argsort(price, kind="stable")[: number + 1]] = True
            chosen[[0, self.codes[row, d]]] = True
            near &= chosen[self.codes[:, d]]
        return near


def unprotectable(column: str) -> Problem:
    """Why no pattern protects a column."""
    return Problem(
        "UNPROTECTABLE",
        f"{column}: a withheld figure follows from totals that have no row and so are known to be zero",
        "withholding the whole table would not hide it",
        "leave out these margins, or publish a coarser table",
    )
