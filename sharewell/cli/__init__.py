"""The command line. Each command imports what it needs when it runs, so that `--help` stays quick."""

from __future__ import annotations

from typing import Annotated

import typer

from . import (
    account,
    agreements,
    asking,
    assets,
    auditing,
    benefits,
    budgets,
    checking,
    county,
    drafting,
    incident,
    learning,
    linking,
    outputs,
    papers,
    person_rights,
    register,
    reidentifying,
    running,
    signers,
    signing,
    splitting,
    weighing,
    workshop,
)
from .road import Road

app = typer.Typer(
    name="sharewell",
    cls=Road,
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
app.command()(checking.lint)
app.command()(checking.rule)
app.command()(checking.diff)
app.command()(agreements.explain)
app.command()(agreements.decide)
app.command()(signing.assess)
app.command()(signing.deliberate)
app.command()(signing.condition)
app.command()(signing.sign)
app.command()(signing.publish)
app.command()(signing.rehearse)
app.command()(signing.suspend)
app.command()(signing.resume)
app.command()(signing.withdraw)
app.command()(signing.status)
app.command()(papers.papers)
app.command()(weighing.weigh)
app.command()(learning.learn)
app.add_typer(workshop.app, name="workshop")
app.command()(running.run)
app.command()(running.show)
app.command()(asking.ask)
app.command()(asking.asked)
app.command()(running.prove)
app.command()(running.demo)
app.command()(running.gallery)
app.command()(assets.export)
app.add_typer(assets.app, name="assets")
person_rights.add(linking.link_app)
app.add_typer(linking.link_app, name="link")
app.add_typer(account.app, name="account")
app.add_typer(signers.app, name="keys")
app.add_typer(reidentifying.app, name="reidentify")
app.add_typer(splitting.app, name="split")
app.command()(auditing.audit)
app.command()(auditing.attack)
app.command()(budgets.budget)
app.add_typer(outputs.app, name="outputs")
app.add_typer(benefits.app, name="benefit")
app.command()(register.usage)
app.add_typer(register.app, name="register")
app.add_typer(incident.app, name="incident")
app.add_typer(incident.complaint, name="complaint")


@app.callback(invoke_without_command=True)
def main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Executable agreements for sharing personal data between public bodies."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"sharewell {installed('sharewell')}")
        raise typer.Exit
