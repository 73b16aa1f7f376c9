"""Two hashes of an agreement: `terms` (who, why, on what authority, how long) and `flow` (the steps).

Both are of canonical JSON of what was *understood*, never of the text: comments, blank lines, quotes and
the order of named entries change neither. Every word that is understood is in at least one of them:

terms   version, framework, title; all of `agree` but its parameters; for each product its purpose,
        question, registration, recipients, file formats, how often, how it is sent and how long it may be
        kept; all of `account`
flow    what each product does down to the contracts it reads: fields, links, coarsenings, expressions
        with the parameters in place, settings, policies, forms, recipients; and the edition of reference
        data asked for

So a changed word of a purpose changes `terms` alone, a changed field or parameter `flow` alone. A recipient
is who and where at once and changes both, as does a renamed product.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pydantic import BaseModel

from .canonical import digest, plain
from .plan import Plan
from .steps import Step

_HEAD = ("sharewell", "agreement", "version", "framework", "title", "account")
_TERMS_OF_ANALYSIS = ("purpose", "question", "registered")
_TERMS_OF_RELEASE = ("to", "as", "every", "via", "keep")


@dataclass(frozen=True)
class Fingerprints:
    """SHA-256 in hexadecimal."""

    terms: str
    flow: str


def fingerprints(text: BaseModel, plan: Plan) -> Fingerprints:
    """The two hashes of an agreement's text and plan."""
    said = text.model_dump(mode="json", by_alias=True)
    vintages = {name: source["vintage"] for name, source in said["describe"].items() if source["vintage"]}
    return Fingerprints(digest(terms(said)), digest([_deliveries(plan), vintages]))


def terms(said: dict[str, Any]) -> dict[str, Any]:
    """What of an agreement's text is terms; the rest is flow."""
    told = {name: said[name] for name in _HEAD}
    told["agree"] = {name: part for name, part in said["agree"].items() if name != "parameters"}
    told["products"] = {
        name: {
            **{part: analysis[part] for part in _TERMS_OF_ANALYSIS},
            **{part: said["release"].get(name, {}).get(part) for part in _TERMS_OF_RELEASE},
        }
        for name, analysis in said["analyse"].items()
    }
    return told


def _deliveries(plan: Plan) -> list[str]:
    """The digest of each delivery covers all beneath it. Sorted: products have no order of their own."""
    return sorted(delivery.digest for product in plan.products for delivery in product.deliveries)


def plan_json(plan: Plan) -> list[dict[str, Any]]:
    """The steps in order, each naming its inputs by number."""
    return [
        {"step": plan.numbers[step], "do": step.verb, "at": step.shape.place, **_fields(step, plan.numbers)}
        for step in plan.steps
    ]


def step_digest(step: Step, known: dict[Step, str]) -> str:
    """The hash of one step and all that it rests on; `known` saves what was computed."""
    return known.setdefault(step, step.digest)


def _fields(step: Step, numbers: dict[Step, int]) -> dict[str, Any]:
    def number(value: Any) -> int | None:
        return numbers[value] if isinstance(value, Step) else None

    return {entry.name: plain(getattr(step, entry.name), number) for entry in fields(step)}


__all__ = ["Fingerprints", "digest", "fingerprints", "plan_json", "step_digest", "terms"]
