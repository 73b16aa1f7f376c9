"""What a page is made of: sections of paragraphs, lists of facts, tables and pictures.

A view turns facts into these; one template turns these into HTML. So every table has a caption and
headers, and every claim its proof, without a view having to remember it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]
"""Plain JSON: what was gathered for a page."""


@dataclass(frozen=True)
class Cell:
    """Text, with what it leads to, a word that stands out, or the event that proves it.

    `state` is good, bad or open, and is always said in the text too. `event` is the event's number in the
    account (from 0), `leaf` its hash in hexadecimal. `hashed` says that the text is a hash or signature.
    """

    text: str
    href: str = ""
    state: str = ""
    event: int | None = None
    leaf: str = ""
    hashed: bool = False


Shown = str | Cell


@dataclass(frozen=True)
class Text:
    """A paragraph. `look`: "" | "lead" | "quiet" | "inset" | "warning"."""

    text: Shown
    look: str = ""
    what: str = "text"


@dataclass(frozen=True)
class Rows:
    """Labels, each with one or more answers."""

    rows: tuple[tuple[str, tuple[Shown, ...]], ...]
    what: str = "rows"


@dataclass(frozen=True)
class Table:
    """A table with a caption and a header for each column; the first cell of a row is its header.

    `empty` is said in its place where there are no rows.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    empty: str = ""
    what: str = "table"


@dataclass(frozen=True)
class Links:
    """A list of links, or of plain words."""

    items: tuple[Shown, ...]
    what: str = "links"


@dataclass(frozen=True)
class Picture:
    """A drawing (SVG that we wrote), wide and for a phone, with its caption; a table says the same."""

    svg: str
    tall: str
    caption: str
    what: str = "picture"


@dataclass(frozen=True)
class Code:
    """Text as it is typed or signed, line by line."""

    text: str
    label: str
    what: str = "code"


Part = Text | Rows | Table | Links | Picture | Code


@dataclass(frozen=True)
class Section:
    """A heading of the second level, what it is called in links, and what stands under it."""

    id: str
    heading: str
    parts: tuple[Part, ...]


def proof(claim: Facts) -> Cell:
    """The cell that says where in the account a claim stands."""
    return Cell(f"event {claim['event']}", event=claim["event"], leaf=claim["leaf"])
