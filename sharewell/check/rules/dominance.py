"""Dominance: a sum must not be told by the one or two people who make up most of it.

p% rule: the second largest contributor, who knows their own part, must not estimate the largest to within p
per cent; nor must a coalition of `Policy.coalition` contributors. Of these a table shows the second largest
only, so the others of a coalition are taken to be as large, which withholds rather more. (n, k) rule: the n
largest must not make up more than the share k. (Hundepool et al., Statistical Disclosure Control, 2012,
chapter 4.)
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Rows whose sum is dominated. GateError EVIDENCE where the policy asks and the table has no
    evidence."""
    if policy.p_percent is None and policy.dominance is None:
        return []
    problems, found = [], []
    for name, total in evidence.sums.items():
        if name not in evidence.largest:
            problems.append(
                Problem(
                    "EVIDENCE",
                    f"{name} is a sum without its largest contributions",
                    f"policy {policy.name} has a dominance rule, which cannot be applied without them",
                    "let the recipe give `largest`, or choose a policy without the rule",
                    f"table {evidence.table.name}",
                )
            )
            continue
        first, second = evidence.largest[name]
        rows = np.zeros(evidence.rows, dtype=bool)
        if policy.p_percent is not None:
            rest = total - first - policy.coalition * second
            rows |= (first > 0) & (rest < policy.p_percent / 100 * first)
        if policy.dominance is not None:
            n, k = policy.dominance
            rows |= (first > 0) & (first + (second if n == 2 else 0.0) > k * total)
        found.append(Breach("dominance", f"one or two people make up most of {_words(name)}", rows))
    if problems:
        raise GateError(problems)
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")
