"""Which fields a product rests on, and whether for what they say or only for whose record it is."""

from __future__ import annotations

from dataclasses import dataclass

from ..agree.sources import RECORD
from ..plan.footprint import live_columns
from ..plan.plan import Plan, Product
from ..plan.steps import Link


@dataclass(frozen=True)
class ProductFields:
    """Fields as "asset.field". `content` is what the product reads; `linking` served only to link."""

    content: frozenset[str]
    linking: frozenset[str]

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets that these fields are of, sorted."""
        return tuple(sorted({field.rpartition(".")[0] for field in self.content | self.linking}))


def product_fields(plan: Plan, product: Product) -> ProductFields:
    """The fields of one product, by column liveness over its own branch of the plan.

    A record number is of the linking kind: it says whose row it is, under a key, and nothing about them.
    """
    live = live_columns(product.deliveries)
    content, linking = set[str](), set[str]()
    for arrival in product.arrivals:
        for name in live[arrival]:
            origins = arrival.shape.schema[name].origins
            (linking if name == RECORD else content).update(origins)
    for step in product.steps:
        if isinstance(step, Link):
            linking.update(
                o for part in step.inputs for column in part.shape.schema for o in column.origins
            )
    return ProductFields(frozenset(content), frozenset(linking - content))
