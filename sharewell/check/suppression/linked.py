"""Tables of one finding that show the same cells: what one withholds, the others must not show.

Two rows are the same cell when they fix the same dimensions to the same values and hold the same number of
people under the same column name. Suppression goes to and fro until no table adds any (the method of
tau-Argus' modular approach for linked tables; each table is protected, given what all of them withhold).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ...plan.finding import ALL, Output
from ..evidence import Evidence
from ..structure import Mask

Cell = tuple[int, int]
"""A table's place in the finding, and a row of it."""


def shared_cells(tables: Sequence[Evidence]) -> list[list[Cell]]:
    """Groups of rows in different tables that are one and the same cell."""
    found: dict[object, set[Cell]] = defaultdict(set)
    for number, evidence in enumerate(tables):
        table = evidence.table
        if table.output is Output.FLOW or not table.by:
            continue
        columns = [table.data.column(name).to_pylist() for name in table.by]
        for row, key in enumerate(zip(*columns, strict=True)):
            fixed = frozenset((d, v) for d, v in zip(table.by, key, strict=True) if v != ALL)
            for name, people in evidence.counts.items():
                found[(fixed, name, float(people[row]))].add((number, row))
    return [sorted(group) for group in found.values() if len({number for number, _ in group}) > 1]


def spread(groups: Sequence[Sequence[Cell]], withheld: Sequence[Mask]) -> list[Mask]:
    """Rows of each table to withhold because another table withholds the same cell."""
    more = [np.zeros_like(mask) for mask in withheld]
    for group in groups:
        if any(withheld[number][row] for number, row in group):
            for number, row in group:
                more[number][row] = not withheld[number][row]
    return more
