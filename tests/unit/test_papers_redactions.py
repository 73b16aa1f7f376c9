"""What a redaction covers stands nowhere in a published paper, and the gap can be seen."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from papers_example import all_papers, complete, kent, planned, said

from sharewell.agree import Agreement
from sharewell.errors import DocumentError
from sharewell.papers import PAPERS, Clauses, Paper, fill
from sharewell.papers.block import Redacted, inlines
from sharewell.papers.docx import write_docx
from sharewell.papers.html import write_html
from sharewell.papers.pdf import _told, write_pdf
from sharewell.papers.row import write_csv

WHY = "It would tell offenders where to look"
AGREEMENT, WORDS = complete()


def redacting(agreement: Agreement, *parts: str) -> Agreement:
    """The agreement with parts to be left out."""
    from sharewell.agree.terms import Redaction

    told = tuple(Redaction(part=part, why=WHY, by="the SIRO of the police") for part in parts)
    agree = agreement.text.agree.model_copy(update={"redactions": told})
    return Agreement(agreement.text.model_copy(update={"agree": agree}), agreement.lines)


def concrete(path: str) -> str:
    """A path of the filled-in agreement: lists have one entry, mappings one that is called `entry`."""
    path = re.sub(r"^agree\.(parties|purposes)\.\*", _known, path)
    for chapter in ("subjects", "users", "abroad", "onward", "benefits", "risks", "equality", "consulted"):
        path = path.replace(f"agree.{chapter}.", f"agree.{chapter}[1].")
    path = path.replace("agree.deliberation.findings.", "agree.deliberation.findings[1].")
    path = path.replace(".signs.", ".signs[1].")
    return path.replace(".*", ".entry")


def _known(found: re.Match[str]) -> str:
    return f"agree.{found[1]}." + {"parties": "northshire-gp", "purposes": "evaluation"}[found[1]]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: WORDS[word])
def test_no_word_of_a_redacted_term_is_in_any_paper(word: str) -> None:
    papers = all_papers(redacting(AGREEMENT, concrete(WORDS[word])))
    assert word not in repr(papers)
    assert any(isinstance(part, Redacted) for p in papers for block in p.body for part in inlines(block))


def hidden(paper: Paper) -> list[bytes]:
    """All that the files of a paper hold, unpacked, their metadata included."""
    held = [write_html(paper), write_csv(paper), repr(_told(paper)).encode()]
    pdf = write_pdf(paper)
    with zipfile.ZipFile(io.BytesIO(write_docx(paper))) as file:
        held += [file.read(name) for name in file.namelist()]
    if reader := shutil.which("pdftotext"):
        held.append(subprocess.run([reader, "-", "-"], input=pdf, capture_output=True, check=True).stdout)
    return [*held, pdf]


PARTS: dict[str, tuple[str, ...]] = {
    "describe.patients.use": ("frailty", "deprivation"),
    "describe.visits": ("fire.visits",),
    "agree.parties.northshire-fire": ("northshire-fire", "Fire and Rescue"),
    "link.home.linker": ("homes",),
    "analyse.autism-gap.question": ("recorded with autism",),
    "agree.transparency.summary": ("secret key",),
    "release.falls-service, analyse.falls-service, check.falls-service": ("falls-service",),
    "title": ("where need is missed",),
}


@pytest.mark.parametrize("parts", PARTS)
def test_no_paper_holds_the_words_of_a_redacted_part(parts: str) -> None:
    agreement = said(kent())
    papers = all_papers(redacting(agreement, *parts.split(", ")))
    for word in PARTS[parts]:
        assert word in repr(all_papers(agreement)), "the test looks for a word that is never there"
        assert word not in repr(papers), word


def test_the_files_of_published_papers_hold_nothing_of_it() -> None:
    agreement = redacting(said(kent()), *(part for parts in PARTS for part in parts.split(", ")))
    clauses = Clauses(agreement, planned(agreement))
    for form in (form for form in PAPERS if form.name in ("dpia", "privacy-notice", "data-use")):
        paper = fill(form, clauses)
        for content in hidden(paper):
            for words in PARTS.values():
                assert [word for word in words if word.encode() in content] == [], form.name
        assert WHY.encode() in write_html(paper)


def test_a_date_left_out_is_not_the_date_of_the_file() -> None:
    agreement = said(kent())
    for kept, day in (
        (agreement, "2024-04-01"),
        (redacting(agreement, "account.term.start"), "2000-01-01"),
    ):
        paper = fill(PAPERS[-1], Clauses(kept, planned(kept)))
        assert paper.day == day
        assert (b"2024-04-01" in write_pdf(paper)) == (kept is agreement)


def test_the_gap_says_why_who_and_until_when() -> None:
    gap = Redacted(WHY, "the SIRO", "1 May 2027")
    assert gap.text == f"Left out: {WHY}; decided by the SIRO; looked at again on 1 May 2027"
    assert replace(gap, until="").text.endswith("no date set to look at it again")


def test_an_internal_paper_leaves_nothing_out_and_says_so() -> None:
    agreement = redacting(said(kent()), "describe.patients.use", "agree.risks")
    clauses = Clauses(agreement, planned(agreement), None, internal=True)
    for form in PAPERS:
        paper = fill(form, clauses)
        assert paper.left_out == ()
        assert b"INTERNAL: not to be published" in write_html(paper)
    assert "frailty" in repr(fill(PAPERS[0], clauses))


def test_other_words_stay() -> None:
    """A field that another source also uses openly is still named there."""
    paper = all_papers(redacting(said(kent()), "describe.visits.use"))[0]
    table = next(block for block in paper.body if getattr(block, "caption", "").startswith("Every field"))
    told = {row[0][0][0].text: repr(row[4]) for row in table.rows}
    assert "Left out" in told["visits"] or "Redacted" in told["visits"]
    assert "'date'" in told["emergency"]


def refused(**agree: Any) -> DocumentError:
    agreement = said(kent(**agree))
    with pytest.raises(DocumentError) as caught:
        Clauses(agreement, planned(agreement))
    return caught.value


@pytest.mark.parametrize("part", ["describe.visit.use", "agree.laws", "agreement", "agree.redactions"])
def test_a_redaction_that_would_hide_nothing_is_refused(part: str) -> None:
    found = refused(redactions=[{"part": part, "why": WHY, "by": "the SIRO"}])
    assert [problem.code for problem in found.problems] == ["REDACTION"]
    assert found.problems[0].where.startswith("draft.yaml:")
