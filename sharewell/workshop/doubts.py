"""What is odd in a record: said, and kept. Nothing here is taken out of a figure or changed.

Two typings of a sheet that differ, a code that gave two answers, one value throughout, a value that is not
on the form, a table without a ranking, one that ranks a thing twice, tables that shared no example,
comments that wait, more answers than people who came, and what is of no session or table of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import Problem
from .day import DayText
from .events import Event, Record
from .given_orders import given
from .holding import waiting
from .ranking.comparing import groups
from .sayings import Attended, Kind
from .settling import Paper, paper

LINE = 3
"""Ratings from which on one value throughout is worth telling."""


def doubts(text: DayText, record: Record) -> tuple[Problem, ...]:
    """Everything odd, in the order of the day's sheets."""
    return (
        *_typings(record),
        *_codes(record),
        *_too_many(text, record),
        *_strange(text, record),
        *_straight(record),
        *_off_the_form(text, record),
        *_rankings(text, record),
        *_waiting(record),
    )


def _typings(record: Record) -> Iterator[Problem]:
    sheets: dict[Paper, dict[int, set[str]]] = {}
    for each in record:
        if each.sheet:
            said = f"{each.sheet} {each.session} {each.table} {each.voice} {sorted(each.body.items())}"
            sheets.setdefault(paper(each), {}).setdefault(each.entry, set()).add(f"{said} {each.held}")
    for name, typed in sorted(sheets.items()):
        first, *others = typed.values()
        if any(other != first for other in others):
            fix = "look at the sheet, and type it once more with `settled` as its entry"
            yield Problem("TYPINGS", "its typings differ", "all are kept until then", fix, name.name)


def _codes(record: Record) -> Iterator[Problem]:
    """Codes that gave two answers to one question, or that stand on several sheets of one kind."""
    told: dict[tuple[str, str, str], set[object]] = {}
    sheets: dict[tuple[str, str, str], set[str]] = {}
    for each in (*record.of(Kind.POLLED), *record.of(Kind.RATED)):
        asked = _asked(each)
        if each.voice:
            told.setdefault((each.voice, each.session, asked), set()).add(_answer(each))
            sheets.setdefault((each.voice, each.session, asked), set()).add(each.sheet)
    for (voice, session, asked), answers in sorted(told.items()):
        if len(answers) > 1:
            what = f"it gave {len(answers)} answers to {asked} of {session}"
            why = "one was typed under another's code, or two people had one code; neither is counted"
            yield Problem("CODE", what, why, "look at the sheets with this code", voice)
        elif (papers := len(sheets[voice, session, asked])) > 1:
            what = f"it stands on {papers} sheets with one answer to {asked} of {session}"
            why = "one person was typed twice, or two had one code; it is counted once"
            yield Problem("CODE", what, why, "look at the sheets with this code", voice)


def _asked(each: Event) -> str:
    """The question of a rating, or when a poll was put. A body was read strictly when it was entered."""
    return str(each.body.get("question") or each.body.get("when", ""))


def _answer(each: Event) -> object:
    return each.body["answer"] if each.kind is Kind.POLLED else each.body["value"]


def _too_many(text: DayText, record: Record) -> Iterator[Problem]:
    """More of something than there were people; a sheet typed twice is one sheet."""
    many: dict[str, int] = {"codes answered": len({each.voice for each in record if each.voice})}
    came = {(each.sheet or each.id, each.table, each.said): each.said for each in record.of(Kind.ATTENDED)}
    many["came by their roles"] = sum(said.people for said in came.values() if isinstance(said, Attended))
    asked: dict[str, set[str]] = {}
    for each in record.of(Kind.RATED):
        asked.setdefault(_asked(each), set()).add(each.voice or each.sheet or each.id)
    many |= {f"answered {question}": len(answers) for question, answers in asked.items()}
    for what, count in many.items():
        if text.people is not None and count > text.people:
            why, fix = "some sheets are not of this day, or one was typed twice", "count the sheets again"
            yield Problem("PEOPLE", f"{count} {what}, and {text.people} people came", why, fix)


def _strange(text: DayText, record: Record) -> Iterator[Problem]:
    """What was entered before the day's file lost the session or table that it is of."""
    for kind, known, names in (
        ("session", text.sessions, [each.session for each in record]),
        ("table", text.tables, [each.table for each in record]),
    ):
        for name in sorted({name for name in names if name and name not in known}):
            what = f"{names.count(name)} things were entered of {kind} {name}, which the day has not"
            why = "they stay in the record, and are in no figure of a session"
            yield Problem("STRANGE", what, why, f"put the {kind} back into the day's file")


def _straight(record: Record) -> Iterator[Problem]:
    told: dict[str, dict[str, object]] = {}
    for each in record.of(Kind.RATED):
        if each.voice:
            told.setdefault(each.voice, {})[_asked(each)] = _answer(each)
    for voice, values in sorted(told.items()):
        if len(values) >= LINE and len(set(values.values())) == 1:
            what = f"it gave {next(iter(values.values()))} to all {len(values)} questions"
            why = "that may be meant, or nobody may have read them; it is counted as given"
            yield Problem("STRAIGHT", what, why, "nothing: it is shown", voice)


def _off_the_form(text: DayText, record: Record) -> Iterator[Problem]:
    for each in record.of(Kind.RATED):
        asked, value = text.feedback.ratings.get(_asked(each)), int(each.body["value"])
        if asked and not asked.least <= value <= asked.most:
            what = f"{_asked(each)}: {value} is not between {asked.least} and {asked.most}"
            fix = "look at the sheet, and type it once more with `settled` as its entry"
            yield Problem("VALUE", what, "it is in no mean", fix, each.sheet)


def _rankings(text: DayText, record: Record) -> Iterator[Problem]:
    for name, session in text.sessions.items():
        if not session.exercise.is_ranking:
            continue
        told = given(text, record, name)
        for by in told.unfinished:
            why = "it never finished, or its sheet was not typed"
            yield Problem("UNFINISHED", f"no ranking of {by}", why, "look for its sheet", name)
        for by, reason in told.uncounted.items():
            fix = "ask the table, and type its sheet once more with `settled` as its entry"
            yield Problem("UNCOUNTED", f"the ranking of {by} is in no figure: {reason}", "", fix, name)
        apart = [[order.by for order in group.orders] for group in groups(told.orders)]
        if len(apart) > 1:
            what = f"{_apart(apart)} shared no example"
            yield Problem(
                "APART", what, "they are not put together", "deal shared examples next time", name
            )


def _apart(groups: Iterable[Iterable[str]]) -> str:
    return " and ".join(", ".join(tables) for tables in groups)


def _waiting(record: Record) -> Iterator[Problem]:
    held: list[Event] = waiting(record)
    if held:
        what = f"{len(held)} comment{'' if len(held) == 1 else 's'} may say who somebody is"
        why = "their words are shown to nobody else"
        yield Problem("HELD", what, why, "read them: sharewell workshop held")
