"""Tables of one finding that tell of the same people: what one withholds, the others must not give away.

Two rows of different tables are *the same cell* when they fix the same dimensions to the same values and
hold the same figure under the same column name. What one table withholds of a shared cell, all withhold.

That alone is not enough: a cell of one table can be a total of another's (a district of its wards, a ward
of its age groups), and two tables can bound a third figure between them. Tables that a column links are
therefore also *joined*: their cells, each once, stand in one structure, which is certified like that of a
single table. They are joined only where every relation that their rows then stand in holds, so where they
do count the same people. Suppression goes to and fro between the tables and what joins them until none adds
any (each round only adds rows, so it ends; de Wolf and Giessing's modular approach to linked tables, 2009,
with the joint attack beside it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ...errors import GateError
from ...plan.finding import ALL, Output
from ..additive import non_additive
from ..certificate import Link
from ..evidence import Evidence
from ..hierarchy import Dimension
from ..structure import (
    Floats,
    Ints,
    Mask,
    Structure,
    finest_levels,
    number_places,
    published_levels,
    read_dimensions,
    relate_cells,
    sums_agree,
)

MOST_HIDDEN = 20_000
"""Cells beneath joined tables, at most; with more, the tables are joined by the cells that they show."""


@dataclass(frozen=True)
class Joint:
    """One column of several tables as one. cells: for each of `tables`, the joint cell of each of its
    rows. hidden: whether the cells beneath all of them are part of the structure."""

    column: str
    tables: tuple[int, ...]
    structure: Structure
    cells: tuple[Ints, ...]
    values: Floats
    overlapping: Mask
    hidden: bool

    def gather(self, rows: Sequence[Mask]) -> Mask:
        """Rows of each table of the finding, as joint cells."""
        found = np.zeros(self.structure.rows, dtype=bool)
        for number, cells in zip(self.tables, self.cells, strict=True):
            found[cells[rows[number]]] = True
        return found


@dataclass(frozen=True)
class _Union:
    """The rows of several tables with all their dimensions."""

    codes: Ints
    dimensions: list[Dimension]
    cells: tuple[Ints, ...]
    values: Floats
    overlapping: Mask


def join_tables(tables: Sequence[Evidence]) -> tuple[list[Joint], list[Link]]:
    """What joins the tables, and for the certificate which are joined and which only seem to be."""
    joints, links = [], []
    for column in _shared_columns(tables):
        left = [n for n, evidence in enumerate(tables) if _values(evidence, column) is not None]
        while left:
            group, joint = [left.pop(0)], None
            for number in list(left):
                found = _join(tables, (*group, number), column)
                if found is not None:
                    group.append(number)
                    left.remove(number)
                    joint = found
            names = [tables[number].table.name for number in group]
            links.append(Link(column, tuple(names), bool(joint and joint.hidden)))
            joints += [joint] if joint else []
    return joints, links


def _shared_columns(tables: Sequence[Evidence]) -> list[str]:
    names = [name for evidence in tables for name in (*evidence.counts, *evidence.sums)]
    return sorted({name for name in names if names.count(name) > 1})


def _values(evidence: Evidence, column: str) -> Floats | None:
    if evidence.table.output is Output.FLOW or not evidence.table.by:
        return None
    return evidence.counts.get(column, evidence.sums.get(column))


def _join(tables: Sequence[Evidence], group: tuple[int, ...], column: str) -> Joint | None:
    """The tables as one; None where they do not tell of the same people, or nothing ties the last one to
    the others."""
    try:
        union = _unite([tables[number] for number in group], column)
        if union is None:
            return None
        structure = relate_cells(union.codes, union.dimensions, 0)
    except GateError:
        return None
    wrong, _, _ = non_additive(structure, union.values, union.overlapping)
    parts = np.diff(structure.children.indptr)
    if (wrong & (structure.parents >= 0) & (parts > 0)).any():
        return None
    structure = _keep(structure, ~wrong)
    hidden = _beneath(union)
    if hidden is None and not _touches(structure, union.cells):
        return None
    whole = structure if hidden is None else hidden
    return Joint(column, group, whole, union.cells, union.values, union.overlapping, hidden is not None)


def _unite(tables: Sequence[Evidence], column: str) -> _Union | None:
    """None where two tables differ in a cell that they share, or in how their categories nest."""
    names = sorted({name for evidence in tables for name in evidence.table.by})
    parents: list[Mapping[str, str]] = []
    for name in names:
        given = [evidence.table.hierarchies.get(name, {}) for evidence in tables]
        merged = {child: up for mapping in given for child, up in mapping.items()}
        if any(merged[child] != up for mapping in given for child, up in mapping.items()):
            return None
        parents.append(merged)
    rows = [evidence.rows for evidence in tables]
    columns = [pa.chunked_array([_dimension(e, name) for e in tables]) for name in names]
    codes, dimensions = read_dimensions(columns, sum(rows), parents)
    found = [_values(evidence, column) for evidence in tables]
    values = np.concatenate([each for each in found if each is not None])
    _, first, cell = np.unique(number_places(codes, dimensions), return_index=True, return_inverse=True)
    if (np.abs(values - values[first][cell]) > 1e-9 * np.maximum(np.abs(values), 1e-6)).any():
        return None
    cells = tuple(each.astype(np.int64) for each in np.split(cell, np.cumsum(rows)[:-1]))
    people = any(column in evidence.counts for evidence in tables)
    loose = {name for evidence in tables for name in evidence.table.overlapping} if people else set()
    overlapping = np.array([name in loose for name in names], dtype=bool)
    return _Union(codes[first], dimensions, cells, values[first], overlapping)


def _dimension(evidence: Evidence, name: str) -> pa.Array:
    if name in evidence.table.by:
        return evidence.table.data.column(name).cast(pa.string()).combine_chunks()
    return pa.repeat(pa.scalar(ALL, pa.string()), evidence.rows)


def _beneath(union: _Union) -> Structure | None:
    """The structure with the cells beneath all tables, where there are such and all sums agree on them."""
    levels = published_levels(union.codes, union.dimensions)
    if len(finest_levels(levels)) < 2 or union.overlapping.any():
        return None
    if not sums_agree(union.codes, union.dimensions, levels, union.values):
        return None
    try:
        structure = relate_cells(union.codes, union.dimensions, MOST_HIDDEN)
    except GateError:
        return None
    wrong, _, _ = non_additive(structure, union.values, union.overlapping)
    return _keep(structure, ~wrong)


def _keep(structure: Structure, which: Mask) -> Structure:
    """Fewer relations: one between a total and parts that another table does not list says nothing."""
    return Structure(
        structure.codes,
        structure.rows,
        structure.parents[which],
        structure.children[np.flatnonzero(which)],
        structure.across[which],
        structure.below[which],
    )


def _touches(structure: Structure, cells: tuple[Ints, ...]) -> bool:
    """Whether the last table shares a cell or a relation with the others."""
    last = np.zeros(structure.cells)
    last[cells[-1]] = 1
    others = np.zeros(structure.cells)
    others[np.concatenate(cells[:-1])] = 1
    if (last * others).any():
        return True
    parts = structure.children
    held = structure.parents >= 0
    ends = np.where(held, structure.parents, 0)
    mine = (parts @ last > 0) | (held & (last[ends] > 0))
    theirs = (parts @ others > 0) | (held & (others[ends] > 0))
    return bool((mine & theirs).any())


Cell = tuple[int, int]
"""A table's place in the finding, and a row of it."""


def shared_cells(tables: Sequence[Evidence]) -> list[list[Cell]]:
    """Groups of rows in different tables that are one and the same cell, whether or not they are joined."""
    found: dict[object, set[Cell]] = {}
    for column in _shared_columns(tables):
        for number, evidence in enumerate(tables):
            values = _values(evidence, column)
            if values is None:
                continue
            table = evidence.table
            columns = [table.data.column(name).to_pylist() for name in table.by]
            for row, key in enumerate(zip(*columns, strict=True)):
                fixed = frozenset((d, v) for d, v in zip(table.by, key, strict=True) if v != ALL)
                found.setdefault((fixed, column, float(values[row])), set()).add((number, row))
    return [sorted(group) for group in found.values() if len({number for number, _ in group}) > 1]


def spread(groups: Sequence[Sequence[Cell]], withheld: Sequence[Mask]) -> list[Mask]:
    """Rows of each table to withhold because another table withholds the same cell."""
    more = [np.zeros_like(mask) for mask in withheld]
    for group in groups:
        if any(withheld[number][row] for number, row in group):
            for number, row in group:
                more[number][row] = not withheld[number][row]
    return more
