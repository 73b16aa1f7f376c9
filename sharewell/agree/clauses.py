"""Clauses by their path: `describe.visits.use`, `agree.risks[1].measure` (lists count from one).

One word of a list can be named by itself: `describe.visits.use.damp`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..text import Place

_POSITION = re.compile(r"\[([1-9][0-9]{0,4})\](?:\.|$|(?=\[))")


def clause(said: Any, path: str) -> Place | None:
    """The place of a clause in what an agreement says; None where there is no such clause.

    A name may hold dots, so each key that fits is tried, the longest first.
    """
    if not path:
        return ()
    if isinstance(said, Sequence) and not isinstance(said, str):
        found = _POSITION.match(path)
        if found is None:
            return (list(said).index(path),) if path in said else None
        if int(found.group(1)) > len(said):
            return None
        number = int(found.group(1)) - 1
        return _before(number, clause(said[number], path[found.end() :]))
    if not isinstance(said, Mapping):
        return None
    for key in sorted(said, key=len, reverse=True):
        rest = path.removeprefix(key)
        if path.startswith(key) and (not rest or rest[0] in ".["):
            place = _before(key, clause(said[key], rest.removeprefix(".")))
            if place is not None:
                return place
    return None


def shown(place: Iterable[str | int]) -> str:
    """A place as a path, the way that `clause` reads it."""
    words = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return words.removeprefix(".")


def _before(key: str | int, rest: Place | None) -> Place | None:
    return None if rest is None else (key, *rest)
