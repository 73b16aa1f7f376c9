"""An invented county: small areas as Voronoi cells, wards, districts and a coast.

An area is everything nearer to its centre than to another's (a Voronoi cell), about 1,500 people. Wards are
the areas nearest to a ward's centre, districts the wards nearest to a district's. Nothing here exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .streams import Array

AREA_PEOPLE = 1_500
EAST, NORTH = 60.0, 42.0
_STEMS = (
    "Ash Fell Thorn Brad Mere Lang Wick Hath Elm Stan Oak Cran Raven Hol Win Cop Birch Sel Dun Gar "
    "Hazel Kel Lin Mar Nor Pen Ros Sand Tarn Ul Wal Yew Alder Brook Clay Dray Eaves Farn Glen Heron"
)
_ENDS = "combe bury ton ley wick ford by thorpe mouth stead dale hurst cliffe worth field gate"


@dataclass(frozen=True)
class Geography:
    """Areas and what they lie in. Arrays are by area, except the names; `deprivation` is 1 (most) to 5."""

    area: list[str]
    ward: Array
    district: Array
    ward_names: list[str]
    district_names: list[str]
    deprivation: Array
    coastal: Array
    east: Array
    north: Array

    @property
    def count(self) -> int:
        return len(self.area)


def lay_out(people: int, rng: np.random.Generator) -> Geography:
    """Areas for this many people: centres spread over the land, then grouped by nearness."""
    count = max(8, round(people / AREA_PEOPLE))
    east, north = _spread(count, rng)
    wards = max(3, round(count / 5))
    ward, ward_at = _group(east, north, wards, rng)
    districts = max(2, min(12, round(wards / 15)))
    district_of_ward, _ = _group(ward_at[:, 0], ward_at[:, 1], districts, rng)
    coastal = _coastal(east, north)
    names = place_names(wards + districts, rng)
    return Geography(
        area=[f"N{number:06d}" for number in range(1, count + 1)],
        ward=ward,
        district=district_of_ward[ward],
        ward_names=names[:wards],
        district_names=names[wards:],
        deprivation=_deprivation(east, north, coastal, rng),
        coastal=coastal,
        east=np.round(east, 2),
        north=np.round(north, 2),
    )


def place_names(count: int, rng: np.random.Generator) -> list[str]:
    """Distinct invented names; beyond the stock a compass word goes before."""
    stock = [stem + end for stem in _STEMS.split() for end in _ENDS.split()]
    plain = [stock[i] for i in rng.permutation(len(stock))]
    names = plain + [f"{word} {name}" for word in ("North", "South", "East", "West") for name in plain]
    return names[:count]


def shore(north: Array) -> Array:
    """How far east the land goes at this latitude, in kilometres."""
    bays: Array = EAST - 4 + 3 * np.sin(north / 5.5)
    return bays


def _spread(count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Centres on land, well apart: a jittered grid, then as many of it as wanted."""
    columns = int(np.ceil(np.sqrt(count * 1.25 * EAST / NORTH)))
    rows = int(np.ceil(count * 1.25 / columns)) + 1
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    east = ((x + 0.15 + 0.7 * rng.random(x.shape)) * EAST / columns).ravel()
    north = ((y + 0.15 + 0.7 * rng.random(y.shape)) * NORTH / rows).ravel()
    land = np.flatnonzero(east < shore(north))
    kept = rng.permutation(land)[:count]
    return east[kept], north[kept]


def _group(east: Array, north: Array, groups: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Group of each point by the nearest of `groups` centres, which three rounds of k-means improve."""
    points = np.column_stack((east, north))
    centres = points[rng.permutation(len(points))[:groups]]
    for _ in range(3):
        group = _nearest(points, centres)
        for index in range(groups):
            mine = points[group == index]
            if len(mine):
                centres[index] = mine.mean(axis=0)
    return _nearest(points, centres), centres


def _nearest(points: Array, centres: Array) -> Array:
    gaps = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(gaps.argmin(axis=1), dtype=np.int32)


def _coastal(east: Array, north: Array) -> Array:
    """Areas whose cell touches the shore: those nearest to some point of it."""
    along = np.linspace(0, NORTH, 600)
    nearest = _nearest(np.column_stack((shore(along), along)), np.column_stack((east, north)))
    return np.isin(np.arange(len(east)), nearest)


def _deprivation(east: Array, north: Array, coastal: Array, rng: np.random.Generator) -> Array:
    """Quintiles of a smooth field of towns, with more deprivation on the coast."""
    towns = rng.random((6, 2)) * (EAST, NORTH)
    gaps = (east[:, None] - towns[:, 0]) ** 2 + (north[:, None] - towns[:, 1]) ** 2
    score = np.exp(-gaps / 60).sum(axis=1) + 0.35 * coastal + rng.normal(0, 0.25, len(east))
    rank = np.argsort(np.argsort(-score, kind="stable"), kind="stable")
    return np.asarray(1 + rank * 5 // len(east), dtype=np.int32)
