"""What was done, in PROV-O: each run, under which agreed text, what it read and what it gave to whom."""

from __future__ import annotations

from .dataset_graph import asset_iri, party_iri
from .facts import Generated, Run
from .nodes import Nodes, iri


def agreed_iri(terms: str, flow: str) -> str:
    """The IRI of a text as it was agreed: its two hashes."""
    return iri("agreed", f"{terms}-{flow}")


def add_agreed(nodes: Nodes, root: str, terms: str, flow: str) -> str:
    """The text that two hashes stand for, as a plan that runs are held to."""
    told = {"sw:termsHash": terms, "sw:flowHash": flow, "prov:specializationOf": root}
    return nodes.add(agreed_iri(terms, flow), ("prov:Plan", "prov:Entity"), told)


def add_run(nodes: Nodes, root: str, run: Run) -> str:
    """The nodes of a run and its releases.

    Whoever ran it is told as their organisation: a document that goes out names no member of staff.
    """
    name = f"{root}/run/{run.name}"
    body = nodes.add(
        party_iri(run.body), ("prov:Organization", "dpv:Organisation"), {"dcterms:identifier": run.body}
    )
    plan = add_agreed(nodes, root, run.terms, run.flow)
    association = nodes.add(
        f"{name}/association", ("prov:Association",), {"prov:agent": body, "prov:hadPlan": plan}
    )
    told = {
        "dcterms:identifier": run.name,
        "prov:startedAtTime": run.started.isoformat(),
        "prov:endedAtTime": run.ended.isoformat() if run.ended else None,
        "prov:wasAssociatedWith": body,
        "prov:qualifiedAssociation": association,
        "prov:used": [asset_iri(asset) for asset in run.used],
        "sw:state": "failed" if run.failed else "finished" if run.ended else "begun",
    }
    nodes.add(name, ("prov:Activity",), told)
    for made in run.generated:
        _release(nodes, root, name, made)
    return name


def _release(nodes: Nodes, root: str, run: str, made: Generated) -> None:
    told = {
        "sw:digest": made.digest,
        "prov:wasGeneratedBy": run,
        "prov:wasAttributedTo": party_iri(made.recipient),
        "prov:specializationOf": f"{root}/product/{made.product}",
    }
    nodes.add(party_iri(made.recipient), (), {"dcterms:identifier": made.recipient})
    nodes.add(f"{run}/release/{made.product}/{made.recipient}", ("prov:Entity", "sw:Release"), told)
