"""What can be said at a workshop: the body of each kind of event, read strictly.

Comments bear a role, never a name. A table that decided nothing is recorded as undecided; an answer that is
missing is not recorded at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ..agree.chapter import Chapter, Name, Stated
from .day import Label


class Kind(StrEnum):
    """What somebody did."""

    ATTENDED = "attended"
    POLLED = "polled"
    CRITERION = "criterion"
    RANKED = "ranked"
    NOTED = "noted"
    RED_LINE = "red-line"
    RATED = "rated"
    ANSWERED = "answered"
    FOUND = "found"


class Attended(Chapter):
    """People of one role who came to a table."""

    role: Name
    people: Annotated[int, Field(ge=1)] = 1


class Polled(Chapter):
    """A private answer to a poll, from 1 (disagree strongly) to 5 (agree strongly), or undecided.

    The same poll is put before and after; the code on the sheet joins the two and says nothing else.
    """

    when: Literal["before", "after"]
    answer: Annotated[int, Field(ge=1, le=5)] | Literal["undecided"]


class Criterion(Chapter):
    """What a table chose to rank by, in its own words."""

    text: Stated
    main: bool = True


class Ranked(Chapter):
    """A ranking as given: `tiers` best (or highest risk) first, or single statements `over`."""

    tiers: tuple[tuple[Label, ...], ...] = ()
    over: tuple[tuple[Label, Label], ...] = ()
    undecided: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Ranked:
        if self.tiers and self.over:
            raise ValueError("a ranking is told by tiers or by statements, not by both")
        return self


class Noted(Chapter):
    """A point that was made. `who` gains or bears it; `example` is the card it was made about."""

    about: Literal[
        "benefit", "risk", "principle", "mitigation", "trade-off", "acceptable", "insight", "opportunity"
    ]
    who: Literal["service-users", "public", "providers", "staff", "cross-cutting"] | None = None
    text: Stated
    example: Label | None = None
    role: Name | None = None
    quoted: bool = False
    """Whether these are somebody's own words."""


RED_LINES: Mapping[str, str] = {
    "no-public-notice": "People do not know that data about them may be used so",
    "no-purpose": "There is no clear purpose: it is done to see what turns up",
    "no-transparency": "Nobody outside can see how the data are used",
    "identifiable-needlessly": "Records name people although another way would do",
    "purpose-creep": "Data that were shared for one thing are used for another",
    "doubtful-quality": "The data may be too poor for what is concluded from them",
}
"""What the first workshops held to be too much whatever the benefit, by name."""


class RedLine(Chapter):
    """What must not be crossed whatever the benefit; a veto, never averaged with anything."""

    line: Name
    """One of the six that agreements know, or a name for a new one."""
    text: Stated
    examples: tuple[Label, ...] = ()
    """The examples that were said to cross it; none where it was said in general."""
    lifted_by: Stated | None = None
    """What would lift it."""


class Rated(Chapter):
    """An answer to a rating of the feedback form."""

    question: Name
    value: int


class Answered(Chapter):
    """An answer in words on the feedback form."""

    question: Name
    text: Stated


class Found(Chapter):
    """What the workshop found, and the clause of an agreement that it should change."""

    said: Stated
    agreement: Name | None = None
    clause: Stated | None = None
    condition: Stated | None = None
    """What must be done before the agreement runs, where the finding asks for something."""
    before: str | None = None
    """When that is due, as `due_of` reads it."""
    owner: Stated | None = None
    """The post that sees to it."""


ALWAYS_DUE = ("first run", "publication")
"""When a condition can be due, but for a day."""


def due_of(before: str | None) -> str | date | None:
    """`publication`, `first run` or a day; a first run where nothing was said; None for anything else."""
    told = " ".join((before or ALWAYS_DUE[0]).split()).casefold()
    if told in ALWAYS_DUE:
        return told
    try:
        return date.fromisoformat(told) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", told) else None
    except ValueError:
        return None


def say_before() -> str:
    """How a due time is written."""
    return f"write {' or '.join(ALWAYS_DUE)} under `before`, or a day as 2026-01-31"


BODIES: Mapping[Kind, type[Chapter]] = {
    Kind.ATTENDED: Attended,
    Kind.POLLED: Polled,
    Kind.CRITERION: Criterion,
    Kind.RANKED: Ranked,
    Kind.NOTED: Noted,
    Kind.RED_LINE: RedLine,
    Kind.RATED: Rated,
    Kind.ANSWERED: Answered,
    Kind.FOUND: Found,
}
