"""`explain`, `decide`: an agreement before any row is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from . import screen

Space = Annotated[Path, typer.Option("--space", "-s", help="The workspace.")]
Name = Annotated[str, typer.Argument(help="An agreement's name, or a path to its file.")]
Because = Annotated[str, typer.Option(help="Why: it is entered in the account.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@screen.command
def explain(
    name: Name,
    space: Space = Path(),
    steps: Annotated[bool, typer.Option("--steps", help="Every step of the plan.")] = False,
    as_json: Json = False,
) -> None:
    """Say what an agreement would do, where, and in which form. Touches no data."""
    from ..plan.explain import summary
    from ..plan.fingerprint import plan_json
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    if as_json:
        typer.echo(json.dumps(plan_json(live.plan()), indent=2))
    elif steps:
        rows = [(line.number, line.stage, line.place, line.text, line.form) for line in live.explain()]
        screen.table(live.agreement.text.title, ("#", "stage", "place", "step", "form"), rows)
    else:
        rows_of = [
            (stage, f"{place} > {to}" if to else place, did, form)
            for stage, did, place, form, to in summary(live.plan())
        ]
        screen.table(live.agreement.text.title, ("stage", "place", "what is done", "form"), rows_of)
        hashes = live.fingerprints
        typer.echo(f"terms {hashes.terms}\nflow  {hashes.flow}")


@screen.command
def decide(
    name: Name,
    actor: Annotated[str, typer.Option("--as", help="Who asks.")],
    ask: Annotated[str, typer.Option(help="run, view, release or ask.")] = "run",
    product: Annotated[str | None, typer.Option(help="Which product.")] = None,
    purpose: Annotated[str | None, typer.Option(help="For which purpose.")] = None,
    to: Annotated[str | None, typer.Option(help="For which recipient.")] = None,
    field: Annotated[list[str] | None, typer.Option(help="With which fields.")] = None,
    form: Annotated[str | None, typer.Option(help="In which form.")] = None,
    space: Space = Path(),
) -> None:
    """Ask whether something may be done. The answer, with all its reasons, is entered in the account."""
    from ..agree.decide import Asked, Request
    from ..errors import DocumentError, Problem, Refusal
    from ..workspace import open as open_space

    if ask not in list(Asked):
        raise DocumentError(
            Problem("ASKED", f"{ask!r} cannot be asked", fix=f"ask one of: {', '.join(Asked)}")
        )
    request = Request(Asked(ask), actor, purpose, product, to, tuple(field or ()), form)
    decision = open_space(space).agreement(name).decide(request)
    typer.echo(str(decision.verdict))
    screen.faults(decision.reasons)
    if decision.alternative:
        typer.echo(f"instead: {decision.alternative}")
    if not decision:
        raise typer.Exit(Refusal.exit_code)
