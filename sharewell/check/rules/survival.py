"""Survival tables and hazards: every step of a curve is a number of people.

Rows are times in order; the last dimension is the time, those before it tell curves apart. Counts are, in
this order, the people still at risk at that time and the people with the event up to then, and if wanted
the people lost to view (censored) up to then. They are counted at one moment, so that together they are
the cohort. A drop of the curve times the people at risk gives the events of the step, the fall of the
people at risk less the events gives the censored; so times are kept only where each of the three moved by
nobody or by at least the minimum since the time kept before it, and the start of the cohort is taken to
be known. Times that are not kept are merged into the step to the next one. The curve is cut where too few
are at risk. (Griffiths et al., Handbook on Statistical Disclosure Control for Outputs, 2019, survival
analysis; SACRO, guide to statistical output checking, 2023: survival tables.)
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats, Mask
from .flow import flows, keep_stages


def judge(evidence: Evidence, policy: Policy, withheld: Mask) -> list[Breach]:
    """Times to cut or to merge. GateError EVIDENCE where the counts are not those of a cohort, FLOW_TOTAL
    where one curve totals over others."""
    if evidence.table.output is not Output.SURVIVAL:
        return []
    curves = flows(evidence.table)
    counts = _cohort(evidence, curves)
    cut = counts[:, 0] < policy.least_at_risk
    merged = np.zeros(evidence.rows, dtype=bool)
    zero_is_small = _zero_is_small(evidence, policy)
    for rows in curves:
        open_ = [row for row in rows if not withheld[row] and not cut[row]]
        steps = counts[open_]
        first = bool(open_) and open_[0] == rows[0] and not counts[rows[0], 1:].any()
        if not first:
            steps = np.vstack([[[counts[rows[0]].sum(), 0.0, 0.0]], steps])
        kept = keep_stages(steps, policy.minimum, zero_is_small, from_first=True)[0 if first else 1 :]
        merged[[row for row, keep in zip(open_, kept, strict=True) if not keep]] = True
    return [
        Breach("survival", f"fewer than {policy.least_at_risk} people are still at risk", cut),
        Breach(
            "survival", f"the step of the curve is the work of fewer than {policy.minimum} people", merged
        ),
    ]


def _zero_is_small(evidence: Evidence, policy: Policy) -> Mask:
    """Whether a step of nobody tells something: not of a count whose zeros are structural, nor of the
    censored where the table does not count them."""
    safe = evidence.table.zero_safe
    told = [policy.zero_is_small and name not in safe for name in evidence.counts]
    return np.array([*told, False][:3], dtype=bool)


def _cohort(evidence: Evidence, curves: list[list[int]]) -> Floats:
    """At risk, events and censored of each row; without a third count the censored are who is missing."""
    given = np.stack(list(evidence.counts.values()), axis=1)
    if given.shape[1] not in (2, 3):
        raise _fault(
            evidence, "the table does not count the people at risk, and those with the event so far"
        )
    counts = np.column_stack([given, np.zeros(evidence.rows)])[:, :3]
    for rows in curves:
        if given.shape[1] == 2:
            counts[rows, 2] = counts[rows[0], :2].sum() - counts[rows, :2].sum(axis=1)
        curve = counts[rows]
        steps = np.diff(curve, axis=0)
        falls = (steps[:, 0] <= 0).all() and (steps[:, 1:] >= 0).all()
        if not falls or (curve < 0).any() or np.ptp(curve.sum(axis=1)) > 0:
            raise _fault(
                evidence, "the counts are not those of one cohort over time, counted from its start"
            )
    return counts


def _fault(evidence: Evidence, what: str) -> GateError:
    return GateError(
        Problem(
            "EVIDENCE",
            what,
            "a step of the curve cannot be told from one person's event",
            "give of each time the people at risk, with the event so far and, if wanted, censored so far",
            f"table {evidence.table.name}",
        )
    )
