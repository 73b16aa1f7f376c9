"""Requests, approvals, tokens and opened people as files: each its owner's own (0600), and none written
over."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from ..depersonalise.files import create_private, erase, read_private, replace_private
from ..depersonalise.officers import Officer, OpeningKey
from ..depersonalise.reidentification import Approval, Request
from ..errors import DocumentError, Problem, Refusal, SecretError, StorageError
from .keyfiles import MARKER

Read = TypeVar("Read")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
LARGEST = 1 << 20
"""Bytes of a file that somebody hands over; a longer one is none of ours."""


def opening_file(key: Path) -> Path:
    """Where the key that opens shares lies: beside the key that signs."""
    return key.with_name(f"{key.name}.opening")


def session_file(request: Path) -> Path:
    """Where the key lies to which the approval of a request is sealed, until it was opened."""
    return request.with_name(f"{request.name}.session")


def approval_file(request: Path) -> Path:
    """Where the approval of a request is written, unless it is said."""
    return request.with_name(f"{request.name}.approval")


def make_opening(key: Path, passphrase: bytes | None) -> OpeningKey:
    """The opening key beside a signing key: the one that is there, or a new one."""
    made = OpeningKey.new()
    if create_private(opening_file(key), made.pem(passphrase)):
        return made
    return read_opening(opening_file(key), passphrase)


def read_opening(path: Path, passphrase: bytes | None) -> OpeningKey:
    """The opening key in a file. SecretError KEY where there is none, or another passphrase."""
    content = read_private(path)
    if content is None:
        fix = "make it beside your signing key: sharewell reidentify card"
        raise SecretError(Problem("KEY", "there is no key that opens", fix=fix, where=path.name))
    locked = b"BEGIN ENCRYPTED PRIVATE KEY" in content
    return OpeningKey.read(content, passphrase if locked else None)


def write_new(path: Path, content: bytes) -> None:
    """Into a new private file. Refusal WORKSPACE for a place in a workspace, whose folder others can read;
    StorageError EXISTS where there is a file."""
    for folder in path.expanduser().absolute().resolve().parents:
        if (folder / MARKER).exists():
            what, why = f"{folder.name} is a workspace", "others work there"
            raise Refusal(Problem("WORKSPACE", what, why, "name a file in a folder of your own"))
    if not path.parent.is_dir():
        raise StorageError(Problem("FILE", "there is no such folder", fix="make it", where=path.name))
    if not create_private(path, content):
        raise StorageError(
            Problem("EXISTS", "there is a file already", fix="name another", where=path.name)
        )


def written(held: Request | Approval) -> bytes:
    """A request or an approval, as it is handed over."""
    return (json.dumps(asdict(held), indent=2) + "\n").encode()


def remove(*paths: Path) -> None:
    """Erase what is there of these."""
    for path in paths:
        with suppress(StorageError):
            erase(path)


def read_request(path: Path) -> Request:
    """The request in a file. DocumentError REQUEST where there is none."""

    def built(held: dict[str, Any]) -> Request:
        made = Request(**held | {"subjects": tuple(held["subjects"])})
        texts = {
            name: part for name, part in asdict(made).items() if name not in ("subjects", "generation")
        }
        _check_texts([*texts.values(), *made.subjects])
        if not _NAME.fullmatch(made.agreement) or made.agreement.endswith(".yaml"):
            raise ValueError  # it would be taken for a path
        if type(made.generation) is not int or not 1 <= made.generation < 10**6:
            raise ValueError
        return made

    return _read(path, built, "REQUEST", "request")


def read_approval(path: Path) -> Approval:
    """The approval in a file. DocumentError APPROVAL where there is none."""

    def built(held: dict[str, Any]) -> Approval:
        officer = Officer(**held["officer"])
        made = Approval(**held | {"officer": officer})
        _check_texts([*asdict(officer).values(), made.request, made.share, made.at, made.signature])
        return made

    return _read(path, built, "APPROVAL", "approval")


def _check_texts(parts: Sequence[object]) -> None:
    """Each is a text that a terminal may be shown."""
    if not all(isinstance(part, str) and part.isprintable() for part in parts):
        raise ValueError


def _read(path: Path, built: Callable[[dict[str, Any]], Read], code: str, word: str) -> Read:
    try:
        return built(json.loads(_text(path)))
    except (ValueError, LookupError, TypeError, RecursionError):
        fix = f"give the file of the {word}"
        raise DocumentError(Problem(code, f"the file holds no {word}", fix=fix, where=path.name)) from None


def read_lines(path: Path) -> list[str]:
    """Tokens, or identifiers, one a line; empty lines are passed over. DocumentError FILE."""
    try:
        return [line.strip() for line in _text(path).splitlines() if line.strip()]
    except ValueError:
        raise DocumentError(
            Problem("FILE", "the file is no text", fix="one a line, in UTF-8", where=path.name)
        ) from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise DocumentError(Problem("FILE", reason, fix="check the path", where=path.name)) from None
    if len(content) > LARGEST:
        raise DocumentError(Problem("FILE", "the file is too long", fix="name fewer", where=path.name))
    return content.decode("utf-8")


def people_text(tokens: Sequence[str], identifiers: Sequence[str]) -> bytes:
    """Who is behind each token, as CSV."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerows([("token", "identifier"), *zip(tokens, identifiers, strict=True)])
    return sink.getvalue().encode()


def fill(path: Path, content: bytes) -> None:
    """Put content in a private file that is there already."""
    replace_private(path, content)
