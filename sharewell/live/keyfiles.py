"""Private keys of people, each in its owner's own file: never in a workspace, a log or the account."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..agree.signing import SigningKey, is_public_key, wants_passphrase
from ..errors import DocumentError, Problem, Refusal, SecretError, StorageError

MARKER = "sharewell.toml"
"""The file that makes a folder a workspace."""


def make_key(path: Path, passphrase: bytes | None = None) -> SigningKey:
    """A new key in a new file that only its owner can read (0600), and its public key beside it (`.pub`).

    Refusal WORKSPACE for a place in a workspace, whose folder others can read; StorageError EXISTS, and
    nothing written over, where there is a file.
    """
    from ..depersonalise.files import create_private

    path = path.expanduser().absolute()
    for folder in path.resolve().parents:
        if (folder / MARKER).exists():
            what, why = (
                f"{folder.name} is a workspace",
                "a private key lives with its owner, never where others work",
            )
            raise Refusal(Problem("WORKSPACE", what, why, "name a file in a folder of your own"))
    key = SigningKey.new()
    if not create_private(path, key.pem(passphrase)):
        fix = "use it, or name another file"
        raise StorageError(
            Problem("EXISTS", "there is a file already", "a key is never overwritten", fix, path.name)
        )
    try:
        public_file(path).write_text(f"{key.public}\n", encoding="ascii")
    except OSError as error:
        for half in (path, public_file(path)):  # a key without its public half is of no use
            with suppress(OSError):
                half.unlink()
        reason = (error.strerror or "cannot be written").lower()
        raise StorageError(Problem("FILE", reason, where=public_file(path).name)) from None
    return key


def public_file(path: Path) -> Path:
    """Where the public key of a key file stands."""
    return path.with_name(f"{path.name}.pub")


def is_locked(path: Path) -> bool:
    """Whether a key file wants a passphrase. SecretError as `read_key` raises it."""
    return wants_passphrase(_content(path))


def read_key(path: Path, passphrase: bytes | None = None) -> SigningKey:
    """The key in a file. SecretError: none there, open to others, or another passphrase."""
    return SigningKey.read(_content(path), passphrase)


def read_public(given: str) -> str:
    """A public key, from 64 hexadecimal digits or a file that holds them. DocumentError KEY for neither."""
    text = given.strip().lower()
    if not is_public_key(text):
        try:
            text = Path(given).expanduser().read_text(encoding="ascii").strip().lower()
        except (OSError, ValueError):
            text = ""
    if not is_public_key(text):
        what = "this is no public key, nor a file that holds one"
        raise DocumentError(
            Problem("KEY", what, fix="give its 64 digits, or the .pub file of `sharewell keys new`")
        )
    return text


def _content(path: Path) -> bytes:
    from ..depersonalise.files import read_private

    content = read_private(path.expanduser())
    if content is None:
        fix = "name its file, or make one: sharewell keys new --as WHO --key FILE"
        raise SecretError(Problem("KEY", "there is no key file of this name", fix=fix, where=path.name))
    return content
