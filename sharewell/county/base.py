"""The county before any service looks at it: places, people, homes, health, and who is treated how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .effects import Effects
from .geography import Geography, lay_out
from .health import Health, describe_health
from .homes import Homes, build_homes
from .identifiers import nhs_numbers
from .population import CARE_HOME, People, populate
from .residence import Residence, homes_needed, settle
from .risk import Assignment, Covariates, assign
from .streams import Array, stream


@dataclass(frozen=True)
class County:
    """Everything that is true. `nhs` is by person; `practices` are the codes by practice."""

    seed: int
    effects: Effects
    places: Geography
    people: People
    homes: Homes
    residence: Residence
    health: Health
    nhs: Array
    assigned: Assignment
    practices: list[str]

    @property
    def home(self) -> Array:
        """The home of each person."""
        return np.asarray(self.residence.home[self.people.household])

    @property
    def area(self) -> Array:
        """The small area of each person."""
        return np.asarray(self.people.area[self.people.household])


@dataclass(frozen=True)
class Part:
    """Some rows of one asset, with the truth about them that goes to the truth folder and nowhere else.

    `person` is the person behind each row, `household` likewise where the row is about a home or a bill.
    `identity`: the rows are a service's own register, whose first column is its own number.
    """

    asset: str
    table: pa.Table
    person: Array | None = None
    household: Array | None = None
    identity: bool = False


@dataclass(frozen=True)
class Truth:
    """A table for the truth folder that only this service can tell."""

    name: str
    table: pa.Table


@dataclass(frozen=True)
class Reference:
    """A file about places and nobody: written as it is, under no contract."""

    path: str
    content: bytes


@dataclass(frozen=True)
class Service:
    """One service: its name (also of its stream), its assets, and how it writes them down."""

    name: str
    assets: tuple[str, ...]
    keep: Callable[[County, np.random.Generator], Iterator[Part | Truth | Reference]]


def covariates(places: Geography, people: People, health: Health) -> Covariates:
    """What selection and attendance depend on."""
    return Covariates(
        age=people.age,
        sex=people.sex.astype(np.int32),
        deprivation=places.deprivation[people.area[people.household]],
        conditions=health.conditions,
        frailty=health.frailty,
        household=people.household,
        in_care=people.kind[people.household] == CARE_HOME,
    )


def found(people: int, seed: int, effects: Effects) -> County:
    """The county of this size and seed, each stage from its own stream."""
    places = lay_out(people, stream("geography", seed))
    residents = populate(places, people, seed)
    homes = build_homes(places, homes_needed(places, residents), stream("homes", seed))
    health = describe_health(places, residents, effects, stream("health", seed))
    return County(
        seed=seed,
        effects=effects,
        places=places,
        people=residents,
        homes=homes,
        residence=settle(places, residents, homes, stream("residence", seed)),
        health=health,
        nhs=nhs_numbers(people, stream("identifiers", seed)),
        assigned=assign(covariates(places, residents, health), effects, stream("treatment", seed)),
        practices=[f"P{number:05d}" for number in range(81_001, 81_001 + len(health.practice_area))],
    )
