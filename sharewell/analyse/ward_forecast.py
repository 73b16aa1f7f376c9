"""ward-forecast: how many people of an age there will be in each ward in the years to come.

People known at each past year are counted by ward and single year of age; each cohort is carried forward
by the ratio at which wards like it have gained or lost people of that age (Hamilton-Perry 1962, Journal
of the American Statistical Association 57:297). Intervals are the spread of the errors of the same method
on years that are already known. A ward whose error on those is wide is told as such.

Yields one row a ward and year: people now, forecast with interval, and the mean error on known years.
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="ward-forecast",
    question="How many people aged {from_age} to {to_age} will live in each {area}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("people", "one row or more a person, with when they were known to live there"),),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key", True, of="people", types=(Type.TEXT,)),
        Parameter("area", Takes.COLUMN, "where they live", True, of="people", types=(Type.TEXT,)),
        Parameter(
            "born", Takes.COLUMN, "birth, as near as it is known", True, of="people", types=(Type.DATE,)
        ),
        Parameter(
            "since", Takes.COLUMN, "since when they are known there", True, of="people", types=(Type.DATE,)
        ),
        Parameter("from_age", Takes.INTEGER, "youngest age", True, least=0, most=110),
        Parameter("to_age", Takes.INTEGER, "oldest age", True, least=0, most=110),
        Parameter("at", Takes.DATE, "the day of the last count", True),
        Parameter("years", Takes.INTEGER, "years ahead", True, least=1, most=10),
        Parameter(
            "history", Takes.INTEGER, "years back that the ratios rest on", default=5, least=2, most=20
        ),
    ),
    source="Hamilton and Perry 1962",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
