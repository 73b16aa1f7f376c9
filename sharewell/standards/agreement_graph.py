"""One agreement as one JSON-LD document: what may be done, why, with which assets, and what was done.

The document is told *from* the agreement and bound to it by its two hashes; it is not the agreement. Where
parts are redacted from what is published, the document says so and marks itself as restricted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..agree.document import Agreement
from ..agree.terms import Role
from ..plan.fingerprint import fingerprints
from ..plan.plan import Plan
from .dataset_graph import add_dataset, party_iri
from .facts import Dataset, Run
from .nodes import Nodes, iri
from .policy_graph import Policy
from .process_graph import Processes
from .run_graph import add_agreed, add_run

_ACCESS = "http://publications.europa.eu/resource/authority/access-right/"


def agreement_document(
    agreement: Agreement, plan: Plan, datasets: Iterable[Dataset], runs: Iterable[Run] = ()
) -> dict[str, Any]:
    """The document, as JSON values: the same for the same agreement, contracts and runs.

    `datasets` must hold every asset that the plan reads.
    """
    nodes, text = Nodes(), agreement.text
    root = iri("agreement", text.agreement, str(text.version))
    known = {dataset.name: dataset for dataset in datasets}
    for name in sorted({read.asset.name for read in plan.reads}):
        add_dataset(nodes, known[name])
    Processes(nodes, agreement, plan, root, known).add()
    Policy(nodes, agreement, plan, root).add()
    hashes = fingerprints(text, plan)
    add_agreed(nodes, root, hashes.terms, hashes.flow)
    for run in runs:
        add_run(nodes, root, run)
    nodes.add(root, ("odrl:Agreement", "prov:Entity"), _head(nodes, agreement, plan, root))
    nodes.add(root, (), {"sw:termsHash": hashes.terms, "sw:flowHash": hashes.flow})
    return nodes.document()


def _head(nodes: Nodes, agreement: Agreement, plan: Plan, root: str) -> dict[str, Any]:
    text = agreement.text
    parties = text.agree.parties
    bringing = sorted({read.asset.holder for read in plan.reads})
    receiving = sorted({name for product in plan.products for name in product.recipients})
    return {
        "dcterms:identifier": text.agreement,
        "dcterms:title": text.title,
        "dcterms:language": "en-GB",
        "dcat:version": str(text.version),
        "dcterms:accessRights": _ACCESS + ("RESTRICTED" if _withheld(agreement) else "PUBLIC"),
        "dcterms:temporal": _term(nodes, agreement, root),
        "odrl:profile": "sw:profile",
        "odrl:assigner": [party_iri(name) for name in bringing],
        "odrl:assignee": [party_iri(name) for name in {plan.host, *receiving}],
        "sw:framework": text.framework,
        "sw:linker": [name for name, party in parties.items() if party.role is Role.LINKER],
        "sw:redaction": _redactions(nodes, agreement, root),
        "sw:transferAbroad": _abroad(agreement),
    }


def _withheld(agreement: Agreement) -> bool:
    agree = agreement.text.agree
    return bool(agree.redactions) or agree.transparency.register_ == "withheld"


def _term(nodes: Nodes, agreement: Agreement, root: str) -> str:
    term = agreement.text.account.term
    told = {
        "dcat:startDate": term.start.isoformat(),
        "dcat:endDate": term.end.isoformat(),
        "sw:reviewDate": term.review.isoformat(),
    }
    return nodes.add(f"{root}/term", ("dcterms:PeriodOfTime",), told)


def _redactions(nodes: Nodes, agreement: Agreement, root: str) -> list[str]:
    """Each part that published papers leave out: that it is left out, why, and who decided."""
    return [
        nodes.add(
            f"{root}/redaction/{number}",
            ("sw:Redaction",),
            {"sw:part": told.part, "dcterms:description": told.why, "sw:decidedBy": told.by},
        )
        for number, told in enumerate(agreement.text.agree.redactions, start=1)
    ]


def _abroad(agreement: Agreement) -> list[str]:
    """Transfers outside the United Kingdom as stated; where nothing is stated, nothing is said here."""
    abroad = agreement.text.agree.abroad
    if abroad is None:
        return []
    return [f"{told.to}: {told.safeguard}" for told in abroad] or ["none"]
