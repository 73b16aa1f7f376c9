"""The life of an agreement: `assess` to `publish`, `suspend` to `withdraw`, and `status`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen
from .agreements import Name, Space
from .signers import opened

if TYPE_CHECKING:
    from ..live import LiveAgreement

Actor = Annotated[str, typer.Option("--as", help="Who acts, as name@body.")]
Reason = Annotated[str, typer.Option(help="Why, in words that everyone may read.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask to confirm.")]


@screen.command
def assess(
    name: Name,
    actor: Actor,
    dpo: Annotated[str, typer.Option(help="The data protection officer who advised.")],
    followed: Annotated[
        bool, typer.Option("--followed/--overruled", help="Was the advice followed?")
    ] = True,
    space: Space = Path(),
) -> None:
    """Record that the impact assessment of this text is done. The first act of an agreement's life."""
    from ..live.signing import assess as act

    live = _agreement(space, name)
    act(live, actor, dpo, followed=followed)
    _told(live, "Assessed")


@screen.command
def deliberate(name: Name, actor: Actor, space: Space = Path()) -> None:
    """Record that this text was weighed at the event that its `deliberation:` names."""
    from ..live.signing import deliberate as act

    live = _agreement(space, name)
    act(live, actor)
    _told(live, "Deliberated")


@screen.command
def condition(
    name: Name,
    which: Annotated[str, typer.Argument(metavar="CONDITION", help="A condition of the deliberation.")],
    actor: Actor,
    evidence: Annotated[str, typer.Option(help="What shows it: a document, a date. No personal data.")],
    space: Space = Path(),
) -> None:
    """Record that a condition was met, and what shows it."""
    from ..live.signing import meet

    live = _agreement(space, name)
    meet(live, which, actor, evidence)
    _told(live, f"Condition {which} met")


@screen.command
def sign(
    name: Name,
    who: Annotated[str, typer.Option("--as", help="Who signs, as `signs:` names them.")],
    key: Annotated[Path, typer.Option(help="The file of your private key.")],
    yes: Yes = False,
    space: Space = Path(),
) -> None:
    """Sign an agreement for your body. What you sign is shown first."""
    from ..live.signing import sign as act

    live = _agreement(space, name)
    live.check_faultless()
    _show(live)
    if not yes:
        typer.confirm(f"Bind your body to this as {who}?", abort=True)
    parties = act(live, who, opened(key))
    _told(live, f"Signed for {', '.join(parties)}")


def _show(live: LiveAgreement) -> None:
    """What is signed: the title, who, for which purposes, how long, and the two hashes."""
    text, hashes = live.agreement.text, live.fingerprints
    typer.echo(f"{text.title}\n{live.name}, version {text.version}")
    for name, party in text.agree.parties.items():
        typer.echo(f"  party    {party.name or name} ({party.role})")
    for purpose in text.agree.purposes.values():
        typer.echo(f"  purpose  {purpose.statement}")
    for name, release in text.release.items():
        typer.echo(f"  product  {name} ({release.form}) to {', '.join(release.to)}")
    typer.echo(f"  term     {text.account.term.start} to {text.account.term.end}")
    typer.echo(f"  terms    {hashes.terms}\n  flow     {hashes.flow}")
    typer.echo(f"Read it whole first: sharewell explain {live.name}")


@screen.command
def publish(name: Name, actor: Actor, space: Space = Path()) -> None:
    """Publish an agreement that every party has signed. The days of notice begin."""
    from ..live.benefits import unmeasured

    live = _agreement(space, name)
    hashes = live.publish(actor)
    typer.echo(f"Published {live.name} version {live.agreement.text.version}.")
    typer.echo(f"terms {hashes.terms}\nflow  {hashes.flow}")
    for claim in unmeasured(live):
        typer.echo(f"Warning: it is renewed though nobody has measured what was promised: {claim}")
    _told(live, "From today it can be read by anybody")


@screen.command
def suspend(name: Name, actor: Actor, reason: Reason, space: Space = Path()) -> None:
    """Stop an agreement at once. Anyone whom it names may."""
    from ..live.signing import suspend as act

    live = _agreement(space, name)
    act(live, actor, reason)
    _told(live, "Stopped")


@screen.command
def resume(name: Name, actor: Actor, reason: Reason, space: Space = Path()) -> None:
    """Let an agreement go on. Only a signatory of the party that stopped it may."""
    from ..live.signing import resume as act

    live = _agreement(space, name)
    act(live, actor, reason)
    _told(live, "Resumed")


@screen.command
def withdraw(name: Name, actor: Actor, reason: Reason, yes: Yes = False, space: Space = Path()) -> None:
    """Take your body out of an agreement. It stops, and `withdrawal:` says what becomes of the rest."""
    from ..live.withdrawal import withdraw as act

    live = _agreement(space, name)
    agreed = live.agreement.text.account.withdrawal
    if not yes:
        what = f"inputs: {agreed.inputs}, outputs: {agreed.outputs}"
        typer.confirm(f"Withdraw from {live.name} ({what})? This stops it for every party", abort=True)
    done = act(live, actor, reason)
    verb = "destroyed" if done.inputs == "destroy" else "to be returned"
    typer.echo(f"{done.party} has withdrawn. Files at other places {verb}: {len(done.files)}.")
    if done.inputs == "return":
        for path in done.files:
            typer.echo(f"  {path}")
    verb = "withdrawn; tell their recipients" if done.outputs == "withdraw" else "kept"
    typer.echo(f"Outputs {verb}: {len(done.products)}.")
    for product, recipient in done.products:
        typer.echo(f"  {product}, with {recipient}")


@screen.command
def status(
    names: Annotated[list[str] | None, typer.Argument(help="Agreements; all, unless named.")] = None,
    space: Space = Path(),
) -> None:
    """Say where each agreement stands, what comes next, and who is to do it."""
    from ..errors import DocumentError, StorageError
    from ..live.next_act import next_act
    from ..workspace import open as open_space

    place = open_space(space)
    rows = []
    for name in names or place.agreements():
        try:
            live = place.agreement(name)
            _ = live.linted
        except (DocumentError, StorageError) as error:
            rows.append(
                (name, "unreadable", f"mend {len(error.problems)} faults: sharewell lint {name}", "")
            )
            continue
        act, by = next_act(live)
        rows.append((live.name, str(live.status()), act, by))
    screen.table("Where each agreement stands", ("agreement", "status", "next", "by"), rows)


@screen.command
def rehearse(name: Name, space: Space = Path()) -> None:
    """Where everybody is invented: sign for every party and publish, to see it run."""
    from ..live.rehearsal import rehearse as act

    live = _agreement(space, name)
    act(live)
    _told(live, "Rehearsed")


def _agreement(space: Path, name: str) -> LiveAgreement:
    from ..workspace import open as open_space

    return open_space(space).agreement(name)


def _told(live: LiveAgreement, done: str) -> None:
    from ..live.next_act import next_act

    act, by = next_act(live)
    typer.echo(f"{done}. {live.name} is {live.status()}. Next: {act}{f' ({by})' if by else ''}.")
