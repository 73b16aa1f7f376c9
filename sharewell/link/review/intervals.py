"""Exact limits for a share seen in a sample, and how limits of parts become limits of a sum or a ratio.

Most strata of a review are all 'same' or all 'different', where the usual standard error is nought and the
usual interval a point. So each stratum brings exact limits (Clopper and Pearson 1934; by the hypergeometric
distribution, since pairs are drawn without replacement), and these are combined by variance recovery
(MOVER: Zou and Donner 2008; Donner and Zou 2012), which keeps their asymmetry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Interval:
    """An estimate and its limits, `low <= value <= high`."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


@lru_cache(maxsize=65536)
def share(seen: int, drawn: int, population: int, level: float = 0.95) -> Interval:
    """The share of a population of which `seen` of the `drawn` have the mark; nothing drawn, nothing known.

    `drawn` were taken without replacement. The interval holds the truth at least as often as `level`.
    """
    if not drawn:
        return Interval(0.5, 0.0, 1.0)
    tail = (1 - level) / 2
    if drawn * 100 < population:  # too thin a sample for its being finite to matter
        return Interval(seen / drawn, *_binomial(seen, drawn, tail))
    low = _edge(
        lambda marked: _at_least(seen, drawn, population, marked) > tail, seen, population - drawn + seen
    )
    high = _edge(
        lambda marked: _at_most(seen, drawn, population, marked) <= tail,
        seen,
        population - drawn + seen + 1,
    )
    return Interval(seen / drawn, low / population, (high - 1) / population)


def weighted(parts: Sequence[tuple[float, Interval]]) -> Interval:
    """The sum of independent parts, each times its weight (not negative)."""
    value = math.fsum(weight * part.value for weight, part in parts)
    down = math.sqrt(math.fsum((weight * (part.value - part.low)) ** 2 for weight, part in parts))
    up = math.sqrt(math.fsum((weight * (part.high - part.value)) ** 2 for weight, part in parts))
    floor = math.fsum(weight * part.low for weight, part in parts)
    ceiling = math.fsum(weight * part.high for weight, part in parts)
    return Interval(value, max(value - down, floor), min(value + up, ceiling))


def part_of(one: Interval, rest: Interval) -> Interval:
    """one / (one + rest) of two independent counts: the values at which (1 - x) one - x rest may be nought
    (Fieller's argument with recovered variances).
    """
    whole = one.value + rest.value
    if whole <= 0:
        return Interval(0.0, 0.0, 1.0)
    value = one.value / whole

    def lowest(x: float) -> float:
        slack = math.hypot((1 - x) * (one.value - one.low), x * (rest.high - rest.value))
        return (1 - x) * one.value - x * rest.value - slack

    def highest(x: float) -> float:
        slack = math.hypot((1 - x) * (one.high - one.value), x * (rest.value - rest.low))
        return (1 - x) * one.value - x * rest.value + slack

    return Interval(value, _root(lowest, 0.0, value), _root(highest, value, 1.0))


def product(one: Interval, two: Interval) -> Interval:
    """The product of two independent shares, by variance recovery on the scale of logarithms."""
    value = one.value * two.value
    if min(one.low, two.low) <= 0:
        return Interval(value, 0.0, min(one.high, two.high))
    down = math.hypot(math.log(one.value / one.low), math.log(two.value / two.low))
    up = math.hypot(math.log(one.high / one.value), math.log(two.high / two.value))
    return Interval(value, value * math.exp(-down), min(value * math.exp(up), one.high, two.high))


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that is >= 0 at `low` and <= 0 at `high` crosses nought."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2


def _edge(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The least whole number from `low` at which `holds`, which once true stays true; `high` if none is."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _binomial(seen: int, drawn: int, tail: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    low = float(betaincinv(seen, drawn - seen + 1, tail)) if seen else 0.0
    high = float(betaincinv(seen + 1, drawn - seen, 1 - tail)) if seen < drawn else 1.0
    return low, high


def _at_least(seen: int, drawn: int, population: int, marked: int) -> float:
    from scipy.stats import hypergeom

    return float(hypergeom.sf(seen - 1, population, marked, drawn))


def _at_most(seen: int, drawn: int, population: int, marked: int) -> float:
    from scipy.stats import hypergeom

    return float(hypergeom.cdf(seen, population, marked, drawn))
