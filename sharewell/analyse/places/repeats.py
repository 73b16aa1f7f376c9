"""What comes back: places hit again, and incidents nearer to one another in space and time than chance
has it.

Repeat victimisation: an incident at a place that had one within so many days before (Farrell and Pease
1993, Once Bitten, Twice Bitten, Home Office). Near repeats: pairs of incidents at other places within a
distance and a time (Knox 1964, Applied Statistics 13:1), against the same pairs with the dates permuted,
which keeps
where and when incidents gather and breaks only what ties the two (Johnson et al. 2007, Journal of
Quantitative Criminology 23:3). The p value counts the data themselves as one permutation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_PAIRS = 20_000_000
FIRST, AGAIN = "First within the time", "After another at the same place"
"""The incidents of a place, by whether one came before."""
FEWEST = 20


@dataclass(frozen=True)
class Repeats:
    """By place (in the order of `places`): incidents, and whether one came within the days after
    another."""

    places: Ints
    incidents: Ints
    again: Bools
    repeats: int

    @property
    def share(self) -> float:
        """The share of incidents that came after another at the same place."""
        return self.repeats / int(self.incidents.sum())


def count_repeats(place: Ints, day: Ints, within: int) -> Repeats:
    """Places numbered from 0, and days. FitError EMPTY without an incident."""
    if not len(place):
        raise FitError(Problem("EMPTY", "no incident has a known place and day", "nothing can come back"))
    order = np.lexsort((day, place))
    where, when = place[order], day[order]
    same = np.append(False, (where[1:] == where[:-1]) & (when[1:] - when[:-1] <= within))
    places, first, counts = np.unique(where, return_index=True, return_counts=True)
    again = np.add.reduceat(same.astype(np.int64), first)
    return Repeats(places, counts.astype(np.int64), again > 0, int(same.sum()))


@dataclass(frozen=True)
class Knox:
    """Pairs within the distance and time, those expected by chance with their 95% range, and p."""

    pairs: int
    expected: float
    low: float
    high: float
    p: float

    @property
    def ratio(self) -> float:
        """Knox's ratio: 1 is what chance gives."""
        return self.pairs / self.expected if self.expected else float("nan")


def knox(
    east: Floats,
    north: Floats,
    day: Ints,
    *,
    metres: float,
    days: int,
    permutations: int = 999,
    seed: int = 0,
    place: Ints | None = None,
) -> Knox:
    """Knox's test. `place`: pairs at one place are left out (they are repeats, not near repeats).

    FitError FEW under FEWEST incidents, DENSE where more than MOST_PAIRS lie within the distance.
    """
    known = np.isfinite(east) & np.isfinite(north)
    if known.sum() < FEWEST:
        what = f"fewer than {FEWEST} incidents have a point and a day"
        raise FitError(Problem("FEW", what, "chance could not be told from anything", "look at more"))
    first, second = _close(east[known], north[known], metres, None if place is None else place[known])
    when = day[known].astype(np.int32)
    random = np.random.default_rng(seed)
    found = int((np.abs(when[first] - when[second]) <= days).sum())
    drawn = np.empty(permutations, np.int64)
    for number in range(permutations):
        mixed = random.permutation(when)
        drawn[number] = (np.abs(mixed[first] - mixed[second]) <= days).sum()
    low, high = np.quantile(drawn, [0.025, 0.975])
    p = (1 + int((drawn >= found).sum())) / (1 + permutations)
    return Knox(found, float(drawn.mean()), float(low), float(high), float(p))


def _close(east: Floats, north: Floats, metres: float, place: Ints | None) -> tuple[Ints, Ints]:
    from scipy.spatial import cKDTree

    tree = cKDTree(np.column_stack((east, north)))
    if (tree.count_neighbors(tree, metres) - len(east)) // 2 > MOST_PAIRS:
        what = f"more than {MOST_PAIRS:,} pairs lie within {metres:g} m"
        raise FitError(Problem("DENSE", what, "they cannot be permuted in reasonable time", "look nearer"))
    pairs = tree.query_pairs(metres, output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    if place is not None:
        other = place[first] != place[second]
        first, second = first[other], second[other]
    return first, second
