"""Parameters of a step: a frozen, hashable mapping whose values are what JSON can say, and dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Parameters:
    """Sorted pairs; lists are tuples and mappings are Parameters inside. `of` freezes, `plain` thaws."""

    pairs: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Parameters:
        return cls(tuple((name, _freeze(mapping[name])) for name in sorted(mapping)))

    def plain(self) -> dict[str, Any]:
        """The same as dicts and lists."""
        return {name: _thaw(value) for name, value in self.pairs}

    def get(self, name: str, default: Any = None) -> Any:
        """One value, still frozen."""
        return next((value for known, value in self.pairs if known == name), default)


def _freeze(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Parameters.of(value)
    if isinstance(value, set | frozenset):
        return tuple(_freeze(part) for part in sorted(value))
    if isinstance(value, list | tuple):
        return tuple(_freeze(part) for part in value)
    if value is None or isinstance(value, str | int | float | bool | date):
        return value
    raise TypeError(f"a parameter cannot hold {type(value).__name__}")


def _thaw(value: Any) -> Any:
    if isinstance(value, Parameters):
        return value.plain()
    return [_thaw(part) for part in value] if isinstance(value, tuple) else value
