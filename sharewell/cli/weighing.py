"""`weigh`: agreements side by side, benefit and privacy, never one score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import screen
from .agreements import Space


@screen.command
def weigh(
    names: Annotated[list[str], typer.Argument(metavar="AGREEMENT...", help="The agreements to weigh.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("balance"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="html, docx or pdf; all, unless named.")
    ] = None,
    space: Space = Path(),
) -> None:
    """Set agreements side by side, benefit and privacy, without a score.

    What each promised and has shown, whom it touches, how far an intruder got, its red lines and open
    conditions, and what people said of it.
    """
    from ..live.balance import weigh as write
    from ..workspace import open as open_space
    from .papers import formats_of

    place, chosen = open_space(space), formats_of(formats or ["html", "docx", "pdf"])
    for path in write([place.agreement(name) for name in names], out, chosen):
        typer.echo(f"Wrote {path}")
