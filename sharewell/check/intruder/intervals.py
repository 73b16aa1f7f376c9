"""Intervals for rates and for what is above a baseline."""

from __future__ import annotations

from math import sqrt

Interval = tuple[float, float]
_Z = 1.959963984540054


def wilson(successes: int, tries: int) -> Interval:
    """95% interval of a rate (Wilson 1927); (0, 1) where nothing was tried."""
    if not tries:
        return 0.0, 1.0
    rate, square = successes / tries, _Z**2
    middle = (rate + square / (2 * tries)) / (1 + square / tries)
    half = _Z * sqrt(rate * (1 - rate) / tries + square / (4 * tries**2)) / (1 + square / tries)
    low = 0.0 if not successes else max(0.0, middle - half)
    return low, 1.0 if successes == tries else min(1.0, middle + half)


def exact(successes: int, tries: int) -> Interval:
    """95% interval that never covers less (Clopper and Pearson 1934): for comparing with a baseline near
    0, where Wilson's would find risk in one lucky guess."""
    from scipy.special import betaincinv

    if not tries:
        return 0.0, 1.0
    low = float(betaincinv(successes, tries - successes + 1, 0.025)) if successes else 0.0
    high = float(betaincinv(successes + 1, tries - successes, 0.975)) if successes < tries else 1.0
    return low, high


def difference(first: tuple[float, Interval], second: tuple[float, Interval]) -> tuple[float, Interval]:
    """One rate less another, and its interval from their own (Newcombe 1998)."""
    (rate, (low, high)), (other, (under, over)) = first, second
    apart = rate - other
    below = sqrt((rate - low) ** 2 + (over - other) ** 2)
    beyond = sqrt((high - rate) ** 2 + (other - under) ** 2)
    return apart, (apart - below, apart + beyond)


def of_room(apart: tuple[float, Interval], baseline: float) -> tuple[float, Interval]:
    """A difference as a share of what a baseline leaves; a baseline of 1 leaves nothing to learn: 0."""
    room = 1 - baseline
    if room <= 0:
        return 0.0, (0.0, 0.0)
    rate, (low, high) = apart
    return rate / room, (max(-1.0, low / room), min(1.0, high / room))
