"""What a recipient's own log would tell it of released rows: each record recoded as the release was, and
the row that is truly about the same event.

The host holds the day and the exact hour that do not leave, so it can tell which record and which row are
one event: the same place, the least time apart within what was agreed, each used once. Released rows that
look alike are interchangeable, so a true row is told by what it shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from ..structure import Ints
from .knowledge import Knowledge

_NOON, _DAY = 12, 24
TOP = "*"
"""What a release shows where it says nothing."""

Moment = tuple[int, int | None]
"""A day since 1970 and an hour, where it is known."""


@dataclass(frozen=True)
class Log:
    """What a recipient holds. `records` and `rows` (those of the release before they were made alike) have
    the columns `place`, `day`, `hour` and `compared`; `rows` besides all columns that were released."""

    called: str
    records: pa.Table
    rows: pa.Table
    compared: tuple[str, ...]
    place: str
    day: str
    hour: str
    days: int
    hours: int


class Ladder(Protocol):
    """How a release may show a value: at every level, the value itself first."""

    def ladder(self, value: str) -> Sequence[str] | None: ...


@dataclass(frozen=True)
class Recoding:
    """How the release shows a value: by column its hierarchy and the level chosen; no entry is exact."""

    hierarchies: Mapping[str, Ladder]
    levels: Mapping[str, int]

    def shown(self, name: str, values: Sequence[Any]) -> list[Any]:
        """The values as the release shows them. Null stays null but at the level that says nothing."""
        level = self.levels.get(name, 0)
        if not level:
            return list(values)
        found = {value: self._at(name, str(value), level) for value in set(values) if value is not None}
        top = bool(found) and set(found.values()) == {TOP}
        return [found[value] if value is not None else TOP if top else None for value in values]

    def _at(self, name: str, value: str, level: int) -> str:
        ladder = self.hierarchies[name].ladder(value)
        return TOP if ladder is None else ladder[level]


def same_events(log: Log) -> Ints:
    """For each record of the log the row about the same event, -1 where none is: the nearest in time
    first."""
    mine, theirs = _times(log, log.records), _times(log, log.rows)
    at_place: dict[Any, list[int]] = defaultdict(list)
    for row, place in enumerate(log.rows[log.place].to_pylist()):
        if place is not None and theirs[row] is not None:
            at_place[place].append(row)
    pairs = []
    for record, place in enumerate(log.records[log.place].to_pylist()):
        when = mine[record]
        for row in at_place.get(place, ()):
            other = theirs[row]
            gap = _gap(log, when, other) if when is not None and other is not None else None
            if gap is not None:
                pairs.append((gap, record, row))
    about, used = np.full(log.records.num_rows, -1, np.int64), set[int]()
    for _, record, row in sorted(pairs):
        if about[record] < 0 and row not in used:
            about[record] = row
            used.add(row)
    return about


def _times(log: Log, table: pa.Table) -> list[Moment | None]:
    """Day and hour of each row; None without a day."""
    days = table[log.day].cast(pa.int32()).to_pylist()
    hours = table[log.hour].to_pylist()
    return [None if day is None else (day, hour) for day, hour in zip(days, hours, strict=True)]


def _gap(log: Log, mine: Moment, theirs: Moment) -> int | None:
    """Hours between two; None where they are too far apart. An hour not known is within half a day."""
    if abs(mine[0] - theirs[0]) > log.days:
        return None
    if mine[1] is None or theirs[1] is None:
        return _NOON + _DAY * abs(mine[0] - theirs[0])
    gap = abs((mine[0] - theirs[0]) * _DAY + mine[1] - theirs[1])
    return gap if gap <= log.hours else None


def knowledge_of(
    log: Log, released: pa.Table, recoding: Recoding, sensitive: Sequence[str], about: Ints | None = None
) -> list[Knowledge]:
    """What the log is worth to an intruder: all that is compared, and, where a sensitive column is among
    it, the same without, to see what could be inferred.

    `about`: which row (before it was made alike) each record is truly about, where that is known better
    than by `same_events`.
    """
    rows = same_events(log) if about is None else about
    shown = _released_rows(log, released, recoding, rows)
    compared = [name for name in log.compared if name in released.column_names]
    records = pa.table({name: _typed(name, log, released, recoding) for name in compared})
    held = [Knowledge(log.called, records, tuple(compared), shown.tolist())]
    rest = [name for name in compared if name not in sensitive]
    if 0 < len(rest) < len(compared):
        held.append(Knowledge(log.called, records.select(rest), tuple(rest), shown.tolist()))
    return held


def _typed(name: str, log: Log, released: pa.Table, recoding: Recoding) -> pa.Array:
    return pa.array(recoding.shown(name, log.records[name].to_pylist()), released.schema.field(name).type)


def _released_rows(log: Log, released: pa.Table, recoding: Recoding, rows: Ints) -> Ints:
    """The released row that shows what each true row would: -1 where it was left out."""
    names = released.column_names
    there: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, shows in enumerate(zip(*(released[name].to_pylist() for name in names), strict=True)):
        there[shows].append(number)
    recoded = [recoding.shown(name, log.rows[name].to_pylist()) for name in names]
    found, taken = np.full(len(rows), -1, np.int64), dict[int, int]()
    for record, row in enumerate(rows.tolist()):
        if row < 0:
            continue
        if row not in taken:
            alike = there.get(tuple(column[row] for column in recoded), [])
            taken[row] = alike.pop() if alike else -1
        found[record] = taken[row]
    return found
