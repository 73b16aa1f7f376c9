"""The facilitator's script: what happens when by the clock, what lies on the tables, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..papers.block import Block, Bullets, Heading, Paper, Paragraph, Table
from .day import DayText, Exercise, Session
from .given_orders import laid

HANDED: dict[Exercise, str] = {
    Exercise.WELCOME: "The list of who came, by role. A set of personal sheets for each from a pile.",
    Exercise.POLL: "The poll sheet of each person's set. Collect it as soon as it is filled.",
    Exercise.BENEFITS: "The cards, and a sheet of points for each table.",
    Exercise.RISKS: "The cards, and a sheet of points for each table.",
    Exercise.RED_LINES: "A sheet of red lines for each table.",
    Exercise.FEEDBACK: "The feedback form of each person's set. Collect all sheets.",
}
_RANKING = "The cards, and a ranking sheet for each table."
_POINTS = "A sheet of points for each table."


def script(text: DayText) -> Paper:
    """The script of the whole day."""
    held = text.held
    of = (f"{text.title}, {held.on.day} {held.on:%B %Y}",)
    about = f"{held.where}, {held.starts} to {held.ends}. Host: {held.host}."
    return Paper(
        "script", "The facilitator's script", of, about, held.on.isoformat(), False, (), tuple(_body(text))
    )


def clock(text: DayText) -> tuple[tuple[str, str, str], ...]:
    """(session, when it starts, when it ends) by the clock, one after another from the day's start."""
    now = datetime.strptime(text.held.starts, "%H:%M")
    found = []
    for name, session in text.sessions.items():
        ends = now + timedelta(minutes=session.minutes)
        found.append((name, f"{now:%H:%M}", f"{ends:%H:%M}"))
        now = ends
    return tuple(found)


def title(session: Session) -> str:
    """What a session is called where it has no title of its own."""
    return session.title or session.exercise.replace("-", " ").capitalize()


def _body(text: DayText) -> Iterator[Block]:
    yield Paragraph((text.purpose + ".",))
    timed = clock(text)
    rows = tuple(
        tuple(
            ((cell,),)
            for cell in (f"{start} to {end}", title(text.sessions[name]), f"{text.sessions[name].minutes}")
        )
        for name, start, end in timed
    )
    yield Table("The day by the clock", ("When", "What", "Minutes"), rows)
    yield Heading(2, "Before people come")
    yield Bullets(
        tuple(
            (words,)
            for words in (
                "Print the cards once for each table that has them, and the sheets once.",
                "Shuffle the sets of personal sheets and put them in a pile: nobody hands one to anybody.",
                "Keep no list that joins a name to a code.",
                "Whoever writes for a table writes roles, and never a name.",
            )
        )
    )
    for name, start, end in timed:
        yield from _session(text, text.sessions[name], f"{start} to {end}")


def _session(text: DayText, session: Session, when: str) -> Iterator[Block]:
    yield Heading(2, f"{when}: {title(session)}")
    if session.question:
        yield Paragraph((f"Ask: {session.question}",))
    if session.statement:
        yield Paragraph((f"Put to everybody, to agree or disagree with: {session.statement}.",))
    if session.case:
        yield Paragraph((f"The case is card {session.case}.",))
    if session.script:
        yield Bullets(tuple((line,) for line in session.script))
    handed = HANDED.get(session.exercise, _RANKING if session.exercise.is_ranking else _POINTS)
    if session.exercise is not Exercise.BREAK:
        yield Paragraph((f"Hand out: {handed}",))
    if cards := laid(text, session):
        rows = tuple((((table,),), ((", ".join(labels),),)) for table, labels in cards.items())
        yield Table("Cards on each table", ("Table", "Cards"), rows)
