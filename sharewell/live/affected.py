"""Whom an asset's trouble reaches: agreements, products, fields, how many people; without reading a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..errors import DocumentError, StorageError
from ..plan.plan import Plan, Product
from ..plan.steps import Read

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .agreement import LiveAgreement

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Affected:
    """What of an agreement carries an asset (or anything at all, for the whole agreement).

    `clear` are the products of the text with this `flow` that carry nothing of it: every other one may.
    `fields` are those of the asset that each product rests on, as "asset.field".
    """

    flow: str
    clear: frozenset[str]
    fields: dict[str, tuple[str, ...]]


def readable(space: Workspace, name: str) -> LiveAgreement | None:
    """An agreement whose text can be read and planned; another cannot be run."""
    try:
        live = space.agreement(name)
    except (DocumentError, StorageError):
        return None
    return live if live.linted[0] is not None else None


def touches(space: Workspace, asset: str) -> tuple[str, ...]:
    """Every agreement that reads an asset by its text, or has read it by the account, by name."""
    found = {
        event.agreement
        for event in space.account.events(kind=EventKind.DESCRIBE_ADDED)
        if event.facts.get("asset") == asset and event.agreement
    }
    for name in space.agreements():
        try:
            text = space.agreement(name).agreement.text
        except (DocumentError, StorageError):
            continue
        if any(source.asset == asset for source in text.describe.values()):
            found.add(text.agreement)
    return tuple(sorted(found))


def affected(live: LiveAgreement | None, asset: str) -> Affected:
    """What of an agreement carries the asset; everything may, where there is no plan to tell by."""
    if live is None:
        return Affected("", frozenset(), {})
    plan = live.plan()
    reached = [p for p in plan.products if not asset or carries(p, asset)]
    clear = frozenset(p.name for p in plan.products) - {p.name for p in reached}
    return Affected(live.fingerprints.flow, clear, {p.name: fields_of(plan, p, asset) for p in reached})


def carries(product: Product, asset: str) -> bool:
    """Whether a product rests on an asset, be it only to link its records."""
    return any(isinstance(step, Read) and step.asset.name == asset for step in product.steps)


def fields_of(plan: Plan, product: Product, asset: str = "") -> tuple[str, ...]:
    """The fields that reach the host for a product and that it uses, as "asset.field", by their labels."""
    origins = {
        origin
        for step in product.arrivals
        for name in plan.live[step] & set(step.shape.schema.names)
        for origin in step.shape.schema[name].origins
    }
    return tuple(sorted(o for o in origins if not asset or o.startswith(f"{asset}.")))


def band(number: int | None) -> str:
    """A number of people or rows as a power of ten: exact small numbers could tell of somebody."""
    if number is None:
        return UNKNOWN
    if number < 10:
        return "fewer than 10"
    low = 10
    while number >= low * 10:
        low *= 10
    return f"{low:,} to {low * 10 - 1:,}"


def rows_held(space: Workspace, names: Iterable[str]) -> dict[str, int]:
    """The most rows that the account tells of any delivery of each asset under these agreements."""
    found: dict[str, int] = {}
    for name in names:
        for event in space.account.events(agreement=name, kind=EventKind.DESCRIBE_ADDED):
            asset, rows = str(event.facts["asset"]), event.facts["rows"]
            if isinstance(rows, int):
                found[asset] = max(found.get(asset, 0), rows)
    return found


def most_people(space: Workspace, names: Iterable[str], asset: str) -> int | None:
    """No more people than this: each row is about one at most. None where the account holds no number.

    For a whole agreement, the rows of every table by which somebody is known, added up.
    """
    rows = rows_held(space, names)
    if asset:
        contract = space.contracts.get(asset)
        return 0 if contract is not None and not contract.asset().about_people else rows.get(asset)
    named = [name for name in rows if _names_people(space, name)]
    return sum(rows[name] for name in named) if named else None


def _names_people(space: Workspace, asset: str) -> bool:
    """Whether a table holds more than its own record number to know people by."""
    contract = space.contracts.get(asset)
    if contract is None:
        return True
    held = contract.asset()
    return held.about_people and any(
        column.kind.value == "identifier" and column.name not in held.unique for column in held.schema
    )
