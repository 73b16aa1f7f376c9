"""What a report tells of the linkage beneath its products: whom it serves less well, and what is unknown.

The sentences come from figures that passed the gate. A warning stands beside each answer that it bears on,
below each of its tables, and in a note among its files, because a CSV file is passed on alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..plan.released import Product

NOTE = "READ-THIS-FIRST.txt"
"""The file beside a product's tables that holds its warnings; there is none where there is no warning."""


@dataclass(frozen=True)
class Linkage:
    """One unit of linkage as a report tells it, in sentences.

    `products` names those built on it. `warnings` say which groups are linked less well; `told` how far
    apart groups are; `unjudged` which sources give no ground for a warning; `unchecked` which groups nobody
    could look at; `rule` what counts as unequal. `adjusted` says by product what missed links would change.
    """

    unit: str
    products: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    rule: str = ""
    adjusted: dict[str, tuple[str, ...]] = field(default_factory=dict)


def warnings_for(product: str, linkage: Iterable[Linkage]) -> tuple[str, ...]:
    """What a reader of this product must know of its linkage, each sentence once."""
    return tuple(
        dict.fromkeys(
            sentence
            for unit in linkage
            if product in unit.products and unit.warnings
            for sentence in (*unit.warnings, *unit.adjusted.get(product, ()))
        )
    )


def warned(product: Product, linkage: Iterable[Linkage]) -> Product:
    """The product with its warnings among its caveats and, shortly, below each of its tables."""
    found = warnings_for(product.name, linkage)
    if not found:
        return product
    short = (
        "Built on unequal linkage: some groups are missed more than others. See the warning at the answer."
    )
    tables = tuple(replace(table, notes=(short, *table.notes)) for table in product.tables)
    story = replace(product.story, caveats=(*found, *product.story.caveats))
    return replace(product, tables=tables, story=story)


def note(product: Product, linkage: Iterable[Linkage]) -> bytes | None:
    """The note that lies beside a product's files; None where there is nothing to warn of."""
    found = warnings_for(product.name, linkage)
    if not found:
        return None
    head = f"{product.name}: built on unequal linkage. Before you use these figures:"
    return "\n".join([head, "", *(f"- {sentence}" for sentence in found), ""]).encode()
