"""What is odd in a record: said, and kept. Nothing here is taken out of a figure or changed.

Two typings of a sheet that differ, a code that gave two answers, one value throughout, a value that is not
on the form, a table without a ranking, one that ranks a thing twice, tables that shared no example,
comments that wait, and more voices than people came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import Problem
from .day import DayText
from .events import Event, Record
from .given_orders import given
from .holding import waiting
from .ranking.comparing import groups
from .sayings import Kind, Polled, Rated

LINE = 3
"""Ratings from which on one value throughout is worth telling."""


def doubts(text: DayText, record: Record) -> tuple[Problem, ...]:
    """Everything odd, in the order of the day's sheets."""
    return (
        *_typings(record),
        *_codes(record),
        *_too_many(text, record),
        *_straight(record),
        *_off_the_form(text, record),
        *_rankings(text, record),
        *_waiting(record),
    )


def _typings(record: Record) -> Iterator[Problem]:
    sheets: dict[tuple[str, str], dict[int, set[str]]] = {}
    for each in record:
        if each.sheet:
            said = f"{each.session} {each.table} {each.voice} {sorted(each.body.items())} {each.held}"
            sheets.setdefault((each.sheet, each.kind), {}).setdefault(each.entry, set()).add(said)
    for (sheet, _), typed in sorted(sheets.items()):
        first, *others = typed.values()
        if any(other != first for other in others):
            fix = "look at the sheet, and type it once more with `settled` as its entry"
            yield Problem("TYPINGS", "its two typings differ", "both are kept until then", fix, sheet)


def _codes(record: Record) -> Iterator[Problem]:
    """Codes that gave two answers to one question."""
    told: dict[tuple[str, str, str], set[object]] = {}
    for each in (*record.of(Kind.POLLED), *record.of(Kind.RATED)):
        said = each.said
        if isinstance(said, Polled):
            told.setdefault((each.voice, each.session, said.when), set()).add(said.answer)
        elif isinstance(said, Rated):
            told.setdefault((each.voice, each.session, said.question), set()).add(said.value)
    for (voice, session, asked), answers in sorted(told.items()):
        if voice and len(answers) > 1:
            what = f"it gave {len(answers)} answers to {asked} of {session}"
            why = "one was typed under another's code, or two people had one code; neither is counted"
            yield Problem("CODE", what, why, "look at the sheets with this code", voice)


def _too_many(text: DayText, record: Record) -> Iterator[Problem]:
    voices = {each.voice for each in record if each.voice}
    if text.people is not None and len(voices) > text.people:
        what = f"{len(voices)} codes answered, and {text.people} people came"
        yield Problem("PEOPLE", what, "some sheets are not of this day", "look for codes that nobody drew")


def _straight(record: Record) -> Iterator[Problem]:
    told: dict[str, dict[str, int]] = {}
    for each in record.of(Kind.RATED):
        said = each.said
        if each.voice and isinstance(said, Rated):
            told.setdefault(each.voice, {})[said.question] = said.value
    for voice, values in sorted(told.items()):
        if len(values) >= LINE and len(set(values.values())) == 1:
            what = f"it gave {next(iter(values.values()))} to all {len(values)} questions"
            why = "that may be meant, or nobody may have read them; it is counted as given"
            yield Problem("STRAIGHT", what, why, "nothing: it is shown", voice)


def _off_the_form(text: DayText, record: Record) -> Iterator[Problem]:
    for each in record.of(Kind.RATED):
        said = each.said
        asked = text.feedback.ratings.get(said.question) if isinstance(said, Rated) else None
        if asked and isinstance(said, Rated) and not asked.least <= said.value <= asked.most:
            what = f"{said.question}: {said.value} is not between {asked.least} and {asked.most}"
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
