"""The noise itself, by OpenDP, and how far a noised figure stands from the exact one.

Noise is discrete Laplace, the two-sided geometric distribution (Ghosh, Roughgarden and Sundararajan 2009,
"Universally utility-maximizing privacy mechanisms"): drawn over whole numbers, in exact arithmetic, so that
no float can give the exact figure back (Mironov 2012). OpenDP draws it from the system's source of
randomness. No seed can be set here, by nobody: who knows the seed knows the figure.

What it costs is not computed here but asked of OpenDP's own privacy map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ...errors import GateError, Problem
from ..structure import Ints

MECHANISM = "discrete Laplace (two-sided geometric)"
CONFIDENCE = 0.95
"""How often a figure stands within its half-width of the exact one."""

_STEPS = 64
"""Representable numbers that the scale may be raised by before the map must grant the epsilon asked for."""


@dataclass(frozen=True)
class Mechanism:
    """Noise of this `scale` on a vector of whole numbers that one person moves by `sensitivity` (L1).

    `epsilon` is what OpenDP's map says that one use costs.
    """

    sensitivity: int
    scale: float
    epsilon: float

    def draw(self, values: Ints) -> Ints:
        """The values with noise, in their shape."""
        noised = _measurement(self.scale)(values.ravel().tolist())
        return np.asarray(noised, dtype=np.int64).reshape(values.shape)


def calibrate(sensitivity: int, epsilon: float) -> Mechanism:
    """The least noise that OpenDP's map certifies to cost no more than epsilon.

    The scale is sensitivity / epsilon, raised by single representable numbers where the map, which rounds
    upwards, says more. GateError EPSILON if that cannot be met.
    """
    scale = sensitivity / epsilon
    for _ in range(_STEPS):
        cost = float(_measurement(scale).map(sensitivity))
        if cost <= epsilon:
            return Mechanism(sensitivity, scale, cost)
        scale = math.nextafter(scale, math.inf)
    raise GateError(
        Problem("EPSILON", f"no noise was found that costs at most {epsilon}", fix="use a larger epsilon")
    )


def share_of(epsilon: float, parts: int) -> float:
    """An equal part of epsilon, such that the parts together are never more than the whole."""
    part = epsilon / parts
    while Fraction(part) * parts > Fraction(epsilon):
        part = math.nextafter(part, 0.0)
    return part


def library() -> str:
    """The name and version of what draws the noise."""
    from importlib.metadata import version

    return f"opendp {version('opendp')}"


def _measurement(scale: float) -> Any:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    return dp.m.make_laplace(*space, scale=scale)


@lru_cache(maxsize=4096)
def half_width(scale: float, cells: int, confidence: float = CONFIDENCE) -> int:
    """The least w with P(|sum of `cells` independent draws| <= w) >= confidence.

    For one cell in closed form. For more, by the inverse Fourier transform of the sum's characteristic
    function, on a lattice no finer than is needed: beyond a scale of 64 the distribution is the same up to
    its scale, and what is lost is rounded up.
    """
    if cells == 1:
        p = math.exp(-1 / scale)
        tail = (1 - confidence) * (1 + p) / 2
        return max(0, math.ceil(-math.log(tail) * scale - 1 - 1e-9))
    lattice = min(scale, 64.0 if cells <= 10_000 else 16.0)
    deviation = lattice * math.sqrt(2 * cells) + 1
    size = 1 << math.ceil(math.log2(16 * deviation + 80 * lattice + 16))
    within = np.cumsum(_masses(lattice, cells, size))
    least = int(np.searchsorted(within, confidence - 1e-12))
    return least if lattice == scale else math.ceil((least + 1) * scale / lattice)


def _masses(scale: float, cells: int, size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """P(|sum| = k) for k = 0, 1, ..."""
    p = math.exp(-1 / scale)
    angles = 2 * np.pi * np.arange(size // 2 + 1) / size
    logs = 2 * math.log1p(-p) - np.log((1 - p) ** 2 + 2 * p * (1 - np.cos(angles)))
    masses = np.fft.irfft(np.exp(cells * logs), size)[: size // 2]
    masses[1:] *= 2
    return np.asarray(masses, dtype=np.float64)
