"""Which small numbers rounding alone does not hide after all, because totals narrow them down.

Midpoint rounding gives 1 to 6 one figure. But six such parts under a total that is published as 3 too are
one person each, whoever published it: the totals still add up behind the rounded figures. So before small
numbers are spared, the linear program of a reader is solved for them: the run of counts behind every
published figure, and every relation. What can be narrowed to less than half the base is withheld.

Controlled rounding needs no such proof: its published figures add up, so the published table itself, with
any cell and all its totals raised or lowered together by up to the base less one, may be the true one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..program import load_program, run_program
from ..structure import Floats, Ints, Mask
from .rounding import is_covered, known_bounds

RULE = "minimum count"
BATCHES = 12


def spare(evidence: Evidence, policy: Policy, breaches: Sequence[Breach]) -> list[Breach]:
    """The breaches of one table, less the small numbers that rounding covers."""
    if not is_covered(evidence, policy):
        return list(breaches)
    kept = [breach for breach in breaches if breach.rule != RULE]
    if policy.rounding_method == "controlled":
        return kept
    narrowed = np.zeros(evidence.rows, dtype=bool)
    for people in evidence.counts.values():
        narrowed |= find_narrowed(evidence, policy, people)
    why = "with the totals beside it, the rounded figure would tell a small number too closely"
    return [Breach(RULE, why, narrowed), *kept]


def find_narrowed(evidence: Evidence, policy: Policy, people: Floats) -> Mask:
    """Small counts that a reader of the whole rounded table can narrow to less than half the base."""
    lower, upper = known_bounds(people, policy, True, covered=True)
    small = np.flatnonzero((people > 0) & (people < policy.minimum))
    needed = (policy.rounding or 1) // 2
    narrowed = np.zeros(evidence.rows, dtype=bool)
    if not len(small) or not len(evidence.structure.parents):
        return narrowed
    reader = _Reader(evidence, lower, upper)
    low, high = people.copy(), people.copy()
    random = np.random.default_rng(20240229)
    open_ = small
    for _ in range(BATCHES):
        if not len(open_):
            break
        weights = random.normal(size=len(open_))
        for sign in (1.0, -1.0):
            reader.reach(open_, sign * weights, low, high)
        open_ = small[high[small] - low[small] < needed - 1e-7]
    for cell in open_:
        for sign in (1.0, -1.0):
            reader.reach(np.array([cell]), np.array([sign]), low, high)
    # Whole people only: the ends of an interval that no count reaches do not make it wider.
    whole = np.floor(high + 1e-6) - np.ceil(low - 1e-6)
    narrowed[small] = whole[small] < needed
    return narrowed


class _Reader:
    """What a reader knows of one column: the run behind each figure, and how they add up."""

    def __init__(self, evidence: Evidence, lower: Floats, upper: Floats) -> None:
        from scipy.sparse import csr_array

        structure = evidence.structure
        hidden = structure.cells - structure.rows
        self.rows, self.cells = structure.rows, structure.cells
        held = np.flatnonzero(structure.parents >= 0)
        shape = structure.children.shape
        total = csr_array((np.ones(len(held)), (held, structure.parents[held])), shape=shape)
        matrix = csr_array(structure.children - total)
        loose = structure.across[:, evidence.overlapping].any(axis=1)
        ceiling = np.where(loose, np.inf, 0.0)
        cap = float(upper.max(initial=0.0))
        self._model = load_program(
            matrix,
            np.zeros(len(ceiling)),
            ceiling,
            np.append(lower, np.zeros(hidden)),
            np.append(upper, np.full(hidden, cap)),
        )

    def reach(self, cells: Ints, weights: Floats, low: Floats, high: Floats) -> None:
        """Widen the proven intervals by the point that is furthest in this direction."""
        cost = np.zeros(self.cells)
        cost[cells] = weights
        self._model.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        point = run_program(self._model)
        if point is not None:
            np.minimum(low, point[: self.rows], out=low)
            np.maximum(high, point[: self.rows], out=high)
