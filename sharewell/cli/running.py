"""`run`, `show`, `prove`, `demo`: agreements over data, and their results held against the planted
truth."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen
from .agreements import Json, Name, Space

if TYPE_CHECKING:
    from ..live import LiveAgreement
    from ..run import Outcome
    from ..workspace import Workspace


@screen.command
def run(
    name: Name,
    actor: Annotated[str, typer.Option("--as", help="Who runs it.")],
    product: Annotated[
        list[str] | None, typer.Option("--product", help="Run this product alone; may be given again.")
    ] = None,
    space: Space = Path(),
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Say what would let more figures leave.")
    ] = False,
) -> None:
    """Run an agreement. After a kill, the same command goes on where it stopped."""
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    with screen.progress(name) as tell:
        outcome = live.run(actor, tell, products=product or ())
    typer.echo(f"Run {outcome.run} of {outcome.agreement}{' (resumed)' if outcome.resumed else ''}.")
    screen.table("Released", ("to", "what", "where"), _where(outcome))
    for held, item in outcome.held.items():
        typer.echo(f"Held: {held} waits for two people to read it: sharewell outputs show {item}")
    screen.doubts(outcome.doubts)
    for unit in outcome.linkage:
        for sentence in unit.warnings:
            typer.echo(f"Warning, unequal linkage of {unit.unit}: {sentence}")
    if suggest:
        _suggest(outcome)


def _suggest(outcome: Outcome) -> None:
    from ..live.advice import advice

    told = advice(outcome)
    for product, lines in told.items():
        typer.secho(f"{product}: what would let more figures leave", bold=True)
        for line in lines:
            typer.echo(f"  {line}")
    if not told:
        typer.echo("No single change would let more figures leave.")


def _where(outcome: Outcome) -> list[tuple[str, str, str]]:
    reports = [
        (to, "report and tables", str(folder / "report.html")) for to, folder in outcome.releases.items()
    ]
    return reports + [(folder.parents[2].name, name, str(folder)) for name, folder in outcome.lists.items()]


@screen.command
def show(name: Name, space: Space = Path()) -> None:
    """Show what an agreement has released: to whom, in which run, where it lies."""
    from ..account.events import EventKind
    from ..workspace import open as open_space

    place = open_space(space)
    live = place.agreement(name)
    rows = [
        (
            event.run or "",
            event.facts["product"],
            event.facts["recipient"],
            event.facts["state"],
            event.facts["digest"],
        )
        for event in place.account.events(agreement=live.name, kind=EventKind.RELEASE_RELEASED)
    ]
    screen.table(f"Releases of {live.name}", ("run", "product", "to", "state", "digest"), rows)
    for event in place.account.events(agreement=live.name, kind=EventKind.LINK_UNEQUAL):
        told = event.facts
        where = f"{told['unit']} in run {event.run}, {told['source']} by {told['by']}"
        typer.echo(
            f"Warning, unequal linkage of {where}: {told['worse']} groups linked less well than the others"
            f" and {told['better']} better. Each report says which."
        )
    for path in sorted((place.kept / "releases").glob(f"*/{live.name}/*/report.html")):
        typer.echo(str(path))


@screen.command
def gallery(space: Space = Path()) -> None:
    """Write one page of all that was released and still stands.

    A card for each product, with its picture and the way to its report.
    """
    from ..live.gallery import build_gallery
    from ..workspace import open as open_space

    typer.echo(f"Look at {build_gallery(open_space(space))}")


@screen.command
def prove(
    system: Annotated[str, typer.Argument(help="A system's agreement.")],
    seed: Annotated[int, typer.Option(help="The county's seed.")] = 1,
    seeds: Annotated[int, typer.Option(help="Seeds over which rates are judged; 0 leaves them out.")] = 0,
    as_json: Json = False,
) -> None:
    """Build the county a system needs, run it, and hold what it says against the truth."""
    from ..proof import prove as prove_system

    with screen.progress(f"proving {system}") as tell:
        lines = prove_system(system, seed=seed, seeds=seeds, tell=tell)
    if as_json:
        typer.echo(json.dumps([line.as_mapping() for line in lines], indent=2))
    else:
        rows = [
            (line.asked, line.kind, line.measured, "holds" if line.holds else "FAILS") for line in lines
        ]
        screen.table(f"{system}, seed {seed}", ("asked", "kind", "measured", ""), rows)
    if not all(line.holds for line in lines):
        raise typer.Exit(1)


@screen.command
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the county is built.")] = Path("county"),
    people: Annotated[int, typer.Option(min=1000, help="How many people live there.")] = 50_000,
    seed: Annotated[int, typer.Option(help="The county's seed.")] = 1,
) -> None:
    """Build the county, sign, publish and run every agreement, and say where to look."""
    import shutil

    from ..errors import Problem, StorageError
    from ..live.gallery import build_gallery
    from ..live.register import build
    from ..workspace import CONFIGURATION
    from ..workspace import open as open_space
    from .county import county

    if (folder / CONFIGURATION).exists():
        if not open_space(folder).synthetic:
            what, why = f"{folder} is a workspace of real data", "the demo builds its county anew each time"
            raise StorageError(Problem("EXISTS", what, why, "name another folder"))
        shutil.rmtree(folder)
    county(folder, people, seed)
    place = open_space(folder)
    typer.echo(f"The demo's clock stands still at {place.now.date()}, so that its agreements never expire.")
    rows = [row for name in place.agreements() for row in _demonstrate(place.agreement(name))]
    screen.table("What was run", ("agreement", "product", "found", "seconds"), rows)
    typer.echo("Look at:")
    typer.echo(f"  {build_gallery(place)}  (every report that was released)")
    typer.echo(f"  {build(place) / 'index.html'}  (what a resident can read)")
    typer.echo(f"  {_weighed(place)}  (what ten people found when they weighed them)")
    verdict = place.account.verify()
    typer.echo(f"The account {'holds' if verdict.holds else 'DOES NOT HOLD'}: {verdict.size:,} events.")
    typer.echo(f"Verify it yourself: .venv/bin/sharewell account verify --space {folder}")


def _weighed(place: Workspace) -> Path:
    """Enter the day in Essex at which these uses were weighed, and write its report; where that lies."""
    from ..live.papers import Format
    from ..live.workshop_report import write_report
    from ..live.workshop_sheets import enter
    from ..live.workshops import EXAMPLE, new

    new(place, EXAMPLE, like=EXAMPLE)
    enter(place, EXAMPLE)
    return write_report(place, EXAMPLE, [Format.HTML])[0]


def _demonstrate(live: LiveAgreement) -> list[tuple[str, str, str, str]]:
    """Sign and publish one agreement in rehearsal, and run it as its first operator; a row for each
    product.

    Where some products await their method, the others are run by name, if their data are there.
    """
    from ..errors import SharewellError
    from ..live.rehearsal import rehearse, runnable

    who = live.operator
    rehearse(live)
    known, refused = runnable(live)
    rows = [("", name, f"signed, not run: {why}", "") for name, why in refused.items()]
    seconds = ""
    if known:
        began = time.perf_counter()
        try:
            with screen.progress(live.name) as tell:
                outcome = live.run(who, tell, products=known if refused else ())
            told = outcome.answers
        except SharewellError as error:
            if not refused:  # an agreement whose methods are all there must run
                raise
            first = error.problems[0]
            told = dict.fromkeys(known, f"signed, not run: {first.where}: {first.what}")
        seconds = f"{time.perf_counter() - began:.1f}"
        rows = [*(("", product, answer, "") for product, answer in told.items()), *rows]
    return [(live.name, *rows[0][1:3], seconds), *rows[1:]]
