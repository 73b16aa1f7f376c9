"""`account`: what was done, and the proof that nothing was taken out of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from . import screen
from .agreements import Name, Space
from .signing import Actor, Yes

app = typer.Typer(help="Read and verify the account.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
@screen.command
def verify(
    space: Space = Path(),
    event: Annotated[int | None, typer.Option(help="Also prove that this event is in it.")] = None,
) -> None:
    """Recompute every hash, branch and signature; a changed byte is found and its event named."""
    from ..account import verify_inclusion
    from ..errors import AccountError
    from ..workspace import open as open_space

    account = open_space(space).account
    verdict = account.verify()
    screen.faults(verdict.faults)
    if not verdict.holds:
        typer.echo("The account does NOT hold.")
        raise typer.Exit(AccountError.exit_code)
    typer.echo(f"The account holds: {verdict.size:,} events, {verdict.checkpoints} signed checkpoints.")
    typer.echo(f"root {account.root().hex()}")
    if event is not None:
        proof = account.inclusion(event)
        leaf = account.event(event).leaf
        typer.echo(
            f"event {event}: {'is' if verify_inclusion(leaf, proof, account.root()) else 'IS NOT'} in it"
        )
        for step in proof.path:
            typer.echo(f"  {step.hex()}")


@app.command()
@screen.command
def destroy(name: Name, actor: Actor, yes: Yes = False, space: Space = Path()) -> None:
    """Carry out an agreement's exit: erase its keys, remove what places hold, enter the certificate."""
    from ..live.ending import destroy as act
    from ..live.ending import ended
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    if not yes:
        typer.confirm(f"Destroy all that is held for {live.name}? It cannot be undone", abort=True)
    certificate, proof = act(live, actor), ended(live)
    typer.echo(f"Destroyed on {certificate.destroyed}: {certificate.method}.")
    typer.echo(f"Files left at any place: {proof.files}. What was released stays with its recipients.")
    typer.echo(f"event {proof.event} holds the certificate: sharewell account verify --event {proof.event}")


@app.command("log")
@screen.command
def events(
    space: Space = Path(),
    agreement: Annotated[str | None, typer.Option(help="Of one agreement.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what was done: when, by whom, under which agreement."""
    from ..workspace import open as open_space

    found = list(open_space(space).account.events(agreement=agreement))[-last:]
    if as_json:
        for event in found:
            typer.echo(
                json.dumps({"index": event.index, "kind": str(event.kind), "facts": dict(event.facts)})
            )
        return
    rows = [
        (
            e.index,
            e.at.isoformat(timespec="minutes"),
            e.kind,
            e.actor,
            e.agreement or "",
            _short(dict(e.facts)),
        )
        for e in found
    ]
    screen.table("The account", ("event", "at", "what", "who", "agreement", "facts"), rows)


def _short(facts: dict[str, object]) -> str:
    text = ", ".join(f"{name} {value}" for name, value in facts.items())
    return text if len(text) <= 70 else text[:67] + "..."
