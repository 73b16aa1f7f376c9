"""The values of one column, cut as finely as all conditions on it together cut them.

Two releases that band age at 0-15/16-64 and at 0-17/18-64 cut it into 0-15, 16-17 and 18-64: every
condition is a union of such *levels*, and nothing published tells the people of one level apart.

It is common knowledge which levels exist: that nobody is younger than 0, or which wards there are. So a
level that nobody in the population has is left out. Where the population is not at hand, values that no
condition names are taken not to exist, unless the conditions would otherwise hold of everybody: an
attacker who knows more is the safer one to judge by.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import DataError, Problem
from ...plan.finding import UNKNOWN
from ..structure import Floats, Ints, Mask
from .predicates import Condition, Interval, read_band

Value = str | float | None


@dataclass(frozen=True)
class People:
    """A population as the host holds it while it judges: distinct tuples of the columns that predicates
    use, and how many people have each. Never stored.

    codes: column -> which of `values[column]` each tuple has. weights: people of each tuple.
    """

    codes: Mapping[str, Ints]
    values: Mapping[str, tuple[Value, ...]]
    weights: Floats

    @classmethod
    def from_table(cls, table: pa.Table, weight: str | None = None) -> People:
        """From rows of people, or of tuples with a column of how many. Text, numbers and booleans are
        understood; a boolean column stands for a condition known by its text."""
        codes, values = {}, {}
        for name in table.column_names:
            if name == weight:
                continue
            column = table.column(name)
            if pa.types.is_boolean(column.type):
                column = pc.if_else(column, "true", "false")
            encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
            codes[name] = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)
            values[name] = tuple(encoded.dictionary.to_pylist())
        ones = np.ones(table.num_rows)
        weights = ones if weight is None else np.asarray(table.column(weight).to_numpy(), np.float64)
        if not np.isfinite(weights).all() or (weights < 0).any():
            raise DataError(
                Problem("WEIGHT", "a tuple has no whole number of people", fix="count the people of each")
            )
        return cls(codes, values, weights)


@dataclass(frozen=True)
class Axis:
    """A column cut into levels.

    holds: conditions x levels; the first condition is none at all, which every level meets. number: which
    row of `holds` a condition is; conditions that hold of the same levels are one. levels: that of each
    distinct value of the population, where one is at hand.
    """

    column: str
    holds: Mask
    number: Mapping[Condition, int]
    levels: Ints | None

    @property
    def size(self) -> int:
        return int(self.holds.shape[1])


def cut(column: str, conditions: Sequence[Condition], values: Sequence[Value] | None) -> Axis:
    """The levels of `column` under all these conditions. values: the distinct ones of the population."""
    breaks = sorted({end for c in conditions if isinstance(c, Interval) for end in (c.low, c.high)})
    breaks = [end for end in breaks if math.isfinite(end)]
    names = sorted({name for c in conditions if isinstance(c, frozenset) for name in c})
    raw = np.stack([_raw(condition, breaks, names) for condition in conditions])
    found = None if values is None else _places(values, breaks, names)
    there = _there(raw, found, len(breaks) + 1)
    kept = np.flatnonzero(there)
    signatures, level = np.unique(raw[:, kept], axis=1, return_inverse=True)
    every = np.ones((1, signatures.shape[1]), dtype=bool)
    holds, number = np.unique(np.vstack([every, signatures]), axis=0, return_inverse=True)
    # Number 0 is the condition that holds of all.
    swap = np.arange(len(holds))
    swap[[0, number[0]]] = swap[[number[0], 0]]
    numbers = {c: int(swap[n]) for c, n in zip(conditions, number[1:], strict=True)}
    levels = None
    if found is not None:
        places = np.zeros(len(there), dtype=np.int64)
        places[kept] = level.reshape(-1)
        levels = places[found]
    return Axis(column, np.asarray(holds[swap], dtype=np.bool_), numbers, levels)


def _raw(condition: Condition, breaks: Sequence[float], names: Sequence[str]) -> Mask:
    """Which stretches between breaks, named categories, and other categories (the last) it holds of."""
    held = np.zeros(len(breaks) + 1 + len(names) + 1, dtype=bool)
    if isinstance(condition, Interval):
        ends = [-math.inf, *breaks, math.inf]
        held[: len(breaks) + 1] = [
            condition.low <= low and high <= condition.high for low, high in pairwise(ends)
        ]
    else:
        held[len(breaks) + 1 : -1] = [name in condition for name in names]
    return held


def _places(values: Iterable[Value], breaks: Sequence[float], names: Sequence[str]) -> Ints:
    """Where each value of the population lies among what `_raw` tells apart."""
    place = {name: len(breaks) + 1 + i for i, name in enumerate(names)}
    other = len(breaks) + 1 + len(names)

    def find(value: Value) -> int:
        if isinstance(value, str) and value in place:
            return place[value]
        number = _number(value) if breaks else None
        if number is not None:
            return bisect_right(breaks, number)
        return place.get(UNKNOWN if value is None else str(value), other)

    return np.array([find(value) for value in values], dtype=np.int64)


def _number(value: Value) -> float | None:
    """A value as a number: text that is one too ("7")."""
    if isinstance(value, str):
        band = read_band(value)
        return band.low if band and band.high - band.low == 1 else None
    return None if value is None or math.isnan(value) else float(value)


def _there(raw: Mask, found: Ints | None, stretches: int) -> Mask:
    there = np.zeros(raw.shape[1], dtype=bool)
    if found is not None:
        there[found] = True
        return there
    named: Mask = np.asarray(raw.any(axis=0), dtype=np.bool_)
    if len(np.unique(raw[:, named], axis=1).T) > 1:
        return named
    # The one condition needs those of whom it does not hold: numbers beside numbers, else a category.
    beside = np.flatnonzero(~named[:stretches])
    there[:] = named
    there[beside[0] if named[:stretches].any() and len(beside) else -1] = True
    return there
