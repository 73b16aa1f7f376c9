"""Generalisation hierarchies: each value of a quasi-identifier, from exact to `*`.

A hierarchy answers, for one value, the ladder of its labels: the value, then wider and wider groups, then
`*`. It is a table that someone declared, or a rule (bands, dates, postcodes, prefixes). Full-domain
recoding rests on two facts that are checked here and again on the values at hand: every value has a
ladder, and a group lies within exactly one group of the next level (Samarati 2001).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, isfinite
from pathlib import Path
from typing import Protocol

from ...errors import DocumentError, Problem

TOP = "*"
"""The label that says nothing."""

Ladder = tuple[str, ...]


class Generalisation(Protocol):
    """Anything that gives each value its ladder, all of one length, or None where it has none."""

    def ladder(self, value: str) -> Ladder | None: ...


@dataclass(frozen=True)
class Hierarchy:
    """A declared hierarchy: value -> its labels at every level, the value itself first."""

    ladders: Mapping[str, Ladder]

    def ladder(self, value: str) -> Ladder | None:
        return self.ladders.get(value)

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[str]], where: str = "") -> Hierarchy:
        """Rows of (value, level 1, level 2, ...); `*` is added where the last level is not one group.

        DocumentError with every fault: no rows, rows of unlike length, blanks, a value twice, a group
        within two. Numbers of faults are told, never the values.
        """
        given = [tuple(str(cell).strip() for cell in row) for row in rows]
        problems = [Problem("HIERARCHY", *fault, where=where) for fault in _faults(given)]
        if problems:
            raise DocumentError(problems)
        if len({row[-1] for row in given}) > 1:
            given = [(*row, TOP) for row in given]
        return cls({row[0]: row for row in given})

    @classmethod
    def from_csv(cls, path: Path | str, delimiter: str = ";") -> Hierarchy:
        """A file without a heading, one value a line. Faults as `from_rows`."""
        with Path(path).open(encoding="utf-8", newline="") as file:
            return cls.from_rows((row for row in csv.reader(file, delimiter=delimiter) if row), str(path))


@dataclass(frozen=True)
class Suppressible:
    """Exact, or `*`: for a column that has no sensible groups."""

    def ladder(self, value: str) -> Ladder | None:
        return (value, TOP)


@dataclass(frozen=True)
class Bands:
    """Whole numbers in wider and wider bands: ages in 5, 10 and 20 years.

    widths: each divides the next. top: this and above are one group from the first band on ("90+"), a
    multiple of every width. A number with a fraction belongs to the band it lies in.
    """

    widths: tuple[int, ...] = (5, 10, 20)
    top: int | None = None

    def __post_init__(self) -> None:
        fits = bool(self.widths) and all(isinstance(width, int) and width > 1 for width in self.widths)
        if not fits or any(wide % narrow or wide == narrow for narrow, wide in pairwise(self.widths)):
            raise DocumentError.of(
                "HIERARCHY",
                f"bands of widths {self.widths} do not nest",
                "a band must lie within one wider band",
                "let each width be a multiple of the one before, as 5, 10, 20",
            )
        if self.top is not None and any(self.top % width for width in self.widths):
            raise DocumentError.of(
                "HIERARCHY",
                f"a last band from {self.top} cuts a band in two",
                fix="use a multiple of the widths",
            )

    def ladder(self, value: str) -> Ladder | None:
        try:
            number = float(value)
        except ValueError:
            return None
        if not isfinite(number):
            return None
        return (value, *(self._band(number, width) for width in self.widths), TOP)

    def _band(self, number: float, width: int) -> str:
        if self.top is not None and number >= self.top:
            return f"{self.top}+"
        low = floor(number / width) * width
        return f"{low}-{low + width - 1}"


@dataclass(frozen=True)
class Dates:
    """ISO 8601 dates (or date and time): the day, the month, the year, `*`."""

    def ladder(self, value: str) -> Ladder | None:
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ].*)?", value)
        return (value, f"{found[1]}-{found[2]}", found[1], TOP) if found else None


@dataclass(frozen=True)
class Postcodes:
    """UK postcodes: the unit, the sector (CB2 1), the district (CB2), the area (CB), `*`."""

    def ladder(self, value: str) -> Ladder | None:
        found = re.fullmatch(r"(([A-Z]{1,2})\d[A-Z\d]?) ?(\d)[A-Z]{2}", value.strip().upper())
        return (value, f"{found[1]} {found[3]}", found[1], found[2], TOP) if found else None


@dataclass(frozen=True)
class Prefixes:
    """Codes whose beginning is a wider group, as in ICD-10 (E11.9, E11, E). lengths: falling."""

    lengths: tuple[int, ...]

    def __post_init__(self) -> None:
        falls = all(first > second for first, second in pairwise(self.lengths))
        if not self.lengths or not falls or self.lengths[-1] < 1:
            raise DocumentError.of(
                "HIERARCHY", f"prefixes of lengths {self.lengths} do not nest", fix="let them fall, as 3, 1"
            )

    def ladder(self, value: str) -> Ladder | None:
        return (value, *(value[:length] for length in self.lengths), TOP) if value else None


def count_split_groups(ladders: Sequence[Ladder]) -> int:
    """How many groups of one level lie in more than one group of the next."""
    split = 0
    for level in range(len(ladders[0]) - 1) if ladders else ():
        pairs = {(ladder[level], ladder[level + 1]) for ladder in ladders}
        split += sum(number > 1 for number in Counter(low for low, _ in pairs).values())
    return split


def _faults(rows: Sequence[Ladder]) -> Iterable[tuple[str, str, str]]:
    if not rows:
        yield "a hierarchy without values", "nothing could be generalised", "give a row a value"
        return
    ragged = sum(len(row) != len(rows[0]) for row in rows)
    if ragged:
        yield f"{ragged} values have more or fewer levels than the first", "", "give each every level"
    blank = sum("" in row for row in rows)
    if blank:
        yield f"{blank} values have a blank level", "a gap is no group", "name the group"
    twice = sum(number > 1 for number in Counter(row[0] for row in rows).values())
    if twice:
        yield f"{twice} values are there more than once", "which group is meant cannot be told", "keep one"
    split = 0 if ragged else count_split_groups(rows)
    if split:
        yield (
            f"{split} groups lie in more than one group of the next level",
            "people alike could be told apart again by a wider group",
            "let each group have one parent",
        )
