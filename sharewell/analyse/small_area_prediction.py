"""small-area-prediction: where a thing that only a survey asked about is likely to be commoner.

A logistic model is fitted on the survey; what both the survey and the census hold is kept, what only the
survey holds is tested and reported; each person of the census gets a probability, and areas get the mean
of theirs. What leaves are ranks with intervals, in each district and over all, and never a count of
people. The coefficients come with their held-out validation and beside the published ones, where given;
the settings' `caveats` are printed on every table and map.

Method: Iparraguirre 2016, Predicting the prevalence of loneliness at older ages (Age UK); synthetic
estimation after Rao and Molina 2015, Small Area Estimation, ch. 3; rank intervals by simulation from the
model's covariance (Goldstein and Spiegelhalter 1996).
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

_ANY = (Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN)

SIGNATURE = Signature(
    name="small-area-prediction",
    question="In which areas are people likeliest to be {outcome_as}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("survey", "one row a respondent"),
        Input("people", "one row a person counted"),
    ),
    parameters=(
        Parameter("outcome", Takes.COLUMN, "what is predicted", True, of="survey", types=(Type.BOOLEAN,)),
        Parameter("outcome_as", Takes.TEXT, "the outcome, in words", True),
        Parameter(
            "predictors",
            Takes.COLUMNS,
            "what predicts it, and the census holds too",
            True,
            of="survey",
            types=_ANY,
        ),
        Parameter(
            "counted",
            Takes.COLUMNS,
            "the same columns of the people counted, in that order",
            True,
            of="people",
            types=_ANY,
        ),
        Parameter(
            "tested",
            Takes.COLUMNS,
            "what only the survey holds: tested and left out",
            default=(),
            of="survey",
            types=_ANY,
        ),
        Parameter("weight", Takes.COLUMN, "a respondent's weight", of="survey", types=(Type.NUMBER,)),
        Parameter("area", Takes.COLUMN, "the small area", True, of="people", types=(Type.TEXT,)),
        Parameter(
            "within",
            Takes.COLUMNS,
            "larger areas to rank within",
            default=(),
            of="people",
            types=(Type.TEXT,),
        ),
        Parameter(
            "references", Takes.MAPPING, "the value of a predictor that others compare with", default={}
        ),
        Parameter("published", Takes.MAPPING, "published log-odds, for comparison", default={}),
        Parameter(
            "sample",
            Takes.INTEGER,
            "respondents that the survey must hold; any number unless said",
            least=100,
        ),
        Parameter(
            "least", Takes.INTEGER, "fewest people counted in an area that is ranked", True, least=10
        ),
        Parameter(
            "top", Takes.NUMBER, "share of areas called the likeliest", default=0.1, least=0.01, most=0.5
        ),
        Parameter("folds", Takes.INTEGER, "parts held out in turn", default=10, least=2, most=50),
        Parameter("draws", Takes.INTEGER, "simulations of each rank", default=1000, least=100),
        Parameter("seed", Takes.INTEGER, "for folds and draws", default=0, least=0),
        Parameter("caveats", Takes.MAPPING, "sentences printed on every table and map", True),
    ),
    source="Iparraguirre 2016; Rao and Molina 2015; Goldstein and Spiegelhalter 1996",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
