"""The fast path: a published cell within another, whose difference is a small number of people.

No program is solved: containment is looked up condition by condition, for all pairs of a new cell and any
other at once, after the pairs whose counts are too far apart have been left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..structure import Floats, Ints, Mask
from .atoms import too_large
from .ragged import lay
from .system import System

MOST_PAIRS = 20_000_000


@dataclass(frozen=True)
class Contained:
    """Pairs of rows, each `inner` within its `outer`, and what the two figures leave of their
    difference."""

    inner: Ints
    outer: Ints
    low: Floats
    high: Floats


def find_contained(system: System, new: Ints, small: int) -> Contained:
    """Pairs of which at least one row is among `new`, and whose difference may be (or, where the population
    is at hand, is) 1 to small - 1 people.

    Left out: an inner cell of nobody, and an outer one that is small itself, whose atoms are asked for.
    """
    counts = system.counts
    least, most = (counts, counts) if counts is not None else (system.low, system.high)
    finite = np.flatnonzero(np.isfinite(most))
    order = finite[np.argsort(least[finite], kind="stable")]
    inner, outer = order[most[order] > 0], order[most[order] >= small]
    news = np.zeros(system.rows, dtype=bool)
    news[new] = True
    reach = float((most[finite] - least[finite]).max(initial=0.0))
    window = (-reach, small + reach)
    mine, theirs = _near(least, inner[news[inner]], outer, window)
    one = _within(system, mine, theirs)
    theirs, mine = _near(least, outer[news[outer]], inner[~news[inner]], (-window[1], -window[0]))
    other = _within(system, mine, theirs)
    inner, outer = (np.concatenate(side) for side in zip(one, other, strict=True))
    fits = (most[outer] - least[inner] > 0) & (least[outer] - most[inner] < small)
    inner, outer = inner[fits], outer[fits]
    low = np.maximum(system.low[outer] - system.high[inner], 0.0)
    return Contained(inner, outer, low, system.high[outer] - system.low[inner])


def _near(least: Floats, ones: Ints, order: Ints, window: tuple[float, float]) -> tuple[Ints, Ints]:
    """Each of `ones` with those of `order` (sorted by `least`) that are so much larger."""
    begin = np.searchsorted(least[order], least[ones] + window[0], "left")
    end = np.searchsorted(least[order], least[ones] + window[1], "right")
    count = end - begin
    if count.sum() > MOST_PAIRS:
        raise too_large("pairs of cells of much the same size", MOST_PAIRS)
    return np.repeat(ones, count), order[lay(begin, count)]


def _within(system: System, inner: Ints, outer: Ints) -> tuple[Ints, Ints]:
    """Those pairs of which the first lies within the second."""
    held = inner != outer
    inner, outer = inner[held], outer[held]
    # The axis that tells most cells apart first: what it leaves is little to the others.
    axes = sorted(enumerate(system.atoms.axes), key=lambda each: -len(each[1].holds))
    for place, axis in axes:
        beyond = axis.holds[:, None, :] & ~axis.holds[None, :, :]
        within: Mask = np.asarray(~np.any(beyond, axis=2), dtype=np.bool_)
        held = within[system.numbers[inner, place], system.numbers[outer, place]]
        inner, outer = inner[held], outer[held]
    return inner, outer
