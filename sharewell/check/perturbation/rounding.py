"""Rounding: counts to a base, shares from the rounded counts, other figures to significant figures.

A published count p then stands for the whole numbers [p - b // 2, p + (b - 1) // 2], and an attacker knows
as well that a small one would have been withheld: those are the bounds that the linear programs use.
"""

from __future__ import annotations

import numpy as np

from ..policy import Policy
from ..structure import Floats


def round_counts(people: Floats, base: int) -> Floats:
    """To the nearest multiple of `base`, halves up."""
    rounded: Floats = np.floor((people + base // 2) / base) * base
    return rounded


def round_figures(values: Floats, figures: int) -> Floats:
    """To so many significant figures; NaN and zero stay."""
    shown = [float(f"{v:.{figures}g}") if np.isfinite(v) else v for v in values.tolist()]
    return np.array(shown, dtype=np.float64)


def round_shares(implied: Floats, people: Floats, base: int) -> Floats:
    """Shares of rounded counts; NaN where the rounded denominator is nobody."""
    over, under = round_counts(np.round(implied), base), round_counts(people, base)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: Floats = np.where(under > 0, np.minimum(over / under, 1.0), np.nan)
    return shares


def known_bounds(people: Floats, policy: Policy, zero_safe: bool) -> tuple[Floats, Floats]:
    """What a reader knows of a published count: its least and its greatest value."""
    if policy.rounding is None:
        return people, people
    base = policy.rounding
    shown = round_counts(people, base)
    lower, upper = shown - base // 2, shown + (base - 1) // 2
    zero_shown = not policy.zero_is_small or zero_safe
    floor = np.where((shown == 0) & zero_shown, 0.0, float(policy.minimum))
    upper = np.where((shown == 0) & (base // 2 < policy.minimum), 0.0, upper)
    return np.maximum(np.minimum(lower, people), np.minimum(floor, people)), np.maximum(upper, people)
