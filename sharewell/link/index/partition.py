"""From the edges of a region to people, by the rules and by what stewards have decided.

Pure: the answer depends on the records' content, their edges and the decisions, never on the order in which
they came. Units (a verified number's records, or one record) are ranked by (source, record), so that ties
fall the same way. A steward's `same` makes two units one before any weighing; `different` keeps them apart
whatever they weigh. Decisions that contradict a verified number, a source's promise or one another are not
followed: those units are frozen, for someone to look at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .. import cluster

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_AT_ONCE = 40
"""Decisions to hold apart that one component is given at a time: masks have 63 bits, sources the others."""


@dataclass(frozen=True)
class Region:
    """Records 0..n-1 in order of (source, record), each with its verified number and its promised source's
    bit (0 for none); pairs of them with weights; pairs decided to be the same or different.
    """

    number: Ints
    bit: Ints
    left: Ints
    right: Ints
    weight: Floats
    same: tuple[Ints, Ints]
    different: tuple[Ints, Ints]


@dataclass(frozen=True)
class Found:
    """For each record the least of its person and of its component, the weight of its best edge there
    (nan: none), and whether it is frozen."""

    labels: Ints
    components: Ints
    weight: Floats
    frozen: Bools


def split_up(region: Region) -> Found:
    """Partition a region into people."""
    count = len(region.number)
    numbered = _units(region.number)
    components = _components(
        count,
        np.concatenate([region.left, region.same[0], numbered]),
        np.concatenate([region.right, region.same[1], np.arange(count)]),
    )
    units, contradicted = _follow(region, numbered)
    names, at = np.unique(units, return_inverse=True)
    verified, mask = _held(region, at, len(names))
    left, right = at[region.left], at[region.right]
    swap = left > right
    left, right = np.where(swap, right, left), np.where(swap, left, right)
    between = np.flatnonzero(left != right)
    apart = _pairs_of(at[region.different[0]], at[region.different[1]])
    labels, kept = _join(
        len(names), left[between], right[between], region.weight[between], verified, mask, apart
    )
    best = np.full(count, np.nan)
    chosen = between[kept]
    for ends in (region.left[chosen], region.right[chosen]):
        np.fmax.at(best, ends, region.weight[chosen])
    return Found(names[labels[at]], components, best, contradicted)


def _units(number: Ints) -> Ints:
    """The least record of each verified number; a record without one is its own unit."""
    count = len(number)
    units = np.arange(count)
    known = np.flatnonzero(number > 0)
    _, first, inverse = np.unique(number[known], return_index=True, return_inverse=True)
    units[known] = known[first[inverse]]
    return units


def _follow(region: Region, units: Ints) -> tuple[Ints, Bools]:
    """Units made one by decisions, unless that breaks a rule; and the records of those that would."""
    count = len(units)
    frozen = np.zeros(count, bool)
    frozen |= _torn(units, units, region.different)
    if not len(region.same[0]):
        return units, frozen
    left, right = units[region.same[0]], units[region.same[1]]
    merged = cluster.join(
        count, left, right, np.zeros(len(left)), np.zeros(count, np.int64), np.zeros(count, np.int64)
    )[0][units]
    wrong = _rules_broken(region, units, merged) | _torn(units, merged, region.different)
    frozen |= wrong
    return np.where(wrong, units, merged), frozen


def _rules_broken(region: Region, units: Ints, merged: Ints) -> Bools:
    """Records of a group that holds two numbers, or two records of a source that promises one a person."""
    count = len(units)
    firsts = np.flatnonzero((region.number > 0) & (units == np.arange(count)))
    broken = np.bincount(merged[firsts], minlength=count) > 1
    for bit in range(int(region.bit.max(initial=0)).bit_length()):
        broken |= np.bincount(merged, (region.bit >> bit) & 1, minlength=count) > 1
    wrong: Bools = broken[merged] & _joined(units, merged)
    return wrong


def _joined(units: Ints, merged: Ints) -> Bools:
    """Records of a group that decisions made out of several units."""
    distinct = np.unique(np.stack([merged, units]), axis=1)[0]
    several: Bools = (np.bincount(distinct, minlength=len(units)) > 1)[merged]
    return several


def _torn(units: Ints, merged: Ints, different: tuple[Ints, Ints]) -> Bools:
    """Records of a group that another decision says are two people."""
    groups = merged[different[0]][merged[different[0]] == merged[different[1]]]
    torn: Bools = np.isin(merged, groups)
    return torn


def _held(region: Region, at: Ints, count: int) -> tuple[Ints, Ints]:
    verified = np.zeros(count, np.int64)
    verified[at[region.number > 0]] = 1
    mask = np.zeros(count, np.int64)
    np.bitwise_or.at(mask, at, region.bit)
    return verified, mask


def _pairs_of(left: Ints, right: Ints) -> Ints:
    """Distinct pairs of units that decisions hold apart, a column each, the lesser first."""
    pairs = np.stack([np.minimum(left, right), np.maximum(left, right)])
    distinct: Ints = np.unique(pairs[:, pairs[0] != pairs[1]], axis=1)
    return distinct


def _join(
    count: int, left: Ints, right: Ints, weight: Floats, verified: Ints, mask: Ints, apart: Ints
) -> tuple[Ints, Ints]:
    """As `cluster.join`; each pair held apart shares a bit of the mask that in its component no other has.

    Components with more such pairs than there are bits are split a number at a time, each round within the
    clusters of the one before.
    """
    order = np.lexsort((right, left, -weight))
    kept = order
    labels = _components(count, left, right)
    apart = apart[:, labels[apart[0]] == labels[apart[1]]]  # others can never meet, and would share bits
    first = int(mask.max(initial=0)).bit_length()
    room = min(_AT_ONCE, 62 - first)
    nth = _nth(labels[apart[0]])
    rounds = int(nth.max(initial=0)) // room + 1
    for turn in range(rounds):
        now = (nth >= turn * room) & (nth < (turn + 1) * room)
        bits = np.int64(1) << (first + nth[now] % room)
        marked = mask.copy()
        for ends in (apart[0][now], apart[1][now]):
            np.bitwise_or.at(marked, ends, bits)
        labels, chosen = cluster.join(count, left[kept], right[kept], weight[kept], verified, marked)
        kept = kept[chosen]
    return labels, kept


def _components(count: int, left: Ints, right: Ints) -> Ints:
    nothing = np.zeros(count, np.int64)
    labels: Ints = cluster.join(count, left, right, np.zeros(len(left)), nothing, nothing)[0]
    return labels


def _nth(groups: Ints) -> Ints:
    """The place of each element among those of its group, in the order given."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], groups[order])
    nth = np.empty(len(groups), np.int64)
    nth[order] = np.arange(len(groups)) - starts
    return nth
