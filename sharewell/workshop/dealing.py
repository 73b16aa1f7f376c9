"""Which examples lie on which table, so that tables can be compared: nearly balanced incomplete blocks.

Each example lies on as many tables as any other, each two of them together as often as any other two
(Fisher and Yates 1938; a balanced incomplete block design where one exists), and every table shares
examples with others, directly or through them. Found by swaps from a random start, always with the same
result for the same seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from ..errors import DataError, Problem

STARTS, SWAPS = 8, 2_000


@dataclass(frozen=True)
class Dealt:
    """The examples of each table; how often each was dealt, and how often any two lay together."""

    tables: Mapping[str, tuple[str, ...]]

    @property
    def times(self) -> Mapping[str, int]:
        return Counter(label for labels in self.tables.values() for label in labels)

    @property
    def together(self) -> Mapping[tuple[str, str], int]:
        """For each two examples that ever lay together, on how many tables."""
        return Counter(pair for labels in self.tables.values() for pair in combinations(sorted(labels), 2))

    @property
    def is_connected(self) -> bool:
        """Whether a chain of shared examples leads from each table to each other."""
        left = [set(labels) for labels in self.tables.values()]
        reached = left.pop()
        while near := [labels for labels in left if labels & reached]:
            left = [labels for labels in left if not labels & reached]
            reached = reached.union(*near)
        return not left


def deal(labels: Sequence[str], tables: Sequence[str], size: int, seed: int = 0) -> Dealt:
    """`size` of the examples for each table. DataError DEAL where that cannot be done.

    What stands in the way is too few examples, or so few places that tables would share nothing.
    """
    if problems := _faults(labels, tables, size):
        raise DataError(problems)
    rng = np.random.default_rng(seed)
    start = partial(_start, len(labels), len(tables), size, rng)
    best = start()
    for _ in range(STARTS):
        best = min(best, _improved(start(), rng), key=_unevenness)
        if _unevenness(best) <= _least(best):
            break
    rows = zip(tables, best, strict=True)
    dealt = Dealt({table: tuple(labels[int(i)] for i in np.flatnonzero(row)) for table, row in rows})
    if not dealt.is_connected:
        what, why = "some tables share no example with the others", "what they say could not be compared"
        raise DataError(Problem("DEAL", what, why, "deal more to each table, or choose fewer examples"))
    return dealt


def _faults(labels: Sequence[str], tables: Sequence[str], size: int) -> list[Problem]:
    faults = []
    if size > len(labels):
        what = f"{size} examples for each table, of {len(labels)} that there are"
        faults.append(Problem("DEAL", what, fix=f"deal at most {len(labels)}"))
    if size * len(tables) < len(labels) + len(tables) - 1:
        what, why = (
            f"{len(tables)} tables of {size} cannot share {len(labels)} examples",
            "some would lie alone",
        )
        faults.append(Problem("DEAL", what, why, "deal more to each table, or choose fewer examples"))
    return faults


def _start(examples: int, tables: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """(tables, examples), 1 where dealt: each example as often as any other, give or take one."""
    dealt, times = np.zeros((tables, examples), np.int64), np.zeros(examples)
    for row in dealt:
        chosen = np.lexsort((rng.random(examples), times))[:size]
        row[chosen] = 1
        times[chosen] += 1
    return dealt


def _improved(dealt: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two tables exchange an example each wherever that makes pairs more even."""
    worth, least = _unevenness(dealt), _least(dealt)
    for _ in range(SWAPS if len(dealt) > 1 else 0):
        if worth <= least:
            break
        a, b = rng.choice(len(dealt), 2, replace=False)
        mine, theirs = np.flatnonzero(dealt[a] > dealt[b]), np.flatnonzero(dealt[b] > dealt[a])
        if not len(mine):
            continue
        i, j = rng.choice(mine), rng.choice(theirs)
        dealt[[a, b], [i, j]] = 0
        dealt[[a, b], [j, i]] = 1
        changed = _unevenness(dealt)
        if changed > worth:
            dealt[[a, b], [i, j]] = 1
            dealt[[a, b], [j, i]] = 0
        else:
            worth = changed
    return dealt


def _unevenness(dealt: np.ndarray) -> float:
    """The variance of how often two examples lie together, and a price for a table that shares nothing."""
    pairs = (dealt.T @ dealt)[np.triu_indices(dealt.shape[1], 1)]
    shared = dealt @ dealt.T - np.diag(dealt.sum(axis=1))
    return float(pairs.var() + (shared.sum(axis=1) == 0).sum())


def _least(dealt: np.ndarray) -> float:
    """The unevenness that no deal of this size is under: pairs as often as any, give or take one."""
    pairs = dealt.shape[1] * (dealt.shape[1] - 1) // 2
    sizes = dealt.sum(axis=1)
    rest = (float((sizes * (sizes - 1) // 2).sum()) / pairs) % 1 if pairs else 0.0
    return rest * (1 - rest) + 1e-9
