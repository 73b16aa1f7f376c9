"""`outputs`: what no rule of the gate can judge, read by two people before it may leave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import screen
from .agreements import Because, Space

app = typer.Typer(no_args_is_help=True, help="Outputs that wait to be read by two people.")

Item = Annotated[str, typer.Argument(help="An output's name, or how it begins.")]
Reader = Annotated[str, typer.Option("--as", help="Who reads: somebody who may release, and did not ask.")]


@app.command("list")
@screen.command
def queue(space: Space = Path()) -> None:
    """Every output that was held, what it waits for, and who has spoken."""
    from ..live.outputs import next_step, waiting
    from ..workspace import open as open_space

    rows = [
        (
            held.item,
            held.agreement,
            held.product,
            str(held.state),
            ", ".join(w.who for w in held.said),
            next_step(held),
        )
        for held in waiting(open_space(space))
    ]
    screen.table(
        "Outputs held for review", ("output", "agreement", "product", "state", "read by", "next"), rows
    )
    if not rows:
        typer.echo("Nothing waits.")


@app.command()
@screen.command
def show(item: Item, reader: Reader, because: Because, space: Space = Path()) -> None:
    """Read a held output: why it is held, what would pass instead, what was said, and its tables."""
    from ..live.outputs import find, look, next_step
    from ..workspace import open as open_space

    place = open_space(space)
    tables = look(place, item, reader, because)
    held = find(place, item)
    typer.secho(
        f"{held.product} of {held.agreement}, run {held.run}, asked for by {', '.join(held.asked_by)}",
        bold=True,
    )
    for heading, lines in (("Why it is held", held.why), ("What would pass instead", held.instead)):
        for line in lines:
            typer.echo(f"{heading}: {line}")
    for word in held.said:
        typer.echo(f"{word.who}, {word.at.date()}: {word.verdict}. {word.because}")
    for name, table in tables.items():
        rows = [
            tuple("" if cell is None else str(cell) for cell in row.values()) for row in table.to_pylist()
        ]
        screen.table(name, tuple(table.column_names), rows)
    typer.echo(next_step(held))


def _verdict(word: str, told: str) -> None:
    @app.command(word, help=told)
    @screen.command
    def say(item: Item, reader: Reader, because: Because, space: Space = Path()) -> None:
        from ..live.outputs import next_step
        from ..live.outputs import say as say_it
        from ..workspace import open as open_space

        held = say_it(open_space(space), item, reader, word, because)
        typer.echo(f"{held.item} ({held.product} of {held.agreement}) is {held.state}. {next_step(held)}")


_verdict("approve", "Let an output through; it leaves when two have done so and it is run again.")
_verdict("return", "Send an output back to who asked for it, to be changed.")
_verdict("refuse", "Refuse an output: nothing of it leaves.")
