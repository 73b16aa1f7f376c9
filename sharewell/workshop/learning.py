"""The lessons: what the forms of data are, and how few facts single someone out. For everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..papers.block import Block, Heading, Lines, Paper, Paragraph, Picture, Table
from .facts_needed import Known
from .facts_picture import draw

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TOLD = 3
"""How many facts the one sentence is about: what most people know of a neighbour."""


@dataclass(frozen=True)
class Shown:
    """What a few facts single out, before and after a form.

    `agreement` is empty where the form is one to learn by; `form` says it in words; `after` is None where
    no row about anybody is seen.
    """

    people: int
    agreement: str
    form: str
    before: tuple[Known, ...]
    after: tuple[Known, ...] | None

    def sentence(self) -> str:
        """It all in one."""
        count = min(_TOLD, len(self.before))
        told = _percent(self.before[count - 1].worst.unique)
        form = "the form of this agreement" if self.agreement else "a less telling form"
        left = _percent(self.after[count - 1].worst.unique) if self.after else "nobody"
        facts = f"{_NUMBERS[count]} fact{'s' if count > 1 else ''}"
        return f"Of {self.people:,} people, {facts} can single out {told}; in {form}, {left}."


WORDS = (
    (
        "Data that name you",
        "Your name, address or number is in the data. So anybody who reads them knows it is you. "
        "We call this identifiable.",
    ),
    (
        "Data without your name",
        "Your name is taken out, and a code stands in its place. Each row is still about one person. "
        "We call this de-personalised. It is safer, but it is not proof against a clever guess.",
    ),
    (
        "Counts of many people",
        "Only totals are left, such as how many people fell last year. No row is about you. "
        "We call this aggregate. Small counts are held back, as a count of one could be you.",
    ),
    (
        "Just yes or no",
        "One body asks, and the other says yes or no. Think of free school meals. "
        "The school learns that you can have them, but not what you earn. "
        "With your name it still tells of you.",
    ),
    (
        "Linking without seeing",
        "Two bodies may hold parts of the same story. "
        "Each turns names into codes with a shared secret key. "
        "A third body matches the codes. It sees no names and no story. "
        "Those who study the story see no names.",
    ),
    (
        "Finding you again",
        "Somebody may know a few facts about you, such as your age and your street. "
        "If only one row fits, that row is yours. Then they can read the rest of it. "
        "We call this re-identification. It can happen with no name in the data.",
    ),
)
"""Each lesson's heading and words."""


def lessons(shown: Shown, on: date) -> Paper:
    """The lessons as a paper, with what was shown on made-up people."""
    return Paper(
        name="lessons",
        title="What data can tell about you",
        of=(shown.agreement or "For everybody",),
        about="Six short lessons, and one thing to try. All the people in it are made up.",
        day=on.isoformat(),
        internal=False,
        left_out=(),
        body=tuple(_body(shown)),
    )


def _body(shown: Shown) -> Iterator[Block]:
    for head, words in WORDS:
        yield Heading(2, head)
        yield Paragraph((words,))
    yield Heading(2, "How few facts does it take?")
    yield Paragraph((shown.sentence(),))
    yield Paragraph(
        (
            "We took the patients of a made-up county, with no names. We tried all sets of facts that a "
            "neighbour may know. Then we looked how many people no one else is like.",
        )
    )
    yield Paragraph((f"Then we made the data less exact. What was left: {shown.form}. We tried again.",))
    yield _picture(shown)
    yield Table(
        "Facts known, and how many people stand alone",
        ("Facts known", "Which tell most", "Alone, all details", "Crowd, all details", "Alone, less exact"),
        tuple(_row(number, shown) for number in range(len(shown.before))),
    )
    yield Paragraph(
        (
            "The crowd is the number of people who look the same, with you in it. "
            "The one in the middle is told here. A small crowd can be a risk too.",
        )
    )
    yield Paragraph(
        ("In counts that have passed our checks there is no row to find. So nobody stands alone in them.",)
    )


def _row(number: int, shown: Shown) -> tuple[Lines, ...]:
    known = shown.before[number]
    left = _percent(shown.after[number].worst.unique) if shown.after else "nobody"
    cells = (
        str(known.count),
        ", ".join(known.worst.facts),
        _percent(known.worst.unique),
        f"{known.worst.median:,.0f}",
        left,
    )
    return tuple(((cell,),) for cell in cells)


def _picture(shown: Shown) -> Picture:
    before = [known.worst.unique for known in shown.before]
    after = [known.worst.unique for known in shown.after] if shown.after else [0.0] * len(before)
    title = "People who stand alone, by the number of facts known"
    told = "; ".join(
        f"{_NUMBERS[n]}: {_percent(one)}, less exact {_percent(two)}"
        for n, (one, two) in enumerate(zip(before, after, strict=True), start=1)
    )
    return Picture(title, f"Facts known: {told}.", draw(title, before, after))


def _percent(share: float) -> str:
    """A share as it is said: never 0% or 100% where that is not so."""
    if share in (0.0, 1.0):
        return "nobody" if share == 0 else "everybody"
    if share < 0.001:
        return "under 0.1%"
    return f"{share:.1%}" if share < 0.1 else f"{min(share, 0.99):.0%}"
