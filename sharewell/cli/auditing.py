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
    from ..check.intruder.played import Played
    from ..live.auditing import Audit, Audited

Named = Annotated[str, typer.Argument(metavar="RELEASE", help="A release's folder, or AGREEMENT/RUN.")]


@screen.command
def audit(named: Named, space: Space = Path(), as_json: Json = False) -> None:
    """Check a release again, from its files alone: can any withheld figure be worked out?"""
    from ..live.auditing import audit_release, find_folders
    from ..workspace import CONFIGURATION
    from ..workspace import open as open_space

    place = open_space(space) if (space / CONFIGURATION).exists() else None
    folders = find_folders(place, named) if place else (Path(named),)
    found = [audit_release(folder, place) for folder in folders]
    holds = all(each.holds for each in found)
    if as_json:
        typer.echo(json.dumps({"holds": holds, "releases": [_as_json(each) for each in found]}, indent=2))
    else:
        for each in found:
            _tell(each)
    if not holds:
        raise typer.Exit(1)


def _as_json(found: Audit) -> dict[str, object]:
    told = [{**vars(each), "faults": list(each.faults)} for each in found.products]
    return {
        "folder": str(found.release.folder),
        "holds": found.holds,
        "changed": list(found.release.changed),
        "account": found.account,
        "products": told,
    }


def _tell(found: Audit) -> None:
    rows = [
        (each.product, str(each.tables), f"{each.cells:,}", "; ".join(each.faults) or _none(each))
        for each in found.products
    ]
    screen.table(str(found.release.folder), ("product", "tables", "withheld figures", "faults"), rows)
    for name in found.release.changed:
        typer.echo(f"Not as it was written: {name}")
    if found.account:
        typer.echo(found.account)
    typer.echo(f"The release {'holds' if found.holds else 'does NOT hold'}.")


def _none(each: Audited) -> str:
    return "none" if each.certified else "none; it promises nothing, so only its files were compared"


@screen.command
def attack(
    named: Named,
    space: Space = Path(),
    on: Annotated[str | None, typer.Option(help="The day of the attack; today, unless named.")] = None,
    as_json: Json = False,
) -> None:
    """Attack a release as an intruder would who has its files, and say what succeeded."""
    from ..errors import DocumentError, Problem
    from ..live.auditing import attack_release, find_folders
    from ..workspace import CONFIGURATION
    from ..workspace import open as open_space

    place = open_space(space) if (space / CONFIGURATION).exists() else None
    try:
        day = date.fromisoformat(on) if on else place.now.date() if place else date.today()
    except ValueError:
        raise DocumentError(Problem("DAY", "the day is no date", fix="write YYYY-MM-DD")) from None
    folders = find_folders(place, named) if place else (Path(named),)
    found: dict[str, Played] = {}
    for folder in folders:  # a product's figures are the same for all who have it
        found = attack_release(folder, day) | found
    if as_json:
        typer.echo(json.dumps({name: played.as_mapping() for name, played in found.items()}, indent=2))
        return
    for name, played in found.items():
        typer.secho(name, bold=True)
        for sentence in played.sentences():
            typer.echo(f"  {sentence}")
    if not found:
        typer.echo("Nothing of it can be attacked so: no table without noise, no rows about coded people.")
