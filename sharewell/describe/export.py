"""A contract written out in the Open Data Contract Standard 3.1, for other people's software.

What the standard has no place for goes where it lets one put it: a server's `customProperties`, and
quality rules of `type: custom`. `describe.intake` reads all of it back to an equal contract.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import yaml

from ..plan.schema import Kind
from .contract import Contract
from .rules import Metric

ENGINE = "sharewell"
"""The engine named by quality rules that the standard has no metric for."""

DIMENSIONS = frozenset(
    {"accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"}
)
METRICS = frozenset({Metric.ROWS, Metric.NULL, Metric.MISSING, Metric.INVALID, Metric.DUPLICATE})
SERVER = ("server", "type", "path", "format", "description")
"""What the standard says of a local server; the rest is told as custom properties."""

VERSION = "v3.1.0"


def odcs(contract: Contract) -> dict[str, Any]:
    """The contract as a document of the standard, in its order; what is default is not written."""
    held = contract.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    held["apiVersion"] = VERSION
    held["servers"] = [_server(server) for server in held["servers"]]
    for table in held["schema"]:
        table["logicalType"] = "object"
        for part in (table, *table["properties"]):
            if "quality" in part:
                part["quality"] = [_rule(rule) for rule in part["quality"]]
        for part in table["properties"]:  # said, never left to a default that another reader lacks
            part.setdefault("classification", str(Kind.PLAIN))
    return held


def _server(server: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in server.items() if key in SERVER}
    own = [{"property": key, "value": value} for key, value in server.items() if key not in SERVER]
    return {**told, "customProperties": own} if own else told


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as the standard has it, or as a custom rule that carries it whole."""
    between = rule.get("mustBeBetween") or rule.get("mustNotBeBetween")
    ordered = between is None or between[0] < between[1]
    if rule["metric"] in METRICS and ordered and rule.get("dimension", "accuracy") in DIMENSIONS:
        return {"type": "library", **rule}
    named: dict[str, Any] = {key: rule[key] for key in ("name", "description") if key in rule}
    return {"type": "custom", **named, "engine": ENGINE, "implementation": rule}


def write_odcs(contract: Contract, form: Literal["yaml", "json"] = "yaml") -> str:
    """The document as text, the same for equal contracts."""
    document = odcs(contract)
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return write_yaml(document)


class _Plain(yaml.SafeDumper):
    """Writes every value out: an alias, or text that another reader takes for a date, would be misread."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is referred to."""
        return True


def write_yaml(document: Any) -> str:
    """YAML that the strict loader reads back to equal values."""
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
