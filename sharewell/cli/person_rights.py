"""`link match`, `correct`, `sever`, `erase`: for one person.

What they are called is read from standard input, so that it is in no shell's history.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import DocumentError, Problem
from . import screen
from .agreements import Because, Name, Space
from .linking import Actor, Record, changed, named


def add(app: typer.Typer) -> None:
    """Give `app` these commands."""
    for command in (match, correct, sever, erase):
        app.command()(command)


@screen.command
def match(name: Name, actor: Actor, because: Because, space: Space = Path()) -> None:
    """Find whom somebody may be; who they are is read as JSON from standard input."""
    from ..live.person_rights import found
    from ..workspace import open as open_space

    identity = {field: value or "" for field, value in _said().items()}
    rows = found(open_space(space).agreement(name), actor, identity, because)
    told = [
        (who, "by number" if bits is None else f"{bits:.1f}", f"{chance:.4f}", str(records))
        for who, bits, chance, records in rows
    ]
    screen.table("May be", ("person", "bits", "probability", "records"), told)


@screen.command
def correct(name: Name, record: Record, actor: Actor, because: Because, space: Space = Path()) -> None:
    """Put a record right as the person asks; the fields are read as JSON from standard input."""
    from ..live.person_rights import correct as put_right
    from ..workspace import open as open_space

    changed(put_right(open_space(space).agreement(name), actor, named(record), _said(), because))


@screen.command
def sever(
    name: Name,
    record: Record,
    actor: Actor,
    ground: Annotated[
        str, typer.Option(help="gender recognition, adoption or witness protection. It is not kept.")
    ],
    space: Space = Path(),
) -> None:
    """Let a record be of a new person, whom nothing ties to who it was."""
    from ..live.person_rights import sever as begin_anew
    from ..workspace import open as open_space

    changed(begin_anew(open_space(space).agreement(name), actor, named(record), ground))


def _said() -> dict[str, str | None]:
    try:
        told = json.loads(sys.stdin.read())
    except ValueError:
        told = None
    if not isinstance(told, dict) or not all(v is None or isinstance(v, str) for v in told.values()):
        what = "standard input is not JSON of fields and texts"
        raise DocumentError(Problem("FIELDS", what, fix='{"forename": "...", "surname": "..."}'))
    return told


@screen.command
def erase(name: Name, record: Record, actor: Actor, because: Because, space: Space = Path()) -> None:
    """Erase a record from an index and its reviews; sent again it is not taken in."""
    from ..live.person_rights import erase as forget
    from ..workspace import open as open_space

    forget(open_space(space).agreement(name), actor, named(record), because)
    typer.echo("Erased. What was released before stays with its recipients.")
