"""Whom a published figure counts: a conjunction of conditions on columns that all agreements name alike.

A column is told by the asset's column that it comes from (`asset.column`), so that figures of different
agreements over one population compare. A condition is a set of categories or a half-open interval of
numbers: two bandings of age are conditions on the same column, and so refine one another. A condition
that cannot be read (an agreement's own filter) is a column of its own, named by its text, with the one
category TRUE: equal only where its text is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...errors import DataError, Problem

TRUE = "true"
"""The category of a condition known by its text alone, in those of whom it holds."""

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_BANDS = (
    (re.compile(rf"{_NUMBER}\s*(?:to|-|\u2013)\s*{_NUMBER}"), "closed"),
    (re.compile(rf"(?:under|below|less than)\s+{_NUMBER}"), "under"),
    (re.compile(rf"{_NUMBER}\s*(?:and|or)\s+(?:under|below|less)"), "to"),
    (re.compile(rf"{_NUMBER}\s*(?:\+|(?:and|or)\s+(?:over|above|more|older))"), "over"),
    (re.compile(_NUMBER), "one"),
)


@dataclass(frozen=True, order=True)
class Interval:
    """Numbers from `low` up to but without `high`. DataError INTERVAL where none lies between."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            fix = "give the lower bound first; the upper one is not part of it"
            raise DataError(Problem("INTERVAL", "an interval holds no number", fix=fix))

    def __str__(self) -> str:
        if math.isinf(self.high):
            return f"{self.low:g} and over"
        return f"under {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to under {self.high:g}"


Condition: TypeAlias = frozenset[str] | Interval


@dataclass(frozen=True)
class Predicate:
    """Column -> condition, all of which hold; none at all is everybody. Made by `of`, so that equal
    predicates are written alike."""

    where: tuple[tuple[str, Condition], ...] = ()

    @classmethod
    def of(cls, where: Mapping[str, Condition], true: Iterable[str] = ()) -> Predicate:
        """From conditions on columns, and the texts of opaque conditions that hold."""
        held = dict(where) | {text: frozenset({TRUE}) for text in true}
        empty = [column for column, condition in held.items() if condition == frozenset()]
        if empty:
            raise DataError(
                Problem(
                    "PREDICATE", f"a condition on {column} names no category", fix="name one or drop it"
                )
                for column in empty
            )
        return cls(tuple(sorted(held.items(), key=lambda item: item[0])))

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(column for column, _ in self.where)

    def contains(self, other: Predicate) -> bool:
        """Whether all whom `other` counts are counted here, by the conditions alone."""
        theirs = dict(other.where)
        return all(column in theirs and _holds(mine, theirs[column]) for column, mine in self.where)

    def meets(self, other: Predicate) -> bool:
        """Whether somebody could be counted by both."""
        theirs = dict(other.where)
        return all(_meets(mine, theirs[column]) for column, mine in self.where if column in theirs)

    def narrowed(self, column: str, condition: Condition) -> Predicate | None:
        """With one condition more; None where nobody can meet both it and what is there."""
        where = dict(self.where)
        held = where.get(column, condition)
        if isinstance(held, Interval) and isinstance(condition, Interval):
            low, high = max(held.low, condition.low), min(held.high, condition.high)
            return Predicate.of(where | {column: Interval(low, high)}) if low < high else None
        if isinstance(held, frozenset) and isinstance(condition, frozenset) and held & condition:
            return Predicate.of(where | {column: held & condition})
        return None

    def apart(self, other: Predicate) -> tuple[str, ...]:
        """The columns in whose conditions the two differ: of contained predicates with one such column,
        the difference is itself one condition."""
        return tuple(sorted({column for column, _ in set(self.where) ^ set(other.where)}))

    def __str__(self) -> str:
        """In words, as a refusal quotes it: agreed names and categories, never a count."""
        return " and ".join(_words(column, condition) for column, condition in self.where) or "everybody"

    def as_json(self) -> dict[str, Any]:
        """Column -> {"in": categories} or {"from": number or None, "below": number or None}."""
        return {column: _write(condition) for column, condition in self.where}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Predicate:
        """What `as_json` wrote. DataError PREDICATE where it is something else."""
        try:
            return cls.of({column: _read(each) for column, each in given.items()})
        except (KeyError, TypeError, ValueError, AttributeError):
            fix = "write each condition as a list of categories or two bounds"
            raise DataError(Problem("PREDICATE", "a predicate cannot be read", fix=fix)) from None


def read_band(label: str) -> Interval | None:
    """The numbers that a band of whole numbers stands for: "5 to 9", "16-64", "under 18", "65 and over",
    "90+", "7". None where the label is no band."""
    text = label.strip().lower()
    for pattern, kind in _BANDS:
        found = pattern.fullmatch(text)
        if found:
            ends = [float(number) for number in found.groups()]
            return _band(kind, ends[0], ends[-1])
    return None


def read_category(label: str, parents: Mapping[str, str]) -> frozenset[str]:
    """The finest categories that `label` stands for, by a hierarchy category -> the one it is part of.

    DataError HIERARCHY where the hierarchy turns back on itself.
    """
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    leaves, waiting, seen = set[str](), [label], set[str]()
    while waiting:
        category = waiting.pop()
        if category in seen:
            raise DataError(Problem("HIERARCHY", "a category is part of itself", fix="mend the hierarchy"))
        seen.add(category)
        waiting += children.get(category, [])
        leaves |= set() if category in children else {category}
    return frozenset(leaves)


def _band(kind: str, first: float, last: float) -> Interval | None:
    if kind == "under":
        return Interval(-math.inf, first)
    if kind == "to":
        return Interval(-math.inf, first + 1)
    if kind == "over":
        return Interval(first, math.inf)
    return Interval(first, last + 1) if first <= last else None


def _holds(outer: Condition, inner: Condition) -> bool:
    if isinstance(outer, Interval) and isinstance(inner, Interval):
        return outer.low <= inner.low and inner.high <= outer.high
    return isinstance(outer, frozenset) and isinstance(inner, frozenset) and inner <= outer


def _meets(one: Condition, other: Condition) -> bool:
    if isinstance(one, Interval) and isinstance(other, Interval):
        return max(one.low, other.low) < min(one.high, other.high)
    return isinstance(one, frozenset) and isinstance(other, frozenset) and bool(one & other)


def _words(column: str, condition: Condition) -> str:
    if isinstance(condition, Interval):
        return f"{column} {condition}"
    if condition == frozenset({TRUE}):
        return column
    named = sorted(condition)
    more = f" and {len(named) - 4} more" if len(named) > 4 else ""
    return f"{column} {' or '.join(named[:4])}{more}"


def _write(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Interval):
        low, high = (None if math.isinf(end) else float(end) for end in (condition.low, condition.high))
        return {"from": low, "below": high}
    return {"in": sorted(condition)}


def _read(given: Mapping[str, Any]) -> Condition:
    if "in" in given:
        names = given["in"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TypeError
        return frozenset(names)
    low, high = given["from"], given["below"]
    return Interval(-math.inf if low is None else float(low), math.inf if high is None else float(high))
