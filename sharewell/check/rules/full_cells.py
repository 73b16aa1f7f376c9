"""Full cells: everybody of a group stands in one category, so to be in the group tells the category.

No count need be small for it (group disclosure; Hundepool et al., Statistical Disclosure Control, 2012,
section 5.2). Where a policy asks, such a cell is withheld; complementary suppression then withholds what it
takes that its total does not tell it. A group that has one category only, whoever is in it, tells nothing.
"""

from __future__ import annotations

import numpy as np

from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats, Ints, Mask, Structure


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """Rows that hold everybody of a total they are part of, and shares of everybody."""
    if not policy.full_cells:
        return []
    rows = np.zeros(evidence.rows, dtype=bool)
    for people in evidence.counts.values():
        rows |= _full(evidence.structure, people)
    of = {measure.column: measure.count for measure in evidence.table.measures}
    for name, implied in evidence.implied.items():
        whole = evidence.counts[of[name]]
        rows |= np.isfinite(implied) & (whole > 0) & (np.round(implied) == whole)
    return [Breach("group disclosure", "everybody in the group is in the same category", rows)]


def _full(structure: Structure, people: Floats) -> Mask:
    part = structure.children[:, : structure.rows].tocoo()
    total = structure.parents[part.row]
    chosen = (total >= 0) & (total < structure.rows) & (_choices(structure)[part.row] > 1)
    cell, total = part.col[chosen], total[chosen]
    full: Mask = np.zeros(structure.rows, dtype=bool)
    full[cell[(people[cell] > 0) & (people[cell] == people[total])]] = True
    return full


def _choices(structure: Structure) -> Ints:
    """In how many categories the people of each relation could be: the most that any group like it is
    in."""
    if not len(structure.parents):
        return np.zeros(0, dtype=np.int64)
    above = np.where(structure.across, structure.codes[structure.parents], -1)
    _, kind = np.unique(above, axis=0, return_inverse=True)
    most = np.zeros(int(kind.max()) + 1, dtype=np.int64)
    held = structure.parents >= 0
    np.maximum.at(most, kind[held], np.diff(structure.children.indptr)[held])
    return most[kind]
