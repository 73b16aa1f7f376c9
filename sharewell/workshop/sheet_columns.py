"""The columns of the files into which paper sheets are typed: one file for each kind of sheet.

polls.csv       session, code, when, answer
rankings.csv    session, table, code, ranking, statements, undecided
criteria.csv    session, table, text, main
notes.csv       session, table, about, who, text, example, role, quoted
red-lines.csv   session, table, line, text, examples, lifted_by
ratings.csv     code, question, value, people
answers.csv     code, question, text
attendance.csv  role, people, table
findings.csv    said, agreement, clause, condition, before, owner

Every file may also have `session` (where the day has more than one that it could be), `sheet` (where one
table filled more than one) and `entry`: 1, or 2 for a sheet that is typed a second time, or `settled` for
one whose two typings differed and that was looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .day import Exercise
from .sayings import Kind


@dataclass(frozen=True)
class SheetFile:
    """A file of sheets of one kind. columns: name -> what stands in it. needed: those without which a row
    says nothing. exercises: the sessions that it can be of. personal: whether one person filled it, under
    a code."""

    kind: Kind
    columns: Mapping[str, str]
    needed: tuple[str, ...]
    exercises: frozenset[Exercise] = field(default_factory=frozenset)
    personal: bool = False

    @property
    def heads(self) -> tuple[str, ...]:
        """Every column that the file may have, in the order of the printed template."""
        return tuple(dict.fromkeys((*SHARED_FIRST, *self.columns, *SHARED_LAST)))


SHARED_FIRST = ("session",)
SHARED_LAST = ("sheet", "entry")
SHARED: Mapping[str, str] = {
    "session": "The session's name in the day; may be left empty where only one can be meant",
    "sheet": "What stands on the sheet's corner; may be left empty",
    "entry": "1; 2 where the sheet is typed a second time; settled where it was looked at again",
}
CODE = "The code on the sheet's corner; it joins what one person wrote, and says who they are to nobody"
TABLE = "The table's name in the day"

_RANKINGS = frozenset(exercise for exercise in Exercise if exercise.is_ranking)

FILES: Mapping[str, SheetFile] = {
    "attendance.csv": SheetFile(
        Kind.ATTENDED,
        {"role": "The role, as the day calls it", "people": "How many; 1 if empty", "table": TABLE},
        ("role",),
        frozenset({Exercise.WELCOME}),
    ),
    "polls.csv": SheetFile(
        Kind.POLLED,
        {"code": CODE, "when": "before or after", "answer": "1 to 5, or undecided"},
        ("when", "answer"),
        frozenset({Exercise.POLL}),
        personal=True,
    ),
    "criteria.csv": SheetFile(
        Kind.CRITERION,
        {
            "table": TABLE,
            "text": "What the table ranked by, in its words",
            "main": "yes for the main one, no for any other; yes if empty",
        },
        ("table", "text"),
        _RANKINGS,
    ),
    "rankings.csv": SheetFile(
        Kind.RANKED,
        {
            "table": TABLE,
            "code": "Only where one person ranks alone: the code on the sheet's corner",
            "ranking": "The cards, first place first: C > E = A > B, with = for cards in one place",
            "statements": "Where there is no whole order, what was put over what: C > B; E > B",
            "undecided": "The cards that got no place: D F",
        },
        ("table",),
        _RANKINGS,
    ),
    "notes.csv": SheetFile(
        Kind.NOTED,
        {
            "table": "The table's name; empty for what was said by all together",
            "about": "benefit, risk, principle, mitigation, trade-off, acceptable, insight or opportunity",
            "who": "Who gains or bears it: service-users, public, providers, staff or cross-cutting",
            "text": "What was said",
            "example": "The card that it was said of, if any",
            "role": "The role of who said it, never a name",
            "quoted": "yes where these are somebody's own words; no if empty",
        },
        ("about", "text"),
    ),
    "red-lines.csv": SheetFile(
        Kind.RED_LINE,
        {
            "table": "The table's name; empty for what was said by all together",
            "line": "The name of the line, as the sheet gives it, or a name for a new one",
            "text": "What must not be done, in the table's words",
            "examples": "The cards that were said to cross it: A 2",
            "lifted_by": "What would lift it, if anything was said",
        },
        ("line", "text"),
    ),
    "ratings.csv": SheetFile(
        Kind.RATED,
        {
            "code": CODE,
            "question": "The question's name in the day",
            "value": "The number that was ringed",
            "people": "Only for a tally without codes: how many gave this value on this sheet",
        },
        ("question", "value"),
        frozenset({Exercise.FEEDBACK}),
        personal=True,
    ),
    "answers.csv": SheetFile(
        Kind.ANSWERED,
        {"code": CODE, "question": "The question's name in the day", "text": "The answer as written"},
        ("question", "text"),
        frozenset({Exercise.FEEDBACK}),
        personal=True,
    ),
    "findings.csv": SheetFile(
        Kind.FOUND,
        {
            "said": "What was found",
            "agreement": "The agreement that it should change, if any",
            "clause": "The clause of it, as agree.benefits",
            "condition": "What must be done before it runs, if anything",
            "before": "first run, publication, or a day as 2026-01-31",
            "owner": "The post that answers for it",
        },
        ("said",),
    ),
}
"""Every file that is read, in the order of the day."""


def template(name: str) -> str:
    """The first line of a file, for typing below it."""
    return ",".join(FILES[name].heads) + "\r\n"
