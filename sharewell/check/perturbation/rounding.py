"""Rounding counts row by row, and what a reader then knows of the count behind a published figure.

    nearest     to the nearest multiple of the base, halves up
    midpoint    to the midpoint of the run of counts that holds it: of base 6, 1 to 6 become 3 and 7 to 12
                become 9, while nobody stays 0 (OpenSAFELY documentation, Safe outputs: midpoint 6 rounding)
    controlled  to one of the two multiples around it, chosen for the whole table (`controlled`)

A published figure stands for a run of whole numbers. Where small numbers are withheld a reader knows as
well that a shown one is not small; where rounding alone covers them (`Policy.rounding_covers`) nothing is
withheld and that cannot be concluded. Those bounds are what the linear programs give to an attacker.
"""

from __future__ import annotations

import numpy as np

from ...plan.finding import Output
from ..evidence import Evidence
from ..policy import Policy, RoundingMethod
from ..structure import Floats


def is_covered(evidence: Evidence, policy: Policy) -> bool:
    """Whether rounding alone hides the small numbers of this table, so that no count need be withheld.

    Only counts can be covered, and under midpoint the shares that are made of them: a mean of three people
    stays theirs however their number is rounded.
    """
    table = evidence.table
    if not policy.rounding_covers or table.output is not Output.FREQUENCY or table.degrees_of_freedom:
        return False
    if policy.rounding_method == "controlled":
        return not table.measures
    return all(measure.share for measure in table.measures)


def used_method(evidence: Evidence, policy: Policy) -> RoundingMethod:
    """How the counts of this table are rounded.

    Controlled rounding adds up only if every cell is shown: where figures must be withheld, subtracting in
    an additive table would tell the rounded ones, and the nearest multiple is used in its place.
    """
    if policy.rounding_method == "controlled" and not is_covered(evidence, policy):
        return "nearest"
    return policy.rounding_method


def round_counts(people: Floats, base: int, method: RoundingMethod = "nearest") -> Floats:
    """To the nearest multiple of `base`, halves up; or to the midpoint of the run. NaN stays."""
    if method == "midpoint":
        middle: Floats = np.ceil(people / base) * base - np.where(people > 0, base // 2, 0)
        return middle
    rounded: Floats = np.floor((people + base // 2) / base) * base
    return rounded


def round_figures(values: Floats, figures: int) -> Floats:
    """To so many significant figures; NaN, zero and infinity stay."""
    held = np.isfinite(values) & (values != 0)
    shown = np.array(values, dtype=np.float64)
    # Through the decimal form: scaling by powers of ten would leave figures such as 0.12300000000000001.
    shown[held] = np.char.mod(f"%.{figures}g", values[held]).astype(np.float64)
    return shown


def round_shares(implied: Floats, people: Floats, base: int, method: RoundingMethod = "nearest") -> Floats:
    """Shares of rounded counts; NaN where the rounded denominator is nobody."""
    over, under = round_counts(np.round(implied), base, method), round_counts(people, base, method)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: Floats = np.where(under > 0, np.minimum(over / under, 1.0), np.nan)
    return shares


def known_bounds(
    people: Floats,
    policy: Policy,
    zero_safe: bool,
    covered: bool = False,
    method: RoundingMethod | None = None,
) -> tuple[Floats, Floats]:
    """What a reader knows of a published count: its least and its greatest value.

    method: how this table is rounded (`used_method`); the policy's own if not given. covered: nothing small
    is withheld. Where either of two figures may yet be published (controlled), the bounds are those that
    hold whichever it is, so that no more is granted to a reader's ignorance than is true.
    """
    if policy.rounding is None:
        return people, people
    lower, upper = _run(people, policy.rounding, method or policy.rounding_method)
    if not covered:
        lower, upper = _without_small(lower, upper, policy, not policy.zero_is_small or zero_safe)
    return np.minimum(np.maximum(lower, 0.0), people), np.maximum(upper, people)


def _run(people: Floats, base: int, method: RoundingMethod) -> tuple[Floats, Floats]:
    """The counts that are published as the same figure."""
    if method == "midpoint":
        top: Floats = np.ceil(people / base) * base
        return np.where(people > 0, top - base + 1, 0.0), top
    if method == "controlled":
        below: Floats = np.floor(people / base) * base
        exact = people == below
        return np.where(exact, below - base + 1, below + 1), below + base - 1
    shown = round_counts(people, base)
    return shown - base // 2, shown + (base - 1) // 2


def _without_small(lower: Floats, upper: Floats, policy: Policy, zero_shown: bool) -> tuple[Floats, Floats]:
    """The runs less the numbers that would have been withheld."""
    least = float(policy.minimum)
    only_zero = (lower <= 0) & (upper < least) & zero_shown
    floor = np.where((lower <= 0) & zero_shown, 0.0, least)
    return np.maximum(lower, floor), np.where(only_zero, 0.0, upper)
