"""`workshop`: a day on which people weigh privacy and benefit, from its design to its record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen
from .agreements import Space

if TYPE_CHECKING:
    from ..live.workshop_report import Concluded

app = typer.Typer(
    help="Hold a workshop: design the day, print its pack, enter its sheets.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="The workshop's name.")]


@app.command()
@screen.command
def new(
    name: Name,
    like: Annotated[
        str, typer.Option(help="Copy this workshop with its record: one of yours, or essex, which ships.")
    ] = "",
    tables: Annotated[int, typer.Option(help="How many tables there will be.")] = 4,
    space: Space = Path(),
) -> None:
    """Draft a day on which people weigh the agreements of the workspace, or copy another."""
    from ..live.workshops import new as make
    from ..workspace import open as open_space

    place = open_space(space)
    for path in make(place, name, like, tables):
        typer.echo(f"Wrote {path.relative_to(place.folder)}.")
    typer.echo(f"Now make the day yours, and see what it lacks: sharewell workshop check {name}")


@app.command()
@screen.command
def check(name: Name, space: Space = Path()) -> None:
    """Check a day: faults of its file stop, and what would go wrong in the room is told at its line."""
    from ..live.workshops import check as look
    from ..workspace import open as open_space

    found = look(open_space(space), name)
    screen.faults(found)
    typer.echo(f"The day can be held. {len(found)} thing{'' if len(found) == 1 else 's'} to look at.")


@app.command()
@screen.command
def pack(
    name: Name,
    people: Annotated[int | None, typer.Option(help="For how many people sheets are printed.")] = None,
    out: Annotated[Path | None, typer.Option(help="The folder; workshops/NAME/pack, unless named.")] = None,
    space: Space = Path(),
) -> None:
    """Print the pack as PDF: cards, sheets for people and tables, the facilitator's script, and how the
    sheets are typed, with an empty file for each kind."""
    from ..live.workshops import pack as make
    from ..workspace import open as open_space

    for path in make(open_space(space), name, people, out):
        typer.echo(f"Wrote {path}")


@app.command()
@screen.command
def enter(
    name: Name,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="The folder of typed sheets; workshops/NAME, unless named."),
    ] = None,
    space: Space = Path(),
) -> None:
    """Enter the typed sheets. Entered again, only what is new is added. A row that cannot be understood is
    set aside with its reason; what is odd is told and kept."""
    from ..live.workshop_sheets import ASIDE
    from ..live.workshop_sheets import enter as add
    from ..workspace import open as open_space

    done = add(open_space(space), name, source)
    screen.faults([problem for each in done.aside for problem in each.problems])
    screen.faults((*done.repeated, *done.changed))
    typer.echo(f"Entered: {done.fresh} new. Set aside: {len(done.aside)}.")
    if done.aside:
        typer.echo(f"They lie as typed in workshops/{name}/{ASIDE}. Mend the sheets, and enter again.")
    for doubt in done.doubts:
        typer.echo(f"Doubt: {doubt}.")


@app.command()
@screen.command
def held(
    name: Name,
    comment: Annotated[str, typer.Argument(help="The comment to decide on, by its number.")] = "",
    release: Annotated[bool, typer.Option("--release", help="Let it into the record.")] = False,
    words: Annotated[str, typer.Option(help="Let it in with these words in place of its own.")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="Leave it out for good.")] = False,
    space: Space = Path(),
) -> None:
    """For the facilitator alone: read comments that may say who somebody is; release or drop each."""
    from ..errors import DocumentError, Problem
    from ..live.workshop_sheets import settle, waiting
    from ..workspace import open as open_space

    place = open_space(space)
    if not comment and (release or words or drop):
        what, fix = "it is not said which comment", f"name it by its number: sharewell workshop held {name}"
        raise DocumentError(Problem("HELD", what, fix=fix))
    if not comment:
        found = waiting(place, name)
        for each, said in found:
            typer.echo(f"{each.id[:12]}  {each.kind} of {each.session or 'the day'}: {each.held}")
            for text in said.values() or ("Its words are with whoever entered the sheet.",):
                typer.echo(f"    {text}")
        typer.echo(f"{len(found)} to decide on." if found else "Nothing waits.")
        return
    if (release or bool(words)) == drop:
        what, fix = "it is not said what becomes of it", "say --release, --words or --drop"
        raise DocumentError(Problem("HELD", what, fix=fix))
    decided = len(settle(place, name, comment, release=not drop, instead=words))
    typer.echo("It is left out for good." if drop else "It is in the record.")
    if decided > 1:
        typer.echo(f"So are {decided - 1} more typings of the same sheet that say the same.")


@app.command()
@screen.command
def report(
    name: Name,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="html, docx or pdf; all, unless named.")
    ] = None,
    space: Space = Path(),
) -> None:
    """Write the report of a day: who came and who was missing, what was said, and what that can show.

    The same figures lie beside it as JSON.
    """
    from ..live.workshop_report import write_report
    from ..workspace import open as open_space
    from .papers import formats_of

    for path in write_report(open_space(space), name, formats_of(formats or ["html", "docx", "pdf"])):
        typer.echo(f"Wrote {path}")


@app.command()
@screen.command
def conclude(name: Name, space: Space = Path()) -> None:
    """Print what a day asks of each agreement, as lines to put into its text.

    Nothing is written: people decide what enters an agreement. A condition holds its next run.
    """
    from ..live.workshop_report import conclude as found
    from ..workspace import open as open_space

    told = found(open_space(space), name)
    for each in told.agreements:
        typer.echo(_asked(each))
        if each.lines:
            typer.echo(f"\n{each.lines}")
    typer.echo(f"About no agreement: {len(told.about_none)}.")
    for said in told.about_none:
        typer.echo(f"  {said}")
    if told.held:
        waits = "comment waits" if told.held == 1 else "comments wait"
        typer.echo(f"{told.held} {waits} for the facilitator: sharewell workshop held {name}")
    screen.faults(told.faults)


def _asked(each: Concluded) -> str:
    """What there is to do to an agreement, in one line."""
    holds = f"`deliberation:` at {each.where} ({each.event})"
    if not each.lines:
        return f"{each.agreement}: nothing new; {each.standing} of what was asked stand in its {holds}."
    place = f"in place of {holds}, which it repeats" if each.event else f"under `agree:` at {each.where}"
    told = f"{each.agreement}: {each.fresh} findings and conditions are new"
    return f"{told}. Put this {place}; then: sharewell lint {each.agreement}"
