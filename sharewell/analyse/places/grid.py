"""Points snapped to square cells, and the cells that are compared: where an incident could have been.

A cell in which nothing is ever recorded because nobody can be there (open country, the sea) is no place
without incidents. Where there is a gazetteer the ground is every cell within reach of a place it names;
where there is none, every cell within reach of an incident.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Bools = Mask

MOST_CELLS = 4_000_000
"""Cells of the whole rectangle; more would be a cell of the wrong size or a point of another country."""


@dataclass(frozen=True)
class Grid:
    """Cells of `side` metres in a rectangle whose lower left corner is (west, south). `ground` is by
    (row from the south, column from the west): whether the cell is compared."""

    side: float
    west: float
    south: float
    ground: Mask

    def cell(self, east: Floats, north: Floats) -> tuple[Ints, Ints]:
        """Row and column of each point; -1 for both where it lies outside or is not known."""
        column, row = np.floor((east - self.west) / self.side), np.floor((north - self.south) / self.side)
        high, wide = self.ground.shape
        inside = (
            (row >= 0) & (row < high) & (column >= 0) & (column < wide)
        )  # a comparison with NaN is false
        return np.where(inside, row, -1).astype(np.int64), np.where(inside, column, -1).astype(np.int64)

    def count(self, east: Floats, north: Floats) -> Floats:
        """How many points lie in each cell."""
        row, column = self.cell(east, north)
        held = row >= 0
        high, wide = self.ground.shape
        flat = np.bincount(row[held] * wide + column[held], minlength=high * wide)
        return flat.reshape(high, wide).astype(float)

    def centre(self, row: Ints, column: Ints) -> tuple[Floats, Floats]:
        """Metres east and north of the middle of cells."""
        middles = np.asarray(column, float) + 0.5, np.asarray(row, float) + 0.5
        return self.west + middles[0] * self.side, self.south + middles[1] * self.side


def lay(east: Floats, north: Floats, side: float, reach: float) -> Grid:
    """The grid whose ground is every cell within `reach` of one of these points.

    FitError COORDINATES where no point is known, or the rectangle would have more than MOST_CELLS.
    """
    known = np.isfinite(east) & np.isfinite(north)
    if not known.any():
        what = "no place has coordinates"
        raise FitError(Problem("COORDINATES", what, "nothing can be put on a map", "bring a gazetteer"))
    x, y, margin = east[known], north[known], np.ceil(reach / side) * side
    west, south = (np.floor(v.min() / side) * side - margin for v in (x, y))
    wide, high = (
        int((np.floor(v.max() / side) * side + margin - low) / side) + 1
        for v, low in ((x, west), (y, south))
    )
    if wide * high > MOST_CELLS:
        what = f"the map would have {wide * high:,} cells, over {MOST_CELLS:,}"
        raise FitError(
            Problem(
                "COORDINATES",
                what,
                "some points lie far from all others, or cells are small",
                "look for points of another country, or take larger cells",
            )
        )
    whole = Grid(side, float(west), float(south), np.ones((high, wide), bool))
    near = spread(whole.count(x, y), offsets(side, reach)) > 0
    return Grid(side, float(west), float(south), near)


def offsets(side: float, reach: float) -> Ints:
    """Steps (rows, columns) to each cell whose centre lies within `reach`, the cell itself among them."""
    far = int(reach // side)
    step = np.arange(-far, far + 1)
    rows, columns = np.meshgrid(step, step, indexing="ij")
    near = np.hypot(rows, columns) * side <= reach * (1 + 1e-9)
    return np.column_stack((rows[near], columns[near])).astype(np.int64)


def spread(values: Floats, steps: Ints, weights: Floats | None = None) -> Floats:
    """For each cell the (weighted) sum over the cells at these steps; beyond the edge there is nothing."""
    far = int(np.abs(steps).max(initial=0))
    high, wide = values.shape
    padded = np.pad(values, far)
    total = np.zeros((high, wide))
    for number, (row, column) in enumerate(steps.tolist()):
        part = padded[far + row : far + row + high, far + column : far + column + wide]
        total += part if weights is None else part * weights[number]
    return total
