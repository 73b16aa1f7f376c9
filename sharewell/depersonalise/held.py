"""A keyring's files: what each says, and what the secret in it is bound to by where it lies."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Problem, SecretError
from .files import read_private


def bound_of(path: Path) -> str:
    """What the secret in a keyring's file is bound to, by where it lies."""
    name, _, generation = path.stem.partition("@")
    if path.parent.name == "signers":
        return f"signer {name}"
    return f"agreement {name} generation {generation}" if generation else f"agreement {name}"


def read_held(path: Path) -> dict[str, Any]:
    """What a keyring's file holds; SecretError if there is none, or it is damaged."""
    content = read_private(path)
    if content is None:
        raise missing(bound_of(path))
    try:
        held: dict[str, Any] = json.loads(content)
        wrapped_in(held, path)
    except ValueError:
        raise _damaged(path) from None
    return held


def wrapped_in(held: Mapping[str, Any], path: Path) -> bytes:
    """The wrapped secret in what a keyring's file holds; SecretError FILE if it holds none."""
    try:
        return base64.b64decode(held["wrapped"], validate=True)
    except (ValueError, KeyError, TypeError):
        raise _damaged(path) from None


def _damaged(path: Path) -> SecretError:
    return SecretError(
        Problem("FILE", f"the secret of {bound_of(path)} is damaged", fix="restore the keyring")
    )


def missing(name: str) -> SecretError:
    """What is raised for a secret that there is not."""
    return SecretError(Problem("MISSING", f"there is no secret for {name}", fix="issue one first"))
