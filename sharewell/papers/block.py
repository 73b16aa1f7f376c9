"""What a paper is made of: headings, paragraphs, bullets, tables, pictures, in whatever format.

Words that come from the agreement are `Said`, with the path and `file:line` of their clause; what the
agreement does not say is `Missing`; what a published paper may not say is `Redacted`. Fixed words are text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """Words of the agreement, or computed from it: the path of their clause, and where it stands."""

    text: str
    path: str
    where: str = ""


@dataclass(frozen=True)
class Missing:
    """Something that a paper asks for and the agreement does not say. `path` is where it would be said."""

    path: str
    asks: str
    where: str = ""

    @property
    def question(self) -> str:
        """What was asked, as an entry of a list."""
        return self.asks[:1].upper() + self.asks[1:].rstrip(":")

    @property
    def text(self) -> str:
        return f"Not stated in the agreement ({self.path})"


@dataclass(frozen=True)
class Redacted:
    """Words that a published paper leaves out: why, who decided, and when that is looked at again."""

    why: str
    by: str
    until: str = ""

    @property
    def text(self) -> str:
        again = f"looked at again on {self.until}" if self.until else "no date set to look at it again"
        return f"Left out: {self.why.rstrip('.')}; decided by {self.by}; {again}"


Inline = str | Said | Missing | Redacted
Words = tuple[Inline, ...]
Lines = tuple[Words, ...]
"""What a cell holds: one or more lines of words."""


ANSWERS = ("Question", "Answer", "Clause")
"""The head of a table of questions."""


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3; the title is level 1."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running words."""

    words: Words


@dataclass(frozen=True)
class Bullets:
    """A list without order."""

    items: Lines


@dataclass(frozen=True)
class Table:
    """A table with a caption and a header row; the first cell of each row heads it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Lines, ...], ...]

    @property
    def is_answers(self) -> bool:
        """Whether it holds questions, their answers and the clauses that give them."""
        return self.head == ANSWERS


@dataclass(frozen=True)
class Picture:
    """A drawing whose words are text, with the sentence that says it to those who cannot see it."""

    title: str
    description: str
    svg: str


Block = Heading | Paragraph | Bullets | Table | Picture


@dataclass(frozen=True)
class Paper:
    """A paper filled in, before it has a format.

    `title` says which paper it is, `of` which agreement it is of (name, title, version). `day` is the date
    that its files carry (ISO 8601), from the agreement and never from the clock. `gaps` says in sentences
    what is not known, for a paper that fills in no clauses; None has the clauses counted that say nothing.
    """

    name: str
    title: str
    of: Words
    about: str
    day: str
    internal: bool
    left_out: tuple[Redacted, ...]
    body: tuple[Block, ...]
    gaps: Lines | None = None

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is not stated, once each, in the order of the paper; `*` stands for each entry.

        What stands below something that is not stated is not told again.
        """
        found = (part for block in self.body for part in inlines(block) if isinstance(part, Missing))
        return topmost(found)

    @property
    def wide(self) -> bool:
        """Whether it has a table that a page on end is too narrow for."""
        return any(isinstance(block, Table) and len(block.head) > 5 for block in self.body)

    @property
    def subject(self) -> str:
        """The agreement as the files' metadata name it."""
        return plain(self.of)


def topmost(found: Iterable[Missing]) -> tuple[Missing, ...]:
    """Each missing path once, with its first question, and none that stands below another."""
    parts: dict[str, Missing] = {}
    for part in found:
        parts.setdefault(part.path, part)
    return tuple(
        part
        for path, part in parts.items()
        if not any(path.startswith(f"{above}.") for above in parts if above != path)
    )


def plain(words: Words) -> str:
    """Words as text."""
    return "".join(part if isinstance(part, str) else part.text for part in words)


def plain_lines(lines: Lines) -> str:
    """The lines of a cell as one text."""
    return "; ".join(plain(words) for words in lines)


def inlines(block: Block) -> Iterator[Inline]:
    """Every word of a block, with what is known of it. A picture's are its title and description."""
    for words in _words(block):
        yield from words


def _words(block: Block) -> Iterable[Words]:
    if isinstance(block, Heading):
        return ((block.text,),)
    if isinstance(block, Paragraph):
        return (block.words,)
    if isinstance(block, Bullets):
        return block.items
    if isinstance(block, Table):
        heads: Lines = tuple((text,) for text in (block.caption, *block.head))
        return heads + tuple(words for row in block.rows for cell in row for words in cell)
    return ((block.title, " ", block.description),)
