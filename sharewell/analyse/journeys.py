"""journeys: which services people come to one after another, over years, and where it could have been
sooner.

For each person the services in order of first contact, cut at `years`; alike sequences are counted
together, and a step between two services is given with the middle half of the time that it took. Only
sequences and steps that enough people share are told: a long sequence is as good as a name. Sequence
counting after Agrawal and Srikant 1995 (Mining sequential patterns, ICDE); time between contacts by
quartiles.

Yields counts of sequences, counts and times of steps, and the number of services that people came to.
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="journeys",
    question="Through which services do people come, in which order, over {years} years?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("contacts", "one row a person and service, or contact with it"),),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key", True, of="contacts", types=(Type.TEXT,)),
        Parameter("service", Takes.COLUMN, "the service", True, of="contacts", types=(Type.TEXT,)),
        Parameter("on", Takes.COLUMN, "the day of first contact", True, of="contacts", types=(Type.DATE,)),
        Parameter("to", Takes.DATE, "last day looked at", True),
        Parameter("years", Takes.INTEGER, "years looked back over", True, least=1, most=30),
        Parameter("longest", Takes.INTEGER, "longest sequence told", default=4, least=2, most=10),
        Parameter("least", Takes.INTEGER, "fewest people who share a sequence", default=10, least=10),
        Parameter("before", Takes.TEXT, "the service that comes late, to see what led to it"),
    ),
    source="Agrawal and Srikant 1995",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
