"""A paper declared as data: questions, each with the clause that answers it; and its filling in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .block import ANSWERS, Block, Bullets, Heading, Lines, Paper, Paragraph, Said, Table, Words, plain
from .clauses import Clauses
from .place import EACH
from .wording import label


@dataclass(frozen=True)
class View:
    """Something computed over the plan, or over several clauses: a whole block, or lines of an answer.

    `reads` are the schema paths whose values it shows.
    """

    name: str
    reads: tuple[str, ...]
    blocks: Callable[[Clauses], tuple[Block, ...]] | None = None
    lines: Callable[[Clauses], Lines] | None = None


@dataclass(frozen=True)
class Ask:
    """One question. `asks` are the fields of the official template that it answers, in its words."""

    label: str
    of: tuple[str | View, ...]
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Each:
    """A table with a row for each entry of `over`. A column is a path below it, "" its own name."""

    caption: str
    over: str
    columns: tuple[tuple[str, str | Callable[[Clauses, tuple[str | int, ...]], Lines]], ...]
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Show:
    """A view that is a block of its own."""

    view: View
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """Fixed words."""

    text: str


@dataclass(frozen=True)
class Elsewhere:
    """A question that no agreement answers, and who does: visibly left to them."""

    label: str
    why: str
    asks: tuple[str, ...] = ()


Part = Ask | Each | Show | Note | Elsewhere


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it. `prose` is for readers who want sentences, not a form."""

    title: str
    parts: tuple[Part, ...]
    prose: bool = False
    level: int = 2


@dataclass(frozen=True)
class Form:
    """A paper to be filled in. `source` is the template followed; `row` forms are also written as CSV."""

    name: str
    title: str
    about: str
    source: str
    sections: tuple[Section, ...]
    row: bool = False

    @property
    def parts(self) -> Iterator[Part]:
        return (part for section in self.sections for part in section.parts)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every schema path that the paper shows, those of its views included."""
        return tuple(dict.fromkeys(path for part in self.parts for path in paths(part)))


def paths(part: Part) -> Iterator[str]:
    """The schema paths that a part shows."""
    if isinstance(part, Show):
        yield from part.view.reads
    elif isinstance(part, Each):
        yield part.over
        yield from (
            f"{part.over}.{EACH}.{path}" for _, path in part.columns if isinstance(path, str) and path
        )
    elif isinstance(part, Ask):
        for of in part.of:
            yield from of.reads if isinstance(of, View) else (of,)


def fill(form: Form, clauses: Clauses) -> Paper:
    """The paper of an agreement. DocumentError as `Clauses`."""
    body: list[Block] = []
    for section in form.sections:
        body.append(Heading(section.level, section.title))
        body += _filled(section, clauses)
    text = clauses.agreement.text
    of = (*clauses.computed(text.title, ("title",)), f" ({text.agreement}, version {text.version})")
    start = clauses.redacted(("account", "term", "start"))
    return Paper(
        form.name,
        form.title,
        of,
        f"{form.about} {form.source}",
        "2000-01-01" if start else text.account.term.start.isoformat(),
        clauses.internal,
        clauses.left_out,
        tuple(body),
    )


def answer(part: Ask, clauses: Clauses) -> Lines:
    """The lines that answer a question, of all its clauses in order, each once.

    Where a question has several clauses, each answer says which one it is.
    """
    found: list[Words] = []
    for of in part.of:
        if isinstance(of, View):
            found += of.lines(clauses) if of.lines else ()
            continue
        head: Words = (f"{label(of.rpartition('.')[2])}: ",) if len(part.of) > 1 else ()
        found += ((*head, *words) for words in _answered(of, part, clauses))
    return tuple({plain(words): words for words in reversed(found)}.values())[::-1]


def _answered(path: str, part: Ask, clauses: Clauses) -> Iterator[Words]:
    places = clauses.places(path)
    for place in places:
        yield from clauses.said(place, part.label)
    if not places:
        yield (clauses.silence(path, part.label),)


def _filled(section: Section, clauses: Clauses) -> Iterator[Block]:
    """The blocks of a section; questions that follow one another share a table, unless it is prose."""
    rows: list[tuple[Lines, ...]] = []
    caption = f"{section.title}: questions and answers"
    for part in (*section.parts, None):
        if isinstance(part, Ask | Elsewhere) and not section.prose:
            rows.append(_row(part, clauses))
            continue
        if rows:
            yield Table(caption, ANSWERS, tuple(rows))
            rows, caption = [], f"{section.title}: further questions and answers"
        if isinstance(part, Ask | Elsewhere):
            yield from _sentence(part, clauses)
        elif isinstance(part, Each):
            yield _each(part, clauses)
        elif isinstance(part, Show):
            yield from part.view.blocks(clauses) if part.view.blocks else ()
        elif isinstance(part, Note):
            yield Paragraph((part.text,))


def _row(part: Ask | Elsewhere, clauses: Clauses) -> tuple[Lines, ...]:
    if isinstance(part, Elsewhere):
        return ((part.label,),), ((part.why,),), (("not in the agreement",),)
    lines = answer(part, clauses)
    told: Lines = tuple((f"computed: {of.name}" if isinstance(of, View) else of,) for of in part.of)
    where = next((w.where for words in lines for w in words if isinstance(w, Said) and w.where), "")
    return ((part.label,),), lines, (*told, (where,)) if where else told


def _sentence(part: Ask | Elsewhere, clauses: Clauses) -> Iterator[Block]:
    if isinstance(part, Elsewhere):
        yield Paragraph((f"{part.label} {part.why}",))
        return
    lines = answer(part, clauses)
    if len(lines) == 1:
        yield Paragraph((f"{part.label} ", *lines[0]) if part.label else lines[0])
        return
    if part.label:
        yield Paragraph((part.label,))
    yield Bullets(lines)


def _each(part: Each, clauses: Clauses) -> Block:
    """A table of entries; where there is none, what that means, or that it is missing."""
    over = tuple(part.over.split("."))
    entries = clauses.entries(over)
    if not entries or clauses.redacted(over):
        return Paragraph((f"{part.caption}: ", *_flat(clauses.said(over, part.caption))))
    head = tuple(name for name, _ in part.columns)
    return Table(
        part.caption,
        head,
        tuple(tuple(_cell(clauses, place, *column) for column in part.columns) for place in entries),
    )


def _cell(
    clauses: Clauses,
    place: tuple[str | int, ...],
    head: str,
    path: str | Callable[[Clauses, tuple[str | int, ...]], Lines],
) -> Lines:
    if not isinstance(path, str):
        return path(clauses, place)
    if not path:
        return (clauses.name(place),)
    return clauses.said((*place, *path.split(".")), head)


def _flat(lines: Lines) -> Words:
    return tuple(word for words in lines for word in words)
