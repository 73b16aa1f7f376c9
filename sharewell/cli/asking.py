"""`ask` and `asked`: an analyst's own SQL under an agreement, and the record of all that was asked."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Problem, SharewellError
from . import screen
from .agreements import Json, Name, Space

if TYPE_CHECKING:
    from ..agree.ask import Asking
    from ..agree.decide import Decision
    from ..live.asking import Answer

AROUND = 60
"""Characters of a line of SQL that are shown on either side of a fault."""

_PLACE = re.compile("question:([0-9]+):([0-9]+)")

Actor = Annotated[str, typer.Option("--as", help="Who asks.")]


@screen.command
def ask(
    name: Name,
    question: Annotated[str, typer.Argument(help="One SELECT of counts, sums or means.")],
    actor: Actor,
    hypothesis: Annotated[str, typer.Option(help="What you expect to find; kept with the question.")] = "",
    to_csv: Annotated[Path | None, typer.Option("--csv", help="Write the answer to this file too.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what it reads and does; run nothing.")
    ] = False,
    as_json: Json = False,
    space: Space = Path(),
) -> None:
    """Ask an agreement's tables a question of your own. The answer passes the gate, and is on record."""
    from ..live.asking import ask as ask_live
    from ..live.asking import foresee_question
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    if explain:
        _explained(*foresee_question(live, question, actor), question, as_json)
        return
    try:
        with screen.progress(name) as tell:
            answer = ask_live(live, question, actor, hypothesis, tell)
    except SharewellError as error:
        _faults(error.problems, question)
        raise typer.Exit(error.exit_code) from None
    if to_csv is not None:
        _write(answer, to_csv)
    if as_json:
        typer.echo(answer.as_json())
    else:
        _show(name, answer)


def _show(name: str, answer: Answer) -> None:
    from ..plan.finding import ALL

    typer.echo(f"{name}, for {answer.purpose}")
    _table(answer)
    if not answer.rows:
        typer.echo("There is no group to show.")
    if any(map(answer.is_total, answer.rows)):
        typer.echo(f"{ALL}: a total. Totals stand below the line.")
    if answer.read:
        typer.echo(f"Read: {answer.read}")
    for line in answer.notes:
        typer.echo(line)
    for line in answer.withheld:
        typer.echo(f"withheld [c]: {line}")
    again = "Given before, and free. " if answer.repeated else ""
    typer.echo(f"{again}{answer.left} of {answer.limit} answers are left.")


def _table(answer: Answer) -> None:
    """Groups, a line, then their totals in bold; figures to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    lines = box.Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
    made = Table(box=lines, pad_edge=False, show_edge=False)
    for i, column in enumerate(answer.columns):
        made.add_column(column, justify="left" if i < answer.labels else "right", overflow="fold")
    before = None
    for row in answer.rows:
        total = answer.is_total(row)
        if before is False and total:
            made.add_section()
        made.add_row(*map(_cell, row), style="bold" if total else None)
        before = total
    wide = None if sys.stdout.isatty() else 160
    Console(width=wide, highlight=False, markup=False).print("", made, "", sep="\n")


def _cell(cell: Any) -> str:
    """A figure as it is read; one that does not exist is empty."""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell.is_integer() or abs(cell) >= 1e6 else f"{cell:,.6g}"
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)


def _faults(problems: Sequence[Problem], question: str) -> None:
    """Each cause, and beneath it the place in the asker's own text; that is shown, and kept nowhere."""
    for problem in problems:
        screen.faults((problem,))
        for line in _pointed(problem.where, question):
            typer.echo(f"  {line}", err=True)


def _pointed(where: str, question: str) -> tuple[str, ...]:
    """The line of SQL that `question:LINE:COLUMN` is in, and a caret; of a long one the part about it."""
    from rich.cells import cell_len

    found = _PLACE.fullmatch(where)
    lines = question.split("\n")
    if found is None or int(found[1]) > len(lines):
        return ()
    at = int(found[2]) - 1
    start = max(0, at - AROUND)
    line = "".join(mark if mark.isprintable() else " " for mark in lines[int(found[1]) - 1])
    shown = line[start : at + AROUND]
    return (shown, " " * cell_len(line[start:at]) + "^") if at < len(line) else ()


def _write(answer: Answer, path: Path) -> None:
    """The answer as CSV. StorageError where it cannot be written."""
    import io

    from ..live.folders import write_file

    text = io.StringIO()
    made = csv.writer(text, lineterminator="\n")
    made.writerow(answer.columns)
    made.writerows(answer.rows)
    write_file(path, text.getvalue(), over=True)


def _explained(asking: Asking, decision: Decision, question: str, as_json: bool) -> None:
    from ..plan.explain import explain

    lines = explain(asking.plan) if asking.plan else ()
    if as_json:
        told = {
            "verdict": str(decision.verdict),
            "reasons": [vars(problem) for problem in decision.reasons],
            "footprint": [vars(used) for used in asking.footprint],
            "steps": [vars(line) for line in lines],
        }
        typer.echo(json.dumps(told, indent=2, default=str))
    else:
        if asking.footprint:
            rows = [(used.source, used.asset, used.column, used.use) for used in asking.footprint]
            screen.table("What it reads", ("table", "asset", "column", "use"), rows)
        if lines:
            steps = [(line.number, line.stage, line.place, line.text, line.form) for line in lines]
            screen.table("What it does", ("#", "stage", "place", "step", "form"), steps)
        _faults(decision.reasons, question)
        typer.echo(str(decision.verdict))
    if not decision:
        from ..errors import Refusal

        raise typer.Exit(Refusal.exit_code)


@screen.command
def asked(name: Name, space: Space = Path(), as_json: Json = False) -> None:
    """Show every question asked: who, what for, what it read, what became of it."""
    from ..live.asking import asked as asked_live
    from ..workspace import open as open_space

    found = asked_live(open_space(space).agreement(name))
    if as_json:
        typer.echo(json.dumps([vars(entered) for entered in found], indent=2, default=str))
        return
    rows = [
        (
            entered.at.date(),
            entered.actor,
            entered.question[:8],
            entered.shape,
            entered.hypothesis or "none stated",
            f"{entered.outcome} {' '.join(entered.codes)}".strip(),
            entered.left,
        )
        for entered in found
    ]
    head = ("day", "who", "question", "what", "hypothesis", "outcome", "left")
    screen.table(f"Questions asked under {name}", head, rows)
    people = len({entered.actor for entered in found})
    untold = sum(not entered.hypothesis for entered in found)
    typer.echo(f"{len(found)} questions by {people} people, {untold} without a hypothesis.")
