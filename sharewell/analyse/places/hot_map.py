"""The map behind hot spots: where incidents gather over the ground, and cells that touch as one spot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...plan.recipe import Params
from .density import kernel_density
from .gathering import false_discovery, gi_star_grid, upper_tail
from .grid import Floats, Grid, Ints, Mask, lay, offsets
from .seen import Seen


@dataclass(frozen=True)
class Map:
    """Everything computed over the grid, by cell. `z`, `q` and `density` (incidents a square kilometre,
    smoothed over the reach) are NaN off the ground. `spot` numbers the hot spots from 1, that with the
    highest Gi* first; 0 where a cell is not hot."""

    grid: Grid
    counts: Floats
    z: Floats
    q: Floats
    density: Floats
    spot: Ints

    @property
    def hot(self) -> Mask:
        hot: Mask = self.spot > 0
        return hot


def draw_map(seen: Seen, params: Params) -> Map:
    """The grid over the ground, and where the incidents before the span held out gather."""
    cell, reach = float(params["cell"]), float(params["reach"])
    known = len(seen.place_east) > 0
    east, north = (seen.place_east, seen.place_north) if known else (seen.east, seen.north)
    grid = lay(east, north, cell, reach)
    before = ~seen.later
    counts = grid.count(seen.east[before], seen.north[before])
    steps = offsets(cell, reach)
    z = gi_star_grid(counts, grid.ground, steps)
    q = false_discovery(upper_tail(z.ravel())).reshape(z.shape)
    hot = grid.ground & (q <= params["false_discovery"])  # a comparison with NaN is false
    density = kernel_density(counts, grid.ground, cell, max(reach, cell))
    return Map(grid, counts, z, q, density, _number_spots(hot, z))


def _number_spots(hot: Mask, z: Floats) -> Ints:
    """Hot cells that touch, by a side or a corner, are one spot."""
    from scipy.ndimage import label

    marked, count = label(hot, structure=np.ones((3, 3)))
    peak = [float(z[marked == number].max()) for number in range(1, count + 1)]
    order = np.zeros(count + 1, np.int64)
    order[1 + np.argsort([-value for value in peak], kind="stable")] = np.arange(1, count + 1)
    spots: Ints = order[marked]
    return spots


def spot_names(drawn: Map, seen: Seen) -> list[str]:
    """By the place in or nearest to the hottest cell, where there is a gazetteer; always by its middle."""
    names = []
    for number in range(1, int(drawn.spot.max()) + 1):
        z = np.where(drawn.spot == number, drawn.z, -np.inf)
        east, north = drawn.grid.centre(
            *(np.array([at]) for at in np.unravel_index(int(z.argmax()), z.shape))
        )
        where = f"{int(east[0]):,} E {int(north[0]):,} N"
        if len(seen.place_east):
            near = int(np.hypot(seen.place_east - east[0], seen.place_north - north[0]).argmin())
            where = f"{seen.names[seen.place_venue[near]].title()} ({where})"
        names.append(f"{number}. {where}")
    return names


def outline(grid: Grid, mask: Mask) -> dict[str, Any]:
    """The cells as one shape (GeoJSON), in metres."""
    import shapely
    from shapely.geometry import mapping

    row, column = np.nonzero(mask)
    west, south = grid.west + column * grid.side, grid.south + row * grid.side
    shape: dict[str, Any] = mapping(
        shapely.union_all(shapely.box(west, south, west + grid.side, south + grid.side))
    )
    return shape
