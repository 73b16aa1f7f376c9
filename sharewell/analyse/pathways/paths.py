"""Sequences of events: what followed what, which sequences are alike, and how long lay between.

One sort of packed whole numbers puts the events of everybody in order; from there all is arithmetic on
arrays. Alike sequences (variants) are counted after van der Aalst (Process Mining, 2016, ch. 5); rare steps
are merged into one, so that a path of few people is not told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_WORD = 62
"""Bits that one whole number may hold."""


@dataclass(frozen=True)
class Steps:
    """The events of everybody in order: person by person, day by day. `at` is the place in the sequence,
    from 0; `kinds` is how many kinds there are."""

    person: Ints
    day: Ints
    kind: Ints
    at: Ints
    kinds: int

    @property
    def count(self) -> int:
        return len(self.person)


def in_order(person: Ints, day: Ints, kind: Ints) -> Steps:
    """Events sorted by person, day and kind (two on one day stand in the order of their kinds).

    All are whole and not negative. FitError SIZE where people, days and kinds together are too many to
    number (over 2**62).
    """
    if not len(person):
        none = np.zeros(0, np.int64)
        return Steps(none, none, none, none, 0)
    kinds = int(kind.max()) + 1
    wide = [int(values.max()).bit_length() for values in (person, day, kind)]
    if sum(wide) > _WORD:
        raise FitError(Problem("SIZE", "there are too many people and days to put in order"))
    packed = (person << (wide[1] + wide[2])) | (day << wide[2]) | kind
    packed.sort()
    return _steps(
        packed >> (wide[1] + wide[2]),
        packed >> wide[2] & ((1 << wide[1]) - 1),
        packed & ((1 << wide[2]) - 1),
        kinds,
    )


def merge_repeats(steps: Steps) -> Steps:
    """Several events of one kind in a row are one step, on the day of the first."""
    if not steps.count:
        return steps
    new = np.ones(steps.count, bool)
    new[1:] = (np.diff(steps.person) != 0) | (np.diff(steps.kind) != 0)
    return _steps(steps.person[new], steps.day[new], steps.kind[new], steps.kinds)


def cut(steps: Steps, most: int) -> Steps:
    """The first `most` steps of everybody."""
    kept = steps.at < most
    return Steps(steps.person[kept], steps.day[kept], steps.kind[kept], steps.at[kept], steps.kinds)


def _steps(person: Ints, day: Ints, kind: Ints, kinds: int) -> Steps:
    first = np.flatnonzero(np.append(True, np.diff(person) != 0))
    sizes = np.diff(np.append(first, len(person)))
    return Steps(person, day, kind, np.arange(len(person)) - np.repeat(first, sizes), kinds)


def variants(steps: Steps, people: int) -> tuple[Ints, Ints, Ints]:
    """Alike sequences: the variant of each of `people`, how many have each, and somebody who has it.

    The most frequent come first. Whoever has no event shares the empty sequence.
    """
    code = np.zeros(people, np.int64)
    bits = max(int(steps.kinds).bit_length(), 1)
    # A running code takes at most 31 bits; the rest of the word holds as many steps as fit.
    width = max(1, 31 // bits)
    longest = int(steps.at.max()) + 1 if steps.count else 0
    for start in range(0, longest, width):
        mine = (steps.at >= start) & (steps.at < start + width)
        word = np.zeros(people, np.int64)
        # Each step has bits of its own, so adding is setting them; 0 stands for no step.
        shift = (steps.at[mine] - start) * bits
        word += np.bincount(
            steps.person[mine], ((steps.kind[mine] + 1) << shift).astype(float), people
        ).astype(np.int64)
        code = np.unique(code << (width * bits) | word, return_inverse=True)[1]
    _, example, code, sizes = np.unique(code, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[code], sizes[order], example[order]


def sequences(steps: Steps, people: Ints, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The steps of each of these people, in order, by their names."""
    low = np.searchsorted(steps.person, people, side="left")
    sizes = np.searchsorted(steps.person, people, side="right") - low
    ends = np.cumsum(sizes)
    rows = np.arange(int(sizes.sum())) + np.repeat(low - ends + sizes, sizes)
    told = np.array(names, object)[steps.kind[rows]].tolist()
    return [tuple(told[end - size : end]) for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]


def layers(steps: Steps, ends: Ints, most: int, rare: int, nothing: int, other: int) -> Ints:
    """The kind of each of the first `most` steps of each person; `nothing` where they have no more.

    Where fewer than `rare` people go from one kind to the next, they go to `other` instead and stay there:
    what they do later would tell them apart again. `ends` is where each person ends; where so few go there
    from their last step, that step becomes `other` too. Of steps held here nobody is left out.
    """
    people = len(ends)
    table = np.full((people, most), nothing, np.int64)
    first = cut(steps, most)
    table[first.person, first.at] = first.kind
    size = max(other, nothing, steps.kinds) + 1
    ways = size * (int(ends.max(initial=0)) + 1)
    while True:  # merging some may leave few on a way that was many's; each round only merges more
        merged = np.zeros(people, bool)
        before = np.full(people, nothing)
        held = table.copy()
        for at in range(most):
            merged |= _few(before * size + held[:, at], held[:, at] != other, rare)
            held[merged, at] = other
            before = held[:, at]
        held[_few(before * ways + ends, before != other, rare), most - 1] = other
        if (held == table).all():
            return held
        table = held


def _few(way: Ints, of: Bools, rare: int) -> Bools:
    """Who of those in `of` goes a way that fewer than `rare` of them go."""
    many = np.bincount(way[of], minlength=int(way.max(initial=0)) + 1)
    return np.asarray(of & (many[way] < rare))


def first_times(steps: Steps) -> tuple[Ints, Ints, Ints]:
    """Each step from one kind to the next: the two kinds (-1: the beginning) and the days between, once for
    each person and pair, the first time."""
    before = np.where(steps.at > 0, np.roll(steps.kind, 1), -1)
    days = np.where(steps.at > 0, steps.day - np.roll(steps.day, 1), steps.day)
    pair = (steps.person * (steps.kinds + 1) + before + 1) * max(steps.kinds, 1) + steps.kind
    once = np.unique(pair, return_index=True)[1]
    return before[once], steps.kind[once], days[once]
