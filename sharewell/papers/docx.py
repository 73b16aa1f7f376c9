"""A paper as a Word document: real heading styles, table header rows, a language, nobody's name in it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

from .block import (
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
    Words,
)
from .pdf import draw_png

_STAMP = (1980, 1, 1, 0, 0, 0)
"""The date of every part within the file, so that the same paper gives the same bytes."""


def write_docx(paper: Paper) -> bytes:
    """The paper as a .docx file; the same paper gives the same bytes."""
    from docx import Document

    document = Document()
    _describe(document, paper)
    _lay_out(document, paper)
    if paper.internal:
        _bold(document, "INTERNAL: not to be published. Nothing is left out of this copy.")
    document.add_heading(paper.title, 0)
    _add(document.add_paragraph(), paper.of)
    document.add_paragraph(paper.about)
    _opening(document, paper)
    for block in paper.body:
        if isinstance(block, Heading):
            document.add_heading(block.text, block.level - 1)
        elif isinstance(block, Paragraph):
            _add(document.add_paragraph(), block.words)
        elif isinstance(block, Bullets):
            _list(document, block.items)
        elif isinstance(block, Picture):
            _picture(document, block)
        else:
            _table(document, block)
    held = io.BytesIO()
    document.save(held)
    return _dated(held.getvalue())


def _describe(document: Any, paper: Paper) -> None:
    """What the file says of itself: title, subject and language, and no author."""
    from docx.oxml.ns import qn

    told = document.core_properties
    told.title, told.subject, told.language = paper.title, paper.subject, "en-GB"
    told.author = told.last_modified_by = told.comments = told.keywords = ""
    told.created = told.modified = dt.datetime.combine(dt.date.fromisoformat(paper.day), dt.time())
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _lay_out(document: Any, paper: Paper) -> None:
    """A4, turned where a table is wide; Arial throughout."""
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    sides = (Cm(29.7), Cm(21)) if paper.wide else (Cm(21), Cm(29.7))
    section.orientation = WD_ORIENT.LANDSCAPE if paper.wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = sides
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(1.9)
    for name, size in (
        ("Normal", 10.5),
        ("Title", 24),
        ("Heading 1", 16),
        ("Heading 2", 13),
        ("Caption", 10),
    ):
        style = document.styles[name]
        style.font.name, style.font.size = "Arial", Pt(size)
        fonts = style.element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        if name != "Normal":
            style.font.color.rgb = (
                RGBColor(0x12, 0x43, 0x6D) if name == "Title" else RGBColor(0x0B, 0x0C, 0x0C)
            )


def _opening(document: Any, paper: Paper) -> None:
    """What is left out and what is not stated, counted and listed."""
    if out := paper.left_out:
        document.add_heading(f"{len(out)} {'part is' if len(out) == 1 else 'parts are'} left out", 1)
        _list(document, tuple((part,) for part in out))
    if paper.gaps is not None:
        document.add_heading("What is not known" if paper.gaps else "Nothing is known to be missing", 1)
        _list(document, paper.gaps)
        return
    missing = paper.missing
    document.add_heading(
        f"{len(missing)} {'thing is' if len(missing) == 1 else 'things are'} not stated", 1
    )
    _list(document, tuple((f"{part.question}: {part.path}",) for part in missing))


def _bold(document: Any, text: str) -> None:
    document.add_paragraph().add_run(text).bold = True


def _list(document: Any, items: Lines) -> None:
    from docx.shared import Pt

    for item in items:
        paragraph = document.add_paragraph(style="List Bullet")
        paragraph.paragraph_format.space_after = Pt(2)
        _add(paragraph, item)


def _add(paragraph: Any, words: Words) -> None:
    for part in words:
        _style(paragraph.add_run(part if isinstance(part, str) else part.text), part)


def _style(run: Any, part: Inline) -> None:
    """What is missing is bold and underlined, what is left out white on black: not told by colour alone."""
    from docx.enum.text import WD_COLOR_INDEX
    from docx.shared import RGBColor

    if isinstance(part, Missing):
        run.bold = run.underline = True
        run.font.color.rgb = RGBColor(0x5C, 0x3B, 0x00)
    elif isinstance(part, Redacted):
        run.bold = True
        run.font.highlight_color, run.font.color.rgb = WD_COLOR_INDEX.BLACK, RGBColor(0xFF, 0xFF, 0xFF)


def _picture(document: Any, block: Picture) -> None:
    """The drawing as a picture, with its words as alternative text."""
    section = document.sections[0]
    wide = section.page_width - section.left_margin - section.right_margin
    document.add_paragraph(block.title, style="Caption").paragraph_format.keep_with_next = True
    document.add_picture(io.BytesIO(draw_png(block)), width=wide)
    told = document.inline_shapes[-1]._inline.docPr
    told.set("descr", f"{block.title}. {block.description}")
    told.set("title", block.title)


def _table(document: Any, block: Table) -> None:
    from docx.shared import Pt

    caption = document.add_paragraph(block.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=len(block.head), style="Table Grid")
    shares = (0.28, 0.48, 0.24) if block.is_answers else (1 / len(block.head),) * len(block.head)
    size = Pt(8 if len(block.head) > 5 else 9.5)
    _repeat(table.rows[0])
    for cell, name in zip(table.rows[0].cells, block.head, strict=True):
        _cell(cell, ((name,),), size, bold=True)
    for row in block.rows:
        added = table.add_row()
        _whole(added)
        for cell, lines in zip(added.cells, row, strict=True):
            _cell(cell, lines, size)
    _widen(document, table, shares)
    document.add_paragraph()


def _widen(document: Any, table: Any, shares: tuple[float, ...]) -> None:
    from docx.shared import Emu

    section = document.sections[0]
    wide = section.page_width - section.left_margin - section.right_margin
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Emu(int(wide * share))
    for row in table.rows:
        for cell, share in zip(row.cells, shares, strict=True):
            cell.width = Emu(int(wide * share))


def _repeat(row: Any) -> None:
    """The row heads the table on every page, for the eye and for a screen reader."""
    _mark(row, "w:tblHeader")


def _whole(row: Any) -> None:
    """The row is not split over two pages."""
    _mark(row, "w:cantSplit")


def _mark(row: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _cell(cell: Any, lines: Lines, size: Any, bold: bool = False) -> None:
    from docx.shared import Pt

    for number, words in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        _add(paragraph, words)
        for run in paragraph.runs:
            run.font.size = size
            run.bold = run.bold or bold


def _dated(made: bytes) -> bytes:
    """The same file with a fixed date on each of its parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _STAMP), old.read(name), zipfile.ZIP_DEFLATED)
    return held.getvalue()
