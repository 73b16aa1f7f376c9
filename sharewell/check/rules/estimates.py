"""Estimates: enough people in each arm, and enough residual degrees of freedom.

A model with nearly as many parameters as people repeats its data (Griffiths et al., 2019, section on
regressions); a comparison with a near-empty arm describes the people in it.
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Estimates with a small arm or few degrees of freedom. GateError EVIDENCE where these are not
    given."""
    if evidence.table.output not in (Output.ESTIMATE, Output.REGRESSION):
        return []
    small = np.zeros(evidence.rows, dtype=bool)
    for name, people in evidence.counts.items():
        small |= (people < policy.arm) & ((people > 0) | (name not in evidence.table.zero_safe))
    found = [Breach("estimates", f"an arm of the comparison has fewer than {policy.arm} people", small)]
    if policy.degrees_of_freedom:
        if evidence.degrees is None:
            raise GateError(
                Problem(
                    "EVIDENCE",
                    "the estimates come without their residual degrees of freedom",
                    f"policy {policy.name} asks for at least {policy.degrees_of_freedom}",
                    "let the recipe name a column in `degrees_of_freedom`",
                    f"table {evidence.table.name}",
                )
            )
        few = ~(evidence.degrees >= policy.degrees_of_freedom)
        why = f"the estimate has fewer than {policy.degrees_of_freedom} residual degrees of freedom"
        found.append(Breach("estimates", why, few))
    return found
