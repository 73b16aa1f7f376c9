"""What is printed for a day: the cards, the sheets to write on, and what goes into which column afterwards.

A page is a paper (`papers.block`): `card` and `sheet` are set with their label or code in the corner.
Sheets that one person fills bear a code that joins them and says nothing else; a set of them is drawn from
a pile, so that nobody knows whose code is whose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..errors import DocumentError, Problem
from ..papers.block import Block, Bullets, Heading, Lines, Paper, Paragraph, Table
from .cards import PARTS, Card
from .codes import MOST, code
from .day import DayText, Exercise, Rating, Session
from .given_orders import laid
from .sayings import RED_LINES
from .script import title
from .sheet_columns import FILES, SHARED

BOX = "\N{BALLOT BOX}"
AGREE = ("Disagree strongly", "Disagree", "Neither", "Agree", "Agree strongly")
NOTES: Mapping[Exercise, str] = {
    Exercise.BENEFITS: "Benefits",
    Exercise.RISKS: "Risks",
    Exercise.CASE_STUDY: "A case study",
    Exercise.PRINCIPLES: "Principles, and what would make it safer",
    Exercise.PLENARY: "What people take away",
    Exercise.EXPERT_INPUT: "What was asked and answered",
}
"""The sessions in which points are written down, and the title of their sheet."""
GAINERS = "service-users, public, providers, staff or cross-cutting"
ROWS = 12


def card_pages(text: DayText, cards: Sequence[Card]) -> tuple[Paper, ...]:
    """A page or two for each card."""
    return tuple(_page(text, "card", card.title, card.label, tuple(_card(card))) for card in cards)


def people_of(text: DayText, people: int | None = None) -> int:
    """For how many people sheets are printed. DocumentError PEOPLE where nobody said, or too many."""
    seats = [table.people for table in text.tables.values()]
    sat = sum(seat or 0 for seat in seats) if all(seats) else 0
    many = people if people is not None else text.people or sat
    if not 1 <= many <= MOST:
        what = (
            f"sheets for {many} people cannot be printed" if many else "it is not said how many will come"
        )
        raise DocumentError(Problem("PEOPLE", what, fix="say how many: --people 30"))
    return many


def person_pages(text: DayText, people: int) -> tuple[Paper, ...]:
    """The sheets of each person, set by set: the polls before and after, and the feedback form."""
    polls = _polls(text)
    asked = text.feedback
    pages: list[Paper] = []
    for number in range(1, people + 1):
        mark = code(number)
        for name, when in polls:
            head = f"What do you think? ({when} the discussion)"
            pages.append(_page(text, "sheet", head, mark, _poll(text.sessions[name], name, when)))
        if asked.ratings or asked.open:
            pages.append(_page(text, "sheet", "How was the day?", mark, _feedback(text)))
    return tuple(pages)


def table_pages(text: DayText) -> tuple[Paper, ...]:
    """The sheets of each table, session by session, and the list of who came by role."""
    pages: list[Paper] = []
    for name, session in text.sessions.items():
        if session.exercise is Exercise.WELCOME:
            pages.append(_page(text, "sheet", "Who came, by role", name, _attendance(text)))
        dealt = laid(text, session)
        for table in text.tables:
            corner = f"{name} / {table}"
            for head, body in _of_table(text, session, dealt.get(table, ())):
                pages.append(_page(text, "sheet", head, corner, body))
    return tuple(pages)


def typing_page(text: DayText) -> Paper:
    """What goes into which column of which file."""
    body: list[Block] = [
        Paragraph(
            (
                "Type each kind of sheet into the file named here, one row for each line that was written,"
                " and save it as CSV UTF-8. Type every sheet twice if you can, by two people: the second"
                " puts 2 under entry. Write what the sheet says, also where it looks wrong: what is odd is"
                " kept and told.",
            )
        )
    ]
    for name, sheet in FILES.items():
        columns = {**SHARED, **sheet.columns}
        rows = tuple(
            _row(head, columns[head], "always" if head in sheet.needed else "if it is known")
            for head in sheet.heads
        )
        body += [
            Heading(2, name),
            Table(f"Columns of {name}", ("Column", "What stands in it", "Filled"), rows),
        ]
    return _page(text, "guide", "How the sheets are typed", "One file for each kind of sheet.", body)


def _page(text: DayText, name: str, head: str, about: str, body: Sequence[Block]) -> Paper:
    day = text.held.on
    of = (f"{text.title}, {day.day} {day:%B %Y}",)
    return Paper(name, head, of, about, day.isoformat(), False, (), tuple(body))


def _card(card: Card) -> Iterator[Block]:
    for part, heading in PARTS.items():
        lines = card.parts.get(part, ())
        if not lines:
            continue
        yield Heading(2, heading)
        yield Paragraph(lines[0]) if len(lines) == 1 else Bullets(lines)


def _polls(text: DayText) -> list[tuple[str, str]]:
    """The poll sessions with when each is put. A statement that is put in two is before in the first."""
    named: dict[str, list[str]] = {}
    for name, session in text.sessions.items():
        if session.exercise is Exercise.POLL and session.statement:
            named.setdefault(session.statement, []).append(name)
    return [
        (name, when)
        for names in named.values()
        for name, when in ((names[0], "before"), (names[-1], "after"))
    ]


def _poll(session: Session, name: str, when: str) -> list[Block]:
    rows = tuple(_row(BOX, str(value), words) for value, words in enumerate(AGREE, 1))
    return [
        Paragraph(
            ("Answer alone. Nobody will know which sheet is yours; the code joins your two answers.",)
        ),
        Paragraph((f"“{session.statement}”",)),
        Table("Tick one", ("", "", "I would say"), (*rows, _row(BOX, "undecided", "I am undecided"))),
        Paragraph((f"For whoever types it: polls.csv, session {name}, {when}",)),
    ]


def _feedback(text: DayText) -> list[Block]:
    body: list[Block] = [Paragraph(("Please write no name. The code joins this sheet to your other two.",))]
    for name, rating in text.feedback.ratings.items():
        body.append(_scale(name, rating))
    for name, question in text.feedback.open.items():
        body.append(Table(f"{question} ({name})", ("",), (_row(""), _row(""))))
    return body


def _scale(name: str, rating: Rating) -> Table:
    values = [str(value) for value in range(rating.least, rating.most + 1)]
    values[0], values[-1] = f"{values[0]}, {rating.low.lower()}", f"{values[-1]}, {rating.high.lower()}"
    return Table(f"{rating.question} Ring one. ({name})", tuple(values), (_row(*([BOX] * len(values))),))


def _attendance(text: DayText) -> list[Block]:
    rows = tuple(_row(role, "") for role in text.roles)
    words = "Count people by what they say of themselves. No list of names is kept with the sheets."
    return [Paragraph((words,)), Table("Role", ("Role", "How many"), rows)]


def _of_table(text: DayText, session: Session, labels: Sequence[str]) -> Iterator[tuple[str, list[Block]]]:
    """The sheets of a table that has these cards in one session, with their titles."""
    asked: list[Block] = [Paragraph((session.question,))] if session.question else []
    if labels:
        asked.append(Paragraph((f"Cards on this table: {', '.join(labels)}",)))
    if session.case:
        asked.append(Paragraph((f"The case is card {session.case}.",)))
    if session.exercise.is_ranking and labels:
        yield title(session), [*asked, *_ranking(session, labels)]
    elif session.exercise is Exercise.RED_LINES:
        yield session.title or "Red lines", [*asked, *_red_lines()]
    elif session.exercise in NOTES:
        yield session.title or NOTES[session.exercise], [*asked, *_notes(text, session)]


def _ranking(session: Session, labels: Sequence[str]) -> list[Block]:
    first = "highest risk first" if session.exercise is Exercise.RANK_BY_RISK else "first place first"
    places = tuple(_row(str(place), "") for place in range(1, len(labels) + 1))
    criteria = (_row("Above all", ""), _row("And also", ""))
    return [
        Table("What do you rank by? Agree on it before you begin.", ("", "In your own words"), criteria),
        Table(
            f"Your ranking, {first}: cards that are level go on one line",
            ("Place", "Cards"),
            (*places, _row("Undecided", "")),
        ),
        Paragraph(
            ("A card that you cannot place is undecided. Leave it so: no place is better than a guess.",)
        ),
        Table("Where did you not agree?", ("",), (_row(""), _row(""))),
    ]


def _red_lines() -> list[Block]:
    rows = tuple(_row(name, words, "", "") for name, words in RED_LINES.items())
    more = tuple(_row("", "", "", "") for _ in range(4))
    head = ("Name", "What must not be done", "Cards that cross it", "What would lift it")
    return [
        Paragraph(
            ("A red line is a veto: no benefit outweighs it. Tick by writing the cards, or add a line.",)
        ),
        Table("Red lines", head, (*rows, *more)),
    ]


def _notes(text: DayText, session: Session) -> list[Block]:
    about = {Exercise.BENEFITS: "gains", Exercise.RISKS: "bears it"}.get(session.exercise)
    roles = f"Roles: {', '.join(text.roles)}. Never write a name."
    if about:
        head = (f"Who {about}", "What was said", "Card", "Role of who said it")
        words = f"Who {about}: {GAINERS}. {roles}"
        return [Paragraph((words,)), Table("Points", head, (_row("", "", "", ""),) * ROWS)]
    kinds = "principle, mitigation, trade-off, acceptable, insight or opportunity"
    head = ("About", "What was said", "Card", "Role of who said it")
    words = f"About: {kinds}. {roles}"
    return [Paragraph((words,)), Table("Points", head, (_row("", "", "", ""),) * ROWS)]


def _row(*cells: str) -> tuple[Lines, ...]:
    return tuple(((cell,),) for cell in cells)
