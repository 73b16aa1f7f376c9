"""The mode: the commonest value of a group.

Its counts are, in this order, the people of the group and those of them who have the value. Where all
have it, or all but a few, it tells the value of anybody in the group. (SACRO, guide to statistical output
checking, 2023: mode.)
"""

from __future__ import annotations

from ...errors import GateError, Problem
from ...plan.finding import Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Groups with a mode that nearly all have. GateError EVIDENCE where the table does not count both."""
    if evidence.table.output is not Output.MODE:
        return []
    columns = list(evidence.counts.values())
    if len(columns) != 2 or (columns[1] > columns[0]).any():
        raise GateError(
            Problem(
                "EVIDENCE",
                "the table does not count the people of each group, and those of them who have its mode",
                "a mode that nearly everybody has tells the value of each of them",
                "name both columns in `counts`, the people of the group first",
                f"table {evidence.table.name}",
            )
        )
    others = columns[0] - columns[1]
    why = f"fewer than {policy.minimum} people of the group have another value"
    return [Breach("mode", why, (columns[0] > 0) & (others < policy.minimum))]
