"""The published cells of a checked table: whom each row counts, and what its figure tells of how many.

What is read is what a reader reads: the published figures, which of them are withheld, and that a
combination without a row, at a level that the table shows, has nobody.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from ...errors import GateError, Problem
from ...plan.finding import ALL, UNKNOWN
from ...plan.released import WITHHELD, CheckedTable
from ..policy import Policy
from .predicates import TRUE, Condition, Predicate, read_band, read_category
from .releases import PublishedCell

MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Reading:
    """What the words of a table mean, in words that every agreement shares.

    columns: dimension -> asset.column. under: conditions on the whole table. parents: dimension ->
    {category: the one it is part of}. overlapping: dimensions along which a person may stand in several
    categories (and the stages of a flow): each category is a condition of its own. method: how counts were
    rounded, if not by the policy's own method; reach: the furthest a controlled figure is from the truth,
    in multiples begun. covered: nothing small was withheld, because rounding covers it.
    """

    columns: Mapping[str, str]
    under: Predicate = field(default_factory=Predicate)
    parents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    overlapping: Sequence[str] = ()
    method: str | None = None
    reach: int = 1
    covered: bool = False


def read_cells(
    table: CheckedTable, count: str, policy: Policy, reading: Reading
) -> tuple[PublishedCell, ...]:
    """Every cell that the table tells of in its column `count`.

    GateError MEANING where a dimension has no shared name: it cannot be compared with what others told.
    """
    unnamed = [name for name in table.by if name not in reading.columns]
    if unnamed:
        raise GateError(
            Problem(
                "MEANING",
                f"it is not known which column {name} stands for",
                "what differences to other releases would reveal cannot be judged",
                "name the asset's column that it comes from",
                f"table {table.name}",
            )
            for name in unnamed
        )
    shown = table.data.column(count).to_pylist()
    marks = table.marks.column(count).to_pylist()
    keys = list(zip(*(table.data.column(name).to_pylist() for name in table.by), strict=True))
    keys = keys or [()] * len(shown)
    said = [_conditions(table, i, reading) for i in range(len(table.by))]
    cells = []
    for key, figure, mark in zip(keys, shown, marks, strict=True):
        where = _predicate(table.by, key, said, reading)
        if where is None or (figure is None and mark not in WITHHELD):
            continue
        low, high = (0.0, math.inf) if figure is None else bounds(float(figure), policy, reading)
        cells.append(PublishedCell(where, low, high, figure is None))
    nobody = [
        _predicate(table.by, key, said, reading) for key in _absent(table.name, keys, table.by, reading)
    ]
    return (*cells, *(PublishedCell(where, 0, 0) for where in nobody if where is not None))


def bounds(figure: float, policy: Policy, reading: Reading) -> tuple[float, float]:
    """The least and the greatest count that are published as this figure."""
    base = policy.rounding
    if policy.noise is not None:
        return 0.0, math.inf
    if base is None:
        return figure, figure
    low, high = _run(figure, base, policy, reading)
    small = policy.minimum
    if not reading.covered and not policy.rounding_covers and figure > 0:
        low = max(low, float(min(small, high)))
    return max(low, 0.0), max(high, 0.0)


def _run(figure: float, base: int, policy: Policy, reading: Reading) -> tuple[float, float]:
    method = reading.method or ("nearest" if policy.cell_key else policy.rounding_method)
    if method == "midpoint":
        return (figure - (base - base // 2 - 1), figure + base // 2) if figure else (0.0, 0.0)
    if method == "controlled":
        return figure - reading.reach * base + 1, figure + reading.reach * base - 1
    if figure == 0 and not reading.covered and base // 2 < policy.minimum:
        # Every small number but nobody would have been withheld.
        return 0.0, 0.0
    return figure - base // 2, figure + (base - 1) // 2


def _conditions(table: CheckedTable, place: int, reading: Reading) -> dict[str, Condition]:
    """The condition that each category of a dimension stands for: all bands of numbers, or all names."""
    name = table.by[place]
    labels = [label for label in dict.fromkeys(table.data.column(name).to_pylist()) if label != ALL]
    bands = {label: read_band(label) for label in labels if label != UNKNOWN}
    numbers = {label: band for label, band in bands.items() if band is not None}
    if len(numbers) == len(bands) and name not in reading.overlapping:
        return {label: numbers.get(label) or frozenset({label}) for label in labels}
    parents = reading.parents.get(name, {})
    return {label: read_category(label, parents) for label in labels}


def _predicate(
    by: Sequence[str], key: Sequence[str], said: Sequence[Mapping[str, Condition]], reading: Reading
) -> Predicate | None:
    where: Predicate | None = reading.under
    for name, label, conditions in zip(by, key, said, strict=True):
        if label == ALL or where is None:
            continue
        column = reading.columns[name]
        if name in reading.overlapping:
            where = where.narrowed(f"{column}: {label}", frozenset({TRUE}))
        else:
            where = where.narrowed(column, conditions[label])
    return where


def _absent(
    table: str, keys: Sequence[tuple[str, ...]], by: Sequence[str], reading: Reading
) -> list[tuple[str, ...]]:
    """Combinations that have no row, at a level that the table shows (see `structure`)."""
    if any(name in reading.overlapping for name in by):
        return []
    levels: dict[tuple[int, ...], set[tuple[str, ...]]] = {}
    steps = [_depths({key[i] for key in keys}, reading.parents.get(name, {})) for i, name in enumerate(by)]
    for key in keys:
        levels.setdefault(tuple(steps[i][label] for i, label in enumerate(key)), set()).add(key)
    absent: list[tuple[str, ...]] = []
    for level, there in levels.items():
        labels = [
            sorted(label for label, depth in steps[i].items() if depth == at) for i, at in enumerate(level)
        ]
        if math.prod(len(each) for each in labels) > MOST_CELLS:
            raise GateError(
                Problem(
                    "TOO_LARGE",
                    f"the table tells of more than {MOST_CELLS:,} cells, most of them empty",
                    "what they tell together cannot be judged, and nothing unjudged leaves",
                    "group by fewer or coarser columns",
                    f"table {table}",
                )
            )
        absent += [key for key in product(*labels) if key not in there]
    return absent


def _depths(labels: set[str], parents: Mapping[str, str]) -> dict[str, int]:
    """How many of the labels shown lie above each; 0 is ALL. (A hierarchy has been read by the gate.)"""
    depths = {}
    for label in labels:
        above, depth = parents.get(label), 0 if label == ALL else 1
        while above is not None:
            depth += above in labels
            above = parents.get(above)
        depths[label] = depth
    return depths
