"""`link`: tend an agreement's standing index of people. What each command does is in `live.linking`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import reviewing, screen
from .agreements import Because, Json, Name, Space

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..link.index import Change
    from ..link.review import Desk
    from ..run import Outcome

link_app = typer.Typer(
    help="Tend an agreement's index of people: bring it up to date, look into it, put it right.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Actor = Annotated[str, typer.Option("--as", help="Who does it.")]
Record = Annotated[str, typer.Argument(help="A record, as SOURCE/NUMBER or SOURCE/ref:...")]


@link_app.command()
@screen.command
def status(name: Name, space: Space = Path(), as_json: Json = False) -> None:
    """Say what an index holds, how it last changed, and who read it: in counts alone."""
    import json

    from ..live.index_status import COUNTED, index_status
    from ..workspace import open as open_space

    told = index_status(open_space(space).agreement(name))
    if as_json:
        typer.echo(json.dumps(vars(told), indent=2))
        return
    if not told.built:
        typer.echo(f"The index of {told.unit} at {told.place} is not built: sharewell link run {name}")
        return
    typer.echo(f"{told.people:,} people in {told.records:,} records at {told.place}; model {told.model}.")
    screen.table("Sources", ("source", "records", "also in another"), told.sources)
    screen.table("Last updates", ("day", "run", "model", *COUNTED), told.updates)
    screen.table("Read by", ("agreement", "times", "most people"), told.readers)
    typer.echo(f"Looked into {told.looks} times; {told.decided} acts by hand.")


@link_app.command()
@screen.command
def run(name: Name, actor: Actor, space: Space = Path()) -> None:
    """Bring an index up to date from its sources. No product is made."""
    _update(name, actor, space, anew=False, because="")


@link_app.command()
@screen.command
def train(name: Name, actor: Actor, because: Because, space: Space = Path()) -> None:
    """Bring an index up to date, and train its model anew on all that it holds."""
    _update(name, actor, space, anew=True, because=because)


@link_app.command()
@screen.command
def history(
    name: Name,
    actor: Actor,
    because: Because,
    record: Annotated[str, typer.Option(help="Of a record: SOURCE/NUMBER or SOURCE/ref:...")] = "",
    person: Annotated[str, typer.Option(help="Of a person, by the reference shown: ref:...")] = "",
    space: Space = Path(),
) -> None:
    """Tell how a person came about: joined, merged, split, decided, by whom and why."""
    from ..live.linking import history as told_of
    from ..live.linking import reading
    from ..workspace import open as open_space

    asked = named(record) if record else None
    with reading(open_space(space).agreement(name), actor, "history", because) as held:
        rows = told_of(held, record=asked, person=person)
    columns = ("event", "when", "what", "person", "other", "record", "bits", "by", "because")
    screen.table(f"History in {name}", columns, rows)


@link_app.command("as-of")
@screen.command
def as_of(
    name: Name,
    day: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="The end of this day.")],
    actor: Actor,
    because: Because,
    record: Annotated[
        str, typer.Option(help="Who stood with a record: SOURCE/NUMBER or SOURCE/ref:...")
    ] = "",
    space: Space = Path(),
) -> None:
    """Say what an index held at the end of a day, and who then stood with a record."""
    from ..live.linking import as_of as told_of
    from ..live.linking import reading
    from ..workspace import open as open_space

    end = day.replace(tzinfo=dt.UTC) + dt.timedelta(days=1) - dt.timedelta(microseconds=1)
    asked = named(record) if record else None
    with reading(open_space(space).agreement(name), actor, "as-of", because) as held:
        told = told_of(held, end, asked)
    typer.echo(f"{told.people:,} people at the end of {day.date()}.")
    screen.table("Sources", ("source", "records"), sorted(told.records.items()))
    if asked:
        screen.table("Taken for one person", ("record",), [(shown,) for shown in told.beside])


@link_app.command()
@screen.command
def undo(
    name: Name,
    event: Annotated[int, typer.Argument(help="The number of a merge, as `history` shows it.")],
    actor: Actor,
    because: Because,
    space: Space = Path(),
) -> None:
    """Part two people whom the index took for one, and keep them apart from now on."""
    from ..live.linking import undo as part
    from ..workspace import open as open_space

    changed(part(open_space(space).agreement(name), actor, event, because))


@link_app.command()
@screen.command
def same(
    name: Name, left: Record, right: Record, actor: Actor, because: Because, space: Space = Path()
) -> None:
    """Decide that two records are of one person, whatever the model says."""
    from ..live.linking import same as decide
    from ..workspace import open as open_space

    changed(decide(open_space(space).agreement(name), actor, named(left), named(right), because))


@link_app.command()
@screen.command
def different(
    name: Name, left: Record, right: Record, actor: Actor, because: Because, space: Space = Path()
) -> None:
    """Decide that two records are of two people, whatever the model says."""
    from ..live.linking import different as decide
    from ..workspace import open as open_space

    changed(decide(open_space(space).agreement(name), actor, named(left), named(right), because))


def _update(name: str, actor: str, space: Path, *, anew: bool, because: str) -> None:
    from ..live.index_status import COUNTED, index_status
    from ..live.linking import update
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    with screen.progress(name) as tell:
        outcome = update(live, actor, tell, anew=anew, because=because)
    _shown(outcome)
    for _, _, model, *counts in index_status(live, last=1).updates:
        told = [f"{count} {what}" for what, count in zip(COUNTED, counts, strict=True) if count != "0"]
        typer.echo(f"What changed: {', '.join(told) or 'nothing'}. Model {model}.")


def _shown(outcome: Outcome) -> None:
    typer.echo(f"The index of {outcome.agreement} is up to date ({outcome.run}).")
    for unit, sources in outcome.linked.items():
        rows = [(name, told["records"], told["linked_elsewhere"]) for name, told in sources.items()]
        screen.table(unit, ("source", "records", "also in another"), rows)
    screen.doubts(outcome.doubts)


def changed(change: Change) -> None:
    """Print what an act changed, in counts."""
    rows = [(name, count) for name, count in change.counts.items() if count]
    screen.table("Changed", ("what", "how many"), rows)
    typer.echo(f"{change.superseded.num_rows} keys no longer stand; who reads the index finds which.")


def named(record: str) -> tuple[str, str]:
    """A record as it is typed: its source and its number. DocumentError RECORD, without repeating it."""
    from ..errors import DocumentError, Problem

    source, slash, number = record.partition("/")
    if not slash or not number:
        what, fix = "a record is not named as one", "write SOURCE/NUMBER, or SOURCE/ref:... as it was shown"
        raise DocumentError(Problem("RECORD", what, fix=fix))
    return source, number


def _desk(
    space: Path, name: str, reader: str, because: str, *, draw: int = 0
) -> AbstractContextManager[Desk]:
    from ..live.reviewing import desk
    from ..workspace import open as open_space

    return desk(open_space(space).agreement(name), reader, because, draw=draw)


reviewing.add(link_app, _desk)
