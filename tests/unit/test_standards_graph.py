"""What a JSON-LD document of an agreement says, and that it comes back the same from other software."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from standards_example import RUN, document, made, node, several, written

from sharewell.plan.schema import Kind, Type
from sharewell.standards import Dataset, Field, dataset_document, faults, graph_of, unknown_codes
from sharewell.standards.nodes import CONTEXT, IDS
from sharewell.standards.nodes import written as as_text
from sharewell.standards.terms import provisions

ROOT = "id:agreement/warm-homes/1"


def test_document_conforms_to_every_shape() -> None:
    assert faults(graph_of(document())) == ()


def test_each_recipient_may_read_its_product_for_its_purpose_form_and_term() -> None:
    told = node(document(), "permission/read/damp-homes/north-energy")
    assert told["odrl:assigner"] == "id:party/north-host"
    assert told["odrl:assignee"] == "id:party/north-energy"
    assert told["odrl:target"] == f"{ROOT}/product/damp-homes"
    bounds = {name.removeprefix(f"{ROOT}/constraint/") for name in told["odrl:constraint"]}
    assert bounds == {"purpose/repairs", "form/yes-no", "from", "until"}
    assert node(document(), "constraint/purpose/repairs")["odrl:rightOperand"] == {
        "@id": f"{ROOT}/purpose/repairs"
    }
    readers = {
        n["odrl:assignee"] for n in document()["@graph"] if "/permission/read/asthma-gap/" in n["@id"]
    }
    assert readers == {"id:party/north-council", "id:party/public"}


def test_the_linker_may_compare_identities_and_nothing_else() -> None:
    told = node(document(), "permission/link/person")
    assert told["odrl:assignee"] == "id:party/north-linker"
    assert told["odrl:assigner"] == ["id:party/north-clinic", "id:party/north-council"]
    assert "nothing else" in node(document(), "1/linking/person")["dcterms:description"]


def test_what_is_never_to_be_done_is_a_prohibition_and_so_is_everything_else() -> None:
    said = {n["dcterms:description"] for n in document()["@graph"] if n["@type"] == "odrl:Prohibition"}
    assert "Decide on one person's care" in said
    allowed = node(document(), "constraint/other-purpose")
    assert {v["@id"].removeprefix(f"{ROOT}/") for v in allowed["odrl:rightOperand"]} == {
        "purpose/planning", "purpose/repairs", "linking/person", "linking/home",
    }  # fmt: skip
    assert several(node(document(), "prohibition/reidentification")["odrl:target"])


def test_a_field_is_told_as_read_or_as_only_linked() -> None:
    told = node(document(), "process/asthma-gap")
    data = {name.removeprefix("id:asset/") for name in told["dpv:hasPersonalData"]}
    linked = {name.removeprefix("id:asset/") for name in told["sw:linkingField"]}
    assert {"clinic.patients/field/asthma", "clinic.patients/field/nhs_number"} <= data
    assert "clinic.patients/field/nhs_number" in linked
    assert "clinic.patients/field/asthma" not in linked
    assert "clinic.patients/field/born" not in linked  # linked by, and read for the age band too
    assert "dpv:SensitivePersonalData" in node(document(), "clinic.patients/field/asthma")["@type"]


def test_forms_are_told_by_whom_the_rows_are_about() -> None:
    assert "dpv:AnonymisedData" in node(document(), "product/asthma-gap")["@type"]
    assert "dpv:IdentifyingPersonalData" in node(document(), "product/damp-homes")["@type"]


def test_a_run_names_its_organisation_its_text_and_what_it_gave_and_no_member_of_staff() -> None:
    told = node(document(), f"/run/{RUN.name}")
    assert told["prov:wasAssociatedWith"] == "id:party/north-host"
    assert several(told["prov:used"]) == ["id:asset/clinic.patients", "id:asset/council.tenants"]
    plan = node(document(), f"/run/{RUN.name}/association")["prov:hadPlan"]
    assert node(document(), plan)["sw:termsHash"] == RUN.terms
    release = node(document(), "release/asthma-gap/north-council")
    assert (release["sw:digest"], release["prov:wasGeneratedBy"]) == ("c" * 64, told["@id"])
    assert "a.khan" not in json.dumps(document())


def test_a_redaction_is_told_and_the_document_is_then_not_for_everyone() -> None:
    head = node(document(), "agreement/warm-homes/1")
    assert head["dcterms:accessRights"].endswith("/RESTRICTED")
    assert node(document(), "redaction/1")["sw:part"] == "describe.tenants.use"
    plain = made(written().replace("  redactions:", "  equality: []\n  redactions: []\n  #"))
    assert node(plain, "agreement/warm-homes/1")["dcterms:accessRights"].endswith("/PUBLIC")


def test_what_is_not_said_is_not_told() -> None:
    """warm-homes has no Article 10 authority, no section 251 support and no confidentiality basis."""
    basis = {n["@id"].rpartition("/")[2] for n in document()["@graph"] if n["@type"] == "dpv:LegalBasis"}
    assert basis == {"gateway", "article-6", "article-9", "dpa-schedule-1"}


# How it is written


def test_every_node_has_a_name() -> None:
    from rdflib import BNode

    graph = graph_of(document())
    assert not [part for triple in graph for part in triple if isinstance(part, BNode)]


def test_it_is_the_same_however_often_it_is_made_and_in_whichever_order() -> None:
    again = made(written())
    assert as_text(again) == as_text(document())
    names = [n["@id"] for n in again["@graph"]]
    assert names == sorted(set(names))


def _ordered(value: Any) -> Any:
    """JSON-LD without the order of values, its names under one prefix: what two writings must share."""
    if isinstance(value, dict):
        return {key: _ordered(held) for key, held in sorted(value.items())}
    if isinstance(value, list):
        return sorted((_ordered(held) for held in value), key=lambda held: json.dumps(held, sort_keys=True))
    return value.replace(IDS, "id:") if isinstance(value, str) else value


def test_it_survives_being_expanded_and_compacted_by_other_software() -> None:
    from rdflib.compare import isomorphic

    graph = graph_of(document())
    expanded = graph.serialize(format="json-ld")
    assert isomorphic(graph, graph_of(json.loads(expanded)))
    compacted = json.loads(graph.serialize(format="json-ld", context=CONTEXT))
    back = {n["@id"]: n for n in _ordered(compacted["@graph"])}
    assert back == {n["@id"]: n for n in _ordered(document()["@graph"])}


def test_nothing_is_fetched_to_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert faults(graph_of(document())) == ()
    assert isinstance(document()["@context"], dict)


# Terms


@pytest.mark.parametrize(
    ("text", "article", "told"),
    [
        ("6(1)(e)", "6", ("A6-1-e",)),
        ("UK GDPR Article 6(1)(e), public task", "6", ("A6-1-e",)),
        ("Article 6(1)(c) and 6(1)(e)", "6", ("A6-1-c", "A6-1-e")),
        ("9(2)(h)", "9", ("A9-2-h",)),
        ("Art. 9(2)(g): substantial public interest", "9", ("A9-2-g",)),
        ("public task", "6", ()),
        ("not 6(1)(a)", "6", ()),
        ("6(1)(e), and not 6(1)(a)", "6", ()),
        ("Schedule 1 paragraph 6", "9", ()),
        ("6(1)(z)", "6", ()),
        ("6(1)(e)(i)", "6", ()),
        ("see 6(1)(e)", "6", ()),
        ("9(2)(h)", "6", ()),
        (None, "9", ()),
    ],
)
def test_a_legal_basis_is_mapped_only_where_the_text_names_it(
    text: str | None, article: str, told: tuple[str, ...]
) -> None:
    assert provisions(text, article) == told


def test_uk_terms_are_this_projects_and_close_to_the_eus() -> None:
    told = node(document(), "sw:uk-gdpr-A6-1-e")
    assert told["skos:closeMatch"] == "eu-gdpr:A6-1-e"
    assert node(document(), "law/article-6")["sw:provision"] == "sw:uk-gdpr-A6-1-e"
    assert "sw:provision" not in node(document(), "law/dpa-schedule-1")


def test_a_purpose_that_dpv_has_not_is_named_with_the_nearest() -> None:
    assert unknown_codes(["dpv:PublicBenefit", "dpv:PublicBenefits", "other:Thing"]) == (
        "dpv:PublicBenefits",
    )
    wrong = made(written().replace("dpv:PublicBenefit", "dpv:PublicBenefits"))
    (fault,) = faults(graph_of(wrong))
    assert (fault.code, "'PublicBenefit'" in fault.fix) == ("TERM", True)


def test_an_asset_alone_is_a_dataset_with_its_holder_frequency_and_restrictions() -> None:
    field = Field("born", Type.DATE, Kind.IDENTIFIER, "Day of birth")
    given = Dataset(
        "gp.x", "X", "What it is", "north-gp", "1.0.0", (field,), True, ("hmrc",), (), (), (1, "month")
    )
    told = node(dataset_document(given), "asset/gp.x")
    places = dataclasses.replace(given, about_people=False)
    assert "dpv:NonPersonalData" in node(dataset_document(places), "gp.x/field/born")["@type"]
    assert "dpv:IdentifyingPersonalData" in node(dataset_document(given), "gp.x/field/born")["@type"]
    assert told["dcterms:publisher"] == "id:party/north-gp"
    assert told["dcterms:accrualPeriodicity"].endswith("/MONTHLY")
    assert told["dcterms:rights"] == "restriction: hmrc"
    assert faults(graph_of(dataset_document(given))) == ()
