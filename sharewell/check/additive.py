"""Whether the totals of a table are the sums of their parts; if not, what is most likely wrong."""

from __future__ import annotations

import numpy as np

from ..errors import Problem
from .structure import Floats, Mask, Structure

NOISE = 1e-9
"""Of a total's size: what adding floats in another order may change."""

LEAST_BASE = 3
"""Counts that are all multiples of at least this look rounded."""


def check_additive(structure: Structure, values: Floats, overlapping: Mask, column: str) -> list[Problem]:
    """Problems where a total is not the sum of its parts: GAP where rows seem to be missing, RELEASED where
    the figures look rounded, else NOT_ADDITIVE.

    values: one a row. Along an overlapping dimension the total must lie between its largest part and the
    sum of its parts.
    """
    wrong, sums, totals = non_additive(structure, values, overlapping)
    if not wrong.any():
        return []
    absent = wrong & (structure.parents < 0)
    if absent.any():
        return [
            Problem(
                "GAP",
                f"{column}: {int(absent.sum())} totals have no row although their parts hold somebody",
                "at a level that is published, a combination without a row reads as nobody",
                "give every total of that level its row, or leave the level out",
            )
        ]
    said = f"{column}: {int(wrong.sum())} of {len(wrong)} totals"
    base = _base(values)
    if base >= LEAST_BASE and (np.abs(sums - totals)[wrong] % base == 0).all():
        return [
            Problem(
                "RELEASED",
                f"{said} are not the sums of their parts, and every figure is a multiple of {base}",
                "figures that were rounded before cannot be judged: their true values are not here",
                "judge the exact figures; pass on as it is what has already been released",
            )
        ]
    if (structure.below[wrong] & (totals > sums)[wrong]).all():
        return [
            Problem(
                "GAP",
                f"{said} are more than the sum of the categories shown under them",
                "the rest of such a category could be worked out by subtraction and would not be judged",
                "show the rest as a category of its own, or nothing under that one",
            )
        ]
    return [
        Problem(
            "NOT_ADDITIVE",
            f"{said} are not the sums of their parts",
            "margins that do not add cannot be protected, nor checked",
            "total the same people; where one person can be under several values of a dimension, declare it"
            " in `overlapping`",
        )
    ]


def non_additive(structure: Structure, values: Floats, overlapping: Mask) -> tuple[Mask, Floats, Floats]:
    """Which relations do not hold, the sum of the parts of each, and its total."""
    known = np.append(values, np.zeros(structure.cells - structure.rows + 1))
    shown = np.diff(structure.children[:, structure.rows :].indptr) == 0
    sums: Floats = structure.children @ known[:-1]
    totals = known[structure.parents]
    slack = NOISE * np.maximum(np.maximum(np.abs(totals), np.abs(sums)), 1e-6)
    loose = structure.across[:, overlapping].any(axis=1)
    wrong = shown & np.where(loose, sums < totals - slack, np.abs(sums - totals) > slack)
    if loose.any():
        wrong |= shown & loose & (_largest(structure, known[:-1]) > totals + slack)
    return wrong, sums, totals


def _largest(structure: Structure, values: Floats) -> Floats:
    if not structure.children.shape[0]:
        return np.zeros(0)
    part = structure.children
    starts, ends = part.indptr[:-1], part.indptr[1:]
    found = np.zeros(len(starts))
    held = ends > starts
    found[held] = np.maximum.reduceat(values[part.indices], starts[held])
    return found


def _base(values: Floats) -> int:
    """The greatest common divisor of whole figures; 0 where there is none."""
    if not len(values) or (values != np.floor(values)).any() or np.abs(values).max() > 2**53:
        return 0
    return int(np.gcd.reduce(values.astype(np.int64)))
