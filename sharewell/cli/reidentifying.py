"""`reidentify`: codes become people again only by who may ask and who approves, together, and in the
account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen
from .agreements import Because, Name, Space

if TYPE_CHECKING:
    from ..agree.signing import SigningKey
    from ..live.reidentification import Person

app = typer.Typer(
    help="Turn codes back into people, by two together, where the agreement says so.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Actor = Annotated[str, typer.Option("--as", help="Who does it, as name@body.")]
Key = Annotated[Path, typer.Option(help="The file of your private key.")]
RequestFile = Annotated[Path, typer.Argument(metavar="REQUEST", help="The file of the request.")]
Tokens = Annotated[Path, typer.Option(help="A file of tokens, one a line.")]
Product = Annotated[str, typer.Option(help="Of which product; the only one, unless said.")]


@app.command()
@screen.command
def card(
    name: Name,
    who: Actor,
    key: Key,
    out: Annotated[Path | None, typer.Option(help="The file to make; KEY.card, unless said.")] = None,
    space: Space = Path(),
) -> None:
    """Make the key that opens your share, beside your signing key, and the card to hand over."""
    from ..agree.signing import fingerprint
    from ..live.officers import card_text, make_card
    from ..live.request_files import write_new
    from ..workspace import open as open_space

    live, key = open_space(space).agreement(name), key.expanduser()
    signing, passphrase = _signing(key)
    path = out.expanduser() if out else key.with_name(f"{key.name}.card")
    made = make_card(live, who, signing, key, passphrase)
    write_new(path, card_text(made).encode())
    typer.echo(f"The card of {who}, {made.office}, is in {path}. Hand it over.")
    typer.echo(f"fingerprint  {fingerprint(made.signs)}")
    typer.echo("Read the fingerprint out by telephone or in person.")


@app.command()
@screen.command
def enrol(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="CARD", help="The card of an officer.")],
    by: Actor,
    voucher: Annotated[Path | None, typer.Option(help="Key file of a signatory of their body.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprint was compared.")] = False,
    space: Space = Path(),
) -> None:
    """Enter the card of somebody who asks or approves."""
    from ..agree.signing import fingerprint
    from ..live.officers import enrol as enter
    from ..live.officers import read_card
    from ..workspace import open as open_space
    from .signers import opened

    live, officer = open_space(space).agreement(name), read_card(file)
    typer.echo(f"fingerprint  {fingerprint(officer.signs)}")
    if voucher is None and not yes:
        asked = f"Did {officer.who} read out this fingerprint to you, by telephone or in person?"
        typer.confirm(asked, abort=True)
    enter(live, officer, by, opened(voucher) if voucher else None)
    typer.echo(f"Enrolled: {officer.who}, {officer.office}.")
    typer.echo(f"When all are: sharewell reidentify prepare {name} --as {by}")


@app.command()
@screen.command
def dismiss(
    name: Name,
    who: Annotated[str, typer.Argument(help="Whose keys end.")],
    by: Actor,
    because: Because,
    space: Space = Path(),
) -> None:
    """End the keys of somebody who asks or approves: they left, or lost them."""
    from ..live.officers import dismiss as end
    from ..workspace import open as open_space

    end(open_space(space).agreement(name), who, by, because)
    typer.echo(f"Dismissed: {who}. Nothing that waits for them can be opened.")


@app.command()
@screen.command
def prepare(name: Name, by: Actor, space: Space = Path()) -> None:
    """Split the secret of the codes in two shares, for who may ask and for who approves."""
    from ..live.officers import share
    from ..workspace import open as open_space

    made, absent = share(open_space(space).agreement(name), by)
    rows = [
        (" and ".join(officer.who for officer in shares.officers), shares.generation) for shares in made
    ]
    screen.table("Shares, each sealed to its officer", ("between", "generation"), rows)
    for who in absent:
        typer.echo(f"Not enrolled, so without a share: {who}")


@app.command("object")
@screen.command
def object_to(
    name: Name,
    people: Annotated[Path, typer.Option(help="A file of identifiers, one a line.")],
    by: Actor,
    because: Because,
    product: Product = "",
    lifted: Annotated[bool, typer.Option("--lifted", help="They no longer object.")] = False,
    space: Space = Path(),
) -> None:
    """Enter that people object to being named again. It stops every request about them."""
    from ..live.reidentification import object_to as enter
    from ..live.reidentification_rules import only_product
    from ..live.request_files import read_lines
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    product = only_product(live, product)
    number = enter(live, product, read_lines(people), by, because, lifted=lifted)
    typer.echo(f"Entered for {product}: {number} people {'no longer object' if lifted else 'object'}.")


@app.command()
@screen.command
def ask(
    name: Name,
    tokens: Tokens,
    because: Because,
    key: Key,
    who: Actor,
    out: Annotated[Path, typer.Option(help="The file of the request to make.")],
    product: Product = "",
    hours: Annotated[int, typer.Option(min=1, max=72, help="For how long it is good.")] = 24,
    space: Space = Path(),
) -> None:
    """Write a signed request to be told who is behind these tokens."""
    from ..live.filing import file_request
    from ..live.reidentification_rules import only_product
    from ..live.request_files import approval_file, read_lines
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    product = only_product(live, product)
    person, passphrase = _person(who, key)
    lasts, asked = timedelta(hours=hours), read_lines(tokens)
    request = file_request(live, product, asked, person, because, out.expanduser(), passphrase, lasts)
    control = live.agreement.text.agree.reidentification[product]
    typer.echo(f"Asked about {len(request.subjects)} of {product}; good until {request.expires}.")
    typer.echo(f"Send {out} to {control.approver}, who gives back {approval_file(out).name}.")
    typer.echo(f"{control.approver} looks whether: {control.trigger}")


@app.command()
@screen.command
def approve(
    file: RequestFile,
    key: Key,
    who: Actor,
    out: Annotated[
        Path | None, typer.Option(help="The file to make; REQUEST.approval, unless said.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask to confirm.")] = False,
    space: Space = Path(),
) -> None:
    """Approve a request. What is asked, and when the agreement allows it, is shown first."""
    from ..live.filing import file_approval
    from ..live.request_files import approval_file, read_request
    from ..workspace import open as open_space

    request = read_request(file)
    live = open_space(space).agreement(request.agreement)
    control = live.agreement.text.agree.reidentification.get(request.unit)
    typer.echo(f"{request.asked_by} asks who {len(request.subjects)} of {request.unit} are")
    typer.echo(f"  because  {request.reason}\n  until    {request.expires}")
    if control:
        typer.echo(f"  only if  {control.trigger}\n  who is   {control.relationship or 'not said'}")
    if not yes:
        typer.confirm(f"Approve this as {who}?", abort=True)
    person, _ = _person(who, key)
    path = out.expanduser() if out else approval_file(file)
    file_approval(live, request, person, path)
    typer.echo(f"Approved. Give {path} to {request.asked_by}.")


@app.command("open")
@screen.command
def open_(
    file: RequestFile,
    tokens: Tokens,
    key: Key,
    who: Actor,
    out: Annotated[Path, typer.Option(help="The file of your own to make, for who they are.")],
    approval: Annotated[
        Path | None, typer.Option(help="The file of the approval; REQUEST.approval, unless said.")
    ] = None,
    space: Space = Path(),
) -> None:
    """Open what was asked and approved, once, into a file that only you can read."""
    from ..live.filing import open_into
    from ..live.request_files import approval_file, read_approval, read_lines, read_request
    from ..workspace import open as open_space

    request, given = read_request(file), read_approval(approval or approval_file(file))
    live = open_space(space).agreement(request.agreement)
    person, passphrase = _person(who, key)
    number = open_into(live, request, given, read_lines(tokens), person, file, out.expanduser(), passphrase)
    typer.echo(f"{number} opened, into {out}: yours alone to read, and to erase when it has served.")


@app.command()
@screen.command
def requests(name: Name, space: Space = Path()) -> None:
    """List what was asked, approved and opened, from the account."""
    from ..live.reidentification import requests as told
    from ..workspace import open as open_space

    rows = [
        (r.request[:16], r.product, r.by, r.people, r.reason, r.asked, r.approved, r.opened, r.state)
        for r in told(open_space(space).agreement(name))
    ]
    columns = ("request", "product", "by", "people", "because", "asked", "approved", "opened", "is")
    screen.table(f"Requests under {name}", columns, rows)


def _person(who: str, path: Path) -> tuple[Person, bytes | None]:
    """Somebody with both keys, one passphrase asked for both, unseen, where they have one."""
    from ..live.reidentification import Person
    from ..live.request_files import opening_file, read_opening

    path = path.expanduser()
    signing, passphrase = _signing(path)
    return Person(who, signing, read_opening(opening_file(path), passphrase)), passphrase


def _signing(path: Path) -> tuple[SigningKey, bytes | None]:
    from ..live.keyfiles import is_locked, read_key

    secret = typer.prompt("Passphrase", hide_input=True).encode() if is_locked(path) else None
    return read_key(path, secret), secret
