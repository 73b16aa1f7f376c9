"""An independent check of what the gate promised, from the published tables and the certificate alone.

It shares no code with the gate: it reads the published figures as any reader would, writes down again what
follows from them (totals, rounding, small numbers withheld), and bounds every withheld figure by linear
programming with `scipy.optimize.linprog`. It never sees a withheld value, so its answer is what an attacker
could get.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import linprog
from scipy.sparse import csr_array

from ...plan.finding import ALL, Output
from ...plan.released import WITHHELD, CheckedTable
from ..certificate import Certificate, TableCertificate, hash_table

Key = tuple[str, ...]
Bounds = dict[Key, tuple[float, float]]


@dataclass(frozen=True)
class TableVerdict:
    """What was found of one table: withheld cells examined, and every fault in words."""

    table: str
    cells: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """Whether every promise holds; if not, `tables` says which do not and how."""

    tables: tuple[TableVerdict, ...]

    @property
    def protected(self) -> bool:
        return not any(table.faults for table in self.tables)

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(f"{table.table}: {fault}" for table in self.tables for fault in table.faults)


def audit(tables: Sequence[CheckedTable], certificate: Certificate) -> Verdict:
    """Check each table against its certificate; a table without one, or one without its table, is a
    fault."""
    promised = {entry.table: entry for entry in certificate.tables}
    verdicts = []
    for table in tables:
        entry = promised.pop(table.name, None)
        if entry is None:
            verdicts.append(TableVerdict(table.name, 0, ("has no certificate",)))
        else:
            verdicts.append(_audit_table(table, entry, certificate.policy))
    verdicts += [TableVerdict(name, 0, ("is certified but absent",)) for name in promised]
    return Verdict(tuple(verdicts))


def _audit_table(table: CheckedTable, entry: TableCertificate, policy: Mapping[str, Any]) -> TableVerdict:
    faults = [] if hash_table(table) == entry.sha256 else ["is not the table that was certified"]
    faults += _plain_faults(table, entry, policy)
    cells = 0
    if table.output is Output.FLOW:
        faults += _flow_faults(table, policy)
    else:
        for column in entry.columns:
            reader = _Reader(table, column.column, entry, policy)
            cells += len(reader.withheld)
            faults += reader.faults(column.width, column.share)
    return TableVerdict(table.name, cells, tuple(faults))


def _plain_faults(table: CheckedTable, entry: TableCertificate, policy: Mapping[str, Any]) -> Iterator[str]:
    for name in table.data.column_names:
        marks = table.marks.column(name).to_pylist()
        values = table.data.column(name).to_pylist()
        if any(mark in WITHHELD and value is not None for mark, value in zip(marks, values, strict=True)):
            yield f"{name} shows a figure that is marked as withheld"
    for name in table.counts:
        values = [value for value in table.data.column(name).to_pylist() if value is not None]
        zero = policy["zero_is_small"] and name not in entry.zero_safe
        least = policy["minimum"] - (policy["rounding"] or 1) // 2
        if any((0 < value < least) or (value == 0 and zero) for value in values):
            yield f"{name} shows a small number"


def _flow_faults(table: CheckedTable, policy: Mapping[str, Any]) -> Iterator[str]:
    """Steps between shown stages. Rounded stages can be nearer than the minimum by less than the base."""
    groups: dict[Key, list[int]] = defaultdict(list)
    columns = [table.data.column(name).to_pylist() for name in table.by[:-1]]
    for row in range(table.data.num_rows):
        groups[tuple(column[row] for column in columns)].append(row)
    slack = (policy["rounding"] or 1) - 1
    for name in table.counts:
        values = table.data.column(name).to_pylist()
        for rows in groups.values():
            shown = [values[row] for row in rows if values[row] is not None]
            steps = [abs(a - b) for a, b in pairwise(shown)]
            if any(0 < step < policy["minimum"] - slack for step in steps):
                yield f"{name}: the step between two stages is a small number"


class _Reader:
    """All that a reader knows of one column."""

    def __init__(
        self, table: CheckedTable, column: str, entry: TableCertificate, policy: Mapping[str, Any]
    ) -> None:
        self.column, self.policy = column, policy
        keys = list(zip(*(table.data.column(name).to_pylist() for name in table.by), strict=True))
        self.keys: list[Key] = keys or [(str(row),) for row in range(table.data.num_rows)]
        marks = table.marks.column(column).to_pylist()
        self.withheld = [k for k, mark in zip(self.keys, marks, strict=True) if mark in WITHHELD]
        self.primary = {k for k, mark in zip(self.keys, marks, strict=True) if mark == "c"}
        people = column in table.counts or any(m.column == column and m.share for m in table.measures)
        self.loose = [people and name in entry.overlapping for name in table.by]
        self.shown = dict(zip(self.keys, _published(table, column), strict=True))
        self.people = people
        self.zero_known = (
            not policy["zero_is_small"] or column in entry.zero_safe or column not in table.counts
        )
        self.totals = bool(table.by)

    def faults(self, width: float, share: float) -> Iterator[str]:
        """Withheld figures that can be known too well, by number; a contradiction is a fault too."""
        if not self.withheld:
            return
        bounds, relations = self._knowledge()
        program = _Program(bounds, relations, width)
        spans = program.spans(self.withheld, lambda k, low, high: self._is_wide(k, low, high, width, share))
        if spans is None:
            yield f"{self.column}: the published figures contradict each other"
            return
        narrow = [k for k, (low, high) in spans.items() if not self._is_wide(k, low, high, width, share)]
        if narrow:
            yield f"{self.column}: {len(narrow)} withheld figures can be worked out too closely"

    def _is_wide(self, key: Key, low: float, high: float, width: float, share: float) -> bool:
        slack = 1e-6 * max(1.0, high)
        needed = share * high if key in self.primary else 0.0
        return high - low >= max(width, needed) - slack

    def _known(self, value: float) -> tuple[float, float]:
        base, figures = self.policy["rounding"], self.policy["figures"]
        if self.people:
            if base is None or (value == 0 and self.zero_known and base // 2 < self.policy["minimum"]):
                return value, value
            floor = 0 if value == 0 and self.zero_known else self.policy["minimum"]
            return max(value - base // 2, floor), value + (base - 1) // 2
        if figures is None or value == 0:
            return value, value
        half = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - figures + 1)
        return value - half, value + half

    def _knowledge(self) -> tuple[Bounds, list[tuple[list[Key], list[Key], bool]]]:
        """Bounds of every cell, and relations (parts, total, loose) that tie them."""
        hidden = set(self.withheld)
        bounds: Bounds = dict.fromkeys(self.keys, (0.0, math.inf))
        bounds |= {k: self._known(v) for k, v in self.shown.items() if k not in hidden and v is not None}
        if not self.totals:
            return bounds, []
        for key in _beneath(self.keys):
            bounds[key] = (0.0, math.inf)
        return bounds, list(self._relations(list(bounds)))

    def _relations(self, keys: list[Key]) -> Iterator[tuple[list[Key], list[Key], bool]]:
        by_level: dict[frozenset[int], list[Key]] = defaultdict(list)
        for key in keys:
            by_level[_level(key)].append(key)
        for coarse, fine in product(by_level, by_level):
            if not fine < coarse or any(fine < between < coarse for between in by_level):
                continue
            parts: dict[Key, list[Key]] = defaultdict(list)
            for key in by_level[fine]:
                parts[tuple(ALL if d in coarse else v for d, v in enumerate(key))].append(key)
            loose = any(self.loose[d] for d in coarse - fine)
            held = set(by_level[coarse])
            for total in held | set(parts):
                yield parts[total], [total] if total in held else [], loose


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


def _level(key: Key) -> frozenset[int]:
    return frozenset(d for d, value in enumerate(key) if value == ALL)


def _beneath(keys: list[Key]) -> Iterator[Key]:
    """The cells that several finest levels share and no row shows."""
    levels = {_level(key) for key in keys}
    finest = [a for a in levels if not any(b < a for b in levels)]
    if len(finest) < 2:
        return
    common = frozenset.intersection(*finest)
    axes = [[ALL] if d in common else sorted({key[d] for key in keys} - {ALL}) for d in range(len(keys[0]))]
    yield from product(*axes)


class _Program:
    """The linear program of one column. Cells known exactly are constants."""

    def __init__(
        self, bounds: Bounds, relations: list[tuple[list[Key], list[Key], bool]], width: float
    ) -> None:
        free = [key for key, (low, high) in bounds.items() if high > low]
        self.place = {key: i for i, key in enumerate(free)}
        known = max((high for _, high in bounds.values() if math.isfinite(high)), default=0.0)
        self.cap = 4 * known + 20 * width + 1
        self.limits = [(bounds[key][0], min(bounds[key][1], self.cap)) for key in free]
        equal: list[tuple[dict[int, float], float]] = []
        under: list[tuple[dict[int, float], float]] = []
        for parts, total, loose in relations:
            row = self._row([(k, 1.0) for k in parts] + [(k, -1.0) for k in total], bounds)
            if not loose:
                equal.append(row)
                continue
            under.append(({i: -w for i, w in row[0].items()}, -row[1]))
            under += [self._row([(k, 1.0), (t, -1.0)], bounds) for k in parts for t in total]
        self.equal, self.under = self._matrix(equal), self._matrix(under)

    def _row(self, terms: list[tuple[Key, float]], bounds: Bounds) -> tuple[dict[int, float], float]:
        row: dict[int, float] = {}
        right = 0.0
        for key, weight in terms:
            if key in self.place:
                row[self.place[key]] = row.get(self.place[key], 0.0) + weight
            else:
                right -= weight * bounds[key][0]
        return row, right

    def _matrix(self, rows: list[tuple[dict[int, float], float]]) -> tuple[Any, Any]:
        used = [row for row in rows if row[0]]
        if not used:
            return None, None
        entries = [(r, i, w) for r, (row, _) in enumerate(used) for i, w in row.items()]
        at, column, weight = zip(*entries, strict=True)
        matrix = csr_array((weight, (at, column)), shape=(len(used), len(self.place)))
        return matrix, np.array([right for _, right in used])

    def spans(self, cells: list[Key], is_wide: Any) -> dict[Key, tuple[float, float]] | None:
        """Least and greatest value of each cell; a cell already seen to vary enough is not pressed
        further."""
        low = dict.fromkeys(cells, math.inf)
        high = dict.fromkeys(cells, -math.inf)

        def look(cost: Any) -> bool:
            point = self._solve(cost)
            if point is None:
                return False
            for key in cells:
                value = float(point[self.place[key]])
                low[key], high[key] = min(low[key], value), max(high[key], value)
            return True

        random = np.random.default_rng(7)
        for _ in range(8):
            todo = [key for key in cells if low[key] > high[key] or not is_wide(key, low[key], high[key])]
            if not todo:
                break
            cost = np.zeros(len(self.place))
            cost[[self.place[key] for key in todo]] = random.normal(size=len(todo))
            if not (look(cost) and look(-cost)):
                return None
        for key in cells:
            if not is_wide(key, low[key], high[key]):
                cost = np.zeros(len(self.place))
                cost[self.place[key]] = 1.0
                if not (look(cost) and look(-cost)):
                    return None
        return {key: (low[key], high[key]) for key in cells}

    def _solve(self, cost: Any) -> Any:
        a_ub, b_ub = self.under
        a_eq, b_eq = self.equal
        done = linprog(cost, A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=self.limits, method="highs")
        return done.x if done.status == 0 else None
