"""`init` and `county`: a new workspace, and people who do not exist to fill it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from . import screen

CLOCK = datetime(2024, 6, 3)
"""The demo's day: after the county's last record, and within the term of every shipped agreement."""


@screen.command
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    name: Annotated[str, typer.Option(help="What the workspace is called.")] = "",
) -> None:
    """Make a workspace with the contracts and agreements that come with Sharewell."""
    from .. import workspace

    space = workspace.init(folder, name=name)
    typer.echo(
        f"Made {folder}: {len(space.agreements())} agreements, {len(space.contracts)} contracts, no data."
    )
    typer.echo(f"Next: put your own data under {folder}/data, or run: sharewell county {folder}")


@screen.command
def county(
    folder: Annotated[Path, typer.Argument(help="The workspace to make, or to fill.")],
    people: Annotated[int, typer.Option(min=1000, help="How many people live there.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Build the synthetic county: people who do not exist, with the truth kept apart."""
    from .. import workspace
    from ..county import build

    if not (folder / workspace.CONFIGURATION).exists():
        workspace.init(folder, name="Northshire, a synthetic county", synthetic=True, clock=CLOCK.date())
    with screen.progress("building the county") as tell:
        built = build(folder, people=people, seed=seed, progress=tell)
    typer.echo(
        f"Built {folder}: {people:,} people, {sum(f.rows for f in built.files):,} rows, seed {seed}."
    )


@screen.command
def profile(
    asset: Annotated[str, typer.Argument(help="An asset of the catalogue, such as gp.patients.")],
    actor: Annotated[str, typer.Option("--as", help="Who looks.")],
    space: Annotated[Path, typer.Option("--space", "-s", help="The workspace.")] = Path(),
) -> None:
    """Show what an asset holds and how good it is, in tables that passed the gate."""
    from ..plan.released import WITHHELD
    from ..workspace import open as open_space

    checked = open_space(space).profile(asset, actor)
    for held in checked.tables:
        names = held.data.column_names
        cells = zip(*(held.data[name].to_pylist() for name in names), strict=True)
        marks = zip(*(held.marks[name].to_pylist() for name in names), strict=True)
        rows = [
            [
                "[c]" if mark in WITHHELD else "" if cell is None else cell
                for cell, mark in zip(*row, strict=True)
            ]
            for row in zip(cells, marks, strict=True)
        ]
        screen.table(held.title, names, rows)
    for line in checked.withheld:
        typer.echo(f"withheld: {line.cells} figures of {line.table}, because {line.why}")
