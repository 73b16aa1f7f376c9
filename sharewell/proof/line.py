"""A line of an acceptance: what was asked, how it is judged, what was measured, whether it holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    EXACT = "exact"
    TOLERANCE = "tolerance"
    RATE = "rate"


@dataclass(frozen=True)
class Line:
    """One row of `prove`'s table."""

    asked: str
    kind: Kind
    measured: str
    holds: bool

    def as_mapping(self) -> dict[str, object]:
        return {"asked": self.asked, "kind": str(self.kind), "measured": self.measured, "holds": self.holds}


REJECT = 0.001
"""A rate fails only if chance would give it so rarely."""


def at_most(asked: str, times: int, of: int, rate: float) -> Line:
    """A rate that must not exceed `rate`: one-sided exact binomial test."""
    from scipy.stats import binomtest

    p = binomtest(times, of, rate, alternative="greater").pvalue
    return Line(asked, Kind.RATE, f"{times} of {of} ({times / of:.1%}), p = {p:.3f}", bool(p >= REJECT))


def at_least(asked: str, times: int, of: int, rate: float) -> Line:
    """A rate that must not fall below `rate`: one-sided exact binomial test."""
    from scipy.stats import binomtest

    p = binomtest(times, of, rate, alternative="less").pvalue
    return Line(asked, Kind.RATE, f"{times} of {of} ({times / of:.1%}), p = {p:.3f}", bool(p >= REJECT))


def within(asked: str, measured: float, low: float, high: float, show: str = "{:.4f}") -> Line:
    """A tolerance: the figure lies in [low, high]."""
    return Line(asked, Kind.TOLERANCE, show.format(measured), bool(low <= measured <= high))


def exactly(asked: str, measured: object, wanted: object, said: str = "") -> Line:
    """An exact line: the figure is the one planted. `said` replaces what would be too long to print."""
    return Line(asked, Kind.EXACT, said or f"{measured}", measured == wanted)
