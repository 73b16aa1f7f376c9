"""What an agreement may name: assets, recipes, coarsenings, policies, linkers and other agreements.

The package that knows them all hands them in, so that reading an agreement never imports a stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..plan.schema import Asset, Kind, Type
from .document import Agreement


class Coarsening(Protocol):
    """The declaration of a rule of `depersonalise`: the type it gives and what remains of the kind."""

    @property
    def gives(self) -> Type: ...

    def becomes(self, kind: Kind) -> Kind: ...

    def check(self, given: Type, settings: Mapping[str, Any]) -> None: ...


class Names(Protocol):
    """A registry: names it holds, and the thing by name (UnknownName otherwise)."""

    def __contains__(self, name: str) -> bool: ...

    def __getitem__(self, name: str) -> Any: ...

    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True)
class Shelf:
    """The registries that compiling and linting consult."""

    assets: Mapping[str, Asset]
    recipes: Names
    coarsenings: Names
    policies: Names
    linkers: Names
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    """Those whose standing index another may read."""
    anonymities: Names | Mapping[str, Any] = field(default_factory=dict)
    """How alike rows about coded people can be asked to be."""
    own_policies: Mapping[str, Any] = field(default_factory=dict)
    """Those of `policies` that the workspace wrote itself, and could rewrite after a signature."""
