"""`budget`: what noise may still cost the people of each asset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import screen
from .agreements import Space

Asset = Annotated[
    str, typer.Argument(help="An asset of the catalogue, to see each spending of its budget.")
]


@screen.command
def budget(asset: Asset = "", space: Space = Path()) -> None:
    """What is left of each asset's privacy budget, who spent it, and until when."""
    from ..live.budgets import spendings, standings
    from ..workspace import open as open_space

    place = open_space(space)
    rows = [
        (
            held.budget.asset,
            f"{held.budget.cap:g} per {held.budget.per}"
            if held.budget.per
            else f"{held.budget.cap:g} ever",
            f"{held.spent}",
            f"{held.left}",
            f"{held.until:%Y-%m-%d}" if held.until else "never anew",
            ", ".join(f"{agreement} {cost}" for agreement, cost in sorted(held.by.items())) or "nobody",
        )
        for held in standings(place, asset)
    ]
    if not rows:
        typer.echo("No privacy budget is declared, so nothing that is noised may leave.")
        return
    heads: tuple[str, ...] = ("asset", "epsilon", "spent", "left", "anew on", "spent by")
    screen.table("Privacy budgets", heads, rows)
    if asset:
        entries = [
            (one.at[:10], one.agreement, one.product, one.run, f"{one.epsilon:g}")
            for one in spendings(place, asset)
        ]
        screen.table(
            f"Every spending of {asset}", ("on", "agreement", "product", "run", "epsilon"), entries
        )
