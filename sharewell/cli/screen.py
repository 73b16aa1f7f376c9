"""What commands share on the screen: faults in words, tables, progress; nothing that holds a row."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import typer

from ..errors import Problem, SharewellError

P = ParamSpec("P")
R = TypeVar("R")

Tell = Callable[[str, float], None]


def command(function: Callable[P, R]) -> Callable[P, R]:
    """A command whose SharewellError is printed, cause by cause, and becomes its exit code."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except SharewellError as error:
            faults(error.problems)
            raise typer.Exit(error.exit_code) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            # Never its traceback, nor its own words: they may quote a row.
            faults((_defect(error),))
            raise typer.Exit(1) from None

    return wrapped


def _defect(error: Exception) -> Problem:
    """A fault of Sharewell's own: the kind of error, and the last of our lines that it came through."""
    import traceback
    from pathlib import Path

    ours = Path(__file__).parents[1]
    walked = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in walked if Path(frame.filename).is_relative_to(ours)]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown line"
    kind = type(error).__name__
    if isinstance(error, OSError):
        reason = (error.strerror or "it cannot be read or written").lower()
        return Problem("FILE", reason, "", "free space, or check the path and its permissions")
    what, why = f"Sharewell itself failed: {kind} at {place}", "the rest is withheld: it may quote a row"
    return Problem("DEFECT", what, why, "please report this line")


def faults(problems: Sequence[Problem]) -> None:
    """Each cause on the error stream: where and code, what, why, what to do."""
    for problem in problems:
        typer.secho(f"{problem.where} {problem.code}".strip(), fg="red", bold=True, err=True)
        typer.echo(f"  {problem.what}", err=True)
        for label, text in (("why", problem.why), ("do", problem.fix)):
            if text:
                typer.echo(f"  {label}: {text}", err=True)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table, as wide as the screen; plain when it is piped."""
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    # References must be copied whole, so a cell is folded and never cut.
    made = Table(
        *(Column(name, overflow="fold") for name in columns),
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    wide = None if sys.stdout.isatty() else 160
    Console(width=wide, highlight=False, markup=False).print(made)


def doubts(found: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """What linking noticed about its input, by unit: a line each."""
    for unit, noticed in found.items():
        for doubt in noticed:
            told = f"{doubt['source']}: {doubt['what']}; {doubt['done']}; {doubt['fix']}"
            typer.echo(f"Doubt in linking {unit}: {told}.")


@contextmanager
def progress(title: str) -> Iterator[Tell]:
    """A bar on the error stream, with time gone and time to come; silent where there is no screen."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<44.44}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)

        def tell(text: str, done: float) -> None:
            """A negative share leaves the bar where it is."""
            bar.update(task, description=text, completed=done if done >= 0 else None)

        yield tell
