"""progress: how many are being helped, how long, and how they were closed, by team.

Counts and shares of what lead workers recorded, with Wilson's interval. It says what was recorded and
nothing of what helping did: people in trouble often recover by themselves, so that a service which does
nothing can show 99 per cent. The caveat is part of what it yields; whether help made the difference is
for an evaluation with a comparison. Wilson 1927 (JASA 22); regression to the mean: Barnett, van der Pols
and Dobson 2005 (International Journal of Epidemiology 34:1).

Yields one row a team and outcome: people, share with interval, and the middle half of the time in help.
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="progress",
    question="How many {unit_as} are helped, and how were they closed?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("helped", "one row a person helped"),),
    parameters=(
        Parameter(
            "unit", Takes.COLUMN, "the key of what is counted", True, of="helped", types=(Type.TEXT,)
        ),
        Parameter("by", Takes.COLUMNS, "columns that make groups", default=(), of="helped"),
        Parameter("started", Takes.COLUMN, "first day of help", True, of="helped", types=(Type.DATE,)),
        Parameter("ended", Takes.COLUMN, "last day of help", True, of="helped", types=(Type.DATE,)),
        Parameter("closed_as", Takes.COLUMN, "how it was closed", True, of="helped", types=(Type.TEXT,)),
        Parameter("success", Takes.TEXT, "the way of closing that is claimed as a success", True),
        Parameter("at", Takes.DATE, "the day at which it is counted", True),
        Parameter("unit_as", Takes.TEXT, "what is counted, in words", True),
    ),
    source="Wilson 1927; Barnett, van der Pols and Dobson 2005",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
