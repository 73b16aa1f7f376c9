"""Iterative proportional fitting of households: area x type x age x ethnicity (Deming and Stephan 1940)."""

from __future__ import annotations

import numpy as np

from .geography import Geography
from .streams import Array

TYPES = (
    "one older person",
    "one adult",
    "older couple",
    "couple",
    "couple with children",
    "lone parent",
    "sharers",
    "parents with grown children",
    "care home",
)
AGE_BANDS = (18, 25, 35, 45, 55, 65, 75, 85, 100)
ETHNICITIES = ("british", "south asian", "african or caribbean", "eastern european", "other")

_TYPE_SHARE = np.array([0.135, 0.165, 0.115, 0.18, 0.235, 0.075, 0.045, 0.05])
# Reference person's age within each type: rows are TYPES without care homes, columns AGE_BANDS.
_TYPE_AGE = np.array(
    [
        [0, 0, 0, 0, 0, 0.38, 0.38, 0.24],
        [0.08, 0.24, 0.2, 0.22, 0.26, 0, 0, 0],
        [0, 0, 0, 0, 0, 0.58, 0.34, 0.08],
        [0.05, 0.24, 0.14, 0.2, 0.37, 0, 0, 0],
        [0.02, 0.2, 0.44, 0.3, 0.04, 0, 0, 0],
        [0.06, 0.28, 0.38, 0.26, 0.02, 0, 0, 0],
        [0.5, 0.5, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0.45, 0.55, 0, 0, 0],
    ]
)
_ETHNIC_SHARE = np.array([0.84, 0.06, 0.035, 0.045, 0.02])
_YOUTH = np.array([0.0, 0.35, 0.3, 0.5, 0.4])
"""How much younger than the first each group is, per age band (log scale)."""


def fit(seed: Array, margins: list[tuple[tuple[int, ...], Array]], rounds: int = 12) -> Array:
    """`seed` scaled in turn to each margin (axes kept, target). The last margin is exact."""
    table = seed.astype(np.float64).copy()
    for _ in range(rounds):
        for axes, target in margins:
            other = tuple(axis for axis in range(table.ndim) if axis not in axes)
            held = table.sum(axis=other, keepdims=True)
            shape = [table.shape[axis] if axis in axes else 1 for axis in range(table.ndim)]
            factor = np.divide(target.reshape(shape), held, out=np.zeros_like(held), where=held > 0)
            table *= factor
    return table


def households(
    places: Geography, count: int, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """`count` households: area, type, age band and ethnicity of the reference person, in order of area."""
    areas = places.count
    size = rng.gamma(40, 1 / 40, areas)
    size /= size.sum()
    by_type = _type_by_area(places) * size[:, None]
    by_type *= _TYPE_SHARE / by_type.sum(axis=0)
    by_type *= (size / by_type.sum(axis=1))[:, None]
    mixing = rng.gamma(2.0, 0.5, (areas, len(_ETHNIC_SHARE)))
    mixing[:, 0] = 1.0
    by_ethnicity = mixing * _ETHNIC_SHARE
    by_ethnicity *= (size / by_ethnicity.sum(axis=1))[:, None]
    bands = np.arange(len(AGE_BANDS) - 1)
    seed = _TYPE_AGE[None, :, :, None] * np.exp(-_YOUTH[None, None, None, :] * bands[None, None, :, None])
    type_age = _TYPE_AGE * by_type.sum(axis=0)[:, None]
    table = fit(
        np.broadcast_to(seed, (areas, *seed.shape[1:])),
        [((1, 2), type_age), ((0, 3), by_ethnicity), ((0, 1), by_type)],
    )
    cells = table.reshape(areas, -1)
    total = rng.multinomial(count, cells.sum(axis=1) / cells.sum())
    drawn = rng.multinomial(total, cells / cells.sum(axis=1, keepdims=True))
    which = np.repeat(np.arange(drawn.size), drawn.ravel())
    area, kind, band, ethnicity = np.unravel_index(which, (areas, *table.shape[1:]))
    return area.astype(np.int32), kind.astype(np.int8), band.astype(np.int8), ethnicity.astype(np.int8)


def _type_by_area(places: Geography) -> Array:
    """Shares of household types: older on the coast, more lone parents and sharers where deprived."""
    share = np.tile(_TYPE_SHARE, (places.count, 1))
    poor = (3 - places.deprivation)[:, None] / 2
    share[:, [5, 6]] *= np.exp(0.45 * poor)
    share[:, [2, 4]] *= np.exp(-0.2 * poor)
    share[:, [0, 2]] *= np.where(places.coastal, 1.35, 1.0)[:, None]
    return np.asarray(share / share.sum(axis=1, keepdims=True))
