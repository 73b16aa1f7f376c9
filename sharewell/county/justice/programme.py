"""Who joins the programme, and who reoffends: confounded, so that a naive comparison flatters it."""

from __future__ import annotations

import numpy as np

from ..effects.justice import Justice
from ..streams import Array
from .sentenced import Sentenced, solve

_SERVED = np.array([False, False, True, True, False, False, True, False])
"""The regions in which the charity works; people of the others are a tenth as likely to come."""


def join(people: Sentenced, among: Array, many: int, like: float, rng: np.random.Generator) -> Array:
    """`many` of the people at the rows `among` take part: those of a lower risk, older, in some regions.

    How strongly the risk keeps people away is set so that the mean chance of those who join is `like`.
    Drawn in proportion to weights, without replacement, as the largest of weights times noise (Efraimidis
    and Spirakis 2006); the noise stays while the lean is sought, so that the mean is met in the draw.
    """
    risk, chance = people.risk[among], people.chance[among]
    pull = 0.35 * people.needs[among, 4] + 0.3 * (people.disposal[among] == 0) + 0.2 * people.worked[among]
    pull += np.log(np.where(_SERVED[people.region[among]], 1.0, 0.1)) + rng.gumbel(size=len(among))
    many = min(many, len(among))

    def chosen(lean: float) -> Array:
        return np.asarray(np.argpartition(lean * risk - pull, many - 1)[:many])

    lean = solve(lambda at: like - float(chance[chosen(at)].mean()), -4.0, 4.0)
    return np.asarray(among[np.sort(chosen(lean))])


def with_programme(chance: Array, effects: Justice) -> Array:
    """The chances of those who took part, changed in proportion, by `difference` on average."""
    return np.asarray(chance * (effects.like + effects.difference) / effects.like)


def exactly(chance: Array, many: int, rng: np.random.Generator) -> Array:
    """Who of these reoffends: `many` of them, each more or less by their chance (Madow 1949).

    A systematic draw, so that what is planted among the few who took part is there to the person, and a
    single run can be held to it.
    """
    order = rng.permutation(len(chance))
    scaled = np.minimum(chance[order] * many / max(float(chance.sum()), 1e-9), 1.0)
    ends = np.concatenate(([0.0], np.cumsum(scaled)))
    # The last end is `many` but for rounding: without this, it could fall short of the last mark.
    ends *= many / max(float(ends[-1]), 1e-9)
    marks = np.floor(ends - rng.random())
    found = np.zeros(len(chance), bool)
    found[order] = np.diff(marks) > 0
    return found
