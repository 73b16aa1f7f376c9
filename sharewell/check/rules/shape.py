"""The shape of a distribution: standard deviation, skewness, kurtosis.

Each is a sum over people, safe where enough of them vary freely. A spread of exactly nothing says that
everybody has the same value. (SACRO, guide to statistical output checking, 2023: shape.)
"""

from __future__ import annotations

import numpy as np

from ...plan.finding import Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Rows with too few degrees of freedom, or a figure of exactly nothing. Without a column of degrees of
    freedom they are the people less one."""
    table = evidence.table
    if table.output is not Output.SHAPE:
        return []
    few, none = np.zeros(evidence.rows, dtype=bool), np.zeros(evidence.rows, dtype=bool)
    for measure in table.measures:
        free = evidence.counts[measure.count] - 1 if evidence.degrees is None else evidence.degrees
        few |= ~(free >= policy.degrees_of_freedom)
        none |= table.data.column(measure.column).to_numpy(zero_copy_only=False).astype(np.float64) == 0
    why = f"the figure has fewer than {policy.degrees_of_freedom} degrees of freedom"
    return [Breach("shape", why, few), Breach("shape", "nobody in the group differs from another", none)]
