"""Tables of one release audited together: a figure that one withholds must not follow from all of them.

The certificate says which tables count the same people in which column. Their rows are read as rows of one
table with all their dimensions: the same cell is one unknown, shown if any table shows it, and a cell that
is a total of another table's cells is tied to them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ...plan.finding import ALL
from ...plan.released import CheckedTable
from ..certificate import Certificate, Link
from .program import Bounds, Program, Tie
from .reader import Reader
from .relations import Key, add_unseen, read_levels, read_nestings, relate


def joint_faults(tables: Sequence[CheckedTable], certificate: Certificate) -> Iterator[str]:
    """Figures that linked tables give away together; tables that share a column but no link was judged."""
    held = {table.name: table for table in tables}
    entries = {entry.table: entry for entry in certificate.tables}
    for link in certificate.links:
        if len(link.tables) < 2 or not all(name in held and name in entries for name in link.tables):
            continue
        readers = [Reader(held[n], link.column, entries[n], certificate.policy) for n in link.tables]
        promises = [c for n in link.tables for c in entries[n].columns if c.column == link.column]
        width = max(promise.width for promise in promises)
        share = max(promise.share for promise in promises)
        yield from _Together(link, readers).faults(width, share)
    yield from _unjudged(tables, certificate)


def _unjudged(tables: Sequence[CheckedTable], certificate: Certificate) -> Iterator[str]:
    """A column that two tables share and of which the certificate does not say whether they are linked."""
    judged = {(link.column, name) for link in certificate.links for name in link.tables}
    promised = {(entry.table, column.column) for entry in certificate.tables for column in entry.columns}
    additive = {
        table.name: {*table.counts, *(m.column for m in table.measures if m.additive)} for table in tables
    }
    for number, table in enumerate(tables):
        for other in tables[number + 1 :]:
            for column in sorted(additive[table.name] & additive[other.name]):
                pair = ((table.name, column), (other.name, column))
                if table.by and other.by and all(end in promised for end in pair):
                    missing = [name for name, _ in pair if (column, name) not in judged]
                    if missing and "flow" not in (table.output, other.output):
                        yield f"{column}: {table.name} and {other.name} were not judged together"


class _Together:
    """What a reader of several tables knows of one column."""

    def __init__(self, link: Link, readers: Sequence[Reader]) -> None:
        self.link = link
        self.by = sorted({name for reader in readers for name in reader.by})
        self.parents: list[Mapping[str, str]] = [
            {
                child: up
                for reader in readers
                for name, given in zip(reader.by, reader.parents, strict=True)
                if name == dimension
                for child, up in given.items()
            }
            for dimension in self.by
        ]
        self.bounds: Bounds = {}
        self.ties: list[Tie] = []
        self.withheld: set[Key] = set()
        self.primary: set[Key] = set()
        self.keys: dict[Key, None] = {}
        self.loose: set[int] = set()
        for number, reader in enumerate(readers):
            self._add(reader, number)
        self._tie()

    def _add(self, reader: Reader, number: int) -> None:
        place = [self.by.index(name) for name in reader.by]
        shown = set(reader.keys)

        def lift(key: Key) -> Key:
            cell = [ALL] * len(self.by)
            for d, value in zip(place, key, strict=True):
                cell[d] = value
            # A cell that no row shows is this table's own.
            return tuple(cell) if key in shown else (*cell, f"beneath {number}")

        bounds, ties = reader.knowledge()
        for key, (low, high) in bounds.items():
            before = self.bounds.get(lift(key), (0.0, math.inf))
            self.bounds[lift(key)] = max(low, before[0]), min(high, before[1])
        self.ties += [
            ([lift(k) for k in parts], [lift(k) for k in total], free) for parts, total, free in ties
        ]
        self.withheld |= {lift(key) for key in reader.withheld}
        self.primary |= {lift(key) for key in reader.primary}
        self.keys |= dict.fromkeys(lift(key) for key in reader.keys)
        self.loose |= {place[d] for d, free in enumerate(reader.loose) if free}

    def _tie(self) -> None:
        """Relations between rows of different tables. One with no total or no parts says nothing here:
        another table may list fewer groups."""
        keys = list(self.keys)
        nestings = read_nestings(keys, self.parents)
        levels = read_levels(keys, nestings)
        for parts, total, summed in relate(levels, nestings):
            if parts and total:
                self.ties.append((parts, total, bool(summed & self.loose)))
        if not self.link.hidden:
            return
        levels, unseen = add_unseen(levels, nestings)
        self.bounds |= dict.fromkeys(unseen, (0.0, math.inf))
        beneath = set(unseen)
        for parts, total, summed in relate(levels, nestings):
            if total and parts and beneath.intersection(parts):
                self.ties.append((parts, total, bool(summed & self.loose)))

    def faults(self, width: float, share: float) -> Iterator[str]:
        names = ", ".join(self.link.tables)
        cells = sorted(key for key in self.withheld if self.bounds[key][0] < self.bounds[key][1])
        if len(cells) < len(self.withheld):
            yield f"{self.link.column}: a figure that one of {names} withholds stands in another"
        if not cells:
            return

        def is_wide(key: Key, low: float, high: float) -> bool:
            return high - low >= max(width, share * high if key in self.primary else 0.0) - 1e-6 * max(
                1.0, high
            )

        program = Program(self.bounds, self.ties, width)
        spans: dict[Key, tuple[float, float]] | None = program.spans(cells, is_wide)
        if spans is None:
            yield f"{self.link.column}: the published figures of {names} contradict each other"
            return
        narrow = [key for key, (low, high) in spans.items() if not is_wide(key, low, high)]
        if narrow:
            yield f"{self.link.column}: {len(narrow)} withheld figures follow from {names} together"
