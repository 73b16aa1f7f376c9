"""needs-gap: how many people have a recorded need, against how many would be expected.

Expected: people times a published prevalence, by age band where one is given. The ratio's limits are Byar's
approximation to the exact Poisson limits (Breslow and Day 1987, Statistical Methods in Cancer Research II,
p. 69), as in the technical guides of English public health. A gap is between records and expectation: it
may be need that was not met, need that was not recorded, or a prevalence that does not hold here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plan.expressions import Col, Lit, call
from ..plan.figure import Figure
from ..plan.finding import ALL, UNKNOWN
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Derive, Group, Step
from .gap.report import fit
from .gap.story import tell
from .registry import RECIPES

SIGNATURE = Signature(
    name="needs-gap",
    question="Where are fewer people recorded with {need_as} than would be expected?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("people", "one row a person"),),
    parameters=(
        Parameter("area", Takes.COLUMN, "where a person lives", True, of="people", types=(Type.TEXT,)),
        Parameter("band", Takes.COLUMN, "a person's age band", True, of="people", types=(Type.TEXT,)),
        Parameter(
            "need", Takes.COLUMN, "whether the need is recorded", True, of="people", types=(Type.BOOLEAN,)
        ),
        Parameter("need_as", Takes.TEXT, "the need in words", True),
        Parameter("prevalence", Takes.MAPPING, "expected share of people with the need, by age band", True),
        Parameter("prevalence_source", Takes.TEXT, "where the prevalence was published", True),
    ),
    source="Breslow and Day 1987",
    figures=(
        Figure("gap", "areas", "gap", {"area": ALL}),
        Figure("ratio", "areas", "ratio", {"area": ALL}, "low", "high"),
    ),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an area and band: people, and those with the need recorded."""
    people = inputs["people"]

    def known(name: str) -> tuple[str, Any]:
        return name, call("coalesce", Col(params[name], Type.TEXT), Lit(UNKNOWN, Type.TEXT))

    recorded = Aggregate("recorded", "rows", where=Col(params["need"], Type.BOOLEAN))
    labelled = Derive(people, (known("area"), known("band")))
    return Group(labelled, ("area", "band"), (Aggregate("people", "rows"), recorded))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
