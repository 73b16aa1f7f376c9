"""The keyring: one secret an agreement, wrapped by a master key, and erased to destroy what it protects.

    FOLDER/secrets/AGREEMENT.json      the wrapped secret
    FOLDER/destroyed/AGREEMENT.json    the certificate that it was erased, and when
    FOLDER/signers/NAME.json           a wrapped signing key

What is used is never that secret but keys derived from it, one a use, by HKDF-SHA256 (RFC 5869).
"""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from ..errors import Problem, SecretError
from .files import create_private, erase, read_private
from .master import MasterKey
from .signing import Signer

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class Use(StrEnum):
    """What a key derived from an agreement's secret is for."""

    PERSON_KEY = "person-key"
    DATA = "data"
    ACCOUNT = "account"
    LINK = "link"
    INDEX = "index"


@dataclass(frozen=True)
class Certificate:
    """That an agreement's secret was erased. `wrapped` is the SHA-256 of what was erased."""

    agreement: str
    destroyed: str
    method: str
    master: str
    wrapped: str

    def facts(self) -> dict[str, str]:
        """The same, for the account's event."""
        return asdict(self)


class Keyring:
    """Secrets in a folder. Nothing is kept in memory: what one process destroys, all have lost."""

    def __init__(self, folder: Path, master: MasterKey) -> None:
        self._folder = folder
        self._master = master

    @classmethod
    def open(cls, folder: Path | str, master: MasterKey) -> Keyring:
        """The keyring in `folder`. A destruction that was cut short is completed first."""
        keyring = cls(Path(folder), master)
        for certificate in (keyring._folder / "destroyed").glob("*.json"):
            if (left := keyring._secret_file(certificate.stem)).exists():
                erase(left)
        return keyring

    def issue(self, agreement: str, *, at: datetime) -> bool:
        """Make sure that the agreement has a secret; True if it is new. SecretError if it was destroyed."""
        self._check_not_destroyed(agreement)
        bound = f"agreement {agreement}"
        return self._store(self._secret_file(agreement), bound, os.urandom(32), at)

    def holds(self, agreement: str) -> bool:
        """Does the agreement have a secret that was not destroyed?"""
        return self._secret_file(agreement).exists() and self.certificate(agreement) is None

    def secret(self, agreement: str, use: Use) -> bytes:
        """The agreement's key for one use, 32 bytes. SecretError if there is none, or it was destroyed."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        self._check_not_destroyed(agreement)
        root = self._load(self._secret_file(agreement), f"agreement {agreement}")
        info = f"sharewell/1/{Use(use)}/{agreement}".encode()
        return HKDF(SHA256(), length=32, salt=None, info=info).derive(root)

    def destroy(self, agreement: str, *, at: datetime) -> Certificate:
        """Erase the agreement's secret; from then on every use raises. Done twice, it gives the first
        certificate.

        The certificate is written first: were the machine to stop between the two, no use would be possible
        already, and the erasure is completed when the keyring is next opened.
        """
        held = self.certificate(agreement)
        path = self._secret_file(agreement)
        if held is None:
            content = read_private(path)
            if content is None:
                raise _missing(agreement)
            held = Certificate(
                agreement,
                at.astimezone(UTC).isoformat(timespec="seconds"),
                "wrapped key overwritten and removed",
                self._master.name,
                sha256(content).hexdigest(),
            )
            create_private(self._certificate_file(agreement), json.dumps(held.facts()).encode())
        if path.exists():
            erase(path)
        return held

    def certificate(self, agreement: str) -> Certificate | None:
        """The certificate of destruction, if there is one."""
        content = read_private(self._certificate_file(agreement))
        try:
            return None if content is None else Certificate(**json.loads(content))
        except (ValueError, TypeError):
            what = f"the certificate that the secret of {agreement} was destroyed is damaged"
            raise SecretError(Problem("FILE", what, fix="restore the keyring")) from None

    def issue_signer(self, name: str, *, at: datetime) -> bool:
        """Make sure that there is a signing key of this name; True if it is new."""
        return self._store(self._signer_file(name), f"signer {name}", os.urandom(32), at)

    def signer(self, name: str) -> Signer:
        """The signer of this name; SecretError if there is none."""
        return Signer(name, self._load(self._signer_file(name), f"signer {name}"))

    def _store(self, path: Path, bound: str, secret: bytes, at: datetime) -> bool:
        wrapped = base64.b64encode(self._master.wrap(secret, bound)).decode()
        held = {
            "for": bound,
            "issued": at.astimezone(UTC).isoformat(timespec="seconds"),
            "wrapped": wrapped,
        }
        return create_private(path, json.dumps(held).encode())

    def _load(self, path: Path, bound: str) -> bytes:
        content = read_private(path)
        if content is None:
            raise _missing(bound)
        try:
            wrapped = base64.b64decode(json.loads(content)["wrapped"], validate=True)
        except (ValueError, KeyError, TypeError):
            raise SecretError(
                Problem("FILE", f"the secret of {bound} is damaged", fix="restore the keyring")
            ) from None
        return self._master.unwrap(wrapped, bound)

    def _check_not_destroyed(self, agreement: str) -> None:
        certificate = self.certificate(agreement)
        if certificate is not None:
            raise SecretError(
                Problem(
                    "DESTROYED",
                    f"the secret of agreement {agreement} was destroyed on {certificate.destroyed}",
                    "nothing that it protected can be read or made again",
                    "start a new agreement",
                )
            )

    def _secret_file(self, agreement: str) -> Path:
        return self._folder / "secrets" / f"{_checked(agreement)}.json"

    def _certificate_file(self, agreement: str) -> Path:
        return self._folder / "destroyed" / f"{_checked(agreement)}.json"

    def _signer_file(self, name: str) -> Path:
        return self._folder / "signers" / f"{_checked(name)}.json"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise SecretError(
            Problem(
                "NAME", "a key's name is not an agreement's id", fix="use a-z, 0-9, dot, hyphen, underscore"
            )
        )
    return name


def _missing(name: str) -> SecretError:
    return SecretError(Problem("MISSING", f"there is no secret for {name}", fix="issue one first"))
