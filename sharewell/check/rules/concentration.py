"""Concentration: the share of a whole that its largest contributors have, and the Gini coefficient.

The share of a top group is a figure of the people in it: enough must be in it, and enough outside. A Gini
coefficient is a figure of everybody, given away by one or two who have nearly all; it is judged by the
policy's dominance rules on shares of the whole. (SACRO, guide to statistical output checking, 2023: non-
linear concentration ratios, Gini coefficients.)
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Measure, Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats, Mask
from .position import beyond, has_figure


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Rows that tell of too small a top group, or of one or two people. GateError EVIDENCE where a measure
    has neither `beyond` nor `largest`."""
    table = evidence.table
    if table.output is not Output.CONCENTRATION:
        return []
    problems = [
        Problem(
            "EVIDENCE",
            f"nothing says how many people {measure.column} is about",
            "a concentration can be the share of one person",
            "name in `beyond` who is outside and in the top group, or in `largest` the two largest shares",
            f"table {table.name}",
        )
        for measure in table.measures
        if measure.beyond is None and measure.largest is None
    ]
    if problems:
        raise GateError(problems)
    few, few_have = np.zeros(evidence.rows, dtype=bool), np.zeros(evidence.rows, dtype=bool)
    for measure in table.measures:
        told = has_figure(table, measure.column)
        if measure.beyond is not None:
            few |= told & _small_group(evidence, measure, policy)
        if measure.largest is not None:
            first, second = evidence.largest[measure.column]
            few_have |= told & _dominated(first, second, policy)
    why = f"the top group, or all outside it, are fewer than {policy.minimum} people"
    return [
        Breach("concentration", why, few),
        Breach("concentration", "one or two people have nearly all", few_have),
    ]


def _small_group(evidence: Evidence, measure: Measure, policy: Policy) -> Mask:
    outside, within = beyond(evidence.table, measure)
    small: Mask = (np.minimum(outside, within) < policy.minimum) | (
        outside + within != evidence.counts[measure.count]
    )
    return small


def _dominated(first: Floats, second: Floats, policy: Policy) -> Mask:
    """The p% and (n, k) rules on a whole of 1."""
    rows = np.zeros(len(first), dtype=bool)
    if policy.p_percent is not None:
        rows |= 1 - first - second < policy.p_percent / 100 * first
    if policy.dominance is not None:
        n, k = policy.dominance
        rows |= first + (second if n == 2 else 0.0) > k
    return rows
