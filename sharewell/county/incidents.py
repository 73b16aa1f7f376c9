"""What truly happened of crime and disorder: how much of each kind, when, at which home or point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from .base import County
from .effects.safety import Safety
from .events import days
from .streams import Array, choose

LAST = (date(2022, 4, 1), date(2023, 4, 1))
NOW = (date(2023, 4, 1), date(2024, 4, 1))
AT_HOME = {"domestic abuse": 1.0, "burglary": 0.9, "criminal damage": 0.4, "antisocial behaviour": 0.15}
"""Share of a kind that happens at somebody's home."""

SNAP = 50
_STREET, _GAP = 15, 40.0


@dataclass(frozen=True)
class Happened:
    """What happened, by incident: kind (into `kinds`), day and second since 1970, household (-1: outdoors),
    point in metres, small area, and whether it gathered at one of the spots."""

    kinds: tuple[str, ...]
    kind: Array
    second: Array
    household: Array
    east: Array
    north: Array
    area: Array
    spot: Array

    @property
    def day(self) -> Array:
        day: Array = self.second // 86_400
        return day


def home_points(county: County) -> tuple[Array, Array]:
    """Metres east and north of each home: streets of fifteen around the middle of the area."""
    homes = county.homes
    rank = np.arange(homes.count) - homes.first[homes.area]
    street, house = rank // _STREET, rank % _STREET
    wide = np.ceil(np.sqrt(np.bincount(homes.area) / _STREET))[homes.area].clip(1)
    east = (
        county.places.east[homes.area] * 1_000 + (street % wide) * _STREET * _GAP / 2.2 + house * _GAP / 2.5
    )
    north = county.places.north[homes.area] * 1_000 + (street // wide) * _GAP * 3
    return east, north


def happen(county: County, effects: Safety, rng: np.random.Generator) -> Happened:
    """Both years' incidents; this year's of each kind are exactly as many as planted."""
    kinds = tuple(effects.volume)
    count = effects.rate * county.people.count
    now = np.array([round(count * effects.volume[kind]) for kind in kinds])
    moved = [effects.change.get(kind, 1 + 0.05 * float(rng.standard_normal())) for kind in kinds]
    before = np.rint(now * np.array(moved)).astype(int)
    kind = np.repeat(np.tile(np.arange(len(kinds)), 2), np.concatenate([before, now]))
    year = np.repeat([0, 1], [before.sum(), now.sum()])
    start = np.array([days(LAST[0]), days(NOW[0])])[year]
    day = start + rng.integers(0, 365, len(kind))
    household = _homes_hit(county, effects, kinds, kind, year, rng)
    east, north, area, spot = _points(county, effects, household, rng)
    _follow(effects, kinds, kind, year, household, day, (east, north, area), county, rng)
    second = day * 86_400 + (choose(rng, len(kind), _hourly()) * 3_600 + rng.integers(0, 3_600, len(kind)))
    return Happened(kinds, kind, second, household, east, north, area, spot)


def _hourly() -> Array:
    hour = np.arange(24)
    return 1 + 0.8 * np.cos((hour - 20) / 24 * 2 * np.pi)


def _homes_hit(
    county: County,
    effects: Safety,
    kinds: tuple[str, ...],
    kind: Array,
    year: Array,
    rng: np.random.Generator,
) -> Array:
    """The household of each incident at home; a share of them hits one that was hit in the same year."""
    share = np.array([AT_HOME.get(name, 0.0) for name in kinds])[kind]
    at = np.flatnonzero(rng.random(len(kind)) < share)
    household = np.full(len(kind), -1, np.int64)
    weight = np.array([2.0, 1.5, 1.1, 0.8, 0.6])[county.places.deprivation[county.people.area] - 1]
    household[at] = choose(rng, len(at), weight)
    for which in (0, 1):
        mine = rng.permutation(at[year[at] == which])
        again = mine[: int(len(mine) * effects.repeats)]
        first = mine[len(again) :]
        household[again] = household[rng.choice(first, len(again))] if len(first) else household[again]
    return household


def _points(
    county: County, effects: Safety, household: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """Where each incident was: its home, one of the spots, or outdoors near some home."""
    x, y = home_points(county)
    home = county.residence.home[np.where(household >= 0, household, 0)].copy()
    outdoors = np.flatnonzero(household < 0)
    home[outdoors] = county.residence.home[rng.integers(0, county.people.households, len(outdoors))]
    east, north, area = x[home].copy(), y[home].copy(), county.homes.area[home].copy()
    east[outdoors] += rng.normal(0, 60, len(outdoors))
    north[outdoors] += rng.normal(0, 60, len(outdoors))
    spot = np.full(len(household), -1)
    middles = spot_points(county, effects)
    drawn = rng.random(len(outdoors))
    for number, (mx, my, where) in enumerate(middles):
        mine = outdoors[(drawn >= number * effects.gathered) & (drawn < (number + 1) * effects.gathered)]
        east[mine] = mx + rng.normal(0, effects.spread, len(mine))
        north[mine] = my + rng.normal(0, effects.spread, len(mine))
        area[mine], spot[mine] = where, number
    return np.rint(east / SNAP) * SNAP, np.rint(north / SNAP) * SNAP, area, spot


def spot_points(county: County, effects: Safety) -> list[tuple[float, float, int]]:
    """The planted spots: the middle of the areas with most people, each with its area."""
    x, y = home_points(county)
    largest = np.argsort(-np.bincount(county.homes.area), kind="stable")[: effects.spots]
    return [
        (float(x[county.homes.area == a].mean()), float(y[county.homes.area == a].mean()), int(a))
        for a in largest
    ]


def _follow(
    effects: Safety, kinds: tuple[str, ...], kind: Array, year: Array, household: Array, day: Array,
    where: tuple[Array, Array, Array], county: County, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Some burglaries follow another: at a home near by, a few days later."""
    east, north, area = where
    x, y = home_points(county)
    burgled = np.flatnonzero((kind == kinds.index("burglary")) & (household >= 0))
    follows = rng.permutation(burgled)[: int(len(burgled) * effects.near)]
    leads = np.setdiff1d(burgled, follows)
    home_of = county.residence.home
    lived = np.full(county.homes.count, -1)
    lived[home_of] = np.arange(len(home_of))
    for row in follows.tolist():
        lead = int(rng.choice(leads[year[leads] == year[row]]))
        home = int(home_of[household[lead]])
        near = home + rng.integers(-8, 9, 12)
        near = near[(near >= 0) & (near < len(lived))]
        near = near[(lived[near] >= 0) & (near != home)]
        near = near[np.hypot(x[near] - x[home], y[near] - y[home]) <= effects.near_metres]
        if not len(near):
            continue
        to, span = int(near[0]), NOW if year[row] else LAST
        household[row], area[row] = lived[to], county.homes.area[to]
        east[row], north[row] = np.rint(x[to] / SNAP) * SNAP, np.rint(y[to] / SNAP) * SNAP
        day[row] = min(day[lead] + int(rng.integers(1, effects.near_days + 1)), days(span[1]) - 1)
