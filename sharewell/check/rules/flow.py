"""Flows: successive stages of one cohort, where what falls out between two stages is itself a count of
people.

Stages are kept so that every difference between neighbours kept is nobody or at least the minimum; the
largest possible number of stages is kept (dynamic programming, later ones preferred: the last is the number
a study rests on). A stage withheld lies between its neighbours, which differ by at least the minimum.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import ALL, Output, ResultTable
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats, Mask

_NEVER = -(10**9)


def judge(evidence: Evidence, policy: Policy, withheld: Mask) -> list[Breach]:
    """Stages to withhold because the step to a neighbour is a small number.

    Rows are stages in order; the last dimension names the stage, those before it group flows.
    """
    if evidence.table.output is not Output.FLOW:
        return []
    counts = np.stack(list(evidence.counts.values()), axis=1)
    more = np.zeros(evidence.rows, dtype=bool)
    for rows in flows(evidence.table):
        open_ = [row for row in rows if not withheld[row]]
        kept = keep_stages(counts[open_], policy.minimum, policy.zero_is_small)
        more[[row for row, keep in zip(open_, kept, strict=True) if not keep]] = True
    why = f"the step to the stage before or after it would tell of fewer than {policy.minimum} people"
    return [Breach("flow differences", why, more)]


def flows(table: ResultTable) -> list[list[int]]:
    """The rows of each flow, in order. GateError FLOW_TOTAL where one flow totals over others."""
    columns = [table.data.column(name).to_pylist() for name in table.by[:-1]]
    if any(ALL in column for column in columns) or any(table.hierarchies.get(name) for name in table.by):
        raise GateError(
            Problem(
                "FLOW_TOTAL",
                "a flow totals over other flows of the same table",
                "differences between flows are not judged here",
                "show the total as a table of its own, or leave it out",
                f"table {table.name}",
            )
        )
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in range(table.data.num_rows):
        found[tuple(column[row] for column in columns)].append(row)
    return list(found.values())


def keep_stages(
    counts: Floats, minimum: int, zero_is_small: bool | Mask, from_first: bool = False
) -> list[bool]:
    """Which stages to keep: the most for which every neighbouring difference of every column is safe.

    zero_is_small: whether a step of nobody is unsafe, for all columns or for each. from_first: the first
    stage is known whatever is kept, so that every other one kept must be a safe step from it or from one
    kept before.
    """
    best: list[tuple[int, int]] = []
    for i in range(len(counts)):
        step = np.abs(counts[:i] - counts[i])
        safe = ((step >= minimum) | ((step == 0) & ~np.asarray(zero_is_small))).all(axis=1)
        before = [(best[j][0], j) for j in np.flatnonzero(safe).tolist()]
        reached = i == 0 or not from_first
        number, link = max(before, default=(0 if reached else _NEVER, -1))
        best.append((number + 1, link))
    keep = [False] * len(counts)
    at = max(range(len(best)), key=lambda i: (best[i][0], i), default=-1)
    while at >= 0:
        keep[at] = True
        at = best[at][1]
    return keep
