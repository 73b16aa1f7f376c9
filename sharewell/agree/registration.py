"""What an analysis expects, written down before the data are seen, and what of it was changed afterwards.

A hypothesis found in the data cannot be tested on them. So each run enters in the account what its
analyses expected and how they were set; what differs from the first look is then plain to anybody who
reads the report, the register or the difference of two versions (Nosek et al. 2018, The preregistration
revolution, PNAS 115:2600).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..plan.canonical import digest
from ..plan.plan import Plan, Product
from ..plan.steps import Fit
from .document import Agreement

Look = TypeVar("Look")

HYPOTHESIS, RECIPE, DATA = "hypothesis", "recipe", "data and how they are put together"


@dataclass(frozen=True)
class Amendment:
    """One part of a registration that is no longer what it was."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Registration:
    """What was expected of one product. `registered`: the day, ISO 8601; empty where it is exploratory.

    `settings`: each setting of the recipe, the recipe, and the digest of the steps before it, as text.
    """

    product: str
    registered: str
    question: str
    hypothesis: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """As the account holds it."""
        return {**vars(self), "settings": dict(self.settings)}

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> Registration:
        """From the facts of an event."""
        settings = {str(name): str(value) for name, value in facts["settings"].items()}
        texts = {name: str(facts[name]) for name in ("product", "registered", "question", HYPOTHESIS)}
        return cls(**texts, settings=settings)

    def amended(self, later: Registration) -> Iterator[Amendment]:
        """What a later registration of the same product says otherwise."""
        for what, before, after in (
            (HYPOTHESIS, self.hypothesis, later.hypothesis),
            ("question", self.question, later.question),
            ("day of registration", self.registered, later.registered),
        ):
            if before != after:
                yield Amendment(what, before, after)
        for name in dict.fromkeys((*self.settings, *later.settings)):
            before, after = self.settings.get(name, ""), later.settings.get(name, "")
            if before != after:
                yield Amendment(name if name in (RECIPE, DATA) else f"setting {name}", before, after)


def registrations(
    agreement: Agreement, plan: Plan, known: Collection[str] = ()
) -> tuple[Registration, ...]:
    """Of every product that says when it was registered, or what it expects, or that once did (`known`):
    to leave it unsaid is a change too."""
    found = (_of(agreement, product) for product in plan.products)
    return tuple(held for held in found if held.hypothesis or held.registered or held.product in known)


def _of(agreement: Agreement, product: Product) -> Registration:
    said, fit = agreement.text.analyse[product.name], product.result.of
    settings = fit.parameters.plain() if isinstance(fit, Fit) else {}
    hypothesis = settings.pop(HYPOTHESIS, None) or ""
    told = {name: _text(value) for name, value in settings.items()}
    told[RECIPE] = product.recipe
    told[DATA] = digest([step.digest for step in product.result.inputs[0].inputs])[:16]
    day = said.registered.isoformat() if said.registered else ""
    return Registration(product.name, day, product.question, str(hypothesis), told)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class History:
    """The looks at one product's data with what was registered then, oldest first; never empty."""

    looks: tuple[tuple[Any, Registration], ...]

    @property
    def first(self) -> Any:
        """The first look."""
        return self.looks[0][0]

    @property
    def amendments(self) -> Iterator[tuple[Any, Amendment]]:
        """Each change, with the look that was the first to use it."""
        for (_, before), (look, after) in zip(self.looks, self.looks[1:], strict=False):
            for amendment in before.amended(after):
                yield look, amendment


def histories(told: Iterable[tuple[Look, Mapping[str, Any]]]) -> dict[str, History]:
    """By product, from looks with the facts that were entered of each, in order."""
    found: dict[str, list[tuple[Look, Registration]]] = {}
    for look, facts in told:
        registration = Registration.read(facts)
        found.setdefault(registration.product, []).append((look, registration))
    return {product: History(tuple(looks)) for product, looks in found.items()}
