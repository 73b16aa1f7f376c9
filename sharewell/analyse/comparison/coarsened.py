"""Coarsened exact matching: people are compared within cells of coarsened covariates, nobody is paired.

Numbers are cut into bands of one width, words and levels stay as they are; a cell that holds both arms is
kept whole, all others are set aside, and comparison people are weighted so that each cell counts as its
treated do (Iacus, King and Porro 2012, Political Analysis 20:1). How alike the arms are is bounded
beforehand by the bands, and how many people are left is what is found out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem
from .matching import Matches
from .propensity import by_level, level_codes, missing_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells(Matches):
    """Matches by cell: `controls` has no column, because nobody is paired with anybody.

    `others`: the comparison rows of the kept cells, each once; `cell_of_treated` and `cell_of_others`
    number their cells from nought.
    """

    others: Ints
    cell_of_treated: Ints
    cell_of_others: Ints

    @property
    def matched_controls(self) -> Ints:
        return self.others

    @property
    def sets(self) -> Ints:
        return self.cell_of_others

    @property
    def treated_sets(self) -> Ints:
        return self.cell_of_treated

    @property
    def weights(self) -> Floats:
        """The treated of the cell over its comparison people: what the cell's treated count, shared out."""
        treated, others = np.bincount(self.cell_of_treated), np.bincount(self.cell_of_others)
        return np.asarray((treated / others)[self.cell_of_others])


def match_cells(codes: Ints, treated: Bools) -> Cells:
    """Keep the cells of `codes` (n,) that hold both arms. FitError: EMPTY_ARM, or NO_OVERLAP for none."""
    for arm, name in ((treated, "treated"), (~treated, "comparison")):
        if not arm.any():
            raise FitError(Problem("EMPTY_ARM", f"the {name} arm is empty", "there is nobody to compare"))
    _, cell = np.unique(codes, return_inverse=True)
    both = (np.bincount(cell, treated) > 0) & (np.bincount(cell, ~treated) > 0)
    if not both.any():
        what = "no cell of the coarsened covariates holds people of both arms"
        raise FitError(Problem("NO_OVERLAP", what, "there is nobody to compare", "take fewer bands"))
    number = np.cumsum(both) - 1
    ours, theirs = np.flatnonzero(treated & both[cell]), np.flatnonzero(~treated & both[cell])
    none = np.zeros((len(ours), 0), np.int64)
    dropped = np.flatnonzero(treated & ~both[cell])
    return Cells(ours, none, dropped, 0.0, theirs, number[cell[ours]], number[cell[theirs]])


def coarsen(covariates: pa.Table, bands: int | None = None) -> Ints:
    """One code for each cell of `covariates` (n rows), what is missing being a band of its own.

    Numbers of more than seven values are cut between their ends into `bands` of one width, or into as many
    as Sturges' rule says (1926, JASA 21:65): one more than the binary logarithm of n, rounded up.
    """
    cell = np.zeros(covariates.num_rows, np.int64)
    for name in covariates.column_names:
        own = _banded(covariates[name], bands)
        cell = np.unique(cell * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
    return cell


def _banded(column: pa.ChunkedArray, bands: int | None) -> Ints:
    if by_level(column):
        return np.asarray(level_codes(column)[0])
    values = np.asarray(pc.cast(column, pa.float64()).to_numpy(), np.float64)
    unknown = missing_of(column)
    known = values[~unknown]
    many = bands or math.ceil(math.log2(len(values))) + 1
    inner = np.linspace(known.min(), known.max(), many + 1)[1:-1]
    return np.where(unknown, many, np.searchsorted(inner, values, side="right")).astype(np.int64)
