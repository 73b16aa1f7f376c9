"""Tokens that can be opened again: AES-SIV (RFC 5297), only where re-identification is allowed.

Deterministic: one identifier is one token in one agreement and unit, so tokens join. Agreement and unit are
associated data: in another agreement a token opens as nothing. A token is the 16 bytes of SIV, which
also prove that nobody changed it, and the ciphertext, so it is as long as the identifier and shows how long
that is. Everywhere else use `keys.key_column`, which has no way back.

Whoever can make tokens can list all NHS numbers and look for one: the secret is as much to be guarded as
the identifiers. Format-preserving encryption (FF1, FF3, FF3-1) is not offered: NIST withdrew FF3 after
practical attacks, and on so few digits a token that looks like an NHS number is taken for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from ..errors import Problem, SecretError
from .distinct import change_distinct

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_TAG = 16


def seal_column(
    values: pa.Array | pa.ChunkedArray, secret: bytes, agreement: str, unit: str
) -> pa.Array | pa.ChunkedArray:
    """The token of each identifier in lower-case hexadecimal; null stays null, chunks stay chunks.

    `secret` is of 32 bytes, from the keyring (`Use.SEAL`) or two officers (`dual_control`). Each distinct
    identifier is sealed once. SecretError for a weak secret or no agreement or unit; DataError for values
    that are not text, or empty.
    """
    cipher, bound = _cipher(secret), _bound(agreement, unit)

    def sealed(texts: list[str]) -> pa.Array:
        return pa.array([cipher.encrypt(text.encode(), bound).hex() for text in texts], pa.string())

    return change_distinct(values, sealed, "an identifier to be sealed")


def open_column(
    tokens: pa.Array | pa.ChunkedArray, secret: bytes, agreement: str, unit: str
) -> pa.Array | pa.ChunkedArray:
    """The identifier of each token. SecretError TOKEN, with how many, if any was not sealed with this
    secret for this agreement and unit: then none is opened."""
    cipher, bound = _cipher(secret), _bound(agreement, unit)

    def opened(texts: list[str]) -> pa.Array:
        identifiers = _opened(cipher, texts, bound)
        if failed := identifiers.count(None):
            raise SecretError(
                Problem(
                    "TOKEN",
                    f"{failed} tokens were not made with this secret for this agreement and unit",
                    "they were altered, or are another agreement's",
                    "name the agreement, unit and generation that they were made in",
                )
            )
        return pa.array(identifiers, pa.string())

    return change_distinct(tokens, opened, "a token to be opened")


def _opened(cipher: AESSIV, tokens: list[str], bound: list[bytes]) -> list[str | None]:
    """None for each that does not open."""
    from cryptography.exceptions import InvalidTag

    found: list[str | None] = []
    for token in tokens:
        try:
            content = bytes.fromhex(token)
            found.append(cipher.decrypt(content, bound).decode() if len(content) > _TAG else None)
        except (InvalidTag, ValueError):
            found.append(None)
    return found


def _cipher(secret: bytes) -> AESSIV:
    """AES-256-SIV takes two keys of 256 bits: both are derived (HKDF-Expand, RFC 5869)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

    if len(secret) != 32:
        raise SecretError(
            Problem("SECRET", "a token needs a secret of 32 bytes", fix="take it from the keyring")
        )
    return AESSIV(HKDFExpand(SHA256(), length=64, info=b"sharewell/1/aes-256-siv").derive(secret))


def _bound(agreement: str, unit: str) -> list[bytes]:
    if not agreement or not unit:
        raise SecretError(Problem("BOUND", "a token is bound to an agreement and a unit", fix="name both"))
    return [agreement.encode(), unit.encode()]
