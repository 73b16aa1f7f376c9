"""A plan: every product of an agreement as a branch of one graph of steps, made without data, clock or network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .forms import Form
from .steps import Check, Read, Step, Transfer


@dataclass(frozen=True)
class Product:
    """What an agreement releases: one purpose, one question, the transfers that deliver it, the forms compared.

    `needed` is the least form that serves, from the recipe; `form` is what was agreed.
    """

    name: str
    purpose: str
    question: str
    recipe: str
    policy: str
    form: Form
    needed: Form
    deliveries: tuple[Transfer, ...]

    @property
    def result(self) -> Check:
        """The checked table or finding that every delivery carries."""
        return self.deliveries[0].of


@dataclass(frozen=True)
class Plan:
    """All products. `used` holds the fields that some product uses, as "source.field"."""

    agreement: str
    host: str
    products: tuple[Product, ...]
    used: frozenset[str]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step once, each after those it rests on."""
        found: dict[Step, None] = {}
        for product in self.products:
            for delivery in product.deliveries:
                found.update(dict.fromkeys(delivery.walk()))
        return tuple(found)

    @cached_property
    def numbers(self) -> dict[Step, int]:
        """The number by which `explain`, the account and checkpoints call a step."""
        return {step: number for number, step in enumerate(self.steps, start=1)}

    @property
    def transfers(self) -> Iterator[Transfer]:
        return (step for step in self.steps if isinstance(step, Transfer))

    @property
    def reads(self) -> Iterator[Read]:
        return (step for step in self.steps if isinstance(step, Read))

    def product(self, name: str) -> Product | None:
        return next((product for product in self.products if product.name == name), None)
