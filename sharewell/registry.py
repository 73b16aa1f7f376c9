"""One registry a stage: names to recipes, linkers, coarsenings, policies and readers.

Built-ins are modules in a visible tuple, imported on first use; others come from the entry-point
group `sharewell.<stage>`. Only installed, reviewed code runs near data: a registry never takes a
path, and an unknown name is a refusal that says what there is.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from .errors import Problem, UnknownName

T = TypeVar("T")


class Registry(Generic[T]):
    """Named things of one stage. `noun` is how a message calls one ("recipe")."""

    def __init__(self, stage: str, noun: str, builtin: tuple[str, ...]) -> None:
        self.stage, self.noun, self._builtin = stage, noun, builtin
        self._held: dict[str, T] = {}
        self._loaded = False

    def add(self, name: str, thing: T) -> T:
        """Register `thing`; a name taken twice is a fault of the code, so it raises UnknownName at once."""
        if name in self._held and self._held[name] is not thing:
            raise UnknownName(Problem("TWICE", f"{self.noun} {name!r} is registered twice"))
        self._held[name] = thing
        return thing

    def __getitem__(self, name: str) -> T:
        self._load()
        if name in self._held:
            return self._held[name]
        near = difflib.get_close_matches(name, self._held, n=3) or sorted(self._held)
        raise UnknownName(
            Problem("UNKNOWN", f"no {self.noun} is called {name!r}", fix=f"use one of: {', '.join(near)}")
        )

    def __contains__(self, name: str) -> bool:
        self._load()
        return name in self._held

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self._held))

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for module in self._builtin:
            importlib.import_module(module)
        for entry in entry_points(group=f"sharewell.{self.stage}"):
            self.add(entry.name, entry.load())
