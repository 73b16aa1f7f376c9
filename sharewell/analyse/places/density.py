"""A smooth surface of incidents for a square kilometre: a quartic kernel, and how well a map foretold.

Kernel: Silverman 1986, Density Estimation, eq. 4.5, which falls to nothing at the bandwidth, so that no
cell tells of an incident further away. The predictive accuracy index is the share of later incidents in
the hot cells over their share of the ground (Chainey, Tompson and Uhlig 2008, Security Journal 21:4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import FitError, Problem
from .grid import Floats, Mask, offsets, spread


def kernel_density(counts: Floats, ground: Mask, side: float, bandwidth: float) -> Floats:
    """Incidents a square kilometre, smoothed; the weights of a cell are made to add to one within the
    ground, so that nothing is lost over its edge. NaN outside the ground."""
    steps = offsets(side, bandwidth)
    far = (steps**2).sum(axis=1) * side**2 / bandwidth**2
    weight = np.maximum(1 - far, 0.0) ** 2
    room = spread(ground.astype(float), steps, weight)
    shared = np.divide(counts, room, out=np.zeros_like(counts), where=room > 0)
    surface = spread(shared, steps, weight) / (side / 1_000) ** 2
    return np.where(ground, surface, np.nan)


@dataclass(frozen=True)
class Foretold:
    """What a map of hot cells foretold: incidents later in hot cells, and in all; hot cells, and all."""

    hits: int
    later: int
    hot: int
    cells: int

    @property
    def hit_rate(self) -> float:
        return self.hits / self.later

    @property
    def index(self) -> float:
        """The predictive accuracy index; 1 is no better than any ground of that size."""
        return self.hit_rate / (self.hot / self.cells)


def foretell(hot: Mask, ground: Mask, later: Floats) -> Foretold:
    """The map's hot cells against later incidents. FitError LATER where none came, HOT where none is
    hot."""
    held = float(later[ground].sum())
    if held == 0:
        raise FitError(Problem("LATER", "no incident lies in the span held out", "nothing was foretold",
                               "hold out a span that has some"))  # fmt: skip
    if not (hot & ground).any():
        raise FitError(Problem("HOT", "no cell is hot", "a map without one foretells nothing"))
    return Foretold(int(later[hot & ground].sum()), int(held), int((hot & ground).sum()), int(ground.sum()))
