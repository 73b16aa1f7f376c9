"""Towns and the places in them that people name (inns, streets, parks), and the gazetteer of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pyarrow as pa

from .base import County
from .effects.violence import Violence
from .geography import place_names
from .streams import Array

PLACE_TYPES = ("street", "bar or club", "park", "transport", "shop", "workplace", "school", "other")
_IN_TOWN = np.array([14, 14, 3, 3, 4, 1, 1, 2])
"""Places of each type in a town that the gazetteer knows."""
TOWNS = 8
_SIDE = 1_750
"""A town's places lie within a square of this many metres."""

_FIRST = ("Red", "White", "Black", "Golden", "Royal", "Old", "Green", "Silver", "Blue", "Bent")
_SECOND = (
    "Lion", "Hart", "Swan", "Crown", "Anchor", "Bell", "Fox", "Plough", "Ship", "Wheatsheaf", "Oak",
    "Falcon", "Bear", "Star", "Lamb",
)  # fmt: skip
_AFTER = {
    "park": "Recreation Ground", "transport": "Bus Station", "shop": "Parade", "workplace": "Works",
    "school": "Academy", "other": "Hall",
}  # fmt: skip
ROADS = (("Road", "rd"), ("Street", "st"), ("Avenue", "ave"), ("Lane", "ln"), ("Close", "cl"))


@dataclass(frozen=True)
class Places:
    """Where assaults happen, by place: code (its letter is the town's), name as people say it, town,
    type and metres; and which spot of the planted it belongs to (-1: none)."""

    code: list[str]
    name: list[str]
    town: list[str]
    kind: Array
    east: Array
    north: Array
    spot: Array


def lay_places(county: County, effects: Violence, rng: np.random.Generator) -> Places:
    """Towns around the centres of some areas, far apart; in each its places, at least 60 m from another."""
    towns = _towns(county, rng)
    kinds = np.tile(np.repeat(np.arange(len(PLACE_TYPES)), _IN_TOWN), len(towns))
    per = int(_IN_TOWN.sum())
    east, north = np.empty(len(kinds)), np.empty(len(kinds))
    for number, (x, y, _) in enumerate(towns):
        mine = slice(number * per, (number + 1) * per)
        grid = rng.permutation(14 * 14)[:per]
        east[mine] = x + (grid % 14 + rng.random(per) * 0.5) * _SIDE / 14
        north[mine] = y + (grid // 14 + rng.random(per) * 0.5) * _SIDE / 14
    town = [towns[i // per][2] for i in range(len(kinds))]
    numbers = rng.permutation(len(kinds)) + 101
    codes = [f"{chr(65 + at // per)}{number}" for at, number in enumerate(numbers.tolist())]
    spot = _spots(kinds, east, north, effects.spots)
    return Places(codes, _names(kinds, town, rng), town, kinds, np.rint(east), np.rint(north), spot)


def _towns(county: County, rng: np.random.Generator) -> list[tuple[float, float, str]]:
    """Corners in metres, and names, of towns whose centres are the furthest apart."""
    places = county.places
    east, north = places.east * 1_000, places.north * 1_000
    chosen = [int(rng.integers(places.count))]
    while len(chosen) < TOWNS:
        gap = np.min(np.hypot(east[:, None] - east[chosen], north[:, None] - north[chosen]), axis=1)
        chosen.append(int(gap.argmax()))
    names = list(dict.fromkeys(places.ward_names[places.ward[area]] for area in chosen))
    names += [name for name in place_names(60, rng) if name not in places.ward_names]
    return [(east[area], north[area], names[number]) for number, area in enumerate(chosen)]


def _spots(kinds: Array, east: Array, north: Array, spots: int) -> Array:
    """The bar or club with the nearest neighbours and these two, a spot to each of the first towns."""
    found = np.full(len(kinds), -1)
    per = int(_IN_TOWN.sum())
    for spot in range(spots):
        mine = np.arange(spot * per, (spot + 1) * per)
        gap = np.hypot(east[mine][:, None] - east[mine], north[mine][:, None] - north[mine])
        crowded = np.sort(gap, axis=1)[:, 2]
        centre = int(np.where(kinds[mine] == 1, crowded, np.inf).argmin())
        found[mine[gap[centre].argsort(kind="stable")[:3]]] = spot
    return found


def _names(kinds: Array, towns: list[str], rng: np.random.Generator) -> list[str]:
    """Names as people say them. The same inn may stand in two towns, which then has to be told."""
    inns = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    inns = [inns[i] for i in rng.permutation(len(inns))[: int((kinds == 1).sum() * 0.93)]]
    stems = place_names(400, rng)
    names, used, signs = list[str](), set[str](), cycle(inns)
    for at, (kind, town) in enumerate(zip(kinds.tolist(), towns, strict=True)):
        word = PLACE_TYPES[kind]
        if word == "bar or club":
            name = f"the {next(signs)}"
        elif word == "street":
            name = f"{stems[at]} {ROADS[int(rng.integers(len(ROADS)))][0]}"
        else:
            name = f"{stems[at]} {_AFTER[word]}"
        if f"{name} {town}" in used:
            name = f"{stems[at]} Arms"
        used.add(f"{name} {town}")
        names.append(name.lower())
    return names


def gazetteer(county: County, places: Places) -> pa.Table:
    """Each place by its name with its town, and by its name alone where only one bears it."""
    full = [f"{name} {town.lower()}" for name, town in zip(places.name, places.town, strict=True)]
    alone = [at for at, name in enumerate(places.name) if places.name.count(name) == 1]
    at = [*range(len(full)), *alone]
    near = _nearest_area(county, places)
    return pa.table(
        {
            "name": [*full, *(places.name[i] for i in alone)],
            "venue": [places.code[i] for i in at],
            "place_type": [PLACE_TYPES[places.kind[i]] for i in at],
            "licensed": [bool(places.kind[i] == 1) for i in at],
            "area": [county.places.area[near[i]] for i in at],
            "easting": places.east[at].astype(float),
            "northing": places.north[at].astype(float),
        }
    )


def _nearest_area(county: County, places: Places) -> Array:
    east, north = county.places.east * 1_000, county.places.north * 1_000
    gap = np.hypot(places.east[:, None] - east, places.north[:, None] - north)
    nearest: Array = gap.argmin(axis=1)
    return nearest
