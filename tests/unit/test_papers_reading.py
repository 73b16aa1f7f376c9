"""The reading age of notices: the measure against published figures, and every notice held to it."""

from __future__ import annotations

import pytest
from papers_example import all_papers, shipped

from sharewell import workspace
from sharewell.papers.block import Bullets, Heading, Paper, Paragraph, Said
from sharewell.papers.form import Ask, Elsewhere, Note
from sharewell.papers.privacy_notice import PRIVACY_NOTICE
from sharewell.papers.reading import TARGET, hardest, readability, sentences, syllables

COUNTED = {
    "the": 1, "away": 2, "people": 2, "emergency": 4, "number": 2, "joined": 1, "wanted": 2, "services": 3,
    "readable": 3, "council": 2, "information": 4, "use": 1, "agreement": 3, "boxes": 2, "table": 2,
}  # fmt: skip
SHIPPED = sorted(path.stem for path in workspace.shipped("systems").glob("*.yaml"))


@pytest.mark.parametrize("word", COUNTED)
def test_syllables_are_those_that_one_hears(word: str) -> None:
    assert syllables(word) == COUNTED[word]


def test_the_grade_is_the_formula() -> None:
    """13 words in one sentence, of which happy, very and away have two syllables: 16 in all."""
    found = readability("The cat sat on the mat and the happy dog ran very away.")
    assert found.words == 13
    assert found.grade == pytest.approx(0.39 * 13 + 11.8 * 16 / 13 - 15.59, abs=0.01)
    assert readability("").grade == 0


def test_hard_sentences_are_named_hardest_first() -> None:
    hard = "Pseudonymisation necessitates organisational proportionality considerations."
    harder = (
        "Notwithstanding interoperability, epidemiological characterisation necessitates authorisation."
    )
    assert hardest(f"We join the lists. {hard} {harder} You can say no.") == (harder, hard)
    assert sentences("One here. Two there: three?") == ("One here.", "Two there:", "three?")


def fixed() -> str:
    """The words of the notice that no agreement gives."""
    told = [PRIVACY_NOTICE.title, PRIVACY_NOTICE.about]
    for section in PRIVACY_NOTICE.sections:
        told.append(section.title)
        for part in section.parts:
            told += [part.text] if isinstance(part, Note) else []
            told += [part.label] if isinstance(part, Ask) else []
            told += [part.label, part.why] if isinstance(part, Elsewhere) else []
    return "\n".join(told)


def test_the_fixed_words_of_the_notice_can_be_read_at_thirteen() -> None:
    assert readability(fixed()).age <= TARGET - 3
    long = [part for part in sentences(fixed()) if readability(part).words > 4]
    assert [part for part in long if readability(part).age > TARGET] == []


def prose(paper: Paper) -> str:
    """The words of a notice as somebody reads them: names of bodies and of laws are not sentences."""
    told: list[str] = []
    for block in paper.body:
        if isinstance(block, Heading):
            told.append(block.text)
        elif isinstance(block, Paragraph | Bullets):
            lines = (block.words,) if isinstance(block, Paragraph) else block.items
            told += ["".join(_plain(part) for part in words) for words in lines]
    return "\n".join(told)


def _plain(part: object) -> str:
    if not isinstance(part, Said):
        return part if isinstance(part, str) else ""
    proper = part.path.startswith(("agree.parties", "agree.law", "describe", "release"))
    return "" if proper else part.text


@pytest.mark.parametrize("name", SHIPPED)
def test_the_notice_of_each_shipped_agreement_can_be_read_at_thirteen(name: str) -> None:
    notice = next(paper for paper in all_papers(shipped(name)) if paper.name == PRIVACY_NOTICE.name)
    assert readability(prose(notice)).age <= TARGET
