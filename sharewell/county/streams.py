"""Named random streams: one a stage and service, so that a new service changes no other.

The seed of a stream is BLAKE2b of its name and the county's seed; the generator is numpy's PCG64.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def stream(name: str, seed: int) -> np.random.Generator:
    """The stream called `name` in the county of this seed; the same two give the same numbers."""
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


def choose(rng: np.random.Generator, count: int, weights: Array) -> Array:
    """`count` positions drawn with replacement in proportion to `weights`, as int32."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right")
    return np.asarray(np.minimum(drawn, len(bounds) - 1).astype(np.int32))


def weighted_order(rng: np.random.Generator, weights: Array) -> Array:
    """A random order without replacement in proportion to `weights` (Efraimidis and Spirakis 2006)."""
    with np.errstate(divide="ignore"):
        keys = rng.standard_exponential(len(weights)) / weights
    return np.asarray(np.argsort(keys, kind="stable"))
