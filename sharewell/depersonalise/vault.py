"""A master key that never leaves Vault: its transit engine wraps and unwraps.

HashiCorp Vault from 1.13 on, and OpenBao, which speaks the same protocol.

Two calls over HTTPS, by the standard library: a client library would add more code than it saves. The text
that a secret is bound to goes as `associated_data`, which older servers ignore without a word; so each
wrapping is tried under another text, and refused if that opens it.

The token is read from a file at each use (Vault Agent renews one there), redirects and proxies are not
followed, and nothing that the server says is repeated in a message.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from ..errors import Problem, SecretError
from .files import read_private
from .master import not_bound

_LONGEST = 1 << 20
_WRAPPED = re.compile(r"vault:v([0-9]{1,9}):[A-Za-z0-9+/=]+")
_LOCAL = ("127.0.0.1", "::1", "localhost")

_SAID: dict[int, tuple[str, str, str]] = {
    403: ("TOKEN", "Vault refuses this token", "renew it, or let its policy use this transit key"),
    404: ("KEY", "Vault has no such transit key or engine", "create it, or name another"),
    429: ("BUSY", "Vault answers that it is asked too often", "try again"),
    503: ("SEALED", "Vault is sealed or in maintenance", "let its operators unseal it, and try again"),
}


class VaultMasterKey:
    """The transit key `key` of a Vault server. `mount` is where the engine is, `timeout` in seconds.

    SecretError for an address without TLS (but of this machine), and, at each use, SEALED, TOKEN, KEY,
    UNREACHABLE, BOUND or VAULT. Nothing is retried: whoever asked may.
    """

    def __init__(
        self,
        address: str,
        key: str,
        token: Path,
        *,
        mount: str = "transit",
        namespace: str | None = None,
        authority: Path | None = None,
        timeout: float = 10.0,
    ) -> None:
        parts = urlsplit(address)
        if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)):
            raise SecretError(
                Problem(
                    "TLS",
                    "Vault's address is not https",
                    "secrets would cross the network in the clear",
                    "give its https address",
                )
            )
        self._root = f"{address.rstrip('/')}/v1/{quote(mount, safe='/')}"
        self._key, self._token, self._timeout = quote(key, safe=""), token, timeout
        self._namespace = namespace
        self._opener = _opener(authority)
        self.name = f"vault:{mount}/{key}"

    def wrap(self, secret: bytes, bound: str) -> bytes:
        wrapped = self._text(
            self._ask("encrypt", {"plaintext": _coded(secret), "associated_data": _coded(bound.encode())}),
            "ciphertext",
        )
        if not _WRAPPED.fullmatch(wrapped):
            raise _odd()
        if self._unwrapped(wrapped, f"not {bound}") is not None:
            raise SecretError(
                Problem(
                    "UNBOUND",
                    "this Vault does not bind a secret to what it is for",
                    "a secret moved to another agreement would open there",
                    "use Vault 1.13 or later with a key of type aes256-gcm96",
                )
            )
        return wrapped.encode()

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        text = wrapped.decode("ascii", "replace")
        secret = self._unwrapped(text, bound) if _WRAPPED.fullmatch(text) else None
        if secret is None:
            raise not_bound(bound)
        return secret

    def is_current(self, wrapped: bytes, bound: str) -> bool:
        version = _WRAPPED.fullmatch(wrapped.decode("ascii", "replace"))
        if version is None:
            return False
        latest = self._ask("keys").get("latest_version")
        if not isinstance(latest, int):
            raise _odd()
        return int(version[1]) == latest

    def _unwrapped(self, wrapped: str, bound: str) -> bytes | None:
        """None where Vault says that it did not wrap this for this `bound`."""
        asked = {"ciphertext": wrapped, "associated_data": _coded(bound.encode())}
        held = self._ask("decrypt", asked, refusal=400)
        if held is None:
            return None
        try:
            return base64.b64decode(self._text(held, "plaintext"), validate=True)
        except ValueError:
            raise _odd() from None

    def _ask(self, call: str, body: Mapping[str, str] | None = None, refusal: int | None = None) -> Any:
        """The `data` of an answer; None where it is the status that is a refusal."""
        content = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._root}/{call}/{self._key}", content, self._headers())
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                data = json.loads(answer.read(_LONGEST))["data"]
        except HTTPError as error:
            error.close()
            if error.code == refusal:
                return None
            raise _said(error.code) from None
        except (URLError, OSError):
            raise SecretError(
                Problem(
                    "UNREACHABLE",
                    "Vault did not answer",
                    "it is down, slow or not who it says",
                    "see whether it runs, and try again",
                )
            ) from None
        except (ValueError, LookupError, TypeError):
            raise _odd() from None
        if not isinstance(data, dict):
            raise _odd()
        return data

    def _headers(self) -> dict[str, str]:
        token = read_private(self._token)
        text = (token or b"").decode("ascii", "replace").strip()
        if not re.fullmatch(r"[!-~]{1,4096}", text):
            raise SecretError(Problem("TOKEN", "there is no token for Vault", fix="log in to Vault first"))
        headers = {"X-Vault-Token": text, "X-Vault-Request": "true", "Content-Type": "application/json"}
        return headers | ({"X-Vault-Namespace": self._namespace} if self._namespace else {})

    @staticmethod
    def _text(data: Any, name: str) -> str:
        held = data.get(name)
        if not isinstance(held, str):
            raise _odd()
        return held


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the token to wherever it points."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _opener(authority: Path | None) -> OpenerDirector:
    try:
        context = ssl.create_default_context(cafile=None if authority is None else str(authority))
    except (OSError, ssl.SSLError):
        raise SecretError(
            Problem("TLS", "the file of Vault's authority cannot be read", fix="give a PEM certificate")
        ) from None
    return build_opener(_NoRedirect, ProxyHandler({}), HTTPSHandler(context=context))


def _said(status: int) -> SecretError:
    code, what, fix = _SAID.get(
        status, ("VAULT", f"Vault answers with status {status}", "ask its operators to look at its log")
    )
    return SecretError(Problem(code, what, fix=fix))


def _odd() -> SecretError:
    what = "what answers is not a Vault transit engine"
    return SecretError(Problem("VAULT", what, fix="see that the address and mount are right"))


def _coded(content: bytes) -> str:
    return base64.b64encode(content).decode()
