"""How a difference at one place of an agreement is judged: wider, narrower, or wording alone.

Each judge sees the value before and after. What cannot be put in an order is judged wider, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from ..plan.forms import FORMS


class Direction(StrEnum):
    """What a difference does to what is allowed."""

    WIDER = "wider"
    NARROWER = "narrower"
    NEUTRAL = "neutral"


WIDER, NARROWER, NEUTRAL = Direction
_OPPOSITE = {WIDER: NARROWER, NARROWER: WIDER, NEUTRAL: NEUTRAL}
UNORDERED = "cannot be put in an order, so it is judged wider"


class Judged(NamedTuple):
    """A difference, judged: what is said of it, the values before and after, and the entry that it is."""

    direction: Direction
    said: str
    old: Any
    new: Any
    entry: str | int | None = None


@dataclass(frozen=True)
class Judge:
    """Judges two values of one place. `noun` is what stands there; `{0}` is the first name on the way."""

    noun: str

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        """Any change widens: the base, and the rule where no other claims a place."""
        yield Judged(WIDER, f"changed, and {UNORDERED}", old, new)


@dataclass(frozen=True)
class Words(Judge):
    """Wording: who is reached where, in which words. Nothing is allowed by it."""

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        yield Judged(NEUTRAL, "in other words", old, new)


@dataclass(frozen=True)
class Members(Judge):
    """A list of words without order. `more` is what one more of them does."""

    more: Direction = WIDER
    empty_is_all: bool = False

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        if not isinstance(old, list) or not isinstance(new, list):
            yield from super().judge(old, new)
            return
        if self.empty_is_all and not (old and new):
            yield Judged(WIDER if old else NARROWER, "all, unless named", old or "all", new or "all")
            return
        added = [word for word in new if word not in old]
        gone = [word for word in old if word not in new]
        for word in added:
            yield Judged(self.more, f"{_shown(word)} is added", None, word)
        for word in gone:
            yield Judged(_OPPOSITE[self.more], f"{_shown(word)} is removed", word, None)
        if not added and not gone:
            yield Judged(NEUTRAL, "in another order", old, new)


@dataclass(frozen=True)
class Amount(Judge):
    """A number, a day or a span. `up` is what more of it does.

    What is left unsaid is without limit, or, where a default stands behind it, in no order (`default`).
    """

    up: Direction = WIDER
    default: bool = False

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        more = _is_more(old, new)
        if more is None or (self.default and None in (old, new)):
            yield from super().judge(old, new)
        else:
            said = "is more, or later" if more else "is less, or earlier"
            yield Judged(self.up if more else _OPPOSITE[self.up], said, old, new)


_BOUNDS = {"D": (1, 1), "W": (7, 7), "M": (28, 31), "Y": (365, 366)}
"""The fewest and the most days that a unit of a span can last."""
_SPAN = re.compile(r"P[0-9]{1,9}[DWMY]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _is_more(old: Any, new: Any) -> bool | None:
    """Whether `new` is more than `old`; None where that cannot be said."""
    if old is None or new is None:
        return new is None
    if isinstance(old, str) and isinstance(new, str):
        if _SPAN.fullmatch(old) and _SPAN.fullmatch(new):
            return _is_longer(old, new)
        return new > old if _DAY.fullmatch(old) and _DAY.fullmatch(new) else None
    plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (old, new))
    return new > old if plain and new != old else None


def _is_longer(old: str, new: str) -> bool | None:
    """Of two spans. A month is not always shorter than thirty days: such are in no order."""
    least, most = _days(old)
    fewest, longest = _days(new)
    if old[-1] == new[-1] and least != fewest:
        return fewest > least
    if fewest >= most and longest != least:
        return True
    return False if longest <= least and fewest != most else None


def _days(span: str) -> tuple[int, int]:
    least, most = _BOUNDS[span[-1]]
    number = int(span[1:-1])
    return number * least, number * most


@dataclass(frozen=True)
class Scale(Judge):
    """One of a few words, from the narrowest to the widest."""

    steps: tuple[Any, ...] = ()

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        if old not in self.steps or new not in self.steps:
            yield from super().judge(old, new)
        elif self.steps.index(old) < self.steps.index(new):
            yield Judged(WIDER, "is wider", old, new)
        else:
            yield Judged(NARROWER, "is narrower", old, new)


@dataclass(frozen=True)
class OfForm(Judge):
    """A form, by whom it is about and what it tells; two that are simply different are judged wider."""

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        known = isinstance(old, str) and isinstance(new, str) and {old, new} <= FORMS.keys()
        if known and FORMS[new] <= FORMS[old]:
            yield Judged(NARROWER, "is less identifying", old, new)
        else:
            yield Judged(WIDER, "is more identifying, or tells something else", old, new)


@dataclass(frozen=True)
class Said(Judge):
    """Something that may be left unsaid. `more` is what saying it does; other words are judged wider."""

    more: Direction = NARROWER
    reworded: Direction = WIDER

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        if is_unsaid(old) or is_unsaid(new):
            gone = is_unsaid(new)
            direction = _OPPOSITE[self.more] if gone else self.more
            yield Judged(direction, "is no longer said" if gone else "is now said", old, new)
        else:
            other = f"changed, and {UNORDERED}" if self.reworded is WIDER else "in other words"
            yield Judged(self.reworded, other, old, new)


@dataclass(frozen=True)
class Part(Said):
    """A part that may be left out as a whole; what is inside it is judged there."""


@dataclass(frozen=True)
class Entries(Judge):
    """Entries by name, or a list of entries that `key` tells apart; what is inside each is judged there.

    `more` is what one more does, `fewer` what one less does (the opposite, unless told). `None` is unsaid.
    """

    more: Direction = WIDER
    fewer: Direction | None = None
    key: tuple[str, ...] = ()

    def judge(self, old: Any, new: Any) -> Iterator[Judged]:
        """Of the entries that only one side has."""
        if (old is None) is not (new is None):
            gone = new is None
            said = "it is no longer said whether there are any" if gone else "it is now said what there is"
            yield Judged(WIDER if gone else NARROWER, said, old, new)
        before, after = self.named(old), self.named(new)
        for name in (name for name in after if name not in before):
            yield Judged(self.more, f"{name} is added", None, after[name][1], after[name][0])
        for name in (name for name in before if name not in after):
            fewer = _OPPOSITE[self.more] if self.fewer is None else self.fewer
            yield Judged(fewer, f"{name} is removed", before[name][1], None, before[name][0])
        if self.key and old and new and before.keys() == after.keys() and list(before) != list(after):
            yield Judged(NEUTRAL, "in another order", None, None)

    def named(self, held: Any) -> dict[str, tuple[str | int, Any]]:
        """Each entry by what tells it apart, with the key or position by which it stands in the text."""
        if isinstance(held, Mapping):
            return {name: (name, value) for name, value in held.items()}
        found: dict[str, tuple[str | int, Any]] = {}
        for number, value in enumerate(held or ()):
            name = " / ".join(str(value.get(part)) for part in self.key)
            while name in found:
                name += " (again)"
            found[name] = (number, value)
        return found


def is_unsaid(value: Any) -> bool:
    """Whether nothing is said: null, false or empty text."""
    return value is None or value is False or value == ""


def _shown(word: Any) -> str:
    return str(word) if len(str(word)) <= 60 else f"{str(word)[:57]}..."
