"""Assets and their fields in DCAT 3, with the kind of each field in DPV."""

from __future__ import annotations

import re
from typing import Any

from ..plan.forms import Form
from ..plan.schema import Kind
from .facts import Dataset, Field
from .nodes import Nodes, iri

_ACCESS = "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"
"""Every asset: it is read under a signed agreement and not otherwise."""

_FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
_FREQUENCIES = {
    "h": "HOURLY", "hour": "HOURLY", "d": "DAILY", "day": "DAILY", "w": "WEEKLY", "week": "WEEKLY",
    "mo": "MONTHLY", "month": "MONTHLY", "q": "QUARTERLY", "quarter": "QUARTERLY", "y": "ANNUAL",
    "year": "ANNUAL",
}  # fmt: skip
_KINDS = {
    Kind.IDENTIFIER: "dpv:IdentifyingPersonalData",
    Kind.KEY: "dpv:IdentifyingPersonalData",
    Kind.SENSITIVE: "dpv:SensitivePersonalData",
    Kind.QUASI: "dpv:PersonalData",
    Kind.PLAIN: "dpv:PersonalData",
}


def party_iri(name: str) -> str:
    """The IRI of a body, the same in every agreement."""
    return iri("party", name)


def asset_iri(name: str) -> str:
    """The IRI of an asset."""
    return iri("asset", name)


def field_iri(field: str) -> str:
    """The IRI of a field, given as "asset.field"."""
    asset, _, name = field.rpartition(".")
    return iri("asset", asset, "field", name)


def form_iri(form: Form) -> str:
    """The term for a form: its everyday word, or its two coordinates where it has none."""
    return "sw:form-" + "-".join(re.findall("[a-z]+", form.word))


def add_dataset(nodes: Nodes, dataset: Dataset) -> str:
    """The nodes of an asset and its fields; the asset's IRI.

    A sensitive field is told as sensitive, not as special category: which of the two it is in law, its
    contract does not say.
    """
    holder = nodes.add(
        party_iri(dataset.holder),
        ("dpv:Organisation", "prov:Organization"),
        {"dcterms:identifier": dataset.holder},
    )
    fields = [_field(nodes, dataset, field) for field in dataset.fields]
    told = {
        "dcterms:identifier": dataset.name,
        "dcterms:title": dataset.title,
        "dcterms:description": dataset.description,
        "dcterms:creator": holder,
        "dcterms:publisher": holder,
        "dcterms:accessRights": _ACCESS,
        "dcterms:rights": [f"restriction: {name}" for name in dataset.restrictions],
        "dcterms:accrualPeriodicity": _frequency(dataset.every),
        "sw:category": dataset.categories,
        "dcat:version": dataset.version,
        "dcat:keyword": dataset.tags,
        "sw:field": fields,
    }
    return nodes.add(asset_iri(dataset.name), ("dcat:Dataset", "prov:Entity", "odrl:Asset"), told)


def _field(nodes: Nodes, dataset: Dataset, field: Field) -> str:
    kind = _KINDS[field.kind] if dataset.about_people else "dpv:NonPersonalData"
    told = {
        "dcterms:title": field.name,
        "dcterms:description": field.description,
        "sw:kind": field.kind.value,
        "sw:type": field.type.value,
    }
    return nodes.add(field_iri(f"{dataset.name}.{field.name}"), ("sw:Field", kind), told)


def _frequency(every: tuple[int, str] | None) -> str | None:
    """The named frequency of the EU Publications Office; one that it has no name for is left unsaid."""
    if every is None or every[0] != 1:
        return None
    unit = every[1].lower()
    word = _FREQUENCIES.get(unit) or _FREQUENCIES.get(unit.removesuffix("s"))
    return f"{_FREQUENCY}{word}" if word else None


def dataset_document(dataset: Dataset) -> dict[str, Any]:
    """One asset as a JSON-LD document of its own."""
    nodes = Nodes()
    add_dataset(nodes, dataset)
    return nodes.document()
