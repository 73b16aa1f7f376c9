"""Frequencies where a suppressed value may be anything: how many rows each row could be taken for.

Two rows match when they agree on every quasi-identifier that neither lacks. This is the count `fk` of
sdcMicro (Templ, Kowarik, Meindl 2015; Franconi and Polettini 2004), and the weighted one is `Fk`. It is
not a count of a class: matching is not transitive, so a row without one value can make several others
look safer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..structure import Floats, Ints
from .coded import Coded, number, weigh


def match_counts(coded: Coded, weights: Floats | None = None) -> Floats:
    """For each row the number of people (or sum of `weights`) in the rows it matches, itself included.

    Rows are taken pattern of nulls by pattern: those of two patterns match where they agree on the
    columns that both have. Costs patterns squared groupings; local suppression leaves few patterns.
    """
    held = coded.people.astype(np.float64) if weights is None else weights
    patterns, pattern = np.unique(_lacking(coded), return_inverse=True)
    rows = [np.flatnonzero(pattern == i) for i in range(len(patterns))]
    found = np.zeros(coded.rows)
    for i, mine in enumerate(patterns):
        for j, theirs in enumerate(patterns):
            shared = [d for d in range(len(coded.names)) if not (int(mine) | int(theirs)) >> d & 1]
            found[rows[i]] += _matches(coded, held, shared, rows[i], rows[j])
    return found


def _lacking(coded: Coded) -> Ints:
    """Which columns each row lacks, as bits."""
    bits = np.zeros(coded.rows, dtype=np.int64)
    for d, codes in enumerate(coded.codes):
        bits |= (codes == 0).astype(np.int64) << d
    return bits


def _matches(coded: Coded, weights: Floats, shared: Sequence[int], mine: Ints, theirs: Ints) -> Floats:
    if not shared:
        return np.full(len(mine), weights[theirs].sum())
    both = np.concatenate([mine, theirs])
    classes, size = number([coded.codes[d][both] for d in shared], [coded.sizes[d] for d in shared])
    totals = weigh(classes[len(mine) :], size, weights[theirs])
    return np.asarray(totals[classes[: len(mine)]], dtype=np.float64)
