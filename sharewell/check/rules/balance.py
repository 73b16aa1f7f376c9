"""Balance tables: the levels of one covariate share everybody out, so a lone withheld level follows from
the rest.

A balance table names its covariate in its first dimension and its level in the second. The total over the
levels is known (the size of the arm) although no row holds it.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from ...plan.finding import ALL, Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Mask


def judge(evidence: Evidence, policy: Policy, withheld: Mask) -> list[Breach]:
    """The smallest other level of each covariate that has exactly one level withheld so far."""
    table = evidence.table
    if table.output is not Output.BALANCE or len(table.by) < 2:
        return []
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    columns = [table.data.column(name).to_pylist() for name in table.by]
    for row, key in enumerate(zip(*columns, strict=True)):
        if key[1] != ALL:
            groups[(key[0], *key[2:])].append(row)
    people = np.min(np.stack(list(evidence.counts.values())), axis=0)
    more = np.zeros(evidence.rows, dtype=bool)
    for rows in groups.values():
        open_ = [row for row in rows if not withheld[row]]
        if len(rows) - len(open_) == 1 and open_:
            more[min(open_, key=lambda row: (people[row], row))] = True
    why = "it would give away, by subtraction, another level of the same covariate"
    return [Breach("complementary suppression", why, more)]
