"""How a budget of readings is spread over strata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def neyman(populations: Sequence[int], spreads: Sequence[float], budget: int, least: int) -> list[int]:
    """How many to read of each stratum: in proportion to its size times its spread (Neyman 1934), which
    makes the variance of the estimated number of matches least; each gets `least`, none more than it has.

    Answers counts that sum to the budget, unless `least` of each is more or all together are fewer.
    """
    sizes = np.asarray(populations, np.int64)
    ideal = sizes * np.asarray(spreads, np.float64)
    counts = np.minimum(sizes, least)
    while (left := budget - int(counts.sum())) > 0 and (open_ := counts < sizes).any():
        want = np.where(open_, np.maximum(ideal, 1e-12), 0.0)
        # What a stratum already has counts towards its share, so that `least` is not an extra.
        share = _fill(counts, want, left, open_)
        more = np.minimum(np.floor(share).astype(np.int64), sizes - counts)
        if not more.any():
            order = np.lexsort((np.arange(len(sizes)), -(share - np.floor(share)), ~open_))
            more[order[: min(left, int(open_.sum()))]] = 1
        counts = counts + more
    return [int(count) for count in counts]


def _fill(
    counts: npt.NDArray[np.int64], want: npt.NDArray[np.float64], left: int, open_: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """How much more each open stratum is due when those already above their share get nothing."""
    due = open_.copy()
    while True:
        total = left + counts[due].sum()
        share = np.where(due, total * want / want[due].sum() - counts, 0.0)
        if not (over := due & (share < 0)).any():
            return np.asarray(share, np.float64)
        due &= ~over
