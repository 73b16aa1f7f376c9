"""Distinct weighted tuples: rows about people as coded quasi-identifiers, each combination once.

Search never looks at rows again: its cost depends on how many combinations there are, not on how many
people. Values become whole numbers in the order of their text, so that nothing downstream depends on the
order in which rows came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import GateError, Problem
from .hierarchy import TOP, Generalisation, Ladder, count_split_groups

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LARGEST = 2**62
_DENSE = 1 << 16


@dataclass(frozen=True)
class Quasi:
    """A coded quasi-identifier.

    groups[level][value]: the group of each distinct value; labels[level][group]: its text, null where the
    value itself is null (null is a group of its own below the last level, and part of it there).
    """

    name: str
    groups: tuple[Ints, ...]
    labels: tuple[tuple[str | None, ...], ...]

    @property
    def levels(self) -> int:
        return len(self.groups)


@dataclass(frozen=True)
class Sensitive:
    """A coded sensitive column. values: how many codes; null: the code of null, or -1; ordered: whether
    codes are in the order of numbers or dates."""

    name: str
    values: int
    null: int
    ordered: bool


@dataclass(frozen=True)
class Tuples:
    """Distinct combinations. quasi_codes[i], sensitive_codes[i]: column i's code of each; people: how many
    rows hold each; of_row: which combination each row is."""

    quasi: tuple[Quasi, ...]
    sensitive: tuple[Sensitive, ...]
    quasi_codes: tuple[Ints, ...]
    sensitive_codes: tuple[Ints, ...]
    people: Ints
    of_row: Ints

    @property
    def rows(self) -> int:
        return len(self.of_row)


def factorise(keys: Ints, span: int) -> tuple[Ints, Ints]:
    """Keys in [0, span) as codes, and where each code is first seen. By a table where the span is small,
    which a search does most of the time, and otherwise by hashing; the order of codes says nothing."""
    if span <= 4 * len(keys) + _DENSE:
        first = np.full(span, -1, dtype=np.int64)
        first[keys[::-1]] = np.arange(len(keys) - 1, -1, -1)
        seen = first >= 0
        return (np.cumsum(seen) - 1)[keys], first[seen]
    coded = pa.array(keys).dictionary_encode()
    codes = coded.indices.to_numpy().astype(np.int64)
    first = np.empty(len(coded.dictionary), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, first


def add_up(codes: Ints, weights: Ints | Floats, least: int) -> Floats:
    """The sum of weights of each code; at least so many codes."""
    return np.bincount(codes, weights=weights, minlength=least).astype(np.float64)


def combine(parts: Sequence[tuple[Ints, int]], rows: int) -> tuple[Ints, int]:
    """One key for several codes, given each part's span; parts of one value cost nothing."""
    keys, span = np.zeros(rows, dtype=np.int64), 1
    for codes, size in parts:
        if size == 1:
            continue
        if span > _LARGEST // size:
            keys, first = factorise(keys, span)
            span = len(first)
        keys = codes.astype(np.int64) if span == 1 else keys * size + codes
        span *= size
    return keys, span


def encode(
    table: pa.Table,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    hierarchies: Mapping[str, Generalisation],
) -> Tuples:
    """The distinct combinations of a table. GateError with every cause: values that a hierarchy does not
    cover (how many, never which), groups that lie in two, values within values."""
    problems: list[Problem] = []
    coded, held = [], []
    for name in quasi:
        codes, values = _code(table.column(name))
        held.append(codes)
        found = _quasi(name, values, hierarchies[name])
        if isinstance(found, Problem):
            problems.append(found)
        else:
            coded.append(found)
    kinds, kept = [], []
    for name in sensitive:
        column = table.column(name)
        codes, values = _code(column, by_text=False)
        kept.append(codes)
        null = values.index(None) if None in values else -1
        kinds.append(Sensitive(name, len(values), null, is_ordered(column.type)))
    if problems:
        raise GateError(problems)
    parts = [(codes, len(column.groups[0])) for codes, column in zip(held, coded, strict=True)]
    parts += [(codes, max(kind.values, 1)) for codes, kind in zip(kept, kinds, strict=True)]
    keys, span = combine(parts, table.num_rows)
    of_row, first = factorise(keys, span)
    return Tuples(
        tuple(coded),
        tuple(kinds),
        tuple(codes[first] for codes in held),
        tuple(codes[first] for codes in kept),
        np.bincount(of_row, minlength=len(first)),
        of_row,
    )


def is_ordered(kind: pa.DataType) -> bool:
    """Whether values of a type have steps between them, as numbers and dates do."""
    numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(numbers or pa.types.is_temporal(kind))


def _code(column: pa.ChunkedArray, by_text: bool = True) -> tuple[Ints, list[Any]]:
    """Codes of a column and its distinct values in order: as text with null last, or as they are with null
    first, before the least."""
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], type=whole.type)
    if pa.types.is_dictionary(whole.type):
        whole = whole.cast(whole.type.value_type)
    if pa.types.is_null(whole.type):
        return np.zeros(len(whole), dtype=np.int64), [None] if len(whole) else []
    if not by_text and pa.types.is_floating(whole.type):
        whole = pc.if_else(pc.is_nan(whole), pa.scalar(None, type=whole.type), whole)
    coded = whole.dictionary_encode()
    values = coded.dictionary.cast(pa.string()) if by_text else coded.dictionary
    order = pc.sort_indices(values).to_numpy()
    nulls = [None] if whole.null_count else []
    shift = 0 if by_text else len(nulls)
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order] = np.arange(len(order)) + shift
    rank[-1] = len(order) if by_text else 0
    codes = rank[coded.indices.fill_null(len(order)).to_numpy()]
    held = values.take(pa.array(order)).to_pylist()
    return codes, held + nulls if by_text else nulls + held


def _quasi(name: str, values: Sequence[str | None], hierarchy: Generalisation) -> Quasi | Problem:
    known = [value for value in values if value is not None]
    ladders = [hierarchy.ladder(value) for value in known]
    whole: list[Ladder] = [ladder for ladder in ladders if ladder is not None]
    gaps = len(ladders) - len(whole)
    if gaps:
        return Problem(
            "HIERARCHY",
            f"{gaps} distinct values of {name} have no place in its hierarchy",
            "what cannot be generalised cannot be protected",
            "complete the hierarchy, or make those values null before",
            f"column {name}",
        )
    if len({len(ladder) for ladder in whole}) > 1 or count_split_groups(whole):
        return Problem(
            "HIERARCHY",
            f"the hierarchy of {name} does not nest on the values at hand",
            "a group must lie within one group of the next level",
            "give every value the same levels, each group one parent",
            f"column {name}",
        )
    return _levels(name, whole, len(values) > len(known))


def _levels(name: str, ladders: Sequence[Ladder], nulls: bool) -> Quasi:
    """Groups and labels of every level; null is a further value, alone until the last level."""
    if len({ladder[-1] for ladder in ladders}) > 1:
        ladders = [(*ladder, TOP) for ladder in ladders]
    height = len(ladders[0]) if ladders else 2
    groups, labels = [], []
    for level in range(height):
        known = sorted({ladder[level] for ladder in ladders})
        words: list[str | None] = [*known]
        place = {word: code for code, word in enumerate(known)}
        codes = [place[ladder[level]] for ladder in ladders]
        if nulls and level == height - 1:
            words = words or [TOP]
            codes.append(0)
        elif nulls:
            codes.append(len(words))
            words.append(None)
        groups.append(np.array(codes, dtype=np.int64))
        labels.append(tuple(words))
    return Quasi(name, tuple(groups), tuple(labels))
