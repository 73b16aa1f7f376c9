"""How the figures of a table add up: levels, and the relations between them.

A row whose dimension holds ALL totals over it. The set of dimensions a row totals over is its *level*. A
level is either published, and then a combination that has no row is a zero that everybody knows, or not
published at all. Between a level and the next finer published ones each total is the sum of its parts:
those are the relations that both this gate and an attacker can use.

Where several finest levels are published and the cells beneath them are not (two one-way margins of a table
nobody shows), the cells beneath still tie the margins together. They enter as hidden cells: unknown to
the attacker, never negative, and nobody's to protect.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..errors import GateError, Problem
from ..plan.finding import ALL

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Structure:
    """The cells of a table and the relations between them.

    codes: cells x dimensions; 0 is ALL, other values number the categories. The first `rows` cells are the
    rows of the table in order, the others are hidden.
    parents: the total of each relation, -1 where that total has no row and is therefore a known zero.
    children: relations x cells, 1 where the cell is a part of the total. across: relations x dimensions,
    true where the relation sums over that dimension.
    """

    codes: Ints
    rows: int
    parents: Ints
    children: csr_array
    across: Mask

    @property
    def cells(self) -> int:
        return len(self.codes)


def build_structure(keys: list[tuple[str, ...]], dimensions: int) -> Structure:
    """The structure of rows with these dimension values. GateError TWICE for a combination given twice."""
    codes, sizes = _encode(keys, dimensions)
    if len({tuple(code) for code in codes.tolist()}) != len(codes) and dimensions:
        raise GateError(
            Problem(
                "TWICE", "two rows have the same dimensions", "totals would not be totals", "group first"
            )
        )
    rows = len(codes)
    codes = np.vstack([codes, _hidden(codes, sizes)])
    parents, blocks, across = [], [], []
    for coarse, fine in _steps(codes):
        parent, block, dims = _relate(codes, sizes, coarse, fine)
        parents.append(parent)
        blocks.append(block)
        across.append(np.tile(dims, (len(parent), 1)))
    return Structure(codes, rows, *_join(parents, blocks, across, len(codes), dimensions))


def _encode(keys: list[tuple[str, ...]], dimensions: int) -> tuple[Ints, tuple[int, ...]]:
    codes = np.zeros((len(keys), dimensions), dtype=np.int64)
    sizes = []
    for d in range(dimensions):
        values = [key[d] for key in keys]
        number = {value: i + 1 for i, value in enumerate(sorted(set(values) - {ALL}))}
        codes[:, d] = [number.get(value, 0) for value in values]
        sizes.append(len(number) + 1)
    return codes, tuple(sizes)


def _levels(codes: Ints) -> Ints:
    """The level of each cell as bits: bit d is set where the cell totals over dimension d."""
    powers: Ints = np.left_shift(1, np.arange(codes.shape[1], dtype=np.int64))
    return np.asarray((codes == 0).astype(np.int64) @ powers, dtype=np.int64)


def _hidden(codes: Ints, sizes: tuple[int, ...]) -> Ints:
    """The unpublished cells beneath several finest levels; none where there is one finest level."""
    present = set(_levels(codes).tolist())
    finest = [a for a in present if not any(b != a and b & a == b for b in present)]
    if len(finest) < 2:
        return np.zeros((0, codes.shape[1]), dtype=np.int64)
    beneath = finest[0]
    for level in finest[1:]:
        beneath &= level
    axes = [np.arange(1, n) if not beneath >> d & 1 else np.zeros(1, int) for d, n in enumerate(sizes)]
    if np.prod([len(axis) for axis in axes], dtype=float) > MOST_CELLS:
        raise GateError(
            Problem(
                "TOO_LARGE",
                "the margins shown rest on too many cells to judge",
                fix="publish the finest table, or fewer margins",
            )
        )
    return np.stack([grid.ravel() for grid in np.meshgrid(*axes, indexing="ij")], axis=1).astype(np.int64)


def _steps(codes: Ints) -> list[tuple[int, int]]:
    """(coarser, finer) pairs of levels with none between them."""
    present = sorted(set(_levels(codes).tolist()))
    below = [(a, b) for a in present for b in present if a != b and a & b == b]
    return [(a, b) for a, b in below if not any((a, c) in below and (c, b) in below for c in present)]


def _relate(
    codes: Ints, sizes: tuple[int, ...], coarse: int, fine: int
) -> tuple[Ints, tuple[Ints, Ints], Mask]:
    levels = _levels(codes)
    dims = np.array([bool((coarse & ~fine) >> d & 1) for d in range(len(sizes))])
    parts, totals = np.flatnonzero(levels == fine), np.flatnonzero(levels == coarse)
    above = codes[parts].copy()
    above[:, dims] = 0
    places = np.ravel_multi_index(tuple(np.vstack([codes[totals], above]).T), sizes)
    unique, number = np.unique(places, return_inverse=True)
    parent = np.full(len(unique), -1, dtype=np.int64)
    parent[number[: len(totals)]] = totals
    return parent, (number[len(totals) :].astype(np.int64), parts), dims


def _join(
    parents: list[Ints], blocks: list[tuple[Ints, Ints]], across: list[Mask], cells: int, dimensions: int
) -> tuple[Ints, csr_array, Mask]:
    from scipy.sparse import csr_array

    counts = [len(parent) for parent in parents]
    if not counts:
        return np.zeros(0, np.int64), csr_array((0, cells)), np.zeros((0, dimensions), bool)
    starts = np.cumsum([0, *counts[:-1]])
    row = np.concatenate([start + block[0] for start, block in zip(starts, blocks, strict=True)])
    column = np.concatenate([block[1] for block in blocks])
    children = csr_array((np.ones(len(row)), (row, column)), shape=(sum(counts), cells))
    return np.concatenate(parents), children, np.vstack(across)


def check_additive(structure: Structure, values: Floats, overlapping: Mask, column: str) -> list[Problem]:
    """NOT_ADDITIVE where a total is not the sum of its parts (1e-9 of its size is float noise).

    Along an overlapping dimension the total must lie between its largest part and the sum of its parts.
    """
    known = np.append(values, np.zeros(structure.cells - structure.rows + 1))
    shown = np.diff(structure.children[:, structure.rows :].indptr) == 0
    sums = structure.children @ known[:-1]
    totals = known[structure.parents]
    slack = 1e-9 * np.maximum(np.maximum(np.abs(totals), np.abs(sums)), 1e-6)
    loose = structure.across[:, overlapping].any(axis=1)
    wrong = shown & np.where(loose, sums < totals - slack, np.abs(sums - totals) > slack)
    wrong |= shown & loose & (_largest(structure, known[:-1]) > totals + slack)
    if not wrong.any():
        return []
    return [
        Problem(
            "NOT_ADDITIVE",
            f"{column}: {int(wrong.sum())} of {len(wrong)} totals are not the sums of their parts",
            "margins that do not add cannot be protected, nor checked",
            "total the same people; where one person can be under several values of a dimension, declare it"
            " in `overlapping`",
        )
    ]


def _largest(structure: Structure, values: Floats) -> Floats:
    if not structure.children.shape[0]:
        return np.zeros(0)
    part = structure.children
    starts, ends = part.indptr[:-1], part.indptr[1:]
    found = np.zeros(len(starts))
    held = ends > starts
    found[held] = np.maximum.reduceat(values[part.indices], starts[held])
    return found


def neighbours(structure: Structure) -> list[Ints]:
    """The cells of each relation, total included."""
    indices, indptr = structure.children.indices, structure.children.indptr
    cells = [indices[a:b].astype(np.int64) for a, b in pairwise(indptr)]
    return [np.append(c, p) if p >= 0 else c for c, p in zip(cells, structure.parents, strict=True)]
