"""Search in the registry of assets: by words of names, fields, descriptions and holders.

Words are compared by their stems, so that `visits` finds `visited`; a word that nothing holds is taken for
the nearest one there is, for less.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .assets import AssetEntry, Registry, assets

if TYPE_CHECKING:
    from ..workspace import Workspace

_WEIGHTS = {"name": 8.0, "field": 6.0, "title": 5.0, "holder": 4.0, "tag": 4.0, "description": 2.0}
"""How much a word tells, by where it stands."""

_SLIP = 0.5
"""What a word is worth that had to be corrected."""

_ENDINGS = (
    "isations",
    "isation",
    "ations",
    "ation",
    "ings",
    "ing",
    "ies",
    "ions",
    "ion",
    "ed",
    "es",
    "s",
    "y",
)
NEAR = 0.78
"""How alike two stems must be to be taken for one another: a letter lost or swapped in a word of five."""


@dataclass(frozen=True)
class Hit:
    """An asset that was found, where the words stand in it, and its score: higher is nearer."""

    asset: AssetEntry
    places: tuple[str, ...]
    score: float


def stem(word: str) -> str:
    """A word without its ending, at least three letters long (after Lovins 1968, much reduced)."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def search(space: Workspace, words: str) -> tuple[Hit, ...]:
    """The assets of a workspace that hold any of the words; see `find`."""
    return find(assets(space), words)


def find(registry: Registry, words: str) -> tuple[Hit, ...]:
    """The assets that hold any of the words: those with all of them first, then by score and name."""
    wanted = list(dict.fromkeys(_stems(words)))
    indexed = {entry.name: (entry, _index(entry)) for entry in registry.entries.values()}
    vocabulary = sorted({found for _, index in indexed.values() for found in index})
    meant = [
        (near, worth)
        for word in wanted
        if (near := _nearest(word, vocabulary))
        for worth in [_worth(word, near)]
    ]
    ranked = []
    for entry, index in indexed.values():
        held = [(index[word], worth) for word, worth in meant if word in index]
        if held:
            places = tuple(dict.fromkeys(place for (_, place), _ in held))
            score = sum(weight * worth for (weight, _), worth in held)
            ranked.append((-len(held), -score, entry.name, Hit(entry, places, score)))
    return tuple(hit for *_, hit in sorted(ranked, key=lambda found: found[:3]))


def _worth(word: str, near: str) -> float:
    return 1.0 if word == near else _SLIP


def _nearest(word: str, vocabulary: list[str]) -> str:
    if word in vocabulary:
        return word
    return next(iter(difflib.get_close_matches(word, vocabulary, n=1, cutoff=NEAR)), "")


def _stems(text: str) -> Iterator[str]:
    for word in re.findall(r"[a-z0-9]+", text.lower()):
        if len(word) > 1 and word not in _SILENT:
            yield stem(word)


_SILENT = frozenset({"the", "of", "and", "in", "on", "at", "to", "for", "by", "is", "as", "an", "or"})


def _index(entry: AssetEntry) -> dict[str, tuple[float, str]]:
    """Each stem of an asset, with the weight and the name of the best place where it stands."""
    index: dict[str, tuple[float, str]] = {}

    def add(kind: str, text: str, place: str) -> None:
        for word in _stems(text):
            if index.get(word, (0.0, ""))[0] < _WEIGHTS[kind]:
                index[word] = (_WEIGHTS[kind], place)

    add("name", entry.name, "name")
    add("title", entry.title, "title")
    add("holder", entry.holder, "holder")
    add("description", entry.description, "description")
    for tag in (*entry.tags, *entry.restrictions):
        add("tag", tag, "tag")
    for field in entry.fields:
        add("field", field.name, f"field {field.name}")
        add("description", field.description, f"field {field.name}")
    return index
