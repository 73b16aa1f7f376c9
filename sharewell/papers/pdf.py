"""A paper as a tagged PDF (PDF/UA-1), set by Typst with the fonts that it carries within itself.

The paper goes to one fixed template as JSON: its words are data and never markup, so that no text can be
taken for a command. The bytes depend on the paper alone.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from ..errors import PlanError, Problem
from .block import (
    Block,
    Bullets,
    Heading,
    Inline,
    Lines,
    Missing,
    Paper,
    Paragraph,
    Picture,
    Redacted,
    Table,
)

_UNSHOWN = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_CODE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_FORMAT = "[U+{:04X}]"


def write_pdf(paper: Paper) -> bytes:
    """The paper as PDF. A character that no embedded font draws is written by its number, as [U+4E2D]."""
    (made,) = _set(paper, "pdf", pdf_standards=["ua-1"], timestamp=_moment(paper.day))
    return made


def write_book(papers: Sequence[Paper], template: bytes, day: str) -> bytes:
    """Several papers in one PDF, set by a template of the caller's, which finds them as `told.papers`."""
    (made,) = _filled(template, _bound(papers), "pdf", pdf_standards=["ua-1"], timestamp=_moment(day))
    return made


def draw_book(papers: Sequence[Paper], template: bytes, dots: int = 72) -> tuple[bytes, ...]:
    """The pages of such a PDF as PNG pictures, `dots` to the inch."""
    return _filled(template, _bound(papers), "png", ppi=float(dots))


def _bound(papers: Sequence[Paper]) -> dict[str, Any]:
    return {"papers": [{"name": paper.name, **_told(paper)} for paper in papers]}


def draw_pages(paper: Paper, dots: int = 72) -> tuple[bytes, ...]:
    """The pages of the PDF as PNG pictures, `dots` to the inch."""
    return _set(paper, "png", ppi=float(dots))


def draw_png(picture: Picture, dots: int = 144) -> bytes:
    """A picture as PNG, for formats that take no drawing."""
    (made,) = _compiled("picture", {"svg": picture.svg, "title": picture.title}, "png", ppi=float(dots))
    return made


def _moment(day: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC)


def _set(paper: Paper, format_: str, **options: Any) -> tuple[bytes, ...]:
    return _compiled("paper", _told(paper), format_, **options)


def _compiled(template: str, told: dict[str, Any], format_: str, **options: Any) -> tuple[bytes, ...]:
    """One of the templates here, filled in."""
    return _filled(_template(template), told, format_, **options)


def _filled(template: bytes, told: dict[str, Any], format_: str, **options: Any) -> tuple[bytes, ...]:
    """The template filled in; characters that cannot be drawn are found in turn, and written by number."""
    from typst import TypstError

    text = json.dumps(told, ensure_ascii=False)
    for _ in range(len(set(text)) + 1):
        try:
            made = _typst().compile(input=template, format=format_, sys_inputs={"told": text}, **options)
            return tuple(made) if isinstance(made, list) else (made,)
        except TypstError as error:
            unshown = _unshown(error)
            if not unshown & set(text):
                raise PlanError(
                    Problem("PDF", "the paper could not be set", fix="write it as HTML")
                ) from None
            text = text.translate({ord(letter): _FORMAT.format(ord(letter)) for letter in unshown})
    raise PlanError(Problem("PDF", "the paper could not be set", fix="write it as HTML"))


def _unshown(error: Exception) -> set[str]:
    """The characters that Typst says it cannot draw."""
    told = f"{getattr(error, 'message', '')}\n{getattr(error, 'diagnostic', '')}"
    found = "".join(_UNSHOWN.findall(told))
    numbered = {chr(int(code, 16)) for code in _CODE.findall(found)}
    return numbered | {letter for letter in _CODE.sub("", found) if ord(letter) > 126}


@lru_cache(maxsize=1)
def _typst() -> Any:
    """One compiler for all papers: its fonts are its own, and it is told of no folder."""
    import tempfile

    from typst import Compiler

    return Compiler(b"", ignore_system_fonts=True, root=tempfile.gettempdir())


@lru_cache(maxsize=2)
def _template(name: str) -> bytes:
    return resources.files(__package__).joinpath(f"{name}.typ").read_bytes()


def _told(paper: Paper) -> dict[str, Any]:
    """The paper as JSON for the template."""
    return {
        "title": paper.title,
        "subject": paper.subject,
        "of": _words(paper.of),
        "about": paper.about,
        "internal": paper.internal,
        "wide": paper.wide,
        "left_out": [part.text for part in paper.left_out],
        "missing": [[part.question, part.path] for part in paper.missing],
        "gaps": None if paper.gaps is None else _lines(paper.gaps),
        "body": [_block(block) for block in paper.body],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "text": block.text}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "words": _words(block.words)}
    if isinstance(block, Bullets):
        return {"kind": "bullets", "items": _lines(block.items)}
    if isinstance(block, Picture):
        told = {"title": block.title, "description": block.description, "svg": block.svg}
        return {"kind": "picture", **told}
    return _table(block)


def _table(block: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": block.caption,
        "answers": block.is_answers,
        "head": list(block.head),
        "rows": [[_lines(cell) for cell in row] for row in block.rows],
    }


def _lines(lines: Lines) -> list[list[list[str]]]:
    return [_words(words) for words in lines]


def _words(words: tuple[Inline, ...]) -> list[list[str]]:
    """Each word with its style: plain, missing or redacted."""
    return [[_style(part), part if isinstance(part, str) else part.text] for part in words]


def _style(part: Inline) -> str:
    return "missing" if isinstance(part, Missing) else "redacted" if isinstance(part, Redacted) else "plain"
