"""How strong a hidden bias would have to be to explain a difference in a yes/no outcome away.

Rosenbaum bounds for matched sets of one treated person and one or more others (Rosenbaum 2002,
Observational Studies, 2nd edition, sections 4.3.2 and 4.4.4; for one other it is McNemar's test). Within a
set, a hidden cause makes one person at most `gamma` times as likely (in odds) as another to be the treated
one. The number of treated people with the outcome is then a sum of independent yes/no draws, whose least
and greatest chances are known, so that the p-value has an exact upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST = 50.0
"""Beyond this odds ratio no bias is looked for."""


@dataclass(frozen=True)
class Sets:
    """Matched sets: how many people each holds, how many of them have the outcome, and does the treated?"""

    people: Ints
    outcomes: Ints
    treated: Bools

    def __post_init__(self) -> None:
        """FitError SETS where no set holds two people, or a set has more outcomes than people."""
        wrong = (self.people < 2) | (self.outcomes < 0) | (self.outcomes > self.people)
        wrong |= (self.treated & (self.outcomes < 1)) | (~self.treated & (self.outcomes >= self.people))
        if not len(self.people) or wrong.any():
            what = "a matched set has no two people, or does not hold the outcomes said of it"
            raise FitError(Problem("SETS", what, "no bound can be computed", "match again"))


def worst_p(sets: Sets, gamma: float = 1.0, *, exact: bool = True) -> float:
    """The greatest one-sided p-value, in the direction observed, under a hidden bias of `gamma` or less.

    1.0 where no set differs within itself. `exact` False takes the normal approximation with its continuity
    correction, by which the book's tables were made: its 0.0036 at a bias of 4 is exactly 0.0020. FitError
    GAMMA for an odds ratio under one.
    """
    if not gamma >= 1:
        raise FitError(Problem("GAMMA", "a bias is an odds ratio of one or more", fix="turn it over"))
    telling = (sets.outcomes > 0) & (sets.outcomes < sets.people)
    people, outcomes = sets.people[telling], sets.outcomes[telling]
    observed = int(sets.treated[telling].sum())
    if not len(people):
        return 1.0
    fewer = observed < float((outcomes / people).sum())
    lean = 1.0 / gamma if fewer else gamma
    chance = outcomes * lean / (outcomes * lean + people - outcomes)
    if not exact:
        return _by_normal(chance, observed, fewer)
    mass = _sum_of_draws(chance)
    tail = mass[: observed + 1] if fewer else mass[observed:]
    return float(min(tail.sum(), 1.0))


def tipping(sets: Sets, level: float) -> float:
    """The greatest bias, to two decimals, at which the bound on the one-sided p is still at most `level`.

    0.0 where it is above the level even without any bias; MOST where it stays below up to there.
    """
    if worst_p(sets) > level:
        return 0.0
    if worst_p(sets, MOST) <= level:
        return MOST
    low, high = 100, int(MOST * 100)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if worst_p(sets, middle / 100) <= level else (low, middle)
    return low / 100


def _by_normal(chance: Floats, observed: int, fewer: bool) -> float:
    from scipy.stats import norm

    away = (float(chance.sum()) - observed) * (1 if fewer else -1)
    return float(norm.sf((away - 0.5) / np.sqrt((chance * (1 - chance)).sum())))


def _sum_of_draws(chance: Floats) -> Floats:
    """The distribution of a sum of independent yes/no draws: sets of one chance are one binomial."""
    from scipy.stats import binom

    mass = np.ones(1)
    for value, many in zip(*np.unique(np.round(chance, 12), return_counts=True), strict=True):
        mass = np.convolve(mass, binom.pmf(np.arange(many + 1), many, value))
    return mass
