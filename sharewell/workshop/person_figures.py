"""The figures of what people answered each for themselves: polls before and after, and the feedback form.

A code that gave two different answers to one question is counted in neither and told: nobody can say which
was meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .day import DayText, Exercise
from .events import Event, Record
from .ranking.paired import Answer, Change, change
from .sayings import Answered, Kind, Polled, Rated

LINE = 3
"""Ratings from which on all alike is worth telling."""


@dataclass(frozen=True)
class Poll:
    """A statement put before and after, and who changed their minds."""

    statement: str
    changed: Change
    twice: int
    """Codes that gave two answers at one time."""


@dataclass(frozen=True)
class Ratings:
    """How many gave each value, from the least to the most; `strange` are values that the form has not."""

    question: str
    words: str
    low: str
    high: str
    counts: Mapping[int, int]
    strange: int
    twice: int

    @property
    def answered(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """None where nobody answered."""
        total = sum(value * n for value, n in self.counts.items())
        return total / self.answered if self.answered else None


@dataclass(frozen=True)
class Form:
    """The feedback. `forms` came in; `straight` gave one value throughout, which is counted as given."""

    ratings: tuple[Ratings, ...]
    open: Mapping[str, tuple[str, ...]]
    forms: int
    straight: int


def polls(text: DayText, record: Record) -> tuple[Poll, ...]:
    """Each statement that was put to people. Sessions that put the same statement are one poll."""
    sessions: dict[str, list[str]] = {}
    for name, session in text.sessions.items():
        if session.exercise is Exercise.POLL and session.statement:
            sessions.setdefault(session.statement, []).append(name)
    return tuple(_poll(words, names, record) for words, names in sessions.items())


def _poll(statement: str, names: list[str], record: Record) -> Poll:
    told: dict[str, dict[str, set[Answer]]] = {"before": {}, "after": {}}
    for each in (e for name in names for e in record.of(Kind.POLLED, name)):
        said = each.said
        assert isinstance(said, Polled)
        told[said.when].setdefault(each.voice or each.sheet or each.id, set()).add(said.answer)
    twice = {code for when in told.values() for code, answers in when.items() if len(answers) > 1}
    before, after = (
        {code: next(iter(answers)) for code, answers in told[when].items() if code not in twice}
        for when in ("before", "after")
    )
    return Poll(statement, change(before, after), len(twice))


def form(text: DayText, record: Record) -> Form:
    """The feedback, by question."""
    rated = record.of(Kind.RATED)
    ratings = []
    for name, asked in text.feedback.ratings.items():
        values, twice = _one_each(each for each in rated if _rating(each).question == name)
        counted = Counter(values)
        counts = {value: counted[value] for value in range(asked.least, asked.most + 1)}
        strange = len(values) - sum(counts.values())
        ratings.append(Ratings(name, asked.question, asked.low, asked.high, counts, strange, twice))
    voices = {e.voice for e in (*rated, *record.of(Kind.ANSWERED)) if e.voice}
    return Form(tuple(ratings), _open(text, record), len(voices), _straight(rated))


def _one_each(events: Iterable[Event]) -> tuple[list[int], int]:
    """The value of each code that gave one, and the codes that gave more."""
    told: dict[str, set[int]] = {}
    for each in events:
        told.setdefault(each.voice or each.sheet or each.id, set()).add(_rating(each).value)
    once = [next(iter(values)) for values in told.values() if len(values) == 1]
    return once, len(told) - len(once)


def _rating(each: Event) -> Rated:
    said = each.said
    assert isinstance(said, Rated)
    return said


def _straight(rated: Iterable[Event]) -> int:
    told: dict[str, dict[str, int]] = {}
    for each in rated:
        if each.voice:
            told.setdefault(each.voice, {})[_rating(each).question] = _rating(each).value
    return sum(len(given) >= LINE and len(set(given.values())) == 1 for given in told.values())


def _open(text: DayText, record: Record) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {name: [] for name in text.feedback.open}
    for each in record.of(Kind.ANSWERED):
        said = each.said
        assert isinstance(said, Answered)
        found.setdefault(said.question, []).append(said.text)
    return {name: tuple(dict.fromkeys(words)) for name, words in found.items()}


def poll_mapping(poll: Poll) -> dict[str, Any]:
    """JSON-ready."""
    told = vars(poll.changed)
    moved = [{"before": a, "after": b, "people": n} for (a, b), n in poll.changed.moved.items()]
    return {"statement": poll.statement, **told, "moved": moved, "codes used twice": poll.twice}


def form_mapping(told: Form) -> dict[str, Any]:
    """JSON-ready."""
    return {
        "forms": told.forms,
        "one value throughout": told.straight,
        "ratings": {
            each.question: {
                "counts": dict(each.counts),
                "answered": each.answered,
                "mean": each.mean,
                "not on the form": each.strange,
                "answered twice": each.twice,
            }
            for each in told.ratings
        },
        "words": {name: list(words) for name, words in told.open.items()},
    }
