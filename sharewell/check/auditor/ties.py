"""Withheld figures of which each gives the other away to whoever knows one of them.

Two unknown figures are tied when, over all solutions of the relations among unknown figures, each is a
fixed multiple of the other plus a constant. Of random changes of all figures, the part that breaks a
relation is taken away (least squares); what is left are changes that no published figure forbids, and
tied figures change in one proportion in all of them.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsmr

from .reader import Reader

CHANGES = 6
CLOSE = 1e-9


def count_ties(reader: Reader, overlap: bool) -> int:
    """Pairs of primary figures that are tied. overlap: whether relations along overlapping dimensions are
    left out, because they bind counts alone and not as equalities."""
    bounds, relations = reader.knowledge()
    unknown = [key for key in bounds if key in reader.hidden or key not in reader.shown]
    if len(reader.primary) < 2:
        return 0
    place = {key: i for i, key in enumerate(unknown)}
    entries, number = [], 0
    for parts, total, loose in relations:
        if loose and overlap:
            continue
        entries += [(number, place[key], 1.0) for key in parts if key in place]
        entries += [(number, place[key], -1.0) for key in total if key in place]
        number += 1
    change = np.random.default_rng(11).normal(size=(len(unknown), CHANGES))
    if entries:
        at, column, sign = zip(*entries, strict=True)
        matrix = csr_array((sign, (at, column)), shape=(number, len(unknown)))
        for k in range(CHANGES):
            broken = matrix @ change[:, k]
            change[:, k] -= lsmr(matrix, broken, atol=1e-13, btol=1e-13, maxiter=20_000)[0]
    primary = change[[place[key] for key in sorted(reader.primary)]]
    length = np.linalg.norm(primary, axis=1)
    moving = primary[length > 1e-6] / length[length > 1e-6, None]
    return sum(int((np.abs(moving[i + 1 :] @ moving[i]) > 1 - CLOSE).sum()) for i in range(len(moving)))
