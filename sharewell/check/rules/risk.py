"""Risk: groups ranked by a modelled figure.

The first count is the population behind the rank. A row that is withheld stands between its neighbours:
in a table that is in the order of a figure, or that numbers its ranks, its place tells the figure. Such a
table is refused rather than withheld in part.
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats, Mask


def judge(evidence: Evidence, policy: Policy, withheld: Mask) -> list[Breach]:
    """Groups of too few people, nobody included: a modelled figure of nobody is one of the model. GateError
    ORDER where the order of the rows tells a withheld figure."""
    table = evidence.table
    if table.output is not Output.RISK:
        return []
    few = next(iter(evidence.counts.values())) < policy.minimum
    if (few | withheld).any():
        told = [m.column for m in table.measures if _tells_place(_values(evidence, m.column))]
        if told:
            raise GateError(
                Problem(
                    "ORDER",
                    f"the rows are in the order of {name}, or it numbers them",
                    "a withheld row would be known to lie between its neighbours",
                    "put the rows in the order of their names, and give the figure without its rank",
                    f"table {table.name}",
                )
                for name in told
            )
    return [Breach("risk", f"fewer than {policy.minimum} people are behind the rank", few)]


def _values(evidence: Evidence, column: str) -> Floats:
    values: Floats = evidence.table.data.column(column).to_numpy(zero_copy_only=False).astype(np.float64)
    return values[np.isfinite(values)]


def _tells_place(values: Floats) -> bool:
    """Whether the values rise or fall from row to row, or are the ranks 1, 2, 3, ... in some order."""
    if len(values) < 3 or np.ptp(values) == 0:
        return False
    steps = np.diff(values)
    ranks = np.array_equal(np.sort(values), np.arange(1, len(values) + 1))
    return bool(ranks or (steps >= 0).all() or (steps <= 0).all())
