"""What an equivalence class says of a sensitive value: l-diversity, t-closeness, delta-disclosure,
beta-likeness.

    distinct, entropy, recursive (c, l)   Machanavajjhala et al., l-Diversity, ACM TKDD 1(1), 2007
    t                                     Li, Li, Venkatasubramanian, t-Closeness, ICDE 2007
    delta                                 Brickell and Shmatikov, The Cost of Privacy, KDD 2008
    beta                                  Cao and Karras, Publishing Microdata ..., PVLDB 5(11), 2012

All are the worst over the classes. A null among sensitive values counts as a value ("not known" is
published too); in the order of a numeric column it comes before the least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..structure import Floats, Ints
from .coded import Coded, weigh

_SHORT = 4
"""A grid of classes by values is counted directly while it has at most this many cells a row."""


@dataclass(frozen=True)
class Diversity:
    """One sensitive column over all classes.

    distinct: fewest different values in a class. entropy: e to the least entropy, so that entropy
    l-diversity holds for l up to it. recursive: for each l from 2 to `distinct` (at most 10) the bound
    that c must exceed for recursive (c, l)-diversity. t: largest distance of a class from all rows, by
    ordered distance (numbers and dates) or equal distance (`ordered`). delta: largest |ln(share in
    class / share in all)| over the values that a class holds; `strict_delta` is infinite where some
    class lacks a value, as the definition has it. beta: largest relative gain of a share.
    """

    column: str
    distinct: int
    entropy: float
    recursive: dict[int, float]
    t: float
    ordered: bool
    delta: float
    everywhere: bool
    beta: float

    @property
    def strict_delta(self) -> float:
        return self.delta if self.everywhere else float("inf")


@dataclass(frozen=True)
class _Groups:
    """People by class and value, sorted by class then value. starts: the first group of each class."""

    of: Ints
    value: Ints
    people: Floats
    starts: Ints
    sizes: Floats
    shares: Floats


def diversity(column: pa.ChunkedArray, coded: Coded, name: str, classes: Ints, number_of: int) -> Diversity:
    """Measure one sensitive column, coded alone; `classes` numbers each row's class."""
    ordered = _is_ordered(column.type)
    codes, values = coded.codes[0], coded.sizes[0]
    if ordered:
        codes = _ranks(column, codes, values)
    groups = _group(classes, number_of, codes, values, coded.people)
    inside = groups.people / groups.sizes[groups.of]
    overall = groups.shares[groups.value]
    distinct = np.diff(np.append(groups.starts, len(groups.of)))
    entropies = -np.add.reduceat(inside * np.log(inside), groups.starts)
    distance = _ordered_distance(groups) if ordered else _equal_distance(groups, inside, overall)
    return Diversity(
        column=name,
        distinct=int(distinct.min()),
        entropy=float(np.exp(max(entropies.min(), 0.0))),
        recursive=_recursive(groups, int(distinct.min())),
        t=float(distance.max()),
        ordered=ordered,
        delta=float(np.abs(np.log(inside / overall)).max()),
        everywhere=bool((distinct == (groups.shares > 0).sum()).all()),
        beta=float((inside / overall - 1).max()),
    )


def _is_ordered(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
    )


def _ranks(column: pa.ChunkedArray, codes: Ints, size: int) -> Ints:
    """Codes renumbered in the order of the values; null (0) stays first."""
    first = np.zeros(size, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    held = np.unique(codes)
    held = held[held > 0]
    order = pc.sort_indices(column.take(pa.array(first[held]))).to_numpy()
    rank = np.zeros(size, dtype=np.int64)
    rank[held[order]] = np.arange(1, len(held) + 1)
    return np.asarray(rank[codes], dtype=np.int64)


def _group(classes: Ints, number_of: int, codes: Ints, values: int, people: Ints) -> _Groups:
    joint = classes * values + codes
    if number_of * values <= _SHORT * len(joint):
        totals = weigh(joint, number_of * values, people)
        found = np.flatnonzero(totals)
        counts = totals[found]
    else:
        found, inverse = np.unique(joint, return_inverse=True)
        counts = weigh(inverse, 0, people)
    of, value = found // values, found % values
    starts = np.flatnonzero(np.append(True, np.diff(of) > 0))
    shares = weigh(value, values, counts) / counts.sum()
    return _Groups(of, value, counts, starts, np.add.reduceat(counts, starts), shares)


def _equal_distance(groups: _Groups, inside: Floats, overall: Floats) -> Floats:
    """Half the sum of |p - q|; what a class does not hold contributes all of q."""
    apart = np.add.reduceat(np.abs(inside - overall) - overall, groups.starts)
    return np.asarray((apart + 1) / 2, dtype=np.float64)


def _ordered_distance(groups: _Groups) -> Floats:
    """Sum of |P - Q| over the ordered values, P and Q cumulative, over their number less one.

    P is a step function with few steps, Q rises: on each step the two cross once, so that prefix sums
    of Q and one search give the sum without a grid of classes by values.
    """
    shares = groups.shares
    real = np.flatnonzero(shares)
    if len(real) < 2:
        return np.zeros(len(groups.starts))
    place = np.zeros(len(shares), dtype=np.int64)
    place[real] = np.arange(len(real))
    rising = np.cumsum(shares[real])
    sums = np.append(0.0, np.cumsum(rising))
    running = np.cumsum(groups.people)
    before = (running - groups.people)[groups.starts]
    level = (running - before[groups.of]) / groups.sizes[groups.of]
    start = place[groups.value]
    stop = np.append(start[1:], len(real))
    stop[np.append(groups.starts[1:], len(start)) - 1] = len(real)
    cross = np.clip(np.searchsorted(rising, level), start, stop)
    steps = level * (2 * cross - start - stop) + sums[start] + sums[stop] - 2 * sums[cross]
    total = np.add.reduceat(steps, groups.starts) + sums[start[groups.starts]]
    return np.asarray(total / (len(real) - 1), dtype=np.float64)


def _recursive(groups: _Groups, most: int) -> dict[int, float]:
    """The bound on c for each l: most frequent over the tail from the l-th most frequent on."""
    order = np.lexsort((-groups.people, groups.of))
    people = groups.people[order]
    rank = np.arange(len(people)) - groups.starts[groups.of]
    largest = people[groups.starts]
    tails = {}
    for least in range(2, min(most, 10) + 1):
        tail = np.add.reduceat(np.where(rank >= least - 1, people, 0.0), groups.starts)
        tails[least] = float((largest / tail).max())
    return tails
