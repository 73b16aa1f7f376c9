"""`incident` and `complaint`: when something goes wrong, and when somebody says so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen
from .agreements import Space

if TYPE_CHECKING:
    from ..live.complaints import Complaint
    from ..live.incident import Incident

app = typer.Typer(
    help="Stop, tell, recall: when something goes wrong.", no_args_is_help=True, rich_markup_mode=None
)
complaint = typer.Typer(
    help="Complaints and requests for access, and their deadlines.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Reference = Annotated[str, typer.Argument(help="An incident, such as incident-001.")]
Actor = Annotated[str, typer.Option("--as", help="Who does it: name@body.")]


@app.command("open")
@screen.command
def open_(
    what: Annotated[str, typer.Argument(help="What happened, in a sentence that names no person.")],
    found: Annotated[str, typer.Option(help="When anyone became aware: 2026-03-01T14:30+00:00.")],
    actor: Actor,
    asset: Annotated[str, typer.Option(help="The asset that it touches.")] = "",
    agreement: Annotated[str, typer.Option(help="Or the agreement.")] = "",
    space: Space = Path(),
) -> None:
    """Stop every agreement that touches an asset, at once, and start the regulator's clock."""
    from ..errors import DocumentError, Problem
    from ..live.incident import open_incident
    from ..workspace import open as open_space

    try:
        moment = datetime.fromisoformat(found)
        moment.astimezone(UTC)  # a day that no calendar has, at the ends of time
    except (ValueError, OverflowError):
        problem = Problem("TIME", f"{found!r} is no time", fix="write 2026-03-01T14:30+00:00")
        raise DocumentError(problem) from None
    _show(open_incident(open_space(space), what, moment, actor, asset=asset, agreement=agreement))


@app.command("list")
@screen.command
def list_(space: Space = Path()) -> None:
    """List incidents: what they touch, the hours left, what is outstanding."""
    from ..live.incident import incidents
    from ..workspace import open as open_space

    rows = [
        (
            held.reference,
            held.asset or ", ".join(held.agreements),
            "closed" if held.closed else f"{held.hours_left:g} hours left",
            len(held.agreements),
            len(held.outstanding),
        )
        for held in incidents(open_space(space))
    ]
    screen.table("Incidents", ("incident", "touches", "state", "stopped", "outstanding"), rows)


@app.command()
@screen.command
def pack(
    reference: Reference,
    out: Annotated[Path | None, typer.Option(help="The folder.")] = None,
    space: Space = Path(),
) -> None:
    """Write the pack for the regulator: what is known, what is missing, who received what."""
    from ..live.incident_pack import write_pack
    from ..workspace import open as open_space

    typer.echo(
        f"Wrote {write_pack(open_space(space), reference, out)}/pack.html, pack.json, recipients.csv"
    )


@app.command()
@screen.command
def recall(reference: Reference, actor: Actor, space: Space = Path()) -> None:
    """Recall every delivery: from then on each recipient owes a certificate of deletion."""
    from ..live.incident import recall as recall_all
    from ..workspace import open as open_space

    due = recall_all(open_space(space), reference, actor)
    rows = [(d.number, d.product, d.recipient) for d in due]
    screen.table(f"Recalled: {len(due)}", ("delivery", "product", "recipient"), rows)


@app.command()
@screen.command
def certify(
    reference: Reference,
    delivery: Annotated[int, typer.Argument(help="The delivery's number.")],
    certificate: Annotated[Path, typer.Option(help="The recipient's document.")],
    actor: Annotated[str, typer.Option("--as", help="Who certifies: name@recipient.")],
    space: Space = Path(),
) -> None:
    """Enter a recipient's certificate that a delivery was deleted: only its hash is kept."""
    from ..live.incident import certify as certify_one
    from ..workspace import open as open_space

    place = open_space(space)
    _show(certify_one(place, reference, delivery, actor, _digest(certificate)))


def _digest(document: Path) -> str:
    """SHA-256 of a file, in hexadecimal. StorageError where it cannot be read."""
    from hashlib import file_digest

    from ..errors import Problem, StorageError

    try:
        with document.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise StorageError(Problem("FILE", reason, fix="check the path", where=document.name)) from None


@app.command()
@screen.command
def close(
    reference: Reference,
    actor: Actor,
    explain: Annotated[
        list[str] | None, typer.Option(help="DELIVERY=WHY, for one without certificate.")
    ] = None,
    space: Space = Path(),
) -> None:
    """Close an incident once every delivery is certified or explained. Nothing is resumed by it."""
    from ..errors import DocumentError, Problem
    from ..live.incident import close as close_one
    from ..workspace import open as open_space

    pairs = [part.partition("=") for part in explain or ()]
    if any(not re.fullmatch("[0-9]{1,15}", number) or not why.strip() for number, _, why in pairs):
        fix = "write --explain 57='the public has it'"
        raise DocumentError(Problem("EXPLAIN", "an explanation is not DELIVERY=WHY", fix=fix))
    reasons = {int(number): why for number, _, why in pairs}
    _show(close_one(open_space(space), reference, actor, reasons))
    typer.echo("Nothing was resumed: a signatory of each party that stopped it does that.")


def _show(held: Incident) -> None:
    state = f"closed on {held.closed:%Y-%m-%d}" if held.closed else f"{held.hours_left:g} hours left"
    typer.echo(f"{held.reference}: {state}; the regulator is told by {held.deadline:%Y-%m-%d %H:%M %Z}.")
    typer.echo(f"Stopped: {', '.join(held.agreements) or 'nothing touches it'}")
    rows = [(d.number, d.agreement, d.product, d.recipient, d.state) for d in held.deliveries]
    screen.table("Deliveries", ("delivery", "agreement", "product", "recipient", "state"), rows)
    if not held.closed:
        typer.echo(f"Next: sharewell incident pack {held.reference}")


@complaint.command()
@screen.command
def receive(
    agreement: Annotated[str, typer.Argument(help="The agreement that it is about.")],
    topic: Annotated[str, typer.Option(help="complaint, access, correction, erasure or objection.")],
    actor: Actor,
    received: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it came; today, unless given.")
    ] = None,
    space: Space = Path(),
) -> None:
    """Enter that a complaint or request came. Who made it, and their words, stay out of the account."""
    from ..live.complaints import receive as enter
    from ..workspace import open as open_space

    day = received.date() if received else None
    _tell(enter(open_space(space), agreement, topic, actor, day))


@complaint.command()
@screen.command
def answer(
    reference: Annotated[str, typer.Argument(help="A complaint, such as complaint-001.")],
    actor: Actor,
    acknowledge: Annotated[bool, typer.Option("--acknowledge", help="Only its receipt.")] = False,
    space: Space = Path(),
) -> None:
    """Enter that it was answered, or that its receipt was acknowledged."""
    from ..live.complaints import answer as enter
    from ..workspace import open as open_space

    _tell(enter(open_space(space), reference, actor, acknowledge=acknowledge))


@complaint.command("list")
@screen.command
def list_complaints(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose last day is over.")] = False,
    space: Space = Path(),
) -> None:
    """List complaints and requests by their last day."""
    from ..live.complaints import complaints
    from ..workspace import open as open_space

    found = [held for held in complaints(open_space(space)) if held.overdue or not overdue]
    rows = [(h.reference, h.agreement, h.topic, h.received, h.due, _state(h)) for h in found]
    screen.table(
        "Complaints and requests", ("which", "agreement", "topic", "received", "due", "state"), rows
    )


def _tell(held: Complaint) -> None:
    typer.echo(f"{held.reference} ({held.topic}) of {held.received}: due by {held.due}; {_state(held)}.")


def _state(held: Complaint) -> str:
    done = "answered" if held.answered else "acknowledged" if held.acknowledged else "open"
    return f"{done}, OVERDUE" if held.overdue else done
