"""What an intruder gets from tables about groups: withheld cells narrowed, and groups told whole.

    narrow(table, column) -> Narrowed      bounds of every withheld count, by exact linear programs
    attack_table(table) -> Attempts        withheld counts narrowed, or guessed (against the truth, at the
                                           host); groups all of one category, or all but one of them

The intruder knows how tables add up, how they were rounded, and nothing else. This shares the structure
of tables with the gate but not its method: every bound is an exact linear program of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ...errors import DataError, Problem
from ...plan.finding import Output
from ...plan.released import WITHHELD, CheckedTable
from ..program import load_program, run_program
from ..structure import Floats, Ints, Mask, Structure, build_structure
from .played import Attempt

_NOBODY = 0.5
"""Bounds are whole people but for solver noise: less than this is nobody."""


@dataclass(frozen=True)
class Making:
    """What everybody knows of how a table was made. within: how far a published count may lie from the true
    one (half the base, where counts are rounded). overlapping: dimensions along which counts do not add.
    hierarchies: dimension -> {category: the category it is part of}.
    """

    within: float = 0.0
    overlapping: tuple[str, ...] = ()
    hierarchies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


EXACT = Making()


@dataclass(frozen=True)
class Narrowed:
    """What can be known of a count column. lower, upper: bounds of each row. tested: withheld rows whose
    bounds are exact; of other withheld rows, of which there are `withheld` in all, nothing is said.
    """

    structure: Structure
    lower: Floats
    upper: Floats
    tested: Ints
    withheld: int


def narrow(
    table: CheckedTable, column: str, making: Making = EXACT, *, most: int = 100, seed: int = 0
) -> Narrowed:
    """Bounds of a count. At most `most` withheld rows, picked by seed, are given exact ones.

    DataError CONTRADICTED where published figures do not add up to within `making.within`: then nothing can
    be said of what they give away. GateError as in `build_structure`.
    """
    shown = table.data.column(column).cast("float64").to_numpy(zero_copy_only=False)
    marks = np.array(table.marks.column(column).to_pylist(), dtype=object)
    withheld = np.isin(marks, WITHHELD)
    structure = _structure(table, making)
    lower, upper = np.zeros(structure.cells), np.full(structure.cells, np.inf)
    rows = structure.rows
    lower[:rows] = np.where(withheld, 0.0, np.maximum(np.nan_to_num(shown) - making.within, 0.0))
    upper[:rows] = np.where(withheld, np.inf, np.nan_to_num(shown) + making.within)
    hidden = np.flatnonzero(withheld)
    tested = np.sort(np.random.default_rng(seed).permutation(hidden)[:most])
    if len(tested) and len(structure.parents):
        loose = np.array([name in making.overlapping for name in table.by], dtype=bool)
        _solve(structure, loose, lower, upper, tested, f"table {table.name}")
    return Narrowed(structure, lower[:rows], upper[:rows], tested, len(hidden))


def attack_table(
    table: CheckedTable,
    making: Making = EXACT,
    *,
    width: int,
    truth: CheckedTable | None = None,
    most: int = 100,
    seed: int = 0,
) -> tuple[Attempt, ...]:
    """Every count column attacked. width: a withheld count known to within fewer people is a success.

    truth: the same rows with every count, at the host.
    """
    attempts: list[Attempt] = []
    for column in table.counts:
        found = narrow(table, column, making, most=most, seed=seed)
        attempts.append(_narrowing(table, column, found, width))
        if truth is not None and len(found.tested):
            actual = truth.data.column(column).cast("float64").to_numpy(zero_copy_only=False)
            attempts.append(_guessing(table, column, found, actual))
        attempts += _attributes(table, column, found)
    return tuple(attempts)


def _structure(table: CheckedTable, making: Making) -> Structure:
    """A flow's rows follow one another: its stages never total."""
    by = () if table.output is Output.FLOW else table.by
    columns = [table.data.column(name) for name in by]
    return build_structure(columns, table.data.num_rows, [making.hierarchies.get(name, {}) for name in by])


def _solve(
    structure: Structure, loose: Mask, lower: Floats, upper: Floats, tested: Ints, where: str
) -> None:
    """Least and most of each tested cell, written into the bounds. Only cells that are not known enter."""
    matrix, ceiling = _relations(structure, loose)
    open_cells = np.flatnonzero(upper > lower)
    place = np.full(structure.cells, -1)
    place[open_cells] = np.arange(len(open_cells))
    known = np.where(upper > lower, 0.0, lower)
    floor = -np.asarray(matrix @ known, dtype=np.float64)
    part = csr_array(matrix[:, open_cells])
    model = load_program(part, floor, ceiling + floor, lower[open_cells], upper[open_cells])
    if run_program(model) is None:
        raise DataError(
            Problem(
                "CONTRADICTED",
                "the published figures do not add up",
                "nothing can be said of what they give away",
                "say in `making` how they were rounded, and along what people overlap",
                where,
            )
        )
    # The last optimum stays feasible when the objective changes: primal simplex goes on from there.
    model.setOptionValue("simplex_strategy", 4)
    for cell in tested:
        column = int(place[cell])
        least, most = _extreme(model, column, 1.0, where), _extreme(model, column, -1.0, where)
        lower[cell] = max(lower[cell], np.ceil(least - 1e-6))
        upper[cell] = min(upper[cell], np.floor(most + 1e-6))


def _relations(structure: Structure, loose: Mask) -> tuple[csr_array, Floats]:
    """Parts less their total: 0, or at least 0 where one person may be in several parts; then also no part
    is more than its total."""
    from scipy.sparse import vstack

    relations, cells = len(structure.parents), structure.cells
    known = np.flatnonzero(structure.parents >= 0)
    minus = np.full(len(known), -1.0)
    totals = csr_array((minus, (known, structure.parents[known])), shape=(relations, cells))
    along: Mask = np.zeros(relations, dtype=bool)
    if loose.any():
        along |= structure.across[:, loose].any(axis=1)
    kept = csr_array(structure.children + totals)
    # A total without a row is a zero that everybody knows, overlapping or not.
    ceiling = np.where(along & (structure.parents >= 0), np.inf, 0.0)
    parts = structure.children.tocoo()
    within = along[parts.row] & (structure.parents[parts.row] >= 0)
    if not within.any():
        return kept, ceiling
    total, part = structure.parents[parts.row[within]], parts.col[within]
    line, ones = np.arange(len(part)), np.ones(len(part))
    size = (len(part), cells)
    more = csr_array((ones, (line, total)), shape=size) - csr_array((ones, (line, part)), shape=size)
    return csr_array(vstack([kept, more])), np.append(ceiling, np.full(len(part), np.inf))


def _extreme(model: Any, cell: int, sign: float, where: str) -> float:
    """The least (sign 1) or most (sign -1) of a cell; infinite only where the solver proves it so."""
    import highspy

    model.changeColCost(cell, sign)
    point = run_program(model)
    status = model.getModelStatus()
    model.changeColCost(cell, 0.0)
    if point is not None:
        return float(point[cell])
    if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return -sign * np.inf
    raise DataError(
        Problem("UNSOLVED", "a bound could not be computed", "it may be narrow", "play again", where)
    )


def _narrowing(table: CheckedTable, column: str, found: Narrowed, width: int) -> Attempt:
    span = found.upper[found.tested] - found.lower[found.tested]
    close = int((span < width - 1e-6).sum())
    return Attempt(
        attack="tables",
        how=f"Working out withheld {column} of {table.name} by adding and subtracting",
        knowledge="the release alone",
        did=f"were known to within fewer than {width} people",
        tries=len(found.tested),
        claims=close,
        successes=close,
        all_tried=len(found.tested) == found.withheld,
        never=True,
    )


def _guessing(table: CheckedTable, column: str, found: Narrowed, actual: Floats) -> Attempt:
    """The middle of the interval, against the truth and against always saying the commonest withheld
    count.
    """
    true = actual[found.tested]
    low, high = found.lower[found.tested], found.upper[found.tested]
    bounded = np.isfinite(high)
    middle = np.where(bounded, np.floor((low + np.where(bounded, high, 0)) / 2), low)
    _, counts = np.unique(true, return_counts=True)
    return Attempt(
        attack="tables",
        how=f"Guessing withheld {column} of {table.name}",
        knowledge="the release alone",
        did="were exact",
        tries=len(true),
        claims=int(bounded.sum()),
        successes=int((middle == true).sum()),
        guess=float(counts.max() / len(true)),
        all_tried=len(true) == found.withheld,
    )


def _attributes(table: CheckedTable, column: str, found: Narrowed) -> list[Attempt]:
    """Groups known to be all, or all but one, of one category. A category without a row is a known zero."""
    whole = but_one = groups = 0
    for parent, cells in _groups(found.structure):
        if found.upper[parent] < _NOBODY:
            continue
        groups += 1
        others = float(np.sort(found.upper[cells])[:-1].sum())
        if others < _NOBODY and found.lower[parent] >= 1:
            whole += 1
        elif others < 1 + _NOBODY and found.lower[parent] >= 2:
            but_one += 1
    told = (
        ("everybody of a group is alike", "the release alone", whole),
        ("all others of a group are alike", "the release, and being the one who is not", but_one),
    )
    return [
        Attempt(
            attack="tables",
            how=f"Reading off {column} of {table.name} that {text}",
            knowledge=knowledge,
            did="said so",
            tries=groups,
            claims=successes,
            successes=successes,
            all_tried=True,
        )
        for text, knowledge, successes in told
    ]


def _groups(structure: Structure) -> list[tuple[int, Ints]]:
    """Published totals with their published parts, along dimensions that have more than one category."""
    ends = structure.children.indptr
    wide = {tuple(a) for a, n in zip(structure.across.tolist(), np.diff(ends), strict=True) if n > 1}
    found = []
    for relation, parent in enumerate(structure.parents.tolist()):
        cells = structure.children.indices[ends[relation] : ends[relation + 1]].astype(np.int64)
        shown = 0 <= parent < structure.rows and (cells < structure.rows).all()
        if shown and tuple(structure.across[relation].tolist()) in wide:
            found.append((parent, cells))
    return found
