"""survival: how long people live after a diagnosis, with those still alive counted for as long as known.

Curves by group with at-risk tables and pointwise intervals (log(-log) scale unless told otherwise),
medians, survival at the landmarks asked for, and a log-rank test. Times are binned, and the gate ends a
curve where fewer are still followed than the policy's `at_risk`, so that no step is one person's death.

Method: Kaplan and Meier 1958 (JASA 53:457); Greenwood's variance; Mantel 1966 for the log-rank test;
Brookmeyer and Crowley 1982 for the interval of a median.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..plan.expressions import Col, Expression, Lit, call
from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Derive, Keep, Step
from .pathways.curves_report import fit
from .pathways.curves_story import tell
from .pathways.durations import SCALES
from .registry import RECIPES

_DAY = (Type.DATE,)

SIGNATURE = Signature(
    name="survival",
    question="How long do people live after {start_as}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("patients", "one row a patient"),),
    parameters=(
        Parameter("person", Takes.COLUMN, "the patient's key", of="patients", types=(Type.TEXT,)),
        Parameter(
            "start", Takes.COLUMN, "the day that time is counted from", True, of="patients", types=_DAY
        ),
        Parameter("start_as", Takes.TEXT, "what time is counted from, in words", True),
        Parameter("died", Takes.COLUMN, "the day of death, if any", True, of="patients", types=_DAY),
        Parameter("by", Takes.COLUMNS, "one curve for each of these together", True, of="patients"),
        Parameter("end_on", Takes.DATE, "the day on which the living were last known of", True),
        Parameter("years", Takes.NUMBER, "the longest time shown", True, least=0.1),
        Parameter("landmarks", Takes.MAPPING, "days at which survival is told, by their names", True),
        Parameter("bin_days", Takes.INTEGER, "times are counted in steps of", default=182, least=1),
        Parameter("scale", Takes.TEXT, "the scale of the intervals", default="log-log", choices=SCALES),
        Parameter(
            "doubt", Takes.NUMBER, "share of impossible dates to warn of", default=0.02, least=0, most=1
        ),
        Parameter(
            "promised", Takes.MAPPING, "the row that a benefit is promised of, by its columns", default={}
        ),
    ),
    source="Kaplan and Meier 1958; Mantel 1966",
    figures=(Figure("survival", "survival*", "survival", {}, "low", "high", promised="promised"),),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a patient: person (where it is named), lived and known in days, by_0 ...; nobody's dates."""
    patients = inputs["patients"]
    start, schema = Col(params["start"], Type.DATE), patients.shape.schema
    told: dict[str, Expression] = {
        **({"person": Col(params["person"], Type.TEXT)} if params["person"] else {}),
        "lived": call("days_between", start, Col(params["died"], Type.DATE)),
        "known": call("days_between", start, Lit(params["end_on"], Type.DATE)),
        **{f"by_{i}": Col(name, schema[name].type) for i, name in enumerate(params["by"])},
    }
    return Keep(Derive(patients, tuple(told.items())), tuple(told))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
