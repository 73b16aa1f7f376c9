"""A plan: each product of an agreement as a branch of one graph, made without data, clock or network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from .footprint import live_columns
from .forms import Form
from .steps import Check, Read, Step, Transfer, walk

LINKING = "link"
"""The purpose of a transfer to or from the linker: to find which records are the same, and nothing else."""


@dataclass(frozen=True)
class Product:
    """What an agreement releases: one purpose, one question, the transfers that deliver it, the forms
    compared.

    `needed` is the least form that serves, from the recipe; `form` is what was agreed. `missing` names the
    bodies that the recipe should have and has not in this version: it can be agreed, and cannot yet be run.
    """

    name: str
    purpose: str
    question: str
    recipe: str
    policy: str
    form: Form
    needed: Form
    deliveries: tuple[Transfer, ...]
    missing: tuple[str, ...] = ()

    @property
    def result(self) -> Check:
        """The checked table or finding that every delivery carries."""
        return self.deliveries[0].of

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(delivery.to for delivery in self.deliveries)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step that the result rests on, and it last."""
        return tuple(self.result.walk())

    @property
    def arrivals(self) -> Iterator[Transfer]:
        """The transfers that bring content to where the product is made; what comes from the linker is
        none.
        """
        return (s for s in self.steps if isinstance(s, Transfer) and s.purpose != LINKING)


@dataclass(frozen=True)
class Plan:
    """All products of one agreement, and the place where they are made; or, of a `whole` plan, some."""

    agreement: str
    host: str
    products: tuple[Product, ...]
    whole: Plan | None = field(default=None, compare=False, repr=False)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step once, each after those it rests on."""
        return tuple(walk(delivery for product in self.products for delivery in product.deliveries))

    @cached_property
    def numbers(self) -> dict[Step, int]:
        """The number by which `explain`, the account and checkpoints call a step, in every part of a
        plan.
        """
        return {step: number for number, step in enumerate((self.whole or self).steps, start=1)}

    @cached_property
    def live(self) -> dict[Step, frozenset[str]]:
        """For each step the columns that some product needs of it."""
        return live_columns(delivery for product in self.products for delivery in product.deliveries)

    @cached_property
    def used(self) -> frozenset[str]:
        """The fields that some product reads, as "asset.field"; those that only link records are not among
        them.
        """
        arrivals = {arrival for product in self.products for arrival in product.arrivals}
        return frozenset(
            origin
            for step in arrivals
            for name in self.live[step]
            for origin in step.shape.schema[name].origins
        )

    @property
    def transfers(self) -> Iterator[Transfer]:
        return (step for step in self.steps if isinstance(step, Transfer))

    @property
    def reads(self) -> Iterator[Read]:
        return (step for step in self.steps if isinstance(step, Read))

    def only(self, names: Sequence[str]) -> Plan:
        """The part of it that makes these products and nothing else; all of it where none is named."""
        if not names:
            return self
        chosen = tuple(product for product in self.products if product.name in names)
        return replace(self, products=chosen, whole=self.whole or self)

    def product(self, name: str) -> Product | None:
        return next((product for product in self.products if product.name == name), None)
