"""The design of a day: who is invited, the examples, the tables, the exercises and how long each takes.

One YAML file a workshop, read strictly: every fault at its `file:line`, all at once. What the day is made
of follows the workshops that Involve ran with Understanding Patient Data and the Carnegie UK Trust (2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StringConstraints

from ..agree.chapter import Chapter, Day, Name, Names, Sentence, Stated
from ..errors import DocumentError, Problem, among
from ..text import Located, check_document, load_yaml


class Exercise(StrEnum):
    """What can be done at a workshop."""

    WELCOME = "welcome"
    BENEFITS = "benefits"
    RANK_BY_BENEFIT = "rank-by-benefit"
    RISKS = "risks"
    RANK_BY_RISK = "rank-by-risk"
    RED_LINES = "red-lines"
    RANK_BY_ACCEPTABILITY = "rank-by-acceptability"
    POLL = "poll"
    EXPERT_INPUT = "expert-input"
    CASE_STUDY = "case-study"
    PRINCIPLES = "principles"
    PLENARY = "plenary"
    BREAK = "break"
    FEEDBACK = "feedback"

    @property
    def is_ranking(self) -> bool:
        return self in (self.RANK_BY_BENEFIT, self.RANK_BY_RISK, self.RANK_BY_ACCEPTABILITY)


Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,29}$")]
"""What stands on a card's corner: A, 1, III."""


class Example(Chapter):
    """One card: a use of personal data, in words that anybody can follow.

    With `agreement` the card is written from that agreement, and what stands here goes before it.
    """

    agreement: Name | None = None
    """The agreement that the card is about."""
    title: Stated | None = None
    who: Sentence | None = None
    why: Sentence | None = None
    what: Sentence | None = None
    how: Sentence | None = None
    form: Stated | None = None
    """In which form data leave: aggregate, de-personalised, yes/no, identifiable."""
    seen_by: Stated | None = None
    """Who sees it."""
    impact: Sentence | None = None
    """What came of it, where that is known."""
    source: Stated | None = None


class Table(Chapter):
    """A table of people."""

    people: Annotated[int, Field(ge=1, le=40)] | None = None
    """How many sit at it; null where nobody wrote it down."""
    facilitator: Stated | None = None
    """The post that facilitates, not a person's name."""


class Session(Chapter):
    """One exercise of the day: how long, with which examples at which table, and what is asked."""

    exercise: Exercise
    title: Stated | None = None
    minutes: Annotated[int, Field(ge=1, le=480)]
    question: Sentence | None = None
    """What the tables are asked."""
    examples: dict[Name, tuple[Label, ...]] = {}
    """The examples in front of each table; none where the tables have none, or `deal` deals them."""
    deal: Annotated[int, Field(ge=2, le=12)] | None = None
    """Deal this many examples to each table, so that tables share some (balanced incomplete blocks)."""
    statement: Sentence | None = None
    """What a poll asks people to agree or disagree with."""
    case: Label | None = None
    """The example that a case study looks at."""
    script: tuple[Sentence, ...] = ()
    """What the facilitator says and does, in order."""


class Held(Chapter):
    """When and where."""

    on: Day
    where: Stated
    starts: Clock
    ends: Clock
    host: Stated


class Invited(Chapter):
    """A group that was asked to come. `came` is entered afterwards; null is not written down."""

    who: Stated
    came: Annotated[int, Field(ge=0)] | None = None
    note: Sentence | None = None


class Rating(Chapter):
    """A question that is answered by a whole number from `least` to `most`."""

    question: Sentence
    least: int = 1
    most: int = 6
    low: str = "Poor"
    """What the least stands for."""
    high: str = "Excellent"


class Feedback(Chapter):
    """The form at the end."""

    ratings: dict[Name, Rating] = {}
    open: dict[Name, Sentence] = {}


class DayText(Chapter):
    """The whole file of a workshop."""

    sharewell_workshop: Annotated[Literal[1], Field(alias="sharewell-workshop")]
    workshop: Name
    title: Sentence
    purpose: Sentence
    held: Held
    people: Annotated[int, Field(ge=1, le=2000)] | None = None
    """How many came."""
    invited: tuple[Invited, ...] = ()
    roles: Names
    """What people may say of themselves in place of a name: information-governance, resident."""
    examples: Annotated[dict[Label, Example], Field(min_length=1)]
    tables: Annotated[dict[Name, Table], Field(min_length=1)]
    sessions: Annotated[dict[Name, Session], Field(min_length=1)]
    feedback: Feedback = Feedback()
    notes: tuple[Sentence, ...] = ()
    """What a reader of the report must know, such as what was reconstructed."""


class WorkshopDay(NamedTuple):
    """A day as designed, with the line of each part."""

    text: DayText
    located: Located

    def at(self, *path: str | int) -> str:
        """`file:line` of a part."""
        return self.located.lines.at(path)


def load_day(source: Path | str, name: str = "") -> WorkshopDay:
    """Read a day. DocumentError with every fault at its `file:line`; StorageError if unreadable."""
    located = load_yaml(source, name)
    day = WorkshopDay(check_document(DayText, located), located)
    if problems := list(_faults(day)):
        raise DocumentError(problems)
    return day


def _faults(day: WorkshopDay) -> Iterator[Problem]:
    """What the shape alone cannot say: names that nothing bears, and rankings with too little to rank."""
    text = day.text
    for name, session in text.sessions.items():
        for table, labels in session.examples.items():
            where = day.at("sessions", name, "examples", table)
            if table not in text.tables:
                yield Problem(
                    "TABLE", f"there is no table {table!r}", fix=among(table, text.tables), where=where
                )
            for label in labels:
                if label not in text.examples:
                    fix = among(label, text.examples)
                    yield Problem("EXAMPLE", f"there is no example {label!r}", fix=fix, where=where)
            if len(set(labels)) < len(labels):
                yield Problem(
                    "EXAMPLE", "an example is put on the table twice", fix="name it once", where=where
                )
        yield from _session_faults(day, name, session)


def _session_faults(day: WorkshopDay, name: str, session: Session) -> Iterator[Problem]:
    where = day.at("sessions", name)
    if session.exercise.is_ranking and not session.examples and not session.deal:
        fix = "say `examples:` for each table, or `deal:` how many"
        yield Problem("EXAMPLE", f"{name} ranks nothing", "a ranking needs examples", fix, where)
    if session.exercise is Exercise.POLL and session.statement is None:
        yield Problem(
            "STATEMENT", f"{name} asks nothing", fix="say what people agree or disagree with", where=where
        )
    if session.case is not None and session.case not in day.text.examples:
        fix = among(session.case, day.text.examples)
        yield Problem("EXAMPLE", f"there is no example {session.case!r}", fix=fix, where=where)
