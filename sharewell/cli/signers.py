"""`keys`: the keys of those who may sign. Private ones stay with their owner; public ones are enrolled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen

if TYPE_CHECKING:
    from ..agree.signing import SigningKey

app = typer.Typer(help="Make, enrol, revoke and list keys.", no_args_is_help=True, rich_markup_mode=None)
Space = Annotated[Path, typer.Option("--space", "-s", help="The workspace.")]
By = Annotated[str, typer.Option("--as", help="Who does it, as name@body.")]


@app.command()
@screen.command
def new(
    who: Annotated[str, typer.Option("--as", help="Whose key it is, as name@body.")],
    key: Annotated[Path, typer.Option(help="The file to make, in a folder of your own.")],
    passphrase: Annotated[bool, typer.Option(help="Lock it with a passphrase.")] = True,
) -> None:
    """Make your key. The private half stays in your file; hand out the public half, KEY.pub."""
    from ..agree.signing import fingerprint
    from ..live.keyfiles import make_key, public_file

    secret = None
    if passphrase:
        secret = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True).encode()
    made = make_key(key, secret)
    typer.echo(f"The private key of {who} is in {key}. Keep it to yourself.")
    typer.echo(f"public key   {made.public}  (in {public_file(key)})")
    typer.echo(f"fingerprint  {fingerprint(made.public)}")
    typer.echo("Hand over the public key, and read the fingerprint out by telephone or in person.")


@app.command()
@screen.command
def enrol(
    public: Annotated[str, typer.Argument(help="The public key, or the .pub file.")],
    by: By,
    who: Annotated[str, typer.Option(help="Whose key it is.")],
    party: Annotated[
        str, typer.Option(help="For which party they sign; their own body, unless said.")
    ] = "",
    office: Annotated[str, typer.Option(help="In which office; as agreements name it, unless said.")] = "",
    voucher: Annotated[Path | None, typer.Option(help="Key file of a signatory of the party.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprint was compared.")] = False,
    space: Space = Path(),
) -> None:
    """Enter a public key. A party's first is compared by its fingerprint; later ones need a voucher."""
    from ..agree.signing import Enrolment, fingerprint
    from ..live.enrolment import enrol as enter
    from ..live.enrolment import office_of
    from ..live.keyfiles import read_public
    from ..workspace import open as open_space

    place, given = open_space(space), read_public(public)
    party = party or who.partition("@")[2]
    office = office or office_of(place, who, party)
    typer.echo(f"fingerprint  {fingerprint(given)}")
    if voucher is None and not yes:
        asked = f"Did {who} read out this fingerprint to you, by telephone or in person?"
        typer.confirm(asked, abort=True)
    vouching = opened(voucher) if voucher else None
    enter(place, Enrolment(who, party, office, given), by, vouching)
    typer.echo(f"Enrolled as the key of {who}, {office} of {party}.")


@app.command()
@screen.command
def revoke(
    fingerprint: Annotated[str, typer.Argument(help="The key's fingerprint, or its first digits.")],
    by: By,
    reason: Annotated[str, typer.Option(help="left, compromised or replaced.")],
    since: Annotated[
        str | None, typer.Option(help="From when its signatures do not count: 2026-09-01.")
    ] = None,
    space: Space = Path(),
) -> None:
    """End a key: its owner left, lost it or has another. What it signed stands, unless `--since`."""
    from ..agree.enrolment import Reason
    from ..agree.life import moment
    from ..errors import DocumentError, Problem, among
    from ..live.enrolment import revoke as end
    from ..workspace import open as open_space

    if reason not in list(Reason):
        raise DocumentError(Problem("REASON", f"{reason!r} is no reason", fix=among(reason, list(Reason))))
    told = moment(since) if since else None
    if since and told is None:
        raise DocumentError(
            Problem("SINCE", "this is no moment", fix="write 2026-09-01 or 2026-09-01T14:30")
        )
    ended = end(open_space(space), fingerprint, Reason(reason), by, told)
    typer.echo(f"Revoked: a key of {ended.enrolment.who} for {ended.enrolment.party} ({reason}).")
    typer.echo("See what this stops: sharewell status")


@app.command("list")
@screen.command
def listed(space: Space = Path()) -> None:
    """List every key that was enrolled: whose, for whom, since when, whether it is good."""
    from ..live.enrolment import enrolled
    from ..workspace import open as open_space

    rows = [
        (
            key.enrolment.party,
            key.enrolment.who,
            key.enrolment.office,
            key.at.date().isoformat(),
            "good" if key.revoked is None else str(key.reason),
            key.enrolment.fingerprint[:16],
        )
        for key in enrolled(open_space(space))
    ]
    screen.table("Keys", ("party", "who", "office", "enrolled", "is", "fingerprint"), rows)


@app.command("rotate-master")
@screen.command
def rotate_master(by: By, space: Space = Path()) -> None:
    """Wrap every secret by a new master key. Stopped, the same command goes on."""
    from ..live.master_keys import rotate_master as rotate
    from ..workspace import open as open_space

    rotated = rotate(open_space(space), by)
    typer.echo(f"{rotated.moved} of {rotated.secrets} secrets were moved; {rotated.master} wraps them all.")


def opened(path: Path) -> SigningKey:
    """The private key in a file, its passphrase asked for, unseen, where it has one."""
    from ..live.keyfiles import is_locked, read_key

    secret = typer.prompt("Passphrase", hide_input=True).encode() if is_locked(path) else None
    return read_key(path, secret)
