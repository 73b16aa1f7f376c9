"""Two hashes of an agreement: `terms` (who, why, on what authority, how long) and `flow` (the steps).

Both are of canonical JSON of what was *understood*, not of the text: a comment or a blank line changes neither,
a changed word of the purpose changes `terms`, a changed column changes `flow`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from pydantic import BaseModel

from .parameters import Parameters
from .plan import Plan
from .steps import Step


@dataclass(frozen=True)
class Fingerprints:
    """SHA-256 in hexadecimal."""

    terms: str
    flow: str


def fingerprints(text: BaseModel, plan: Plan) -> Fingerprints:
    """The two hashes of an agreement's text and plan."""
    return Fingerprints(digest(text.model_dump(mode="json", by_alias=True)), digest(plan_json(plan)))


def digest(value: Any) -> str:
    """SHA-256 of canonical JSON: sorted keys, no spaces, UTF-8."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(written.encode()).hexdigest()


def plan_json(plan: Plan) -> list[dict[str, Any]]:
    """The steps in order, each naming its inputs by number."""
    return [
        {"step": plan.numbers[step], "do": step.verb, "at": step.shape.place, **_fields(step, plan.numbers)}
        for step in plan.steps
    ]


def step_digest(step: Step, known: dict[Step, str]) -> str:
    """The hash of one step and all that it rests on; `known` saves what was computed."""
    for part in step.walk():
        if part not in known:
            known[part] = digest([part.verb, _fields(part, known)])
    return known[step]


def _fields(step: Step, names: dict[Step, Any]) -> dict[str, Any]:
    return {entry.name: _plain(getattr(step, entry.name), names) for entry in fields(step)}


def _plain(value: Any, names: dict[Step, Any]) -> Any:
    if isinstance(value, Step):
        return names[value]
    if isinstance(value, Parameters):
        return _plain(value.plain(), names)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.name), names) for entry in fields(value)}
    return _container(value, names)


def _container(value: Any, names: dict[Step, Any]) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part, names) for key, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(part, names) for part in value)
    if isinstance(value, list | tuple):
        return [_plain(part, names) for part in value]
    return value
