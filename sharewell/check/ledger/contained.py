"""The fast path: a published cell within another, whose difference is a small number of people.

No program is solved. For one condition after another of the column that leaves fewest pairs, cells are
paired with those whose condition on it contains theirs (or is contained), if their counts are near enough;
the conditions on the other columns are looked up for all those pairs at once.
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
    one = _nested(system, least, inner[news[inner]], outer, window)
    theirs, mine = _nested(system, least, outer[news[outer]], inner[~news[inner]], window, inwards=True)
    inner, outer = np.append(one[0], mine), np.append(one[1], theirs)
    fits = (most[outer] - least[inner] > 0) & (least[outer] - most[inner] < small)
    inner, outer = inner[fits], outer[fits]
    low = np.maximum(system.low[outer] - system.high[inner], 0.0)
    return Contained(inner, outer, low, system.high[outer] - system.low[inner])


def _nested(
    system: System,
    least: Floats,
    ones: Ints,
    others: Ints,
    window: tuple[float, float],
    inwards: bool = False,
) -> tuple[Ints, Ints]:
    """Each of `ones` with those of `others` (sorted by `least`) that it lies within and that are so much
    larger; inwards: with those that lie within it and are so much smaller. GateError TOO_LARGE where too
    many pairs have to be looked at."""
    nested = [_contains(axis.holds) for axis in system.atoms.axes]
    if not inwards:
        nested = [each.T for each in nested]
    ends = (-window[1], -window[0]) if inwards else window
    mine, theirs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    looked = 0
    order = _most_telling_first(nested, system.numbers[ones], system.numbers[others])
    first = order[0] if order else -1
    of = system.numbers[:, first] if order else np.zeros(system.rows, dtype=np.int64)
    for condition in np.unique(of[ones]):
        group = ones[of[ones] == condition]
        held = others[nested[first][condition][of[others]]] if order else others
        pair = _near(least, group, held, ends, MOST_PAIRS - looked)
        looked += len(pair[0])
        pair = pair[0][pair[0] != pair[1]], pair[1][pair[0] != pair[1]]
        for place in order[1:]:
            numbers = system.numbers[:, place]
            kept = nested[place][numbers[pair[0]], numbers[pair[1]]]
            pair = pair[0][kept], pair[1][kept]
        mine.append(pair[0])
        theirs.append(pair[1])
    return np.concatenate(mine), np.concatenate(theirs)


def _contains(holds: Mask) -> Mask:
    """conditions x conditions: whether the first contains the second."""
    missing = (~holds).astype(np.float32) @ holds.astype(np.float32).T
    found: Mask = np.asarray(missing == 0, dtype=np.bool_)
    return found


def _most_telling_first(nested: list[Mask], ones: Ints, others: Ints) -> list[int]:
    """The columns, those whose conditions leave fewest pairs first."""
    left = [
        np.bincount(ones[:, i], minlength=len(each)) @ each @ np.bincount(others[:, i], minlength=len(each))
        for i, each in enumerate(nested)
    ]
    return sorted(range(len(nested)), key=lambda i: (left[i], i))


def _near(
    least: Floats, ones: Ints, order: Ints, window: tuple[float, float], most: int
) -> tuple[Ints, Ints]:
    """Each of `ones` with those of `order` (sorted by `least`) that are so much larger."""
    begin = np.searchsorted(least[order], least[ones] + window[0], "left")
    end = np.searchsorted(least[order], least[ones] + window[1], "right")
    count = end - begin
    if count.sum() > most:
        raise too_large("pairs of cells of much the same size", MOST_PAIRS)
    return np.repeat(ones, count), order[lay(begin, count)]
