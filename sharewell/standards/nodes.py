"""A JSON-LD document of named nodes: flat, sorted, and the same bytes for the same facts.

Every node has an IRI of its own. There are no blank nodes, whose names change from one writing to the next
and would make two equal documents look different.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from .terms import DPV, EU_GDPR

TERMS = "https://sharewell.example/terms#"
"""Where the terms live that no standard has: forms, hashes, provisions of UK law."""

IDS = "https://sharewell.example/id/"
"""Under which agreements, parties, assets and runs are named."""

_PREFIXES = {
    "sw": TERMS,
    "id": IDS,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dpv": DPV,
    "eu-gdpr": EU_GDPR,
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LINKS = """
    dcterms:accessRights dcterms:accrualPeriodicity dcterms:creator dcterms:isPartOf dcterms:publisher
    dcterms:source dcterms:temporal dpv:hasData dpv:hasDataController dpv:hasDataProcessor
    dpv:hasDataSource dpv:hasDataSubject dpv:hasLegalBasis dpv:hasNotice dpv:hasPersonalData
    dpv:hasPurpose dpv:hasRecipient dpv:hasResidualRisk dpv:hasRisk dpv:hasStorageCondition
    dpv:hasTechnicalOrganisationalMeasure dpv:isMitigatedByMeasure odrl:action odrl:assignee
    odrl:assigner odrl:conflict odrl:constraint odrl:includedIn odrl:leftOperand odrl:obligation
    odrl:operator odrl:permission odrl:profile odrl:prohibition odrl:target prov:agent prov:hadPlan
    prov:qualifiedAssociation prov:specializationOf prov:used prov:wasAssociatedWith
    prov:wasAttributedTo prov:wasDerivedFrom prov:wasGeneratedBy skos:closeMatch sw:benefit sw:field
    sw:form sw:linkingField sw:process sw:product sw:provision sw:redaction sw:underPurpose
"""
_TYPED = {
    "dcat:endDate": "date",
    "dcat:startDate": "date",
    "dpv:hasDuration": "duration",
    "prov:endedAtTime": "dateTime",
    "prov:startedAtTime": "dateTime",
    "sw:baseline": "decimal",
    "sw:due": "date",
    "sw:reviewDate": "date",
    "sw:target": "decimal",
}
CONTEXT: dict[str, Any] = {
    **_PREFIXES,
    **{name: {"@type": "@id"} for name in _LINKS.split()},
    **{name: {"@type": f"xsd:{kind}"} for name, kind in _TYPED.items()},
}
"""The context, written into every document: nothing is fetched to read one."""

Node = dict[str, Any]


def iri(*parts: str) -> str:
    """`id:` and a path of names, each made fit for an address."""
    return "id:" + "/".join(quote(part, safe="-._~") for part in parts)


def link(to: str) -> Node:
    """A reference, where the context does not say that a property always holds one."""
    return {"@id": to}


def typed(value: object, kind: str) -> Node:
    """A literal with its XML Schema type, where the context does not say it."""
    return {"@type": f"xsd:{kind}", "@value": str(value)}


class Nodes:
    """Collects nodes by IRI. What is told twice is held once; what is empty is not told."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, list[Any]]] = {}

    def add(self, name: str, types: Iterable[str], told: Mapping[str, Any]) -> str:
        """Add types and properties to the node `name`; its name, so that another can refer to it."""
        node = self._held.setdefault(name, {"@type": []})
        node["@type"] += [kind for kind in types if kind not in node["@type"]]
        for key, value in told.items():
            values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
            held = node.setdefault(key, [])
            held += [v for v in values if v is not None and v != "" and v not in held]
        return name

    def document(self) -> dict[str, Any]:
        """The document: context and nodes, sorted; a property with one value holds it bare."""
        graph = []
        for name, node in sorted(self._held.items()):
            told = {key: _bare(sorted(values, key=_order)) for key, values in node.items() if values}
            graph.append({"@id": name, **dict(sorted(told.items()))})
        return {"@context": CONTEXT, "@graph": graph}


def _bare(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _order(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def written(document: Mapping[str, Any]) -> str:
    """The document as text, the same for the same facts: sorted keys, two spaces, UTF-8, a last newline."""
    return json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
