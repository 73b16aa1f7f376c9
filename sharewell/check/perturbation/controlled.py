"""Controlled rounding: each count to one of the two multiples of the base around it, and all totals add up.

Zero-restricted: a multiple of the base stays as it is. Two-way tables always have such a rounding (Causey,
Cox and Ernst 1985, Applications of transportation theory to statistical problems), and their linear program
is totally unimodular: any vertex is one. Tables of three and more dimensions and hierarchies may have none,
and finding one is hard (Fischetti and Salazar 1998, Experiments with controlled rounding for statistical
disclosure control in tabular data with linear constraints; tau-Argus has their method). What gives way
then is adjacency: totals always add, inner cells are always adjacent, and as few totals as can be found go
a multiple further. How many did, and how far, is said on the certificate.

Which of the two multiples a cell aims at is drawn with the odds that make it unbiased (Cox 1987, A
constructive procedure for unbiased controlled rounding). Rounding each to the nearer one would tell a
reader who knows the method that a 0 stands for fewer than half the base. The draw follows from the counts
themselves, so the same table is always rounded alike and cannot be averaged out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import GateError, Problem
from ..program import load_program, run_program
from ..structure import Floats, Ints, Mask, Structure

if TYPE_CHECKING:
    from scipy.sparse import csr_array

EXACT_UP_TO = 600
"""Cells up to which a mixed-integer program is tried before diving."""
NODES = 300
"""Branches at most: a limit in work and not in time, so that every machine gives the same answer."""
FURTHER = 100.0
"""What a total's going a multiple further costs, beside 1 for a cell that misses its aim."""
PART = 0.3
"""The part of the undecided inner cells that each dive decides."""


@dataclass(frozen=True)
class Controlled:
    """Rounded counts, one a row.

    further: totals that are not one of their two adjacent multiples. reach: how far the furthest figure is
    from the truth, as a number of multiples begun (1 where all are adjacent).
    """

    people: Floats
    further: int
    reach: int


def control(
    structure: Structure, people: Floats, base: int, loose: Mask, withheld: Mask | None = None
) -> Controlled:
    """The controlled rounding of one column of counts.

    loose: dimensions along which counts do not add. withheld: rows that will not be shown; the relations
    they stand in need not add, and must not, because they would tell what is withheld.
    GateError UNROUNDABLE where no additive rounding is found.
    """
    hidden = np.zeros(structure.rows, dtype=bool) if withheld is None else withheld
    matrix, totals = _relations(structure, loose, hidden)
    lower = np.floor(people / base) * base
    program = _Rounding(matrix, totals, lower / base, (people - lower) / base, _draw(people, base))
    steps = program.solve()
    shown = (lower + base * steps) if steps is not None else None
    if shown is None or (matrix @ shown != 0).any() or (shown < 0).any():
        raise GateError(
            Problem(
                "UNROUNDABLE",
                "no rounding of the counts was found whose totals add up",
                "the totals shown tie the cells in too many ways",
                "publish fewer margins together, or choose a policy that rounds to the nearest multiple",
            )
        )
    distance = np.abs(shown - people)
    reach = max(1, int(np.ceil((distance.max(initial=0.0) + 1) / base)))
    return Controlled(shown, int((distance >= base).sum()), reach)


def _relations(structure: Structure, loose: Mask, hidden: Mask) -> tuple[csr_array, Ints]:
    """Parts less total, for the relations whose cells are all shown; and the rows that are totals."""
    from scipy.sparse import csr_array

    concealed = np.append(hidden, np.ones(structure.cells - structure.rows, dtype=bool))
    parents = structure.parents
    held = (parents >= 0) & ~concealed[parents] & (structure.children @ concealed.astype(float) == 0)
    held &= ~structure.across[:, loose].any(axis=1)
    used = np.flatnonzero(held)
    shape = (len(used), structure.cells)
    total = csr_array((np.ones(len(used)), (np.arange(len(used)), parents[used])), shape=shape)
    matrix = csr_array(structure.children[used] - total)[:, : structure.rows]
    return csr_array(matrix), np.unique(parents[used])


def _draw(people: Floats, base: int) -> Mask:
    """Which cells aim at the upper multiple: with the odds of their remainder."""
    seed = hashlib.sha256(f"controlled rounding {base}".encode() + people.tobytes()).digest()
    random = np.random.default_rng(int.from_bytes(seed, "big"))
    aims: Mask = random.random(len(people)) * base < people % base
    return aims


class _Rounding:
    """Steps up from the lower multiple: 0 or 1 for every cell, for totals more or fewer at a price.

    Columns: one a row of the table, then for each total its steps further up and further down.
    """

    def __init__(self, matrix: csr_array, totals: Ints, floors: Floats, parts: Floats, aims: Mask) -> None:
        from scipy.sparse import csr_array, hstack

        self.rows, self.totals = len(floors), totals
        self.inner = np.ones(self.rows, dtype=bool)
        self.inner[totals] = False
        further = matrix[:, totals]
        self.matrix = csr_array(hstack([matrix, further, -further]))
        self.right = -(matrix @ floors)
        free = (parts > 0).astype(float)
        away = np.full(len(totals), np.inf)
        self.lower = np.zeros(self.rows + 2 * len(totals))
        self.upper = np.concatenate([free, away, floors[totals]])
        self.cost = np.concatenate([np.where(aims, -1.0, 1.0) * free, np.full(2 * len(totals), FURTHER)])

    def solve(self) -> Floats | None:
        """Whole steps a row, or None."""
        model = load_program(self.matrix, self.right, self.right, self.lower, self.upper)
        model.changeColsCost(len(self.cost), np.arange(len(self.cost), dtype=np.int32), self.cost)
        point = run_program(model)
        if point is None or not len(self._open(point)):
            return self._steps(point)
        if self.rows <= EXACT_UP_TO:
            exact = self._exact()
            if exact is not None:
                return self._steps(exact)
        return self._steps(self._dive(model, point))

    def _exact(self) -> Floats | None:
        """By branch and bound; None where the limit is reached without a rounding."""
        import highspy

        model = load_program(self.matrix, self.right, self.right, self.lower, self.upper)
        count = len(self.cost)
        columns = np.arange(count, dtype=np.int32)
        model.changeColsCost(count, columns, self.cost)
        whole = np.full(count, highspy.HighsVarType.kInteger.value, dtype=np.uint8)
        model.changeColsIntegrality(count, columns, whole)
        model.setOptionValue("mip_max_nodes", NODES)
        return run_program(model)

    def _dive(self, model: Any, point: Floats | None) -> Floats | None:
        """Decide the inner cells that are nearest to whole, a part at a time, solving again in between."""
        while point is not None:
            undecided = self._open(point)
            if not len(undecided):
                return point
            distance = np.abs(point[undecided] - np.round(point[undecided]))
            chosen = undecided[np.argsort(distance, kind="stable")][: max(1, int(PART * len(undecided)))]
            ends = np.round(point[chosen])
            model.changeColsBounds(len(chosen), chosen.astype(np.int32), ends, ends)
            point = run_program(model)
        return None

    def _open(self, point: Floats) -> Ints:
        """Inner cells that are not whole; once all are, so are the totals."""
        steps = point[: self.rows]
        return np.flatnonzero(self.inner & (np.abs(steps - np.round(steps)) > 1e-6))

    def _steps(self, point: Floats | None) -> Floats | None:
        if point is None:
            return None
        steps = point[: self.rows].copy()
        up, down = np.split(point[self.rows :], 2)
        steps[self.totals] += up - down
        whole: Floats = np.round(steps)
        return whole
