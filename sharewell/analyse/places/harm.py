"""Harm beside volume: what an incident of a kind weighs, and how the order changes by it.

A kind's harm is its incidents times the days of the starting sentence for it (Sherman, Neyroud and Neyroud
2016, Policing 10:3, the Cambridge Crime Harm Index); the weights are the agreement's, with their source.
The change between two spans is a ratio of Poisson counts, its interval by the normal approximation on the
log scale with half an incident added to each (Gart 1966, Biometrika 53:1); exact enough from ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from ...errors import FitError, Problem

_Z = 1.959963984540054


@dataclass(frozen=True)
class Weighed:
    """A kind with its incidents and harm, and its place by either; 1 is first."""

    kind: str
    incidents: int
    last: int
    harm: float
    by_volume: int
    by_harm: int


def weigh(now: Mapping[str, int], last: Mapping[str, int], weights: Mapping[str, float]) -> list[Weighed]:
    """Kinds in order of harm; those without a weight are left out. FitError HARM where none has one, or a
    weight is no number of days."""
    if any(not isinstance(w, int | float) or isinstance(w, bool) or w < 0 for w in weights.values()):
        raise FitError(Problem("HARM", "a weight of harm is no number of days", fix="give days, 0 or more"))
    kinds = [kind for kind in now if kind in weights]
    if not kinds:
        what, why = "no kind of incident has a weight of harm", "nothing could be put in order by it"
        raise FitError(Problem("HARM", what, why, "name the kinds as the records do"))
    harm = {kind: now[kind] * float(weights[kind]) for kind in kinds}
    volume_place = _places(kinds, {kind: float(now[kind]) for kind in kinds})
    harm_place = _places(kinds, harm)
    found = [
        Weighed(kind, now[kind], last.get(kind, 0), harm[kind], volume_place[kind], harm_place[kind])
        for kind in kinds
    ]
    return sorted(found, key=lambda weighed: weighed.by_harm)


def _places(kinds: Sequence[str], figure: Mapping[str, float]) -> dict[str, int]:
    order = sorted(kinds, key=lambda kind: (-figure[kind], kind))
    return {kind: place for place, kind in enumerate(order, start=1)}


@dataclass(frozen=True)
class Change:
    """Now over last time, with its 95% interval."""

    ratio: float
    low: float
    high: float


def change(now: int, last: int) -> Change | None:
    """None where nothing happened last time: there is nothing to compare with."""
    if last == 0:
        return None
    spread = _Z * sqrt(1 / (now + 0.5) + 1 / (last + 0.5))
    middle = log((now + 0.5) / (last + 0.5))
    return Change(now / last, exp(middle - spread), exp(middle + spread))
