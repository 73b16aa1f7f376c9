"""Whether a document has what it must: the shapes in `shapes.ttl`, and no term that DPV 2.3 has not.

Nothing is fetched: the context stands in the document, the shapes beside this module. rdflib and pyshacl
take a moment to load and are loaded here alone, on use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DocumentError, Problem, among
from .nodes import CONTEXT
from .terms import DPV, KNOWN, PURPOSES

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

SHAPES = Path(__file__).with_name("shapes.ttl")


def graph_of(document: Mapping[str, Any]) -> Graph:
    """The document as an RDF graph."""
    from rdflib import Graph

    return Graph().parse(data=json.dumps(document), format="json-ld")


@cache
def shapes() -> Graph:
    """The shapes, read once."""
    from rdflib import Graph

    return Graph().parse(SHAPES, format="turtle")


def faults(graph: Graph) -> tuple[Problem, ...]:
    """Every way in which a graph falls short: TERM for a name that DPV 2.3 has not, SHAPE for the rest."""
    return (*_unknown_terms(graph), *_broken_shapes(graph))


def check_conforms(document: Mapping[str, Any]) -> None:
    """Raise DocumentError with every fault of a document."""
    found = faults(graph_of(document))
    if found:
        raise DocumentError(found)


def _unknown_terms(graph: Graph) -> list[Problem]:
    told = {str(term) for triple in graph for term in triple if str(term).startswith(DPV)}
    return [
        Problem(
            "TERM",
            f"dpv:{name} is no term of DPV 2.3",
            "other people's software could not tell what is meant",
            f"correct the code in `purposes:`; {among(name, sorted(PURPOSES)).split('? ')[0]}",
        )
        for name in sorted(term.removeprefix(DPV) for term in told)
        if name not in KNOWN
    ]


def _broken_shapes(graph: Graph) -> list[Problem]:
    from pyshacl import validate
    from rdflib.namespace import SH

    conforms, report, _ = validate(graph, shacl_graph=shapes(), inference="none")
    if conforms:
        return []
    found = set[Problem]()
    for result in report.subjects(SH.resultMessage):
        said = str(report.value(result, SH.resultMessage))
        shape = _short(report.value(result, SH.sourceShape)).removeprefix(
            "https://sharewell.example/shapes#"
        )
        where = _short(report.value(result, SH.focusNode))
        found.add(Problem("SHAPE", said, "", f"the shape is {shape}", where))
    return sorted(found, key=lambda problem: (problem.where, problem.fix))


def _short(node: Node | None) -> str:
    """An IRI by its prefix, as the document has it."""
    name = str(node)
    for prefix, start in CONTEXT.items():
        if isinstance(start, str) and name.startswith(start):
            return f"{prefix}:{name.removeprefix(start)}"
    return name
