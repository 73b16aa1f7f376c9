"""`register`: the public register, built and verified; and `usage`, what was used of what was allowed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from . import screen
from .agreements import Name, Space

app = typer.Typer(help="Build and verify the public register.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
@screen.command
def build(
    out: Annotated[
        Path | None, typer.Option(help="The folder; `.sharewell/register`, unless named.")
    ] = None,
    address: Annotated[str, typer.Option(help="Where it will stand: https://...")] = "",
    space: Space = Path(),
) -> None:
    """Build the register: a static site that needs no script and proves itself."""
    from ..live.register import build as build_register
    from ..workspace import open as open_space

    folder = build_register(open_space(space), out, address)
    typer.echo(f"Built {folder}: open {folder}/index.html")
    typer.echo(f"Verify it: sharewell register verify {folder} --space {space}")


@app.command()
@screen.command
def verify(
    folder: Annotated[Path, typer.Argument(help="A register, or a copy of one.")],
    space: Annotated[
        Path | None, typer.Option("--space", "-s", help="The workspace, for an auditor.")
    ] = None,
    key: Annotated[str, typer.Option(help="The public key to trust: NAME+HASH+BASE64.")] = "",
) -> None:
    """Hold a register to its signature and proofs; with --space, to the account and the agreements too."""
    from ..errors import AccountError
    from ..live.register import verify as verify_register
    from ..workspace import open as open_space

    verified = verify_register(folder, space=open_space(space) if space else None, key=key)
    screen.faults(verified.faults)
    if not verified.holds:
        typer.echo("The register does NOT hold.")
        raise typer.Exit(AccountError.exit_code)
    typer.echo(
        f"The register holds: {verified.pages} pages, {verified.proofs} proofs, by {verified.against}."
    )
    if not (key or space):
        typer.echo("A forger could have put the key there too: get it elsewhere, and give it as --key.")


@screen.command
def usage(
    name: Name,
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day.")],
    as_: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    space: Space = Path(),
) -> None:
    """Show which of the fields that are allowed were used in a period, and which never."""
    from ..errors import DocumentError, Problem, among
    from ..live.usage import usage as used
    from ..workspace import open as open_space

    if as_ not in ("table", "csv", "json"):
        raise DocumentError(
            Problem("FORMAT", f"{as_!r} is no format", fix=among(as_, ("table", "csv", "json")))
        )
    told = used(open_space(space).agreement(name), start.date(), end.date())
    if as_ == "json":
        typer.echo(json.dumps(told.as_mapping(), indent=2))
    elif as_ == "csv":
        typer.echo(told.as_csv(), nl=False)
    else:
        rows = [
            (
                f.source,
                f.field,
                f.goes_to,
                f.times or "never",
                ", ".join(f.by),
                f.advice,
                f.where if f.advice else "",
            )
            for f in told.fields
        ]
        title = (
            f"{told.agreement}, {told.start} to {told.end}: {told.runs} runs, {told.questions} questions"
        )
        screen.table(title, ("source", "field", "goes to", "times", "by", "advice", "where"), rows)
        if told.other_runs:
            typer.echo(f"{told.other_runs} runs were of an earlier text, and are not taken apart here.")
