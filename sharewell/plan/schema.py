"""Columns and what is known of them: type, kind, and whose they are.

Labels travel with a column through every step, so that any table can say which party's fields it
holds, and the gate can tell an identifier from a measurement without looking at a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from ..errors import PlanError, Problem, among


class Type(StrEnum):
    """The types of the expression language. INTEGER is strictly within +-2**53; MOMENT is a naive local
    timestamp.
    """

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"


class Kind(StrEnum):
    """How a field can expose a person (ISO 25237 and ICO anonymisation terms)."""

    IDENTIFIER = "identifier"
    KEY = "key"
    SENSITIVE = "sensitive"
    QUASI = "quasi-identifier"
    PLAIN = "plain"

    @property
    def rank(self) -> int:
        """Larger is more exposing."""
        return _EXPOSURE.index(self)


_EXPOSURE = (Kind.PLAIN, Kind.QUASI, Kind.SENSITIVE, Kind.KEY, Kind.IDENTIFIER)


@dataclass(frozen=True)
class Column:
    """A named, typed, labelled column. `origins` are "asset.column" names that it was computed from."""

    name: str
    type: Type
    kind: Kind = Kind.PLAIN
    party: str = ""
    origins: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Schema:
    """An ordered set of columns with distinct names."""

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [name.casefold() for name in self.names]  # engines do not tell `Ward` from `ward`
        if len(set(names)) < len(names):
            twice = sorted({name for name in self.names if names.count(name.casefold()) > 1})
            raise PlanError(Problem("TWICE", f"columns named twice: {', '.join(twice)}", fix="rename one"))

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Column:
        if name in self._by_name:
            return self._by_name[name]
        raise PlanError(Problem("COLUMN", f"there is no column {name!r}", fix=among(name, self.names)))

    def keep(self, names: Iterable[str]) -> Schema:
        return Schema(tuple(self[name] for name in names))

    def drop(self, names: Iterable[str]) -> Schema:
        gone = set(names)
        return Schema(tuple(column for column in self if column.name not in gone))

    def add(self, *columns: Column) -> Schema:
        """These columns after (or in the place of) those held."""
        new = {column.name: column for column in columns}
        kept = tuple(new.pop(column.name, column) for column in self)
        return Schema(kept + tuple(new.values()))

    def rename(self, old: str, new: str) -> Schema:
        return Schema(tuple(replace(c, name=new) if c.name == old else c for c in self))


CATEGORIES = frozenset({"criminal-offence", "health", "children"})
"""What an asset may hold that the law treats apart; special categories are marked field by field."""


@dataclass(frozen=True)
class Asset:
    """What a contract promises of one table: its holder, columns and unique key. Read from `catalogue/`.

    `about_people` is false for reference tables (places, prices), whose rows are about nobody.
    `categories` are those of `CATEGORIES` that the law treats apart.
    """

    name: str
    holder: str
    schema: Schema
    unique: tuple[str, ...] = ()
    version: str = "1.0.0"
    restrictions: frozenset[str] = field(default_factory=frozenset)
    about_people: bool = True
    categories: frozenset[str] = field(default_factory=frozenset)
