"""`split`: three roles in three folders link records without anyone seeing both halves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import screen

app = typer.Typer(
    help="Link across three folders, nobody seeing both halves.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
keys = typer.Typer(
    help="Make, exchange and share a role's keys.", no_args_is_help=True, rich_markup_mode=None
)
intersect = typer.Typer(
    help="Find whom two parties both hold, and nobody else.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(keys, name="keys")
app.add_typer(intersect, name="intersect")

Folder = Annotated[Path, typer.Option("--folder", "-f", help="The role's own folder.")]
Agreed = Annotated[Path, typer.Option("--terms", "-t", help="The agreed terms.json, the same everywhere.")]
Data = Annotated[Path, typer.Argument(help="The party's table: CSV with a header, or Parquet.")]
Other = Annotated[str, typer.Option("--with", help="The other party, as the terms name it.")]
Count = Annotated[bool, typer.Option("--count", help="Only how many, not which.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep the packages that were used.")]


@keys.command()
@screen.command
def new(name: Annotated[str, typer.Option(help="The role's name in the terms.")], folder: Folder) -> None:
    """Make a role's keys in a folder of its own. Hand out card.json; keep the rest."""
    from ..live.splitting import new_role

    made = new_role(folder, name)
    typer.echo(f"{name}: keys made. Hand out {folder / 'card.json'}; private.json stays here.")
    typer.echo(f"fingerprint  {made.card.fingerprint}")
    typer.echo("Read the fingerprint out by telephone or in person to whoever enters the card.")


@keys.command()
@screen.command
def trust(
    card: Annotated[Path, typer.Argument(help="The other role's card.json.")],
    folder: Folder,
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprint was compared.")] = False,
) -> None:
    """Enter another role's card, once its fingerprint was compared."""
    from ..live.splitting import read_card
    from ..live.splitting import trust as enter

    read = read_card(card)
    typer.echo(f"{read.name}  fingerprint  {read.fingerprint}")
    if not yes:
        typer.confirm(f"Did {read.name} read out this fingerprint, by telephone or in person?", abort=True)
    enter(folder, read)
    typer.echo(f"Entered: packages of {read.name} can be opened, and sealed for it.")


@keys.command()
@screen.command
def share(folder: Folder, terms: Agreed) -> None:
    """Share the parties' encoding key, which the linker must never have. One party does this."""
    from ..live.splitting import read_terms, share_key

    for path in share_key(folder, read_terms(terms)):
        typer.echo(f"send {path}")


@keys.command("terms")
@screen.command
def show(terms: Annotated[Path, typer.Argument(help="The agreed terms.json.")]) -> None:
    """Check terms, and show their hash and who will see what."""
    from ..live.splitting import read_terms

    read = read_terms(terms)
    typer.echo(f"{read.agreement}: {read.purpose}")
    typer.echo(f"hash  {read.hash}")
    rows = [
        (name, read.linker, ", ".join(party.identifiers), party.host, ", ".join(party.content))
        for name, party in read.parties.items()
    ]
    seen = "sees encodings of" if read.encoded else "sees"
    screen.table("Who sees what", ("party", "linker", seen, "host", "sees content"), rows)


@app.command()
@screen.command
def prepare(data: Data, folder: Folder, terms: Agreed) -> None:
    """Split a party's table: identifiers sealed for the linker, content for the host."""
    from ..live.splitting import prepare as split
    from ..live.splitting import read_terms

    with screen.progress("preparing") as tell:
        made = split(folder, read_terms(terms), data, tell)
    typer.echo(f"{made.records:,} records")
    typer.echo(f"send to the linker  {made.identifiers}")
    typer.echo(f"send to the host    {made.content}")
    if made.left_behind:
        typer.echo(f"columns that stayed here: {', '.join(made.left_behind)}")


@app.command("open")
@screen.command
def accept(
    packages: Annotated[list[Path], typer.Argument(help="Packages that came in, in their order.")],
    folder: Folder,
    terms: Agreed,
) -> None:
    """Verify packages that came in, and keep them sealed in the inbox. Each can be opened once."""
    from ..live.splitting import accept as take
    from ..live.splitting import read_terms

    read = read_terms(terms)
    for package in packages:
        with screen.progress("verifying") as tell:
            header = take(folder, read, package, tell)
        typer.echo(f"opened: {header.purpose} of {header.sender}, number {header.sequence}")


@app.command()
@screen.command
def link(folder: Folder, terms: Agreed, keep: Keep = False) -> None:
    """Link what the parties sent, and seal the keys for each host. The linker does this."""
    from ..live.splitting import link as answer
    from ..live.splitting import read_terms

    with screen.progress("linking") as tell:
        made = answer(folder, read_terms(terms), tell, keep=keep)
    typer.echo(f"{made.evidence['records']:,} records, {made.evidence['clusters']:,} people")
    for host, path in made.packages.items():
        typer.echo(f"send to {host}  {path}")


@app.command()
@screen.command
def join(
    folder: Folder,
    terms: Agreed,
    out: Annotated[Path, typer.Option(help="The folder to write to, on encrypted storage.")],
    keep: Keep = False,
) -> None:
    """Join content on linkage keys, a file a party. The host does this."""
    from ..live.splitting import join as put_together
    from ..live.splitting import read_terms

    with screen.progress("joining") as tell:
        made = put_together(folder, read_terms(terms), out, tell, keep=keep)
    for name, rows in made.items():
        typer.echo(f"{out / name}.parquet  {rows:,} rows")


@intersect.command()
@screen.command
def ask(
    data: Data,
    folder: Folder,
    terms: Agreed,
    other: Other,
    field: Annotated[
        list[str], typer.Option("--field", help="nhs, forename, surname, born, postcode, ...")
    ],
    count: Count = False,
) -> None:
    """Ask a party which of one's records it holds too; it learns only how many were asked about."""
    from ..live.splitting import ask as put
    from ..live.splitting import read_terms

    with screen.progress("blinding") as tell:
        path = put(folder, read_terms(terms), other, data, field, tell, count=count)
    typer.echo(f"send to {other}  {path}")


@intersect.command()
@screen.command
def answer(
    data: Data,
    folder: Folder,
    terms: Agreed,
    other: Other,
    most: Annotated[int, typer.Option(min=1, help="The largest question that is answered.")] = 2_000_000,
    count: Count = False,
) -> None:
    """Answer a question that was opened. Only the asker learns what is common."""
    from ..live.splitting import answer as reply
    from ..live.splitting import read_terms

    with screen.progress("answering") as tell:
        path = reply(folder, read_terms(terms), other, data, most, tell, count=count)
    typer.echo(f"send to {other}  {path}")


@intersect.command()
@screen.command
def read(
    folder: Folder,
    terms: Agreed,
    other: Other,
    out: Annotated[Path | None, typer.Option(help="A file for the record numbers in common.")] = None,
) -> None:
    """Read an answer that was opened: how many, and which records unless only counting."""
    from ..live.splitting import read_common, read_terms, write_lines

    with screen.progress("comparing") as tell:
        common = read_common(folder, read_terms(terms), other, tell)
    typer.echo(f"{common.count:,} of {common.asked:,} are held by {other} too, which has {common.held:,}")
    if out and common.records is not None:
        write_lines(out, common.records)
        typer.echo(f"record numbers in {out}")
