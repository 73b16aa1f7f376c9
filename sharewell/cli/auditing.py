"""`audit`, `attack`: a release checked by an independent program, and attacked as an intruder would."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen
from .agreements import Json, Space

if TYPE_CHECKING:
    from ..live.auditing import Audit

Named = Annotated[str, typer.Argument(metavar="RELEASE", help="A release's folder, or AGREEMENT/RUN.")]


@screen.command
def audit(named: Named, space: Space = Path(), as_json: Json = False) -> None:
    """Check a release again, from its files alone: can any withheld figure be worked out?"""
    from ..live.auditing import audit_release, find_folder
    from ..workspace import CONFIGURATION
    from ..workspace import open as open_space

    place = open_space(space) if (space / CONFIGURATION).exists() else None
    folder = find_folder(place, named) if place else Path(named)
    found = audit_release(folder, place)
    if as_json:
        typer.echo(json.dumps(_as_json(found), indent=2))
    else:
        _tell(found)
    if not found.holds:
        raise typer.Exit(1)


def _as_json(found: Audit) -> dict[str, object]:
    told = [{**vars(each), "faults": list(each.faults)} for each in found.products]
    changed = list(found.release.changed)
    return {"holds": found.holds, "changed": changed, "account": found.account, "products": told}


def _tell(found: Audit) -> None:
    rows = [
        (each.product, str(each.tables), f"{each.cells:,}", "; ".join(each.faults) or "none")
        for each in found.products
    ]
    screen.table(str(found.release.folder), ("product", "tables", "withheld figures", "faults"), rows)
    for name in found.release.changed:
        typer.echo(f"Not as it was written: {name}")
    if found.account:
        typer.echo(found.account)
    typer.echo(f"The release {'holds' if found.holds else 'does NOT hold'}.")


@screen.command
def attack(
    named: Named,
    space: Space = Path(),
    on: Annotated[str | None, typer.Option(help="The day of the attack; today, unless named.")] = None,
    as_json: Json = False,
) -> None:
    """Attack a release as an intruder would who has its files, and say what succeeded."""
    from ..errors import DocumentError, Problem
    from ..live.auditing import attack_release, find_folder
    from ..workspace import CONFIGURATION
    from ..workspace import open as open_space

    place = open_space(space) if (space / CONFIGURATION).exists() else None
    try:
        day = date.fromisoformat(on) if on else place.now.date() if place else date.today()
    except ValueError:
        raise DocumentError(Problem("DAY", "the day is no date", fix="write YYYY-MM-DD")) from None
    found = attack_release(find_folder(place, named) if place else Path(named), day)
    if as_json:
        typer.echo(json.dumps({name: played.as_mapping() for name, played in found.items()}, indent=2))
        return
    for name, played in found.items():
        typer.secho(name, bold=True)
        for sentence in played.sentences():
            typer.echo(f"  {sentence}")
    if not found:
        typer.echo("No table of it can be attacked so: its figures are noised, or it holds none.")
