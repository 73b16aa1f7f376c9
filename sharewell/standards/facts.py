"""What the graphs are made from beside the agreement and its plan: contracts and runs, as plain values.

The catalogue belongs to `describe` and the runs to `account`; whoever knows both hands them in, so that a
document can be made, and tested, without either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..plan.schema import Kind, Type


@dataclass(frozen=True)
class Field:
    """One field of an asset, as its contract describes it."""

    name: str
    type: Type
    kind: Kind
    description: str = ""


@dataclass(frozen=True)
class Dataset:
    """One asset of the catalogue. `every` is how often it is renewed: a count and a unit, (1, "month")."""

    name: str
    title: str
    description: str
    holder: str
    version: str
    fields: tuple[Field, ...]
    about_people: bool = True
    restrictions: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    every: tuple[int, str] | None = None


@dataclass(frozen=True)
class Generated:
    """One release of a run: the product, who received it, and the digest of what was sent."""

    product: str
    recipient: str
    digest: str


@dataclass(frozen=True)
class Run:
    """One run as the account tells it.

    `body` is the organisation of whoever ran it: a document that goes out names no member of staff. `terms`
    and `flow` are the hashes of the agreement that it was run under.
    """

    name: str
    body: str
    terms: str
    flow: str
    started: datetime
    ended: datetime | None
    failed: bool = False
    used: tuple[str, ...] = ()
    generated: tuple[Generated, ...] = ()
