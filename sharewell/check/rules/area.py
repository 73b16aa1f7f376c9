"""Maps: a figure of an area needs people enough living there, and must not be true of all of them.

The first count is the population of the area, the denominator; the other counts are of people among them.
Whoever knows that someone lives in an area learns about them from a figure that holds for all its people,
or for all but a few. (Hundepool et al., Statistical Disclosure Control, 2012, chapter 4, on group
disclosure.)
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Areas with few people, or with few whom a count leaves out. GateError EVIDENCE where the first count
    cannot be the population of the areas."""
    if evidence.table.output is not Output.MAP:
        return []
    columns = list(evidence.counts.values())
    population, among = columns[0], columns[1:]
    if not evidence.table.by or any((people > population).any() for people in among):
        raise GateError(
            Problem(
                "EVIDENCE",
                "the map does not give the population of its areas",
                "a count on a map is read against the people who live there",
                "name the areas in `by` and their population first in `counts`; show events as a measure",
                f"table {evidence.table.name}",
            )
        )
    few = population < policy.minimum
    nearly = np.zeros(evidence.rows, dtype=bool)
    for people in among:
        nearly |= (people > 0) & (population - people < policy.minimum)
    why = f"all people of the area, or all but fewer than {policy.minimum}, are counted"
    return [
        Breach("areas", f"fewer than {policy.minimum} people live in the area", few),
        Breach("areas", why, nearly),
    ]
