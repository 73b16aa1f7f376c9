"""Every figure of a workshop's report, counted once: the paper and the JSON beside it tell the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .day import DayText
from .events import Record
from .person_figures import Form, Poll, form, form_mapping, poll_mapping, polls
from .rank_figures import Ranking, rankings
from .sayings import Attended, Found, Kind, Noted, RedLine

_Body = TypeVar("_Body")


@dataclass(frozen=True)
class Figures:
    """What a record shows.

    people: how many came, None where it was written nowhere. roles: people by role. held: comments that
    wait for the facilitator, which are counted and never shown. typed_twice: sheets typed more than once;
    differing: those whose two typings differ. corrected: events that another replaces.
    """

    people: int | None
    roles: Mapping[str, int]
    rankings: tuple[Ranking, ...]
    polls: tuple[Poll, ...]
    form: Form
    notes: tuple[Noted, ...]
    red_lines: tuple[RedLine, ...]
    findings: tuple[Found, ...]
    held: int
    typed_twice: int
    differing: int
    corrected: int

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready, the figures and the words behind them."""
        told: dict[str, Any] = {
            "people": self.people,
            "roles": dict(self.roles),
            "rankings": {each.name: each.as_mapping() for each in self.rankings},
            "polls": [poll_mapping(each) for each in self.polls],
            "feedback": form_mapping(self.form),
        }
        for name, said in (("notes", self.notes), ("red lines", self.red_lines), ("found", self.findings)):
            told[name] = [each.model_dump(mode="json", exclude_defaults=True) for each in said]
        return told | {
            "held comments": self.held,
            "sheets typed twice": self.typed_twice,
            "sheets whose typings differ": self.differing,
            "corrected": self.corrected,
        }


def figures(text: DayText, record: Record, seed: int = 0) -> Figures:
    """Count a record. Drawn figures (intervals, permutations) are the same for the same seed."""
    roles: Counter[str] = Counter()
    for each in _said(record, Kind.ATTENDED, Attended):
        roles[each.role] += each.people
    twice, differing = _typings(record)
    return Figures(
        text.people if text.people is not None else sum(roles.values()) or None,
        dict(sorted(roles.items())),
        rankings(text, record, seed),
        polls(text, record),
        form(text, record),
        tuple(_said(record, Kind.NOTED, Noted)),
        tuple(_said(record, Kind.RED_LINE, RedLine)),
        tuple(_said(record, Kind.FOUND, Found)),
        sum(1 for each in record if each.held),
        twice,
        differing,
        len(record.events) - sum(1 for _ in record),
    )


def _said(record: Record, kind: Kind, body: type[_Body]) -> list[_Body]:
    """What was said of a kind; the same sheet typed twice alike is said once."""
    found: dict[object, _Body] = {}
    for each in record.of(kind):
        said = each.said
        assert isinstance(said, body)
        known = (each.sheet, each.table, each.voice, repr(said)) if each.sheet else each.id
        found.setdefault(known, said)
    return list(found.values())


def _typings(record: Record) -> tuple[int, int]:
    """Sheets that were typed more than once, and those of them whose typings differ."""
    sheets: dict[str, dict[int, set[str]]] = {}
    for each in record:
        if each.sheet:
            typed = sheets.setdefault(each.sheet, {}).setdefault(each.entry, set())
            typed.add(f"{each.session} {each.kind} {each.table} {each.voice} {each.said!r}")
    twice = [list(typed.values()) for typed in sheets.values() if len(typed) > 1]
    return len(twice), sum(any(one != typings[0] for one in typings) for typings in twice)
