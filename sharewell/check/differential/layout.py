"""Every cell that a table's levels have, whether or not somebody stands in it, and how margins sum them.

Noise goes on the cells of the finest level only, the empty ones too: which cells are absent would itself
say where nobody is. Along a dimension in which one person may stand several times totals are no sums, so
each total over it is asked for by itself: such a group of levels is a *slab*, with its own finest level.
Categories that are parents in a declared hierarchy are margins like totals. The order is that of the
alphabet or of the declaration: rows often come sorted by what they count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import GateError, Problem
from ...plan.finding import ALL, ResultTable
from ..structure import MOST_CELLS, Floats, Ints

Totals = tuple[bool, ...]
"""Which dimensions a level totals over."""


@dataclass(frozen=True)
class Axis:
    """A dimension: its leaves, its nodes (leaves, then the parents over them), and nodes x leaves, 1 where
    a node holds a leaf."""

    leaves: tuple[str, ...]
    nodes: tuple[str, ...]
    holds: Ints

    @property
    def parents(self) -> dict[str, list[str]]:
        """The leaves under each parent."""
        upper = zip(self.nodes[len(self.leaves) :], self.holds[len(self.leaves) :].tolist(), strict=True)
        return {
            node: [leaf for leaf, held in zip(self.leaves, row, strict=True) if held] for node, row in upper
        }


@dataclass(frozen=True)
class Level:
    """A level that is shown, and the finest level of its slab that it is summed from."""

    totals: Totals
    base: Totals

    @property
    def is_base(self) -> bool:
        return self.totals == self.base


@dataclass(frozen=True)
class Layout:
    """A table's axes and levels, finest first, and at which row of it each shown combination stands."""

    axes: tuple[Axis, ...]
    levels: tuple[Level, ...]
    rows: Mapping[tuple[str, ...], int]

    @property
    def bases(self) -> tuple[Totals, ...]:
        return tuple(level.totals for level in self.levels if level.is_base)

    def exact(self, base: Totals, values: Floats) -> Floats:
        """A column at a finest level as an array with one axis a dimension; what has no row is 0."""
        axes = [(ALL,) if total else axis.leaves for axis, total in zip(self.axes, base, strict=True)]
        found = [self.rows.get(key, -1) for key in product(*axes)]
        held = np.append(values, 0.0)[found]
        return np.asarray(held, dtype=np.float64).reshape([len(axis) for axis in axes])

    def keys(self, level: Level) -> Iterator[tuple[str, ...]]:
        """The combinations of a level in the order of `total`."""
        axes = [(ALL,) if t else axis.nodes for axis, t in zip(self.axes, level.totals, strict=True)]
        return product(*axes)

    def total(self, level: Level, cells: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """An array over a slab's finest cells, summed for each combination of a level, flat."""
        for number, (axis, total) in enumerate(zip(self.axes, level.totals, strict=True)):
            if total:
                cells = cells.sum(axis=number, keepdims=True)
            elif len(axis.nodes) > len(axis.leaves):
                summed = np.tensordot(axis.holds, cells, axes=(1, number))
                cells = np.moveaxis(summed, 0, number)
        return cells.ravel()


def lay_out(table: ResultTable, categories: Mapping[str, Sequence[str]]) -> Layout:
    """The layout of a table. GateError with every reason why noise cannot be laid on it."""
    columns = [table.data.column(name).to_pylist() for name in table.by]
    keys: list[tuple[str, ...]] = [()] * table.data.num_rows
    if columns:
        keys = list(zip(*columns, strict=True))
    rows = {key: number for number, key in enumerate(keys)}
    problems = _problems(table, keys, categories)
    if problems:
        raise GateError(problems)
    axes = tuple(
        _axis({*column} - {ALL}, categories.get(name), table.hierarchies.get(name, {}))
        for name, column in zip(table.by, columns, strict=True)
    )
    shown = sorted({tuple(value == ALL for value in key) for key in keys}, key=lambda t: (sum(t), t))
    levels = tuple(_levels(table, shown))
    layout = Layout(axes, levels, rows)
    cells = sum(
        float(np.prod([1 if t else len(a.nodes) for a, t in zip(axes, level.totals, strict=True)]))
        for level in levels
    )
    if cells > MOST_CELLS:
        raise GateError(
            Problem(
                "TOO_LARGE",
                "noise goes on empty cells too, and there are too many",
                fix="show fewer dimensions",
                where=f"table {table.name}",
            )
        )
    return layout


def _levels(table: ResultTable, shown: list[Totals]) -> Iterator[Level]:
    loose = [number for number, name in enumerate(table.by) if name in table.overlapping]
    bases: dict[tuple[bool, ...], Totals] = {}
    for totals in shown:
        slab = tuple(totals[number] for number in loose)
        base = bases.setdefault(slab, totals)
        if any(below and not here for below, here in zip(base, totals, strict=True)):
            raise GateError(
                Problem(
                    "FINEST",
                    "it shows margins whose common cells it does not show",
                    "margins that were noised apart would contradict each other",
                    "show the finest table, or make it two tables",
                    f"table {table.name}",
                )
            )
        yield Level(totals, base)


def _axis(present: set[str], declared: Sequence[str] | None, parents: Mapping[str, str]) -> Axis:
    names = tuple(sorted(present)) if declared is None else tuple(declared)
    above = {name: _ancestors(name, parents) for name in names}
    upper = tuple(name for name in names if any(name in held for held in above.values()))
    leaves = tuple(name for name in names if name not in upper)
    nodes = leaves + upper
    holds = [[int(node == leaf or node in above[leaf]) for leaf in leaves] for node in nodes]
    return Axis(leaves, nodes, np.array(holds, dtype=np.int64).reshape(len(nodes), len(leaves)))


def _ancestors(name: str, parents: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    while (parent := parents.get(name)) is not None and parent not in found and parent != ALL:
        found.add(parent)
        name = parent
    return found


def _problems(
    table: ResultTable, keys: list[tuple[str, ...]], categories: Mapping[str, Sequence[str]]
) -> list[Problem]:
    where = f"table {table.name}"
    problems = []
    if not keys:
        problems.append(Problem("EMPTY", "a table without rows has no levels", fix="give it its cells"))
    if len(set(keys)) != len(keys):
        problems.append(Problem("TWICE", "two rows have the same dimensions", fix="group first"))
    for name in table.by:
        values = set(table.data.column(name).to_pylist()) - {ALL}
        if name in categories and not values <= set(categories[name]):
            problems.append(
                Problem("CATEGORY", f"{name} holds a category that was not declared", fix="declare all")
            )
        if name in table.overlapping and table.hierarchies.get(name):
            problems.append(
                Problem("OVERLAP", f"{name} both overlaps and is a hierarchy", fix="show one level of it")
            )
    return [Problem(p.code, p.what, p.why, p.fix, where) for p in problems]
