"""`learn`: short lessons for everybody, shown on made-up people, and a quiz for those who will see data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import screen
from .agreements import Space


@screen.command
def learn(
    agreement: Annotated[
        str | None, typer.Option(help="Show it in the form of this agreement; else in one to learn by.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("lessons"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="html, docx or pdf; all, unless named.")
    ] = None,
    quiz: Annotated[bool, typer.Option("--quiz", help="Ask the questions, and give a score.")] = False,
    answers: Annotated[
        str, typer.Option(help="The answers to the quiz by number, with commas; then nothing is asked.")
    ] = "",
    space: Space = Path(),
) -> None:
    """Learn how few facts single someone out. Shown on made-up people, before and after an agreement's
    form; with `--quiz`, questions on it, whose exit code is 1 where they are not passed."""
    if quiz or answers:
        _quiz(answers)
        return
    from ..live.lessons import learn as write
    from ..workspace import open as open_space
    from .papers import formats_of

    place, chosen = open_space(space), formats_of(formats or ["html", "docx", "pdf"])
    live = place.agreement(agreement) if agreement else None
    shown, paths = write(place, out, chosen, live)
    typer.echo(shown.sentence())
    for path in paths:
        typer.echo(f"Wrote {path}")


def _quiz(answers: str) -> None:
    from ..workshop.quiz import load_quiz, score

    held = load_quiz()
    given = _numbers(answers)
    for number, asked in enumerate(held.questions, start=1):
        typer.secho(f"{number}. {asked.ask}", bold=True)
        for choice, words in enumerate(asked.answers, start=1):
            typer.echo(f"   {choice}) {words}")
        if not answers:
            given.append(typer.prompt("   Your answer", type=int))
    found = score(held, given)
    for number, (asked, chosen) in enumerate(zip(held.questions, given, strict=True), start=1):
        said = "right" if asked.right == chosen else f"no, it is {asked.right}"
        typer.echo(f"{number}: {said}. {asked.why}")
    typer.echo(f"{found.right} of {found.of}: {'passed' if found.passed else 'not passed'}.")
    if not found.passed:
        raise typer.Exit(1)


def _numbers(answers: str) -> list[int]:
    from ..errors import DataError, Problem

    parts = [part.strip() for part in answers.split(",") if part.strip()]
    if wrong := [part for part in parts if not (part.isascii() and part.isdigit() and len(part) < 4)]:
        what = f"{', '.join(wrong)[:80]!r} is no number of an answer"
        raise DataError(Problem("ANSWERS", what, fix="give numbers with commas, as 2,1,3"))
    return [int(part) for part in parts]
