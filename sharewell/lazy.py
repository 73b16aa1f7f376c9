"""Public names loaded on first use, so that naming a package costs nothing (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def loader(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__`: `homes` says in which of its modules each public name lives.

    What was found is set on the package, so that a submodule of the same name cannot hide it later.
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        thing = getattr(import_module(f".{homes[name]}", package), name)
        setattr(sys.modules[package], name, thing)
        return thing

    return load
