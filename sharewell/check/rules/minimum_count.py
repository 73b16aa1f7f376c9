"""Minimum count: a figure must rest on enough people (the threshold rule).

People are counted where a table counts them and where a share implies them: 3% of 100 people is three
people, and 98% of them leaves two.
"""

from __future__ import annotations

import numpy as np

from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats, Mask


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Rows with a count, or a number of people implied by a share, under the minimum."""
    small = np.zeros(evidence.rows, dtype=bool)
    for name, people in evidence.counts.items():
        small |= _is_small(people, policy, policy.zero_is_small and name not in evidence.table.zero_safe)
        small |= (people == 0) & _told(evidence, name)
    nobody = "" if policy.zero_is_small else ", nobody excepted"
    why = f"fewer than {policy.minimum} people stand behind the figure{nobody}"
    found = [Breach("minimum count", why, small)]
    implied = np.zeros(evidence.rows, dtype=bool)
    of = {m.column: m.count for m in evidence.table.measures}
    for name, people in evidence.implied.items():
        held = np.isfinite(people)
        with_it, without = np.round(people), np.round(evidence.counts[of[name]] - people)
        implied |= held & (
            _is_small(with_it, policy, policy.zero_is_small) | _is_small(without, policy, False)
        )
    why = f"the share tells of fewer than {policy.minimum} people, with or without what it measures"
    found.append(Breach("minimum count", why, implied & ~small))
    return found


def _told(evidence: Evidence, count: str) -> Mask:
    """Rows where a mean or a share is given that rests on `count`: of nobody, it must be of somebody else.

    A sum of nobody is zero and tells nothing; a mean of nobody cannot exist. Where a row rests on the
    fewer of two groups (balance), zero in one of them hides how few the other has.
    """
    told = np.zeros(evidence.rows, dtype=bool)
    for measure in evidence.table.measures:
        if measure.count == count and not measure.additive:
            figures = (
                evidence.table.data.column(measure.column).to_numpy(zero_copy_only=False).astype(float)
            )
            told |= np.isfinite(figures) & (figures != 0)
    return told


def _is_small(people: Floats, policy: Policy, zero_too: bool) -> Mask:
    under: Mask = people < policy.minimum
    return under if zero_too else under & (people > 0)
