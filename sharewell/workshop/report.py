"""The report of a workshop: what was said and ranked, by whom and by how many, and what that cannot show.

Words of participants bear a role, never a name. Comments that wait for the facilitator are counted only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..papers.block import Block, Bullets, Heading, Paper, Picture, Table
from .day import DayText
from .figures import Figures
from .person_figures import Poll, Ratings
from .pictures import draw_counts, draw_histogram, draw_slopes
from .ranking.paired import LEAST
from .report_gaps import gaps_of
from .report_ranks import paragraph, ranking_blocks, row
from .sayings import Found, Noted

WHO = {
    "service-users": "People who use services",
    "public": "The wider public",
    "providers": "Those who provide services",
    "staff": "Staff",
    "cross-cutting": "Everybody, through how we are governed",
    None: "Not said who",
}
_OTHERS = (
    ("trade-off", "What was weighed against what"),
    ("acceptable", "What makes it acceptable"),
    ("principle", "Principles"),
    ("mitigation", "What would make it safer"),
    ("opportunity", "What could be done next"),
    ("insight", "What people took away"),
)


def build(text: DayText, figures: Figures) -> Paper:
    """The report as a paper, before it has a format."""
    body = (
        *_came(text, figures),
        *_method(text),
        *_notes(figures, "benefit", "Benefits, by who gains"),
        *_notes(figures, "risk", "Risks, by who bears them"),
        *(block for each in figures.rankings for block in ranking_blocks(each, text.examples)),
        *_red_lines(figures),
        *(block for about, title in _OTHERS for block in _points(figures, about, title)),
        *_polls(figures.polls),
        *_feedback(figures),
        *_doubts(figures),
        *_changed(figures.findings),
    )
    day = text.held.on.isoformat()
    of = (f"{text.title}, {text.held.on:%-d %B %Y}",)
    gaps = tuple((words,) for words in gaps_of(text, figures))
    return Paper(
        "report", "Report of a workshop", of, f"{text.purpose.rstrip('.')}.", day, False, (), body, gaps
    )


def _came(text: DayText, figures: Figures) -> Iterator[Block]:
    yield Heading(2, "Who came, and who was missing")
    held = text.held
    many = (
        f"{figures.people} people" if figures.people is not None else "How many came was not written down;"
    )
    yield paragraph(
        f"{many} met at {held.where}, from {held.starts} to {held.ends}. The host was {held.host}."
    )
    if text.invited:
        rows = tuple(
            row(g.who, "Not written down" if g.came is None else str(g.came), g.note or "")
            for g in text.invited
        )
        yield Table("Who was asked to come", ("Who", "Came", "Note"), rows)
    if figures.roles:
        roles = tuple(row(role, str(people)) for role, people in figures.roles.items())
        yield Table("Who came, by what they said of themselves", ("Role", "People"), roles)
    if gone := [group.who for group in text.invited if group.came == 0]:
        yield paragraph(f"Nobody came from: {'; '.join(gone)}. What follows does not speak for them.")


def _method(text: DayText) -> Iterator[Block]:
    yield Heading(2, "How it was done")
    rows = tuple(
        row(
            s.title or s.exercise.replace("-", " ").capitalize(),
            f"{s.minutes} minutes",
            s.question or s.statement or "",
        )
        for s in text.sessions.values()
    )
    yield Table("What was done, in order", ("Exercise", "Time", "What was asked"), rows)
    if text.notes:
        yield Heading(3, "How this record was made, and what is reconstructed")
        yield Bullets(tuple((note,) for note in text.notes))


def _notes(figures: Figures, about: str, title: str) -> Iterator[Block]:
    """Points by whom they touch: how many for each, then the points themselves."""
    held = [note for note in figures.notes if note.about == about]
    if not held:
        return
    yield Heading(2, title)
    counts = {words: sum(n.who == who for n in held) for who, words in WHO.items()}
    counts = {words: points for words, points in counts.items() if points}
    told = "; ".join(f"{who}: {points}" for who, points in counts.items())
    picture = f"{title}: points made"
    yield Picture(picture, f"{told}.", draw_counts(picture, counts))
    yield paragraph(
        "A count is of points made. It does not say how many people hold them, or how much they matter."
    )
    rows = tuple(
        (((words,),), tuple((_words(n),) for n in held if n.who == who))
        for who, words in WHO.items()
        if words in counts
    )
    yield Table(title, ("Who", "What was said"), rows)


def _points(figures: Figures, about: str, title: str) -> Iterator[Block]:
    held = [note for note in figures.notes if note.about == about]
    if held:
        yield Heading(2, title)
        yield Bullets(tuple((_words(note),) for note in held))


def _words(note: Noted) -> str:
    text = (
        f"\N{LEFT DOUBLE QUOTATION MARK}{note.text}\N{RIGHT DOUBLE QUOTATION MARK}"
        if note.quoted
        else note.text
    )
    by = (note.role or "role not written down") if note.quoted else note.role
    about = f"on example {note.example}" if note.example else ""
    told = ", ".join(part for part in (by and by.replace("-", " "), about) if part)
    return f"{text} ({told})" if told else text


def _red_lines(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "Red lines")
    if not figures.red_lines:
        yield paragraph("None was written down.")
        return
    yield paragraph("A red line is a veto: no benefit outweighs it, and it is averaged with nothing.")
    rows = tuple(
        row(r.text, ", ".join(r.examples) or "Said in general", r.lifted_by or "Not said")
        for r in figures.red_lines
    )
    yield Table(
        "Red lines, and what would lift them", ("Red line", "Crossed by", "What would lift it"), rows
    )


def _polls(polls: Iterable[Poll]) -> Iterator[Block]:
    for number, poll in enumerate(polls):
        if not number:
            yield Heading(2, "Before and after")
        yield from _poll(poll)


def _poll(poll: Poll) -> Iterator[Block]:
    told = poll.changed
    yield Heading(3, poll.statement)
    if not any((told.paired, told.only_before, told.only_after, told.undecided, poll.twice)):
        yield paragraph("No answer was written down, before or after.")
        return
    if told.paired:
        title = f"Before and after: {poll.statement}"
        words = f"{told.up} moved up, {told.down} down, {told.same} stayed."
        yield Picture(title, words, draw_slopes(title, told))
    rows = (
        row("Moved towards agreeing", str(told.up)),
        row("Moved towards disagreeing", str(told.down)),
        row("Stayed", str(told.same)),
        row("Answered before only", str(told.only_before)),
        row("Answered after only", str(told.only_after)),
        row("Undecided at either time", str(told.undecided)),
        row("Gave two answers at one time, counted in nothing", str(poll.twice)),
    )
    yield Table(f"Who moved: {poll.statement}", ("What they did", "People"), rows)
    if told.p is None:
        yield paragraph(
            f"{told.paired} people can be compared. Under {LEAST}, chance cannot be told from change."
        )
    else:
        yield paragraph(
            f"{told.paired} people can be compared. If nothing but chance moved them, as lopsided a change "
            f"would come with probability {told.p:.3f} (exact sign test, two-sided)."
        )


def _feedback(figures: Figures) -> Iterator[Block]:
    told = figures.form
    if not told.ratings and not told.open:
        return
    yield Heading(2, "What people said of the day")
    people = figures.people
    for rating in told.ratings:
        yield from _rating(rating, people)
    for words, answers in told.open.items():
        yield Heading(3, words.replace("-", " ").capitalize())
        if answers:
            yield Bullets(tuple((answer,) for answer in answers))
        else:
            yield paragraph("Nobody answered in words, or their words wait for the facilitator.")


def _rating(rating: Ratings, people: int | None) -> Iterator[Block]:
    yield Heading(3, rating.words)
    if not rating.answered:
        yield paragraph("No mark was written down, so that there is no chart.")
        return
    of = f"{rating.answered} of {people}" if people is not None else f"{rating.answered}"
    mean = "" if rating.mean is None else f" The mean is {rating.mean:.1f}."
    yield paragraph(f"{of} people answered.{mean}")
    words = "; ".join(f"{value}: {n}" for value, n in rating.counts.items())
    title = f"Answers: {rating.words}"
    yield Picture(title, f"{words}.", draw_histogram(title, rating.counts, rating.low, rating.high))
    rows = tuple(row(str(value), str(n)) for value, n in rating.counts.items())
    yield Table(title, (f"From {rating.low} to {rating.high}", "People"), rows)


def _doubts(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "What to be careful about")
    ratings = figures.form.ratings
    told = (
        (figures.typed_twice, "typed twice, to find slips of the keyboard", "sheet"),
        (figures.differing, "whose two typings differ", "sheet"),
        (figures.corrected, "corrected by a later one, and kept", "entry"),
        (
            figures.held,
            "held for the facilitator, as it may show who somebody is; not shown here",
            "comment",
        ),
        (figures.form.straight, "with one value throughout, counted as given", "feedback form"),
        (
            sum(r.twice for r in ratings),
            "given twice by one code with different values, not counted",
            "rating",
        ),
        (
            sum(r.strange for r in ratings),
            "with a value that the form does not have, not counted",
            "rating",
        ),
        (sum(len(r.given.unfinished) for r in figures.rankings), "that no table finished", "ranking"),
        (sum(len(r.given.uncounted) for r in figures.rankings), "that cannot be counted", "ranking"),
    )
    rows = tuple(row(f"{thing.capitalize()}: {what}", str(n)) for n, what, thing in told)
    yield Table("What was odd in the sheets", ("What", "How many"), rows)


def _changed(findings: Iterable[Found]) -> Iterator[Block]:
    yield Heading(2, "What changed")
    told: dict[str, list[Found]] = {}
    for found in findings:
        told.setdefault(found.agreement or "No agreement yet", []).append(found)
    if not told:
        yield paragraph("No finding has been written down yet.")
        return
    if not any(found.condition for held in told.values() for found in held):
        yield paragraph("No finding was made a condition of a run, and nobody was named to see to one.")
    rows = tuple(
        (((name,),), tuple((_finding(found),) for found in held)) for name, held in sorted(told.items())
    )
    head = ("Agreement", "What was found, and the clause it changes")
    yield Table("What was found, by agreement", head, rows)


def _finding(found: Found) -> str:
    clause = f" ({found.clause})" if found.clause else ""
    if not found.condition:
        return f"{found.said}{clause}"
    by = f", seen to by {found.owner}" if found.owner else ", nobody named to see to it"
    return (
        f"{found.said}{clause}. Condition: {found.condition}, before {found.before or 'the first run'}{by}."
    )
