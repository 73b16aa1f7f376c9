"""Runs of neighbouring places, laid end to end: the loop over rows of different length, without a loop."""

from __future__ import annotations

import numpy as np

from ..structure import Ints


def lay(start: Ints, count: Ints) -> Ints:
    """start[0], start[0] + 1, ... (count[0] of them), start[1], ..."""
    return np.repeat(start - np.cumsum(count) + count, count) + np.arange(count.sum())
