"""Special uniques: rows that few of their columns suffice to pick out, found and scored (SUDA).

    special_uniques(rows, columns, largest=3) -> SpecialUniques

A minimal sample unique (MSU) is a set of columns on which a row is alone, while it is not on any part of
the set. The fewer columns and the more sets, the likelier the row is alone in the population too. Method:
Elliot, Manning, Ford 2002 (SUDA); Manning, Haglin, Keane 2008 (SUDA2, whose answer this is: the search
differs). DIS: Skinner and Elliot 2002; DIS-SUDA shares it out over the rows by score. A null is a
category.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, factorial
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..structure import Floats, Ints, Mask
from .coded import Coded, Rows, count, encode, gather, number

MOST_SETS = 20_000
"""Refused above this many sets of columns: name fewer columns or a smaller `largest`."""


@dataclass(frozen=True)
class SpecialUniques:
    """Scores of the rows, in their order.

    by_size: sets x rows, how many MSUs of 1, 2, ... columns each row has. score: SUDA score. dis: DIS-
    SUDA, the chance that a match on this row is right, given the sampling fraction. contribution: for
    each column the share of all scores that comes from MSUs it is part of. file_dis: the same chance
    for any unique of the file.
    """

    columns: tuple[str, ...]
    largest: int
    by_size: Ints
    score: Floats
    dis: Floats
    file_dis: float
    contribution: Mapping[str, float]

    @property
    def special(self) -> Mask:
        """Rows with at least one MSU."""
        return self.score > 0

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready, and about no single row."""
        return {
            "columns": list(self.columns),
            "largest": self.largest,
            "rows": len(self.score),
            "special_uniques": int(self.special.sum()),
            "rows_by_size": {str(i + 1): int((line > 0).sum()) for i, line in enumerate(self.by_size)},
            "file_dis": self.file_dis,
            "most_dis": float(self.dis.max(initial=0.0)),
            "contribution": dict(self.contribution),
        }


def special_uniques(
    rows: Rows, columns: Sequence[str], *, largest: int | None = None, fraction: float = 0.01
) -> SpecialUniques:
    """MSUs of up to `largest` columns (default: all), scored. fraction: share of the population in the
    rows.

    DataError SETS where there would be more sets of columns than MOST_SETS, and for columns as in
    `gather`.
    """
    ceiling = len(columns) if largest is None else min(largest, len(columns))
    sets = sum(comb(len(columns), size) for size in range(1, ceiling + 1))
    if sets > MOST_SETS or ceiling < 1 or not 0 < fraction <= 1:
        raise DataError(
            Problem(
                "SETS",
                f"{sets} sets of columns to try, with a sampling fraction of {fraction}",
                fix=f"at most {MOST_SETS}: name fewer columns or a smaller `largest`; a fraction in (0, 1]",
            )
        )
    table, people = gather(rows, columns)
    coded = encode(table, people)
    tuples, size = number(coded.codes, coded.sizes)
    alike = count(tuples, size, people)
    first = np.zeros(size, dtype=np.int64)
    first[tuples] = np.arange(coded.rows)
    distinct = Coded(coded.names, tuple(c[first] for c in coded.codes), coded.sizes, alike)
    found = _search(distinct, ceiling)
    found = {subset: hits[alike[hits] == 1] for subset, hits in found.items()}
    by_size, score, parts = _score(found, len(columns), ceiling, size)
    file_dis = _file_dis(alike, fraction)
    total = score.sum()
    return SpecialUniques(
        tuple(columns),
        ceiling,
        by_size[:, tuples],
        score[tuples],
        _share_out(score, file_dis, len(columns))[tuples],
        file_dis,
        {name: float(part / total) if total else 0.0 for name, part in zip(columns, parts, strict=True)},
    )


def _search(distinct: Coded, ceiling: int) -> dict[tuple[int, ...], Ints]:
    """For each set of columns the tuples whose MSU it is.

    A set's classes are refined from those of the set without its last column. Being alone is inherited by
    every larger set, so a tuple alone on a set has it as MSU unless it is alone on the set less one
    column.
    """
    everybody = np.zeros(distinct.rows, dtype=np.int64)
    classes: dict[tuple[int, ...], tuple[Ints, int]] = {(): (everybody, 1)}
    alone: dict[tuple[int, ...], Mask] = {(): np.zeros(distinct.rows, dtype=bool)}
    found = {}
    for size in range(1, ceiling + 1):
        finer: dict[tuple[int, ...], tuple[Ints, int]] = {}
        hits: dict[tuple[int, ...], Mask] = {}
        for subset in combinations(range(len(distinct.names)), size):
            coarse, many = classes[subset[:-1]]
            last = subset[-1]
            part = number([coarse, distinct.codes[last]], [many, distinct.sizes[last]])
            if size < ceiling:
                finer[subset] = part
            here = np.bincount(part[0], minlength=part[1])[part[0]] == 1
            hits[subset] = here
            already = np.zeros(distinct.rows, dtype=bool)
            for out in range(size):
                already |= alone[subset[:out] + subset[out + 1 :]]
            found[subset] = np.flatnonzero(here & ~already)
        classes, alone = finer, hits
    return found


def _score(
    found: Mapping[tuple[int, ...], Ints], columns: int, ceiling: int, tuples: int
) -> tuple[Ints, Floats, Floats]:
    """Counts by size, scores, and the sum of scores each column is part of.

    An MSU of k out of n columns scores (n-k)(n-k-1)...(n-M), M being the largest size looked for and at
    most n-1: the number of larger sets, weighted, that it makes unique as well.
    """
    by_size = np.zeros((ceiling, tuples), dtype=np.int64)
    score, parts = np.zeros(tuples), np.zeros(columns)
    beyond = factorial(columns - min(ceiling, columns - 1) - 1) if columns > 1 else 1
    for subset, hits in found.items():
        worth = factorial(columns - len(subset)) / beyond
        by_size[len(subset) - 1, hits] += 1
        score[hits] += worth
        parts[list(subset)] += worth * len(hits)
    return by_size, score, parts


def _file_dis(alike: Ints, fraction: float) -> float:
    """The chance that a match on a sample unique is right, from the uniques and the pairs of the
    sample.
    """
    uniques, pairs = float((alike == 1).sum()), float((alike == 2).sum())
    against = 2 * pairs * (1 - fraction)
    return uniques * fraction / (uniques * fraction + against) if uniques else 0.0


def _share_out(score: Floats, file_dis: float, columns: int) -> Floats:
    """DIS-SUDA: each row's odds in proportion to a power of its score, about the odds of the file."""
    dis = np.zeros(len(score))
    hits = score > 0
    if not hits.any():
        return dis
    if file_dis >= 1.0:
        dis[hits] = 1.0
        return dis
    raised = score[hits] ** (1 + (8 - columns) / 20)
    odds = file_dis / (1 - file_dis) * raised * float((1 / raised).mean())
    dis[hits] = odds / (1 + odds)
    return dis
