"""An independent check of a noised table, from what was published and its certificate alone.

It shares no code with the noise: that one figure's scale covers what one person can do for the epsilon
stated, that the epsilons add up to no more than was claimed, that every margin is the sum of its parts, and
that half-widths are as wide as the noise is. The last by another road than theirs: a sum of n discrete
Laplace draws is the difference of two negative binomials (of two gammas, where the scale is large).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ...plan.finding import ALL
from ...plan.released import CheckedTable
from ..certificate import Certificate, hash_table

Key = tuple[str, ...]
_HALF_WIDTH = "_half_width"
_CONFIDENCE = 0.95
_EXACT, _RATIO = 1e-9, 1e-6
"""How far a margin may be from its sum, as a share of it: figures are published to twelve digits."""


def audit_noised(table: CheckedTable, certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """Every fault, in words; empty if all that the certificate says of the table holds."""
    try:
        faults = (
            [] if hash_table(table) == certificate["sha256"] else ["is not the table that was certified"]
        )
        faults += _cost_faults(certificate)
        faults += _column_faults(table, certificate)
        if not faults:
            faults += [fault for slab in _slabs(table, certificate) for fault in slab.faults()]
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ("has a certificate of noise that cannot be read",)
    return tuple(faults)


def shared_cost_faults(certificate: Certificate) -> Iterator[str]:
    """Whether the tables of a release cost together what its policy allows them, and no more."""
    noise = certificate.policy.get("noise")
    try:
        stated = [Fraction(entry.noise["epsilon"]) for entry in certificate.tables if entry.noise]
        if noise and sum(stated, Fraction(0)) > Fraction(noise["epsilon"]):
            yield "they cost more together than the epsilon of their policy"
    except (KeyError, TypeError, ValueError):
        yield "what they cost together cannot be read"


def _cost_faults(certificate: Mapping[str, Any]) -> Iterator[str]:
    spent = sum((Fraction(query["epsilon"]) for query in certificate["queries"]), Fraction(0))
    if not 0 < spent <= Fraction(certificate["epsilon"]):
        yield "its figures cost more than the epsilon that is stated"
    if certificate["delta"] != 0:
        yield "it states a delta, which this noise does not need"
    for query in certificate["queries"]:
        if query["sensitivity"] != query["contributions"] * query["bound"] or query["bound"] < 1:
            yield f"{query['column']}: the sensitivity is not what one person can do"
        if query["bound"] * query["granularity"] < _reach(query):
            yield f"{query['column']}: one person can move it further than is covered"
        # A privacy map rounds upwards: the cost it gives is never below the quotient.
        if query["epsilon"] * query["scale"] < query["sensitivity"] * (1 - 1e-12):
            yield f"{query['column']}: the noise is too small for its epsilon"


def _reach(query: Mapping[str, Any]) -> float:
    """How far one person can move a cell, in the figure's own unit."""
    if query["kind"] == "mean":
        return float(max(query["high"] - query["centre"], query["centre"] - query["low"]))
    if query["kind"] == "sum":
        return float(max(abs(query["low"]), abs(query["high"])))
    return 1.0


def _column_faults(table: CheckedTable, certificate: Mapping[str, Any]) -> Iterator[str]:
    queried = {query["column"] for query in certificate["queries"]}
    figures = {*table.counts, *(m.column for m in table.measures if not m.column.endswith(_HALF_WIDTH))}
    yield from (f"{name} was not noised" for name in sorted(figures - queried))
    allowed = {*table.by, *queried, *(name + _HALF_WIDTH for name in queried)}
    held = set(table.data.column_names)
    yield from (f"{name} is more than was certified" for name in sorted(held - allowed))
    yield from (f"{name} is absent" for name in sorted(allowed - held))


@dataclass(frozen=True)
class _Slab:
    """The rows that one query's finest cells (`cells`, row numbers) make up; `under` maps row to cells."""

    table: CheckedTable
    query: Mapping[str, Any]
    cells: list[int]
    under: Mapping[int, list[int]]
    missing: int

    def faults(self) -> Iterator[str]:
        name, kind = self.query["column"], self.query["kind"]
        if self.missing or len(self.cells) != self.query["cells"]:
            yield f"{name}: some cells are not shown, which says that they are empty"
            return
        values, widths = _numbers(self.table, name), _numbers(self.table, name + _HALF_WIDTH)
        people = _numbers(self.table, self.query["count"]) if kind in ("share", "mean") else None
        parts = self._parts(values, people)
        if kind in ("count", "share") and (np.abs(parts - np.rint(parts)) > 1e-3).any():
            yield f"{name}: figures are not whole numbers of people"
        if kind != "mean" and (parts < 0).any():
            yield f"{name}: figures are negative"
        wrong = self._sums_that_fail(parts)
        if wrong:
            yield f"{name}: {wrong} margins are not the sums of their parts"
        narrow = sum(1 for row in self.under if not self._is_wide(row, values, widths, people))
        if narrow:
            yield f"{name}: {narrow} half-widths are narrower than the noise"

    def _parts(self, values: Any, people: Any) -> Any:
        """What adds up: a figure itself, or what it is a ratio's numerator of; 0 where it is not shown."""
        if people is None:
            return values
        return np.nan_to_num((values - self.query["centre"]) * people)

    def _sums_that_fail(self, parts: Any) -> int:
        slack = _RATIO if self.query["kind"] in ("share", "mean") else _EXACT
        return sum(
            abs(parts[row] - parts[cells].sum()) > slack * (1 + np.abs(parts[cells]).sum())
            for row, cells in self.under.items()
        )

    def _is_wide(self, row: int, values: Any, widths: Any, people: Any) -> bool:
        if people is not None and np.isnan(values[row]):
            return bool(people[row] == 0)
        cells, unit = len(self.under[row]), self.query["granularity"]
        if people is None:
            spare = 0.5 * cells if self.query["rounded"] else 0.0
            return _misses(self.query["scale"], cells, widths[row] / unit - spare) <= 1 - _CONFIDENCE + 1e-4
        return bool(widths[row] >= self._least_width(row, values, people) * (1 - 1e-3) - 1e-9)

    def _least_width(self, row: int, values: Any, people: Any) -> float:
        """How far a ratio is from the furthest that its two parts allow, each held with half the misses."""
        cells, query = len(self.under[row]), self.query
        above = (values[row] - query["centre"]) * people[row]
        spread = _least(query["scale"], cells) * query["granularity"]
        crowd = _least(query["people_scale"], cells)
        corners = [
            query["centre"] + (above + side * spread) / max(people[row] + other * crowd, 1.0)
            for side, other in product((-1, 1), (-1, 1))
        ]
        return float(
            max(abs(np.clip(corner, query["low"], query["high"]) - values[row]) for corner in corners)
        )


def _slabs(table: CheckedTable, certificate: Mapping[str, Any]) -> Iterator[_Slab]:
    """Each query with its rows. Rows of one slab total over the same overlapping dimensions."""
    columns = [table.data.column(name).to_pylist() for name in table.by]
    keys: list[Key] = list(zip(*columns, strict=True)) if columns else [()] * table.data.num_rows
    place = {key: row for row, key in enumerate(keys)}
    parents = [certificate["parents"].get(name, {}) for name in table.by]
    loose = [number for number, name in enumerate(table.by) if name in certificate["overlapping"]]
    scales = {(q["column"], tuple(q["summed"])): q["scale"] for q in certificate["queries"]}
    for query in certificate["queries"]:
        base = frozenset(n for n, name in enumerate(table.by) if name in query["summed"])
        mine = [k for k in keys if {n for n in loose if k[n] == ALL} == base & set(loose)]
        cells = [k for k in mine if _totals(k) == base and not _has_parent(k, parents)]
        under: dict[int, list[int]] = defaultdict(list)
        missing = 0
        for level in {_totals(key) for key in mine}:
            for key in cells:
                for above in product(*_above(key, level, parents)):
                    if above in place:
                        under[place[above]].append(place[key])
                    else:
                        missing += 1
        missing += sum(place[key] not in under for key in mine)
        people = scales.get((query["count"], tuple(query["summed"])), query["scale"])
        yield _Slab(table, {**query, "people_scale": people}, [place[k] for k in cells], under, missing)


def _totals(key: Key) -> frozenset[int]:
    return frozenset(number for number, value in enumerate(key) if value == ALL)


def _has_parent(key: Key, parents: list[Mapping[str, list[str]]]) -> bool:
    return any(value in held for value, held in zip(key, parents, strict=True))


def _above(key: Key, level: frozenset[int], parents: list[Mapping[str, list[str]]]) -> list[list[str]]:
    """The values that a cell is summed under, dimension by dimension."""
    return [
        [ALL] if number in level else [value, *(node for node, leaves in held.items() if value in leaves)]
        for number, (value, held) in enumerate(zip(key, parents, strict=True))
    ]


def _numbers(table: CheckedTable, name: str) -> Any:
    return table.data.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)


@lru_cache(maxsize=65536)
def _misses(scale: float, cells: int, width: float) -> float:
    """P(|sum of `cells` draws| > width)."""
    q = -np.expm1(-1 / scale)
    top = stats.nbinom.ppf(1 - 1e-12, cells, q)
    if top < 200_000:
        draws = np.arange(top + 1)
        masses = stats.nbinom.pmf(draws, cells, q)
        return float(2 * masses @ stats.nbinom.sf(draws + np.floor(width + 1e-9), cells, q))
    middles = (np.arange(20_000) + 0.5) / 20_000
    return float(2 * stats.gamma.sf(stats.gamma.ppf(middles, cells) + width / scale, cells).mean())


@lru_cache(maxsize=65536)
def _least(scale: float, cells: int) -> float:
    """The least width that a sum misses at most half as often as is stated for a figure."""
    low, high = 0.0, scale
    while _misses(scale, cells, high) > (1 - _CONFIDENCE) / 2:
        low, high = high, 2 * high + 1
    while high - low > max(0.5, 1e-4 * high):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if _misses(scale, cells, middle) > (1 - _CONFIDENCE) / 2 else (low, middle)
        )
    return low
