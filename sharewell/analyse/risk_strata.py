"""risk-strata: each coded person's points by a declared score, and the stratum that the points fall in.

The score is an expression over the fields, with its weights as `thresholds`, so that every weight is a
term of the agreement and can be argued with. Nobody is named: a stratum says of whom a clinician may ask
who it is, under the agreement's clause on re-identification, and decides nothing. A person whose score
cannot be computed is in no stratum and is counted as such.

Method: additive risk points (Sullivan, Massaro and D'Agostino 2004, Statistics in Medicine 23:1631).
"""

from __future__ import annotations

from ..plan.forms import DEPERSONALISED
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="risk-strata",
    question="Who is most likely to have {outcome_as}, so that care can come first?",
    needs=DEPERSONALISED,
    yields=DEPERSONALISED,
    inputs=(Input("people", "one row a person"),),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key", True, of="people", types=(Type.TEXT,)),
        Parameter("score", Takes.EXPRESSION, "the points, over the fields", True, of="people"),
        Parameter("thresholds", Takes.MAPPING, "the weights that the score calls :name", default={}),
        Parameter("strata", Takes.MAPPING, "the least points of each stratum, by its name", True),
        Parameter("shows", Takes.COLUMNS, "fields told beside the stratum", default=(), of="people"),
        Parameter(
            "objects",
            Takes.COLUMN,
            "whether the person objects: then they are left out",
            of="people",
            types=(Type.BOOLEAN,),
        ),
        Parameter("outcome_as", Takes.TEXT, "what is foreseen, in words", True),
    ),
    fits=False,
    source="Sullivan, Massaro and D'Agostino 2004",
    gives=(
        Given(named_by="person"),
        Given(named_by="shows"),
        Given("points", Type.NUMBER, Kind.SENSITIVE),
        Given("stratum", Type.TEXT, Kind.SENSITIVE),
    ),
    subject="person",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
