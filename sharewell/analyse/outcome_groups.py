"""outcome-groups: each patient in one group by a declared rule table, and the road of each group.

The rules exclude one another, so that their order means nothing: who meets none is counted under "No
rule", who meets several under "More than one rule", and nobody is put in two groups. By group: patients
and their share, the commonest paths through care (rare ones merged), days in hospital and cost for each
year of follow-up. Where more dates than `doubt` are impossible (death before diagnosis, a stay after
death), every table carries that caveat.

Method: the outcome framework of Routes from Diagnosis (Macmillan Cancer Support and NCIN 2014).
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

_DAY, _KEY, _TEXT = (Type.DATE,), (Type.TEXT,), (Type.TEXT,)

SIGNATURE = Signature(
    name="outcome-groups",
    question="What happens to people after {start_as}, and what does each road take?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("patients", "one row a patient, with what the rules ask of"),
        Input("events", "one row a stay, test or treatment", optional=True),
    ),
    parameters=(
        Parameter("person", Takes.COLUMN, "the patient's key", True, of="patients", types=_KEY),
        Parameter("start", Takes.COLUMN, "the day it begins", True, of="patients", types=_DAY),
        Parameter("start_as", Takes.TEXT, "what it begins with, in words", True),
        Parameter("died", Takes.COLUMN, "the day of death, if any", True, of="patients", types=_DAY),
        Parameter("by", Takes.COLUMNS, "what groups are told apart by", True, of="patients"),
        Parameter(
            "groups",
            Takes.EXPRESSIONS,
            "the rule of each group, which excludes the others",
            True,
            of="patients",
        ),
        Parameter("thresholds", Takes.MAPPING, "the values that the rules call :name", default={}),
        Parameter("years", Takes.NUMBER, "years of follow-up", True, least=0.1),
        Parameter("end_on", Takes.DATE, "the last day that is known of", True),
        Parameter("event_of", Takes.COLUMN, "whose event it was", of="events", types=_KEY),
        Parameter("event_on", Takes.COLUMN, "the day of the event", of="events", types=_DAY),
        Parameter("event_ended", Takes.COLUMN, "the last day of the event", of="events", types=_DAY),
        Parameter("event_kind", Takes.COLUMN, "the step of a path", of="events", types=_TEXT),
        Parameter("cost", Takes.COLUMN, "its cost in whole pence", of="events", types=(Type.INTEGER,)),
        Parameter("steps", Takes.INTEGER, "most steps of a path", default=6, least=1, most=20),
        Parameter("rare", Takes.INTEGER, "paths of fewer patients are merged", default=10, least=2),
        Parameter(
            "doubt", Takes.NUMBER, "share of impossible dates to warn of", default=0.02, least=0, most=1
        ),
    ),
    source="Macmillan Cancer Support and NCIN 2014",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
