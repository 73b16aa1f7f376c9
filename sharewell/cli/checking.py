"""`lint`, `rule`, `diff`: whether a text is sound, why it would not be, what another version changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import screen

if TYPE_CHECKING:
    from ..agree.compare import Change
    from ..agree.rules import Rule
    from ..errors import Problem
    from ..live import LiveAgreement
    from ..workspace import Workspace

Space = Annotated[Path, typer.Option("--space", "-s", help="The workspace.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@screen.command
def lint(
    names: Annotated[list[str] | None, typer.Argument(help="Agreements; all, unless named.")] = None,
    space: Space = Path(),
    as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Advice counts as a fault.")] = False,
    rule_code: Annotated[str | None, typer.Option("--rule", metavar="CODE", help="Explain a rule.")] = None,
) -> None:
    """Check agreements: every fault at its line, why it matters, what to do; then advice."""
    from ..errors import DocumentError
    from ..workspace import open as open_space

    if rule_code is not None:
        rule(rule_code, as_json)
        return
    place = open_space(space)
    chosen = names or list(place.agreements())
    faults, advice = _found(place, chosen)
    if not names:
        faults = list(dict.fromkeys([*faults, *place.faults()]))
    if as_json:
        told = [{**vars(problem), "weight": "refuses"} for problem in faults]
        told += [{**vars(problem), "weight": "advises"} for problem in advice]
        typer.echo(json.dumps(told, indent=2))
    else:
        screen.faults(faults)
        for problem in advice:
            _advise(problem)
        typer.echo(f"{len(chosen)} checked, {len(faults)} faults, {len(advice)} to consider.")
    if faults or (strict and advice):
        raise typer.Exit(DocumentError.exit_code)


def _found(place: Workspace, names: Iterable[str]) -> tuple[list[Problem], list[Problem]]:
    """The faults and the advice of some agreements, each told once."""
    from ..agree.lint import advise
    from ..errors import DocumentError, StorageError

    faults: dict[Problem, None] = {}
    advice: dict[Problem, None] = {}
    for name in names:
        try:
            live = place.agreement(name)
            plan, found = live.linted
        except (DocumentError, StorageError) as error:
            faults.update(dict.fromkeys(error.problems))
            continue
        faults.update(dict.fromkeys(found))
        advice.update(dict.fromkeys(advise(live.agreement, plan, place.shelf)))
    return list(faults), list(advice)


def _advise(problem: Problem) -> None:
    """Advice stands on the ordinary stream, so that it is never taken for a fault."""
    typer.secho(f"{problem.where} {problem.code} (advice)", fg="yellow", bold=True)
    typer.echo(f"  {problem.what}\n  why: {problem.why}\n  do: {problem.fix}")


@screen.command
def rule(
    code: Annotated[str | None, typer.Argument(help="A rule's code; all rules, unless named.")] = None,
    as_json: Json = False,
) -> None:
    """Explain a rule of lint: its reason, on whose authority, a faulty example and its fix."""
    from ..agree.lint import RULES
    from ..agree.lint import rule as rule_of

    rules = RULES if code is None else (rule_of(code),)
    if as_json:
        typer.echo(json.dumps([_as_json(held) for held in rules], indent=2))
    elif code is None:
        rows = [(held.code, str(held.weight), held.why) for held in rules]
        screen.table("The rules of lint", ("code", "weight", "why"), rows)
    else:
        _explain(rules[0])


def _as_json(held: Rule) -> dict[str, Any]:
    parts = ("code", "weight", "red_line", "why", "reason", "source", "example", "fix")
    return {part: str(getattr(held, part)) for part in parts}


def _explain(held: Rule) -> None:
    typer.secho(f"{held.code} ({held.weight})", bold=True)
    typer.echo(f"\n{held.reason}\n\nSource: {held.source}.")
    if held.red_line:
        typer.echo(f"Red line: {held.red_line}. No benefit outweighs it.")
    for head, text in (("Faulty", held.example), ("Mended", held.fix)):
        typer.echo(f"\n{head}:\n\n    " + text.replace("\n", "\n    "))


@screen.command
def diff(
    old: Annotated[str, typer.Argument(help="The older version: a path, or a name.")],
    new: Annotated[
        str | None, typer.Argument(help="The newer one; without it, OLD against what was last published.")
    ] = None,
    space: Space = Path(),
    as_json: Json = False,
) -> None:
    """Say in plain words what another version widens, narrows, or only words otherwise."""
    from ..live.changes import changes
    from ..live.editions import last_published
    from ..workspace import open as open_space

    place = open_space(space)
    first = version(old, place)
    found = changes(first, version(new, place)) if new else changes(last_published(first), first)
    if as_json:
        told = [vars(change) for change in found.changes]
        answer = {"widened": found.widened, "same": found.same, "signatures": found.signatures}
        answer["after_look"] = list(found.after_look)
        typer.echo(json.dumps({**answer, "changes": told}, indent=2))
        return
    for heading, direction in (("Widened", "wider"), ("Narrowed", "narrower"), ("Wording", "neutral")):
        group = [change for change in found.changes if change.direction == direction]
        typer.secho(f"{heading}: {len(group) or 'nothing'}", bold=True)
        for change in group:
            _tell(change)
    for sentence in found.after_look:
        typer.secho(sentence, fg="yellow")
    typer.echo(found.signatures)


def version(name: str, space: Workspace) -> LiveAgreement:
    """An agreement by name, or by a path, which is read in the workspace around it if there is one.

    So an old text may stand under an older framework. DocumentError with every fault of its text.
    """
    from ..errors import StorageError
    from ..workspace import open as open_space

    if not name.endswith(".yaml"):
        return space.agreement(name)
    try:
        around = open_space(Path(name).parent)
    except StorageError:
        around = space
    return around.agreement(name)


def _tell(change: Change) -> None:
    typer.echo(f"  {change.what}")
    for label, value, where in (
        ("before", change.before, change.old_where),
        ("after", change.after, change.new_where),
    ):
        typer.echo(f"    {label} {where}" + (f"  {value}" if value else ""))
