"""How far a class lies from everybody in a sensitive column: earth mover's distance, as in t-closeness."""

from __future__ import annotations

import numpy as np

from .tuples import Floats, Ints, Mask, add_up

_CHUNK = 2_000_000
"""Cells of a grid of classes by values that are held at a time."""

_TIE = 1e-9
"""Two excesses that differ by no more are equal, however they were added up."""

Cells = tuple[Ints, Ints, Floats]
"""Class, value, and the share of the class that holds it."""


def fail_most(stays: Mask, excess: Floats) -> Mask:
    """Of the classes that stay and fail, those that fail by half as much as the worst, or more."""
    fails = stays & (excess > 0)
    return fails & (excess >= excess[fails].max() / 2 - _TIE) if fails.any() else fails


def equal_distance(cells: Cells, whole: Floats, classes: int) -> Floats:
    """Earth mover's distance with equal steps: half the sum of absolute differences."""
    of, value, share = cells
    return add_up(of, np.maximum(share - whole[value], 0), classes)


def ordered_distance(cells: Cells, whole: Floats, classes: int) -> Floats:
    """Earth mover's distance of ordered values, each a step of 1 / (values - 1) from the next; values that
    nobody who stays holds are no step."""
    of, value, share = cells
    held = whole > 0
    step = np.cumsum(held) - 1
    target, width = whole[held], int(held.sum())
    far = np.zeros(classes)
    if width < 2:
        return far
    height = max(_CHUNK // width, 1)
    for low in range(0, classes, height):
        here = (of >= low) & (of < low + height)
        dense = np.zeros((min(height, classes - low), width))
        dense[of[here] - low, step[value[here]]] = share[here]
        far[low : low + len(dense)] = np.abs(np.cumsum(dense - target, axis=1)).sum(axis=1) / (width - 1)
    return far
