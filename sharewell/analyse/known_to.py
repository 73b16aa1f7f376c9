"""known-to: is this person known to a service, and whom should one ring? Never why, never the notes.

The answer to a police officer or a paramedic on the street: yes or no, and the contact of whoever can say
more. A person for whom `known` cannot be decided is a no with no contact, so that silence tells nothing.

Method: the least that lets the caller act, after Caldicott principles 3 and 7 (National Data Guardian
2020).
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="known-to",
    question="Is this person known to {service_as}, and who is their contact there?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(Input("people", "one row a person"),),
    parameters=(
        Parameter("subject", Takes.COLUMN, "the reference by which a reader asks", True, of="people"),
        Parameter("known", Takes.EXPRESSION, "a yes/no: known to the service", True, of="people"),
        Parameter("thresholds", Takes.MAPPING, "the values that `known` calls :name", default={}),
        Parameter(
            "contact", Takes.COLUMN, "the team and its number", True, of="people", types=(Type.TEXT,)
        ),
        Parameter(
            "objects",
            Takes.COLUMN,
            "whether the person objects: then the answer is no",
            of="people",
            types=(Type.BOOLEAN,),
        ),
        Parameter("service_as", Takes.TEXT, "the service, in words", True),
        Parameter("break_glass", Takes.BOOLEAN, "an answer in an emergency, for a reason", default=False),
    ),
    fits=False,
    source="National Data Guardian 2020",
    gives=(
        Given(named_by="subject"),
        Given("known", Type.BOOLEAN, Kind.SENSITIVE),
        Given(named_by="contact"),
    ),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
