"""Everything published on one population as one system: low <= matrix x atoms <= high, atoms >= 0.

Cells that count the same people are one row with the narrowest of their bounds, and each bound remembers
which release told it first. Margins whose parts are published are worked away by hand (`reduce`), which
leaves a linear program far less to do than the tables seem to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import GateError, Problem
from ..structure import Floats, Ints, Mask
from .atoms import Atoms, refine
from .axes import People
from .predicates import Predicate
from .releases import Release

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class System:
    """Rows are distinct cells. predicates: whom each counts, as first written. numbers: the condition of
    each on each column. by_low, by_high: the release that first told the bound. cell_row: the row of each
    cell, release after release; starts: where each release's cells begin.
    """

    atoms: Atoms
    predicates: tuple[Predicate, ...]
    numbers: Ints
    matrix: csr_array
    low: Floats
    high: Floats
    by_low: Ints
    by_high: Ints
    cell_row: Ints
    starts: Ints

    @property
    def rows(self) -> int:
        return len(self.low)

    @property
    def counts(self) -> Floats | None:
        """The true count of each row, where the population is at hand."""
        return None if self.atoms.weights is None else np.asarray(self.matrix @ self.atoms.weights)

    @property
    def sources(self) -> Mask:
        """rows x releases: which told the bounds of each row that say anything."""
        told = np.zeros((self.rows, len(self.starts) - 1), dtype=bool)
        rows = np.arange(self.rows)
        told[rows[self.low > 0], self.by_low[self.low > 0]] = True
        bounded = np.isfinite(self.high)
        told[rows[bounded], self.by_high[bounded]] = True
        return told

    def rows_of(self, release: int) -> Ints:
        """The rows that a release's cells are."""
        return self.cell_row[self.starts[release] : self.starts[release + 1]]

    def without(self, releases: Sequence[int]) -> System:
        """As if these releases had not been made; rows stay where they are, bounds that they told first or
        more narrowly are let go. (So an earlier, looser bound on the same cell is let go with them.)"""
        gone = np.isin(self.by_low, releases), np.isin(self.by_high, releases)
        return replace(
            self, low=np.where(gone[0], 0.0, self.low), high=np.where(gone[1], np.inf, self.high)
        )


def assemble(releases: Sequence[Release], people: People | None) -> System:
    """The system of releases on one population, in the order in which they were made.

    GateError TOO_LARGE (see `atoms`); CONTRADICTION where two releases, or a release and the population at
    hand, cannot both be right: then they do not count what they say, and nothing can be concluded.
    """
    cells = [cell for release in releases for cell in release.cells]
    predicates = [cell.where for cell in cells]
    atoms = refine(predicates, people)
    distinct = dict.fromkeys(predicates)
    place = {predicate: i for i, predicate in enumerate(distinct)}
    numbers, row = np.unique(atoms.number(list(distinct)), axis=0, return_inverse=True)
    cell_row = row.reshape(-1)[np.array([place[p] for p in predicates], dtype=np.int64)]
    made = np.repeat(np.arange(len(releases)), [len(release.cells) for release in releases])
    lows, highs = np.array([c.low for c in cells]), np.array([c.high for c in cells])
    low, by_low = _narrowest(-lows, cell_row, made, len(numbers))
    high, by_high = _narrowest(highs, cell_row, made, len(numbers))
    starts = np.concatenate([[0], np.cumsum([len(release.cells) for release in releases])]).astype(np.int64)
    matrix = atoms.rows(numbers)
    first = np.full(len(numbers), len(cells))
    np.minimum.at(first, cell_row, np.arange(len(cells)))
    words = tuple(predicates[i] for i in first)
    system = System(atoms, words, numbers, matrix, -low, high, by_low, by_high, cell_row, starts)
    _check(system, releases)
    return system


def _narrowest(values: Floats, row: Ints, made: Ints, rows: int) -> tuple[Floats, Ints]:
    """The least value of each row, and the earliest release that gave it."""
    order = np.lexsort((made, values, row))
    first = np.searchsorted(row[order], np.arange(rows))
    return values[order][first], made[order][first]


def _check(system: System, releases: Sequence[Release]) -> None:
    wrong: Mask = np.asarray(system.low > system.high, dtype=np.bool_)
    counts = system.counts
    if counts is not None:
        wrong |= (counts < system.low - 1e-6) | (counts > system.high + 1e-6)
    if not wrong.any():
        return
    named = sorted({releases[i].name for by in (system.by_low, system.by_high) for i in by[wrong]})
    raise GateError(
        Problem(
            "CONTRADICTION",
            f"{', '.join(named[:6])} do not agree on how many people some cells count",
            "figures that differ are of different people, or of columns that only share a name: what they"
            " tell together cannot be judged",
            "name each population and column by itself, and give a new snapshot when people change",
            "ledger",
        )
    )
