"""Which council homes were improved, in which way, and in which month: the programme of works."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base import County
from ..effects.works import SPAN, WORKS
from ..events import days
from ..streams import Array, weighted_order
from ..tenure import draw_tenure

FIRST, LAST = days(SPAN[0]), days(SPAN[1])
MONTHS = (SPAN[1].year - SPAN[0].year) * 12 + SPAN[1].month - SPAN[0].month
STARTS = np.arange(np.datetime64(SPAN[0], "M"), np.datetime64(SPAN[1], "M") + 1).astype("datetime64[D]")
"""The first day of each month of the span, and the day after the last."""
NEVER = 9_999
OLDER = 60
_SHARES = np.array([0.55, 0.5, 0.6, 0.5, 0.6, 0.55, 0.4, 0.6])
_EARLIEST, _LATEST = 6, 90


@dataclass(frozen=True)
class Programme:
    """`month` (homes, kinds): the month of the span in which it was completed, or NEVER. `household`: of a
    council home, who lives there."""

    month: Array
    household: dict[int, int]

    @property
    def improved(self) -> Array:
        """Which homes had any work."""
        return np.asarray((self.month < NEVER).any(axis=1))


def plan_works(county: County, rng: np.random.Generator) -> Programme:
    """Homes of the sick come first, and work comes in bundles: both would mislead a naive comparison."""
    tenants = np.flatnonzero(draw_tenure(county).social)
    home = county.residence.home[tenants]
    chosen = _choose(county, tenants, rng)
    month = np.full((county.homes.count, len(WORKS)), NEVER, dtype=np.int16)
    # The sooner chosen, the sooner done, give or take three years.
    rank = np.arange(len(chosen)) / max(len(chosen), 1)
    span = _LATEST - _EARLIEST
    start = _EARLIEST + span * np.clip(0.6 * rank + 0.4 * rng.random(len(chosen)), 0, 1)
    shape = (len(chosen), len(WORKS))
    bundled = rng.random(shape) < county.effects.works.together
    when = np.where(bundled, start[:, None] + rng.integers(0, 3, shape), rng.integers(3, MONTHS - 4, shape))
    given = rng.random(shape) < _SHARES
    given[np.arange(len(chosen)), rng.integers(0, len(WORKS), len(chosen))] = True
    month[county.residence.home[chosen]] = np.where(given, when, NEVER).astype(np.int16)
    return Programme(month, dict(zip(home.tolist(), tenants.tolist(), strict=True)))


def _choose(county: County, tenants: Array, rng: np.random.Generator) -> Array:
    """Households whose homes are improved, in the order of the programme."""
    people, health = county.people, county.health
    members = np.maximum(people.size[tenants], 1)
    sick = np.bincount(people.household, health.conditions + health.frailty, people.households)[tenants]
    order = tenants[weighted_order(rng, np.exp(0.35 * sick / members))]
    wanted = county.effects.works.older
    if wanted is None:
        return np.asarray(order[: round(county.effects.works.improved * len(order))])
    older = np.bincount(people.household[is_older(county)], minlength=people.households)[order]
    reached = np.cumsum(older)
    whole = int(np.searchsorted(reached, wanted, side="right"))
    short = wanted - int(reached[whole - 1] if whole else 0)
    singles = whole + np.flatnonzero(older[whole:] == 1)[:short]
    return np.concatenate((order[:whole], order[singles]))


def is_older(county: County) -> Array:
    """Who is 60 or over on the last day of the span."""
    return np.asarray((LAST - 1 - county.people.born) / 365.2425 >= OLDER)
