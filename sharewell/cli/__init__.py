"""The command line. Each command imports what it needs when it runs, so that `--help` stays quick."""

from __future__ import annotations

from typing import Annotated

import typer

from . import account, agreements, county, drafting, running

app = typer.Typer(
    name="sharewell",
    help="Executable agreements for sharing personal data: describe, agree, link, depersonalise, "
    "analyse, check, release, account.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(county.init)
app.command()(county.county)
app.command()(county.profile)
app.command()(drafting.new)
app.command()(drafting.schema)
app.command()(agreements.lint)
app.command()(agreements.explain)
app.command()(agreements.decide)
app.command()(agreements.publish)
app.command()(running.run)
app.command()(running.show)
app.command()(running.prove)
app.command()(running.demo)
app.add_typer(account.app, name="account")


@app.callback(invoke_without_command=True)
def main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Executable agreements for sharing personal data between public bodies."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"sharewell {installed('sharewell')}")
        raise typer.Exit
