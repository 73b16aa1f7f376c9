"""The pack as PDF: cards, sheets and the script, each a book of pages, for black and white printers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from ..errors import DataError, Problem
from ..papers.block import Paper
from ..papers.pdf import draw_book, write_book


def print_book(pages: Sequence[Paper]) -> bytes:
    """The pages one after another as a tagged PDF, each paper from a page of its own.

    DataError PACK where there is none.
    """
    if not pages:
        raise DataError(Problem("PACK", "there is no page to print", fix="add sessions to the day"))
    return write_book(pages, _template(), pages[0].day)


def draw_book_pages(pages: Sequence[Paper], dots: int = 72) -> tuple[bytes, ...]:
    """The same pages as PNG pictures, `dots` to the inch."""
    return draw_book(pages, _template(), dots)


def _template() -> bytes:
    return resources.files(__package__).joinpath("pack.typ").read_bytes()
