"""`ask` and `asked`: an analyst's own SQL under an agreement, and the record of all that was asked."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import screen
from .agreements import Json, Name, Space

if TYPE_CHECKING:
    from ..agree.ask import Asking
    from ..agree.decide import Decision
    from ..live.asking import Answer

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
        _explained(*foresee_question(live, question, actor), as_json)
        return
    with screen.progress(name) as tell:
        answer = ask_live(live, question, actor, hypothesis, tell)
    if to_csv is not None:
        _write(answer, to_csv)
    if as_json:
        typer.echo(answer.as_json())
    else:
        _show(name, answer)


def _show(name: str, answer: Answer) -> None:
    rows = [["" if cell is None else _figure(cell) for cell in row] for row in answer.rows]
    screen.table(f"{name}, for {answer.purpose}", answer.columns, rows)
    for line in answer.notes:
        typer.echo(line)
    for line in answer.withheld:
        typer.echo(f"withheld [c]: {line}")
    again = "Given before, and free. " if answer.repeated else ""
    typer.echo(f"{again}{answer.left} of {answer.limit} answers are left.")


def _figure(cell: Any) -> str:
    return f"{cell:,g}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell)


def _write(answer: Answer, path: Path) -> None:
    """The answer as CSV. StorageError where it cannot be written."""
    from ..errors import Problem, StorageError

    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            made = csv.writer(file, lineterminator="\n")
            made.writerow(answer.columns)
            made.writerows(answer.rows)
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise StorageError(Problem("FILE", reason, fix="name another file", where=str(path))) from None


def _explained(asking: Asking, decision: Decision, as_json: bool) -> None:
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
        rows = [(used.source, used.asset, used.column, used.use) for used in asking.footprint]
        screen.table("What it reads", ("table", "asset", "column", "use"), rows)
        steps = [(line.number, line.stage, line.place, line.text, line.form) for line in lines]
        screen.table("What it does", ("#", "stage", "place", "step", "form"), steps)
        screen.faults(decision.reasons)
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
