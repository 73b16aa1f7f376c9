"""The keyring: one secret an agreement, wrapped by a master key, and erased to destroy what it protects.

    FOLDER/secrets/AGREEMENT.json      the wrapped secret
    FOLDER/secrets/AGREEMENT@2.json    its second generation, and so on
    FOLDER/shares/AGREEMENT.json       the same in two sealed shares, for two officers (`shares`)
    FOLDER/destroyed/AGREEMENT.json    the certificate that it was erased, and when
    FOLDER/signers/NAME.json           a wrapped signing key

What is used is never that secret but keys derived from it, one a use, by HKDF-SHA256 (RFC 5869).

An agreement's secret is renewed by a new generation. The newest is used, and the earlier ones stay until
all are destroyed, because what they protect was made with them; only references in the account are always
made with the first: what was entered there cannot be entered again.
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
from .files import create_private, erase, locked, read_private, sweep
from .held import bound_of, missing, read_held, wrapped_in
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
    SEAL = "seal"


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


@dataclass(frozen=True)
class Superseded:
    """That a generation of an agreement's secret gave way to the next, and when (ISO 8601)."""

    agreement: str
    generation: int
    by: int
    at: str

    def facts(self) -> dict[str, str | int]:
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
            for left in keyring._protected_files(certificate.stem):
                erase(left)
        return keyring

    def issue(self, agreement: str, *, at: datetime) -> bool:
        """Make sure that the agreement has a secret; True if it is new. SecretError if it was destroyed."""
        with locked(self._folder):
            self._check_not_destroyed(agreement)
            return self._store(self._secret_file(agreement), os.urandom(32), at)

    def renew(self, agreement: str, *, at: datetime) -> Superseded:
        """Add a generation to the agreement's secret. SecretError if there is none, or it was destroyed."""
        with locked(self._folder):
            self._check_not_destroyed(agreement)
            newest = self.generation(agreement)
            if not newest:
                raise missing(agreement)
            self._store(self._secret_file(agreement, newest + 1), os.urandom(32), at)
        return self.superseded(agreement)[newest - 1]

    def generation(self, agreement: str) -> int:
        """The number of the newest generation, from 1; 0 if the agreement has no secret."""
        return len(self._secret_files(agreement))

    def superseded(self, agreement: str) -> tuple[Superseded, ...]:
        """Every generation that gave way to another, in order."""
        issued = [read_held(path)["issued"] for path in self._secret_files(agreement)]
        return tuple(Superseded(agreement, n, n + 1, at) for n, at in enumerate(issued[1:], start=1))

    def holds(self, agreement: str) -> bool:
        """Does the agreement have a secret that was not destroyed?"""
        return self._secret_file(agreement).exists() and self.certificate(agreement) is None

    def secret(self, agreement: str, use: Use, *, generation: int | None = None) -> bytes:
        """The agreement's key for one use, 32 bytes, of the newest generation unless one is named.

        SecretError if there is none, or it was destroyed.
        """
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        self._check_not_destroyed(agreement)
        if generation is None:
            generation = 1 if use is Use.ACCOUNT else max(1, self.generation(agreement))
        root = self._load(self._secret_file(agreement, generation))
        info = f"sharewell/1/{Use(use)}/{agreement}".encode()
        return HKDF(SHA256(), length=32, salt=None, info=info).derive(root)

    def destroy(self, agreement: str, *, at: datetime) -> Certificate:
        """Erase every generation of the agreement's secret, and its shares; from then on every use raises.
        Done twice, it gives the first certificate.

        The certificate is written first: were the machine to stop between the two, no use would be possible
        already, and the erasure is completed when the keyring is next opened.
        """
        with locked(self._folder):
            held = self.certificate(agreement)
            if held is None:
                sweep(self._folder / "secrets")
                contents = [read_private(path) or b"" for path in self._secret_files(agreement)]
                if not contents:
                    raise missing(agreement)
                held = Certificate(
                    agreement,
                    at.astimezone(UTC).isoformat(timespec="seconds"),
                    "wrapped key overwritten and removed",
                    self._master.name,
                    sha256(b"".join(contents)).hexdigest(),
                )
                create_private(self._certificate_file(agreement), json.dumps(held.facts()).encode())
            for path in self._protected_files(agreement):
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

    def shares_file(self, agreement: str, generation: int = 1) -> Path:
        """Where the two officers' shares of a generation lie, so that destruction reaches them."""
        return self._folder / "shares" / self._secret_file(agreement, generation).name

    def issue_signer(self, name: str, *, at: datetime) -> bool:
        """Make sure that there is a signing key of this name; True if it is new."""
        with locked(self._folder):
            return self._store(self._signer_file(name), os.urandom(32), at)

    def signer(self, name: str) -> Signer:
        """The signer of this name; SecretError if there is none."""
        return Signer(name, self._load(self._signer_file(name)))

    def _store(self, path: Path, secret: bytes, at: datetime) -> bool:
        bound = bound_of(path)
        wrapped = base64.b64encode(self._master.wrap(secret, bound)).decode()
        held = {
            "for": bound,
            "issued": at.astimezone(UTC).isoformat(timespec="seconds"),
            "wrapped": wrapped,
        }
        return create_private(path, json.dumps(held).encode())

    def _load(self, path: Path) -> bytes:
        return self._master.unwrap(wrapped_in(read_held(path), path), bound_of(path))

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

    def _secret_file(self, agreement: str, generation: int = 1) -> Path:
        later = f"@{generation}" if generation > 1 else ""
        return self._folder / "secrets" / f"{_checked(agreement)}{later}.json"

    def _secret_files(self, agreement: str) -> list[Path]:
        """Every generation's, in order, as far as they follow one another."""
        paths: list[Path] = []
        while (path := self._secret_file(agreement, len(paths) + 1)).exists():
            paths.append(path)
        return paths

    def _protected_files(self, agreement: str) -> list[Path]:
        """All that destruction erases, in order: the first secret, by which the others are found, last."""
        secrets = self._secret_files(agreement)
        shares = [self.shares_file(agreement, number) for number in range(1, len(secrets) + 1)]
        return [*(path for path in shares if path.exists()), *reversed(secrets)]

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
