"""Every line of `shapes.ttl` can fail: each constraint is broken, alone, in a document that was sound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyshacl import validate
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node
from standards_example import document

from sharewell.errors import DocumentError
from sharewell.standards import check_conforms, graph_of
from sharewell.standards.validation import shapes

SHAPE = "https://sharewell.example/shapes#"
NOWHERE = URIRef("https://nowhere.example/thing")
CONSTRAINTS = (
    SH.minCount, SH.maxCount, SH["class"], SH.datatype, SH.pattern, SH["in"], SH.hasValue, SH.lessThan,
    SH.minInclusive, SH.maxInclusive, SH.qualifiedMinCount, SH.qualifiedMaxCount,
)  # fmt: skip
SILENT = {SH.path, SH.message, SH.qualifiedValueShape, RDF.type}
"""What is said of a property shape that is no constraint by itself."""


def cases() -> Iterator[tuple[str, URIRef, URIRef]]:
    """Every property shape with every constraint on it."""
    for _, _, shape in shapes().triples((None, SH.property, None)):
        if isinstance(shape, URIRef):
            for kind in CONSTRAINTS:
                if (shape, kind, None) in shapes():
                    yield f"{shape.removeprefix(SHAPE)} {kind.fragment}", shape, kind


CASES = {name: (shape, kind) for name, shape, kind in cases()}


def focus_and_path(graph: Graph, shape: URIRef) -> tuple[Node, Node, list[Node]]:
    """A node that the shape is about, the node that has its last property, and its properties."""
    (owner,) = shapes().subjects(SH.property, shape)
    target = shapes().value(owner, SH.targetClass)
    path = shapes().value(shape, SH.path)
    assert path is not None
    for focus in sorted(graph.subjects(RDF.type, target)):
        if isinstance(path, URIRef):
            return focus, focus, [path]
        choice = shapes().value(path, SH.alternativePath)
        steps = list(Collection(shapes(), choice if choice is not None else path))
        if choice is not None:
            return focus, focus, steps
        middle = graph.value(focus, steps[0])
        assert middle is not None
        return focus, middle, steps[1:]
    raise AssertionError(f"nothing in the document is a {target}")


def broken(graph: Graph, shape: URIRef, kind: URIRef) -> Node:
    """Break one constraint of one shape in a graph; the node whose fault it is."""
    focus, holder, paths = focus_and_path(graph, shape)
    held = [value for path in paths for value in graph.objects(holder, path)]
    if kind in (SH.minCount, SH.hasValue, SH.qualifiedMinCount):
        for path in paths:
            graph.remove((holder, path, None))
    elif kind == SH.maxCount:
        old = held[0] if held else Literal("1")
        more = (
            Literal(f"{old}0", datatype=getattr(old, "datatype", None))
            if isinstance(old, Literal)
            else NOWHERE
        )
        graph.add((holder, paths[0], more))
    elif kind == SH.qualifiedMaxCount:
        wanted = shapes().value(
            shapes().value(shapes().value(shape, SH.qualifiedValueShape), SH.property), SH.hasValue
        )
        left = URIRef("http://www.w3.org/ns/odrl/2/leftOperand")
        graph.add((NOWHERE, left, wanted))
        graph.add((holder, paths[0], NOWHERE))
    else:
        wrong = {SH["class"]: NOWHERE, SH.minInclusive: Literal(0), SH.maxInclusive: Literal(6)}
        worst = Literal("9999-12-31", datatype=URIRef("http://www.w3.org/2001/XMLSchema#date"))
        for path in paths:
            graph.remove((holder, path, None))
        graph.add((holder, paths[0], worst if kind == SH.lessThan else wrong.get(kind, Literal("?"))))
    return focus


def alone(shape: URIRef) -> Graph:
    """One property shape and what it says, without the others: what is slow is to judge by all of them."""
    (owner,) = shapes().subjects(SH.property, shape)
    made = Graph()
    for kind in (RDF.type, SH.targetClass):
        made.add((owner, kind, shapes().value(owner, kind)))
    made.add((owner, SH.property, shape))
    for triple in shapes().cbd(shape):
        made.add(triple)
    return made


def reported(graph: Graph, shape: URIRef) -> set[tuple[Node | None, Node | None]]:
    """The focus and the constraint of every fault that one shape finds."""
    _, report, _ = validate(graph, shacl_graph=alone(shape), inference="none")
    return {
        (report.value(found, SH.focusNode), report.value(found, SH.sourceConstraintComponent))
        for found in report.subjects(SH.sourceShape, shape)
    }


def component(kind: URIRef) -> URIRef:
    name = str(kind.fragment)
    return SH[f"{name[0].upper()}{name[1:]}ConstraintComponent"]


def copy(graph: Graph) -> Graph:
    made = Graph()
    for triple in graph:
        made.add(triple)
    return made


@pytest.fixture(scope="module")
def sound() -> Graph:
    return graph_of(document())


@pytest.mark.parametrize("name", CASES)
def test_constraint_can_fail(name: str, sound: Graph) -> None:
    shape, kind = CASES[name]
    graph = copy(sound)
    focus = broken(graph, shape, kind)
    assert reported(sound, shape) == set()
    assert (focus, component(kind)) in reported(graph, shape)


def test_every_line_of_the_shapes_is_among_these() -> None:
    listed = {
        shape for _, _, shape in shapes().triples((None, SH.property, None)) if isinstance(shape, URIRef)
    }
    inner = {
        shape for _, _, shape in shapes().triples((None, SH.property, None)) if isinstance(shape, BNode)
    }
    assert listed == {shape for shape, _ in CASES.values()}
    said = {p for shape in listed for p in shapes().predicates(shape)}
    assert said - SILENT <= set(CONSTRAINTS)
    assert all((shape, SH.message, None) in shapes() for shape in listed)
    assert all(shapes().value(shape, SH.hasValue) is not None for shape in inner)


def test_a_fault_names_the_node_and_the_shape() -> None:
    from standards_example import made, written

    with pytest.raises(DocumentError) as caught:
        check_conforms(made(written().replace("notice: https://north.example/warm-homes, ", "")))
    assert {p.fix for p in caught.value.problems} == {"the shape is process-notice"}
    assert {p.where for p in caught.value.problems} == {
        "id:agreement/warm-homes/1/process/asthma-gap", "id:agreement/warm-homes/1/process/damp-homes",
    }  # fmt: skip
