"""All that a reader knows of one column of a published table: what is shown, withheld or rounded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from ...plan.released import WITHHELD, CheckedTable
from ..certificate import TableCertificate
from .perturbed import known_interval, shows_small
from .program import Bounds, Program, Tie
from .relations import Key, add_unseen, read_levels, read_nestings, relate


class Reader:
    """All that a reader knows of one column."""

    def __init__(
        self, table: CheckedTable, column: str, entry: TableCertificate, policy: Mapping[str, Any]
    ) -> None:
        self.column, self.policy = column, policy
        keys = list(zip(*(table.data.column(name).to_pylist() for name in table.by), strict=True))
        self.keys: list[Key] = keys or [(str(row),) for row in range(table.data.num_rows)]
        marks = table.marks.column(column).to_pylist()
        self.withheld = [k for k, mark in zip(self.keys, marks, strict=True) if mark in WITHHELD]
        self.hidden = set(self.withheld)
        self.primary = {k for k, mark in zip(self.keys, marks, strict=True) if mark == "c"}
        people = column in table.counts or any(m.column == column and m.share for m in table.measures)
        self.loose = [people and name in entry.overlapping for name in table.by]
        self.shown = dict(zip(self.keys, _published(table, column), strict=True))
        self.people = people
        self.zero_known = (
            not policy["zero_is_small"] or column in entry.zero_safe or column not in table.counts
        )
        self.totals = bool(table.by)
        self.promise = next((p for p in entry.perturbations if p.column == column), None)
        self.least = 1 if shows_small(table, policy) else policy["minimum"]
        self.parents = [entry.hierarchies.get(name, {}) for name in table.by]
        self.by = table.by

    def faults(self, width: float, share: float) -> Iterator[str]:
        """Withheld figures that can be known too well, by number; a contradiction is a fault too."""
        if not self.withheld:
            return
        bounds, relations = self.knowledge()
        program = Program(bounds, relations, width)
        spans = program.spans(self.withheld, lambda k, low, high: self.is_wide(k, low, high, width, share))
        if spans is None:
            yield f"{self.column}: the published figures contradict each other"
            return
        narrow = [k for k, (low, high) in spans.items() if not self.is_wide(k, low, high, width, share)]
        if narrow:
            yield f"{self.column}: {len(narrow)} withheld figures can be worked out too closely"

    def is_wide(self, key: Key, low: float, high: float, width: float, share: float) -> bool:
        slack = 1e-6 * max(1.0, high)
        needed = share * high if key in self.primary else 0.0
        return high - low >= max(width, needed) - slack

    def _known(self, value: float) -> tuple[float, float]:
        base, figures = self.policy["rounding"], self.policy["figures"]
        if self.promise is not None:
            return known_interval(value, self.promise, self.least, self.zero_known)
        if self.people:
            if base is None or (value == 0 and self.zero_known and base // 2 < self.policy["minimum"]):
                return value, value
            floor = 0 if value == 0 and self.zero_known else self.policy["minimum"]
            return max(value - base // 2, floor), value + (base - 1) // 2
        if figures is None or value == 0:
            return value, value
        half = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - figures + 1)
        return value - half, value + half

    def knowledge(self) -> tuple[Bounds, list[Tie]]:
        """Bounds of every cell, and relations (parts, total, loose) that tie them."""
        bounds: Bounds = dict.fromkeys(self.keys, (0.0, math.inf))
        bounds |= {
            k: self._known(v) for k, v in self.shown.items() if k not in self.hidden and v is not None
        }
        if not self.totals:
            return bounds, []
        nestings = read_nestings(self.keys, self.parents)
        levels, unseen = add_unseen(read_levels(self.keys, nestings), nestings)
        bounds |= dict.fromkeys(unseen, (0.0, math.inf))
        loose = {d for d, free in enumerate(self.loose) if free}
        return bounds, [
            (parts, total, bool(summed & loose)) for parts, total, summed in relate(levels, nestings)
        ]


def _published(table: CheckedTable, column: str) -> list[float | None]:
    """A column's published figures; of a share, the number of people that it tells of."""
    values = table.data.column(column).cast(pa.float64()).to_pylist()
    share = next((m for m in table.measures if m.column == column and m.share), None)
    if share is None:
        return list(values)
    people = table.data.column(share.count).to_pylist()
    return [
        None if v is None or n is None else float(round(v * n)) for v, n in zip(values, people, strict=True)
    ]
