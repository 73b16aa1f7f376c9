"""survival: how long people live after a diagnosis, with those still alive counted for as long as known.

Curves by group with at-risk tables and pointwise intervals on the log(-log) scale, medians, survival at
the landmarks asked for, and a log-rank test. Times are binned and a curve ends where fewer than
`least_at_risk` are still followed, so that no step is one person's death.

Method: Kaplan and Meier 1958 (JASA 53:457); Greenwood's variance; Mantel 1966 for the log-rank test.
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

_DAY = (Type.DATE,)

SIGNATURE = Signature(
    name="survival",
    question="How long do people live after {start_as}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("patients", "one row a patient"),),
    parameters=(
        Parameter(
            "start", Takes.COLUMN, "the day that time is counted from", True, of="patients", types=_DAY
        ),
        Parameter("start_as", Takes.TEXT, "what time is counted from, in words", True),
        Parameter("died", Takes.COLUMN, "the day of death, if any", True, of="patients", types=_DAY),
        Parameter("by", Takes.COLUMNS, "one curve for each of these together", True, of="patients"),
        Parameter("end_on", Takes.DATE, "the day on which the living were last known of", True),
        Parameter("years", Takes.NUMBER, "the longest time shown", True, least=0.1),
        Parameter("landmarks", Takes.MAPPING, "days at which survival is told, by their names", True),
        Parameter("bin_days", Takes.INTEGER, "times are counted in steps of", default=30, least=1),
        Parameter(
            "least_at_risk", Takes.INTEGER, "a curve ends where fewer are followed", default=10, least=5
        ),
        Parameter(
            "doubt", Takes.NUMBER, "share of impossible dates to warn of", default=0.02, least=0, most=1
        ),
    ),
    source="Kaplan and Meier 1958; Mantel 1966",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
