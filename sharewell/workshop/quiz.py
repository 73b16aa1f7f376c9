"""The questions that staff answer before they see data: each with one right answer, and why it is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ..agree.chapter import Chapter, Sentence, Stated
from ..errors import DataError, DocumentError, Problem
from ..text import Located, check_document, load_yaml

SHIPPED = Path(__file__).with_name("quiz.yaml")


class Question(Chapter):
    """What is asked, the answers to choose from, and the number of the right one, from 1."""

    ask: Sentence
    answers: Annotated[tuple[Stated, ...], Field(min_length=2, max_length=6)]
    right: Annotated[int, Field(ge=1)]
    why: Sentence


class Quiz(Chapter):
    """The whole file: the questions, and how many right answers pass."""

    sharewell_quiz: Annotated[Literal[1], Field(alias="sharewell-quiz")]
    to_pass: Annotated[int, Field(alias="pass", ge=1)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Score:
    """How many answers were right, of how many, and whether that passes."""

    right: int
    of: int
    passed: bool


def load_quiz(source: Path = SHIPPED) -> Quiz:
    """Read a quiz. DocumentError with every fault at its `file:line`; StorageError if unreadable."""
    located = load_yaml(source, source.name)
    quiz = check_document(Quiz, located)
    if problems := list(_faults(quiz, located)):
        raise DocumentError(problems)
    return quiz


def score(quiz: Quiz, answers: Sequence[int]) -> Score:
    """The score of one answer to each question, by number from 1. DataError with every one that is none."""
    if len(answers) != len(quiz.questions):
        what = f"{len(answers)} answers to {len(quiz.questions)} questions"
        raise DataError(Problem("ANSWERS", what, fix="answer each question once, in order"))
    pairs = list(zip(quiz.questions, answers, strict=True))
    problems = [
        Problem("ANSWERS", f"question {n} has no answer {given}", fix=f"choose 1 to {len(asked.answers)}")
        for n, (asked, given) in enumerate(pairs, start=1)
        if not 1 <= given <= len(asked.answers)
    ]
    if problems:
        raise DataError(problems)
    right = sum(asked.right == given for asked, given in pairs)
    return Score(right, len(pairs), right >= quiz.to_pass)


def _faults(quiz: Quiz, located: Located) -> Iterator[Problem]:
    if quiz.to_pass > len(quiz.questions):
        what = f"{quiz.to_pass} right answers of {len(quiz.questions)} cannot be had"
        yield Problem("PASS", what, fix="ask for fewer", where=located.lines.at(("pass",)))
    for number, asked in enumerate(quiz.questions):
        if asked.right > len(asked.answers):
            where = located.lines.at(("questions", number, "right"))
            yield Problem(
                "RIGHT", f"there is no answer {asked.right}", fix="number them from 1", where=where
            )
