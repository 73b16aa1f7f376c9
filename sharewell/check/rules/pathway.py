"""Pathways: people going from one service to the next, where what comes into a place goes out of it again.

The last two dimensions name from and to, those before them tell networks apart. A rare edge that is
withheld follows from the others at its place: as many come in as go out. The places where that holds in
the data are taken to be known; where it does not, the people who begin or end there are a number of
people themselves, and must be nobody, at least the minimum, or hidden. A withheld edge is protected by
showing that the figures beside it could all be otherwise: a linear program moves it by the width that the
policy asks, keeps every balance and total, and touches the fewest people; what it touches is withheld.
(Cell suppression on networks as in Cox, Network models for complementary cell suppression, JASA 90, 1995;
Kelly, Golden and Assad, Networks 22, 1992.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import ALL, Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy
from ..program import load_program, run_program
from ..structure import Floats, Mask

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Key = tuple[str, ...]

BATCHES = 8
"""Random costs, each taken up and down, tried before a target gets a program of its own."""


@dataclass(frozen=True)
class _Network:
    """One column of people over a pathway table.

    known: sums that are nobody, as every reader knows: one a row, over all cells (rows, then hidden cells).
    places: people in less people out of each place, one a row. small: places where that is a small number.
    """

    people: Floats
    known: csr_array
    places: Floats
    small: Mask


def judge(evidence: Evidence, policy: Policy, withheld: Mask) -> list[Breach]:
    """Edges and totals to withhold beside those withheld already. GateError EVIDENCE where the table does
    not say from where to where."""
    if evidence.table.output is not Output.PATHWAY:
        return []
    by, nested = evidence.table.by, evidence.table.hierarchies
    if len(by) < 2 or evidence.overlapping.any() or any(nested.get(name) for name in by[-2:]):
        raise GateError(
            Problem(
                "EVIDENCE",
                "the table does not say from where to where each step goes",
                "what comes into a place and goes out of it betrays what is withheld",
                "let the last two dimensions be from and to, unnested; count each of a person's steps",
                f"table {evidence.table.name}",
            )
        )
    balances = _balances(evidence)
    more = np.zeros(evidence.rows, dtype=bool)
    for people in evidence.counts.values():
        network = _network(evidence, policy, people, balances)
        more |= _protect(network, policy, withheld | more, withheld)
    why = "as many people come into a place as go out of it, which would give a withheld figure away"
    return [Breach("pathways", why, more & ~withheld)]


def _balances(evidence: Evidence) -> Floats:
    """In less out of each place that people both come to and leave: places x rows."""
    table = evidence.table
    keys: list[Key] = list(zip(*(table.data.column(name).to_pylist() for name in table.by), strict=True))
    into: dict[Key, list[int]] = defaultdict(list)
    out: dict[Key, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if ALL in key:
            continue
        out[(*key[:-2], key[-2])].append(row)
        into[(*key[:-2], key[-1])].append(row)
    places = sorted(set(into) & set(out))
    found = np.zeros((len(places), len(keys)))
    for number, place in enumerate(places):
        found[number, into[place]] += 1
        found[number, out[place]] -= 1
    return found


def _network(evidence: Evidence, policy: Policy, people: Floats, balances: Floats) -> _Network:
    from scipy.sparse import csr_array, vstack

    structure = evidence.structure
    places = np.hstack([balances, np.zeros((len(balances), structure.cells - structure.rows))])
    difference = np.abs(balances @ people)
    held = np.flatnonzero(structure.parents >= 0)
    shape = structure.children.shape
    totals = csr_array((np.ones(len(held)), (held, structure.parents[held])), shape=shape)
    known = vstack([structure.children - totals, csr_array(places[difference == 0])], format="csr")
    small = (difference > 0) & (difference < policy.minimum)
    return _Network(people, known, places, small)


def _protect(network: _Network, policy: Policy, start: Mask, primary: Mask) -> Mask:
    """Rows to withhold besides, for one column. What is withheld later only widens what was wide before."""
    withheld = start.copy()
    cells = network.places.shape[1]
    targets = [np.eye(1, cells, int(row))[0] for row in np.flatnonzero(primary)]
    targets += list(network.places[network.small])
    proven = _proven(network, withheld, targets, policy.protection)
    for target, wide in zip(targets, proven, strict=True):
        if wide:
            continue
        ways = [_cheapest(network, withheld, target, sign * policy.protection) for sign in (1, -1)]
        found = [way for way in ways if way is not None]
        if not found:
            withheld[:] = True
            break
        withheld |= min(found, key=lambda way: float(network.people[way & ~withheld].sum()))
    return withheld & ~start


def _proven(network: _Network, withheld: Mask, targets: Sequence[Floats], width: float) -> Mask:
    """Which targets a few points of what a reader holds possible already show to be wide open. Each point
    is the best of random costs, so it moves many at once; two far apart are proof."""
    if not targets:
        return np.zeros(0, dtype=bool)
    rows, cells = len(withheld), network.places.shape[1]
    lower, upper = np.zeros(cells), np.full(cells, network.people.sum() + 1)
    shown = np.flatnonzero(~withheld)
    lower[shown] = upper[shown] = network.people[shown]
    nothing = np.zeros(network.known.shape[0])
    model = load_program(network.known, nothing, nothing, lower, upper)
    random = np.random.default_rng(rows)
    index = np.arange(cells, dtype=np.int32)
    points = []
    for _ in range(BATCHES):
        cost = random.normal(size=cells)
        for sign in (1.0, -1.0):
            model.changeColsCost(cells, index, sign * cost)
            point = run_program(model)
            points += [] if point is None else [point]
    if not points:
        return np.zeros(len(targets), dtype=bool)
    reached = np.array(points) @ np.array(targets).T
    wide: Mask = np.ptp(reached, axis=0) >= width
    return wide


def _cheapest(network: _Network, withheld: Mask, target: Floats, move: float) -> Mask | None:
    """The rows that must be open to a reader's doubt for the target to be greater by `move`, those of the
    fewest people; None where it cannot be."""
    from scipy.sparse import csr_array, hstack, vstack

    rows, cells = len(withheld), network.places.shape[1]
    cost = np.zeros(cells)
    cost[:rows] = np.where(withheld, 0.0, network.people + 1)
    least = np.append(network.people, np.zeros(cells - rows))
    most = np.full(cells, abs(move) * cells)
    known = vstack([network.known, csr_array(target[None, :])], format="csr")
    ends = np.append(np.zeros(network.known.shape[0]), move)
    both = csr_array(hstack([known, -known], format="csr"))
    model = load_program(both, ends, ends, np.zeros(2 * cells), np.append(most, least))
    index = np.arange(2 * cells, dtype=np.int32)
    model.changeColsCost(2 * cells, index, np.append(cost, cost))
    point = run_program(model)
    if point is None:
        return None
    moved = np.abs(point[:cells] - point[cells:]) > 1e-7
    opened: Mask = moved[:rows]
    return opened
