"""`benefit`: what was promised, and whether it came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen
from .agreements import Name, Space

if TYPE_CHECKING:
    from ..live.benefits import Realised

app = typer.Typer(
    help="Measure what was promised, and show what came of it.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
@screen.command
def measure(
    name: Name,
    what: Annotated[str, typer.Argument(help="The benefit's measure, as the agreement writes it.")],
    value: Annotated[float, typer.Argument(help="What it came to.")],
    actor: Annotated[str, typer.Option("--as", help="Who measured.")],
    space: Space = Path(),
) -> None:
    """Enter what a benefit's measure came to. Earlier measures stay in the account."""
    from ..live.benefits import measure as enter
    from ..workspace import open as open_space

    enter(open_space(space).agreement(name), what, value, actor)
    typer.echo(f"Entered: {what} came to {value:g}.")


@app.command("list")
@screen.command
def show(name: Name, space: Space = Path()) -> None:
    """Show each benefit: what was promised, by when, what it came to, and whether that is what was
    promised."""
    from ..live.benefits import realised
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    rows = [
        (
            held.benefit.claim,
            held.benefit.measure,
            _number(held.benefit.baseline),
            _number(held.benefit.target),
            str(held.benefit.due or "not stated"),
            _came_to(held),
            held.verdict,
        )
        for held in realised(live)
    ]
    heads = ("benefit", "measure", "before", "promised", "due", "came to", "did it come?")
    screen.table(live.agreement.text.title, heads, rows)


def _came_to(held: Realised) -> str:
    """The figure with its interval, and who says so; where there is none, who would."""
    if held.observed is None or held.at is None:
        return "not measured (by a run)" if held.by_run else "not measured (by hand)"
    low, high = held.observed.low, held.observed.high
    span = f" [{low:g} to {high:g}]" if low is not None and high is not None else ""
    by = f"by run {held.run}" if held.run else "by hand"
    return f"{_number(held.value)}{span} ({held.at.date()}) {by}"


def _number(value: float | None) -> str:
    return "not stated" if value is None else f"{value:g}"
