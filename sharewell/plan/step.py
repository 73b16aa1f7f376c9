"""What every step is: a frozen node of a graph, with a shape known before any data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar

from ..errors import PlanError, Problem
from .canonical import digest, plain
from .forms import AGGREGATE, Form, What, Who
from .schema import Kind, Schema, Type


class About(StrEnum):
    """Whom the rows of a table are about."""

    PEOPLE = "people"
    PLACES = "places"
    GROUPS = "groups"


def most_about(found: Iterable[About]) -> About:
    """Whom a table is about that is made of several: the most that can be learnt about anyone."""
    held = set(found)
    return next(about for about in (About.PEOPLE, About.GROUPS, About.PLACES) if about in held)


@dataclass(frozen=True)
class Shape:
    """What is known of a step's table: columns, place, whom it is about, and what tells its rows apart."""

    schema: Schema
    place: str
    about: About
    unique: tuple[str, ...] = ()

    @cached_property
    def form(self) -> Form:
        """Who and what the rows expose, computed from the columns' kinds.

        A flag is one yes/no, or nothing at all (that a row is there), beside one name or key of its
        subject; a second name or key is itself a field: an address tells something of a reference.
        """
        if self.about is not About.PEOPLE:
            return AGGREGATE
        kinds = [column.kind for column in self.schema]
        told = [c for c in self.schema if c.kind not in (Kind.IDENTIFIER, Kind.KEY)]
        flag = not told or (len(told) == 1 and told[0].type is Type.BOOLEAN)
        flag = flag and len(kinds) - len(told) <= 1
        return Form(
            Who.NAMED if Kind.IDENTIFIER in kinds else Who.CODED, What.FLAG if flag else What.FIELDS
        )


@dataclass(frozen=True, eq=False)
class Step:
    """A node of the plan. Subclasses give `_shape`, called once, which raises PlanError.

    Two steps are equal when all that they rest on is equal: this is read off their digests, because a graph
    that shares its inputs has exponentially many paths, and comparing field by field would walk each of
    them.
    """

    stage: ClassVar[str] = "analyse"

    def __post_init__(self) -> None:
        places = sorted({step.shape.place for step in self.inputs})
        if len(places) > 1:
            what = f"{self.verb} joins tables at {', '.join(places)}"
            raise PlanError(
                Problem(
                    "PLACE",
                    what,
                    "tables meet only at one place",
                    "transfer them to one place first",
                )
            )
        _ = self.shape, self.digest  # inputs first, so that neither ever recurses deeply

    @cached_property
    def shape(self) -> Shape:
        return self._shape()

    def _shape(self) -> Shape:
        raise TypeError(f"{type(self).__name__} has no shape")

    @property
    def verb(self) -> str:
        return type(self).__name__.lower()

    @cached_property
    def inputs(self) -> tuple[Step, ...]:
        """The steps that it reads, in the order of its fields."""
        found: list[Step] = []
        for entry in fields(self):
            value = getattr(self, entry.name)
            parts = value if isinstance(value, tuple) else (value,)
            found += [part for part in parts if isinstance(part, Step)]
        return tuple(found)

    def walk(self) -> Iterator[Step]:
        """Every step that this one rests on, itself last, each once, inputs first."""
        return walk((self,))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what it does and all that it rests on: the same in every process, in whatever order it
        was built.
        """
        own = {entry.name: plain(getattr(self, entry.name), _digest_of) for entry in fields(self)}
        return digest([self.verb, own])

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Step) and self.digest == other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)


def _digest_of(value: Any) -> str | None:
    return value.digest if isinstance(value, Step) else None


def walk(ends: Iterable[Step]) -> Iterator[Step]:
    """Every step that these rest on, and they themselves, each once, inputs first."""
    seen: set[Step] = set()
    stack: list[tuple[Step, bool]] = [(step, False) for step in reversed(tuple(ends))]
    while stack:
        step, ready = stack.pop()
        if step in seen:
            continue
        if ready:
            seen.add(step)
            yield step
        else:
            stack.append((step, True))
            stack += [(part, False) for part in reversed(step.inputs)]
