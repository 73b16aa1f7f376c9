"""The child health register: every child under six, at each address at which health visitors knew them.

The register goes back further than the people of the county do, so that it draws its own children: as many
births in each ward as its people under six suggest, growing or falling by what is planted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .events import dated, days
from .records import numbers
from .streams import Array

TAKEN = date(2024, 4, 1)
"""The day on which the register was taken."""

FIRST, LAST = 2008, 2028
"""Years of birth that are drawn: those after the register was taken are known to the truth alone."""

_YEAR = 365.25


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """One row a child and address; and the true number of children by ward at the end of each March."""
    spells = _spells(county, rng)
    ward, born, since, until, child = (spells[name] for name in ("ward", "born", "since", "until", "child"))
    names, taken = pa.array(county.places.ward_names), days(TAKEN)
    yield Truth("ward_children", _counted(names, ward, born, since, until))
    held = np.flatnonzero((since <= taken) & (until > days(date(2012, 4, 1))))
    held = held[rng.permutation(len(held))]
    ended = until[held] <= taken
    columns = {
        "record": pa.array(np.arange(1, len(held) + 1)),
        "local_id": numbers("CH", int(child.max()) + 1).take(pa.array(child[held])),
        "born": dated(born[held]),
        "ward": names.take(pa.array(ward[held])),
        "since": dated(since[held]),
        "until": pa.array(until[held].astype(np.int32), mask=~ended).cast(pa.date32()),
    }
    yield Part("children.health", pa.table(columns))


def _spells(county: County, rng: np.random.Generator) -> dict[str, Array]:
    """Each child at each home: until it moves, or turns six."""
    planted, places = county.effects.residents, county.places
    wards = len(places.ward_names)
    small = county.people.age < 6
    now = np.bincount(places.ward[county.area[small]], minlength=wards) / 6 + 0.5
    growth = rng.normal(planted.growth, planted.spread, wards)
    years = np.arange(FIRST, LAST)
    expected = now[:, None] * np.exp(growth[:, None] * (years[None, :] - TAKEN.year))
    births = rng.poisson(expected)
    # Those who come from elsewhere make up for those who leave the county, ward by ward.
    gone = planted.moves * (1 - planted.stay)
    arrivals = rng.poisson(np.repeat(expected[:, :, None], 6, axis=2) * gone)
    ward, year = (grid.ravel() for grid in np.meshgrid(np.arange(wards), years, indexing="ij"))
    own = np.repeat(np.arange(ward.size), births.ravel())
    new = np.repeat(np.arange(arrivals.size), arrivals.ravel())
    day = np.array([days(date(int(y), 1, 1)) for y in years])
    born = np.concatenate((day[year[own] - FIRST], day[year[new // 6] - FIRST])) + rng.integers(
        0, 365, own.size + new.size
    )
    at = np.concatenate((np.zeros(own.size), (new % 6 + rng.random(new.size)) * _YEAR)).astype(np.int64)
    first = {
        "child": np.arange(born.size),
        "ward": np.concatenate((ward[own], ward[new // 6])),
        "born": born,
        "since": born + at,
    }
    return _moved(first, planted.moves, planted.stay, now / now.sum(), rng)


def _moved(
    spell: dict[str, Array], moves: float, stay: float, share: Array, rng: np.random.Generator
) -> dict[str, Array]:
    """The spells and those that follow them, until everybody has left or turned six."""
    made: list[dict[str, Array]] = []
    while spell["child"].size:
        lasts = (rng.exponential(1 / moves, spell["child"].size) * _YEAR).astype(np.int64) + 1
        sixth = _sixth(spell["born"])
        until = np.minimum(spell["since"] + lasts, sixth)
        made.append({**spell, "until": until})
        on = np.flatnonzero((until < sixth) & (rng.random(until.size) < stay))
        spell = {name: values[on] for name, values in spell.items()}
        spell["since"] = until[on]
        spell["ward"] = rng.choice(share.size, on.size, p=share)
    return {name: np.concatenate([part[name] for part in made]) for name in made[0]}


def _sixth(born: Array) -> Array:
    """The sixth birthday, in days since 1970."""
    day = born.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    return np.asarray(((month + 72).astype("datetime64[D]") + (day - month)).astype(np.int64))


def _counted(names: pa.Array, ward: Array, born: Array, since: Array, until: Array) -> pa.Table:
    """Children under six by ward at the end of March of each year that is drawn in full."""
    rows: dict[str, list[Array]] = {"ward": [], "year": [], "children": []}
    for year in range(FIRST + 7, LAST):
        on = days(date(year, 3, 31))
        there = (since <= on) & (until > on) & (born <= on)
        rows["children"].append(np.bincount(ward[there], minlength=len(names)))
        rows["ward"].append(np.arange(len(names)))
        rows["year"].append(np.full(len(names), year))
    held = {name: np.concatenate(parts) for name, parts in rows.items()}
    return pa.table({**held, "ward": names.take(pa.array(held["ward"]))})


SERVICE = Service("children", ("children.health",), keep)
