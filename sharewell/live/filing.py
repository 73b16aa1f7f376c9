"""Requests, approvals and what they open, from file to file: nothing is left of what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..depersonalise.officers import OpeningKey
from ..depersonalise.reidentification import Approval, Request
from . import reidentification as acts
from .request_files import (
    fill,
    people_text,
    read_opening,
    remove,
    session_file,
    write_new,
    written,
)

if TYPE_CHECKING:
    from .agreement import LiveAgreement


@contextmanager
def _reserved(*paths: Path) -> Iterator[None]:
    """New private files, there before anything is asked of the account, and gone if it says no."""
    made: list[Path] = []
    try:
        for path in paths:
            write_new(path, b"")
            made.append(path)
        yield
    except BaseException:
        remove(*made)
        raise


def file_request(
    live: LiveAgreement,
    product: str,
    tokens: Sequence[str],
    person: acts.Person,
    because: str,
    out: Path,
    passphrase: bytes | None,
    lasts: timedelta,
) -> Request:
    """`reidentification.ask`, its request in the new file `out` and the key of its answer beside it."""
    session = OpeningKey.new()
    with _reserved(out, session_file(out)):
        request = acts.ask(live, product, tokens, person, because, session, lasts)
        fill(out, written(request))
        fill(session_file(out), session.pem(passphrase))
    return request


def file_approval(live: LiveAgreement, request: Request, person: acts.Person, out: Path) -> Approval:
    """`reidentification.approve`, the approval in the new file `out`."""
    with _reserved(out):
        approval = acts.approve(live, request, person)
        fill(out, written(approval))
    return approval


def open_into(
    live: LiveAgreement,
    request: Request,
    approval: Approval,
    tokens: Sequence[str],
    person: acts.Person,
    file: Path,
    out: Path,
    passphrase: bytes | None,
) -> int:
    """`reidentification.open_tokens`, token and identifier in the new file `out`; gives how many.

    The key to which the approval was sealed is erased: nothing opens it a second time.
    """
    session = read_opening(session_file(file), passphrase)
    with _reserved(out):
        people = acts.open_tokens(live, request, approval, tokens, person, session)
        fill(out, people_text(tokens, people.to_pylist()))
    remove(session_file(file))
    return len(people)
