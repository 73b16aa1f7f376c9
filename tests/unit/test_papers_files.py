"""The files of papers: read again by other software, the same each time, and deaf to commands in a text."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import typst
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from papers_example import all_papers, complete, kent, said, shipped

from sharewell.papers.block import (
    Bullets,
    Heading,
    Missing,
    Paper,
    Paragraph,
    Picture,
    Redacted,
    Said,
    Table,
)
from sharewell.papers.docx import write_docx
from sharewell.papers.flow_picture import Arrow, draw
from sharewell.papers.html import write_html
from sharewell.papers.pdf import _template, _told, draw_pages, write_pdf
from sharewell.papers.row import write_csv

PAPERS = {paper.name: paper for paper in all_papers(said(kent()))}
HOSTILE = (
    '#panic("x") $x$ *b* _i_ `r` <l> @ref \\u{41} #{1+1} [c] // c /* c */ "q" = h - l + n ~ '
    "' & <b>x</b> {{ 7 }}"
)


def one(*blocks: object, title: str = "A paper") -> Paper:
    """A small paper."""
    return Paper("dpia", title, ("Of this",), "About.", "2024-04-01", False, (), tuple(blocks))  # type: ignore[arg-type]


class Outline(HTMLParser):
    """What a reader's software sees of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def outline(paper: Paper) -> Outline:
    found = Outline()
    found.feed(write_html(paper).decode())
    return found


@pytest.mark.parametrize("name", PAPERS)
def test_a_page_has_a_language_one_title_and_headings_in_order(name: str) -> None:
    found = outline(PAPERS[name])
    tags = [tag for tag, _ in found.tags]
    assert ("html", {"lang": "en-GB"}) in found.tags
    assert tags.count("h1") == tags.count("main") == 1
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert ("a", {"class": "skip", "href": "#main"}) in found.tags


@pytest.mark.parametrize("name", PAPERS)
def test_a_page_fetches_nothing_and_its_tables_have_heads(name: str) -> None:
    found = outline(PAPERS[name])
    tags = [tag for tag, _ in found.tags]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert tags.count("table") == tags.count("caption") == tags.count("thead")
    assert all("scope" in told for tag, told in found.tags if tag == "th")
    ids = [told["id"] for _, told in found.tags if "id" in told]
    assert len(ids) == len(set(ids))


def test_what_is_missing_is_counted_listed_and_told_by_more_than_colour() -> None:
    page = write_html(PAPERS["dpia"]).decode()
    assert f"{len(PAPERS['dpia'].missing)} things are not stated" in page
    assert "Not stated in the agreement (agree.breach)" in page
    assert page.count('<strong class="missing"') >= len(PAPERS["dpia"].missing)


def entry(name: str) -> dict[str, str]:
    """A register's row by its columns."""
    columns, answers = csv.reader(io.StringIO(write_csv(PAPERS[name]).decode("utf-8-sig")))
    assert len(columns) == len(answers)
    return dict(zip(columns, answers, strict=True))


def test_a_null_legal_basis_is_none_stated_and_never_inferred() -> None:
    row = entry("data-use")
    assert row["Legal basis for provision of data under Article 6"] == "6(1)(e)"
    text = kent()
    text["agree"]["law"]["article_9"] = None
    dpia = next(paper for paper in all_papers(said(text)) if paper.name == "dpia")
    answers = {
        r[0][0][0]: r[1][0][0] for b in dpia.body if isinstance(b, Table) and b.is_answers for r in b.rows
    }
    assert answers["Special-category data"] == Said(
        "None stated", "agree.law.article_9", answers["Special-category data"].where
    )  # type: ignore[union-attr]
    assert re.fullmatch(r"draft\.yaml:\d+", answers["Special-category data"].where)  # type: ignore[union-attr]


def test_every_word_from_the_agreement_says_where_it_stands() -> None:
    page = outline(PAPERS["sharing-agreement"])
    told = [held for tag, held in page.tags if tag == "span" and "data-clause" in held]
    assert len(told) > 100
    assert all(re.fullmatch(r"draft\.yaml:\d+", held["data-where"] or "") for held in told)
    assert any(held["data-clause"] == "agree.law.article_6" for held in told)


@pytest.mark.parametrize("name", PAPERS)
def test_word_opens_it_with_styles_heads_and_no_author(name: str) -> None:
    paper = PAPERS[name]
    document = Document(io.BytesIO(write_docx(paper)))
    told = document.core_properties
    assert (told.author, told.last_modified_by, told.language) == ("", "", "en-GB")
    assert told.title == paper.title
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1"} <= styles
    assert len(document.tables) == sum(isinstance(block, Table) for block in paper.body)
    for table in document.tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    heads = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert [b.text for b in paper.body if isinstance(b, Heading)] == heads[1:]


@pytest.mark.parametrize("name", PAPERS)
def test_the_pdf_is_tagged_and_has_a_title_and_a_language(name: str) -> None:
    made = write_pdf(PAPERS[name])
    assert made.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in made
    assert b"en-GB" in made
    assert b"pdfuaid:part" in made


@pytest.mark.parametrize("write", [write_html, write_docx, write_pdf, write_csv])
def test_the_same_paper_gives_the_same_bytes(write: Callable[[Paper], bytes]) -> None:
    again = {paper.name: paper for paper in all_papers(said(kent()))}
    for name in ("economy-act", "data-use"):
        assert write(PAPERS[name]) == write(again[name])
    with zipfile.ZipFile(io.BytesIO(write_docx(PAPERS["economy-act"]))) as held:
        assert {part.date_time[0] for part in held.infolist()} == {1980}
        assert not any(b"generated by" in held.read(name) for name in held.namelist())


def test_the_picture_of_an_assessment_is_the_same_each_time() -> None:
    assert write_pdf(PAPERS["dpia"]) == write_pdf(PAPERS["dpia"])


def inside(paper: Paper, selector: str) -> list[dict[str, object]]:
    """What Typst holds of a paper, asked of Typst itself."""
    told = json.dumps(_told(paper), ensure_ascii=False)
    found = typst.query(
        _template("paper"), selector, field="body", ignore_system_fonts=True, sys_inputs={"told": told}
    )
    return list(json.loads(found))


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_any_text_reaches_the_page_as_it_is_and_does_nothing(text: str) -> None:
    bodies = inside(one(Heading(2, text)), "heading")
    assert [body["text"] for body in bodies][-1] == text


@settings(max_examples=12)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_any_text_can_be_set_and_read_again_from_word(text: str) -> None:
    paper = one(Paragraph((text,)), Table("T", ("A", "B"), ((((text,),), ((text,),)),)))
    assert write_pdf(paper).startswith(b"%PDF")
    document = Document(io.BytesIO(write_docx(paper)))
    assert document.tables[0].cell(1, 1).text == text


def test_markup_of_any_language_is_only_words() -> None:
    paper = one(
        Paragraph((HOSTILE,)),
        Bullets(((HOSTILE,),)),
        Table(HOSTILE, (HOSTILE, "B"), ((((HOSTILE,),), (("y",),)),)),
    )
    assert HOSTILE in "".join(outline(paper).text)
    assert "<b>" not in {f"<{tag}>" for tag, _ in outline(paper).tags}
    if reader := shutil.which("pdftotext"):
        text = subprocess.run(
            [reader, "-raw", "-", "-"], input=write_pdf(paper), capture_output=True, check=True
        ).stdout
        assert re.sub(r"\s", "", text.decode()).count(re.sub(r"\s", "", HOSTILE)) == 5


def test_letters_that_no_font_draws_are_written_by_their_numbers() -> None:
    made = write_pdf(one(Paragraph(("中文 and Ŵ",))))
    if reader := shutil.which("pdftotext"):
        text = subprocess.run(
            [reader, "-", "-"], input=made, capture_output=True, check=True
        ).stdout.decode()
        assert "[U+4E2D][U+6587]andŴ" in re.sub(r"\s", "", text)
    assert made.startswith(b"%PDF")


def test_a_register_row_has_the_figures_of_the_paper() -> None:
    assert len(entry("data-use")) == 31
    row = entry("economy-act")
    assert row["ID"] == "kent-integrated-dataset"
    assert (row["Start date"], row["End date"]) == ("1 April 2024", "31 March 2026")
    page = "".join(outline(PAPERS["economy-act"]).text)
    assert all(line in page for answer in row.values() for line in answer.split("; "))


def test_a_cell_that_looks_like_a_formula_is_text() -> None:
    row = (((("Q",),), (('=HYPERLINK("x")',),), (("c",),)),)
    held = write_csv(one(Table("T", ("Question", "Answer", "Clause"), row))).decode("utf-8-sig")
    assert "'=HYPERLINK" in held


def test_the_picture_is_text_that_says_what_the_table_says() -> None:
    body = PAPERS["dpia"].body
    picture = next(block for block in body if isinstance(block, Picture))
    drawn = ElementTree.fromstring(picture.svg)
    space = "{http://www.w3.org/2000/svg}"
    assert drawn.find(f"{space}title").text == picture.title  # type: ignore[union-attr]
    assert drawn.find(f"{space}desc").text == picture.description  # type: ignore[union-attr]
    words = " ".join(text.text or "" for text in drawn.iter(f"{space}text"))
    assert "Northshire linking" in words
    assert "de-personalised" in words
    assert (
        "General practices of Northshire sends identifiable data to Northshire linking service"
        in picture.description
    )
    assert "The public" in words


def test_the_picture_is_the_same_in_any_order_and_safe_with_any_name() -> None:
    arrows = [Arrow((0, "A & <b>"), (2, "Host"), "aggregate"), Arrow((2, "Host"), (3, '"Q"'), "yes/no")]
    assert draw("T", arrows) == draw("T", arrows[::-1])
    assert ElementTree.fromstring(draw("T & <x>", arrows)) is not None
    assert ElementTree.fromstring(draw("T", [])) is not None


def test_pages_can_be_drawn() -> None:
    pages = draw_pages(PAPERS["economy-act"], 36)
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_findings_name_the_clause_that_they_changed_and_what_it_says_now() -> None:
    found = [{"said": "Dates of birth are too exact", "clause": "depersonalise.patients.born.to"}]
    due = {"leaflet": {"text": "Leaflets in every surgery", "before": "first run", "owner": "managers"}}
    jury = {"event": "A jury in Northshire", "when": "2024-02-01", "findings": found, "conditions": due}
    text = kent(deliberation=jury)
    dpia = next(paper for paper in all_papers(said(text)) if paper.name == "dpia")
    table = next(b for b in dpia.body if isinstance(b, Table) and b.caption.startswith("Findings"))
    cells = [
        [part.text for words in cell for part in words if not isinstance(part, str)]
        for cell in table.rows[0]
    ]
    assert cells == [["Dates of birth are too exact"], ["depersonalise.patients.born.to"], ["month"]]
    assert any(isinstance(b, Table) and b.caption.startswith("Conditions") for b in dpia.body)


def test_what_a_framework_lends_is_shown_with_its_own_lines() -> None:
    record = next(
        p for p in all_papers(shipped("kent-integrated-dataset")) if p.name == "processing-record"
    )
    told = [
        w for b in record.body if isinstance(b, Table) for r in b.rows for c in r for ws in c for w in ws
    ]
    assert any(
        isinstance(w, Said) and w.path.startswith("agree.security") and "northshire.yaml" in w.where
        for w in told
    )


def test_a_complete_agreement_leaves_nothing_missing_but_what_it_cannot_say() -> None:
    agreement, _ = complete()
    missing = {part.path for paper in all_papers(agreement) for part in paper.missing}
    chapters = ("release.", "agree.parties.*.", "agree.purposes.*.")  # of which only one entry is filled in
    assert {path for path in missing if not path.startswith(chapters)} == set()


def test_missing_and_left_out_have_words_of_their_own() -> None:
    gap = Missing("agree.rights.access", "to see what we hold:")
    assert (gap.text, gap.question) == (
        "Not stated in the agreement (agree.rights.access)",
        "To see what we hold",
    )
    shown = write_html(
        replace(one(Paragraph((gap, Redacted("A reason.", "the SIRO")))), internal=False)
    ).decode()
    assert 'class="missing"' in shown
    assert 'class="redacted"' in shown
