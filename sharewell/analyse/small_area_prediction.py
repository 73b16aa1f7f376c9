"""small-area-prediction: where a thing that only a survey asked about is likelier.

A logistic model is fitted on the survey with its weights. What both the survey and the census hold makes
the ranks; what only the survey holds is tested beside it and reported, nulls included. Everybody with the
same covariates gets the same probability, areas get the mean of theirs. What leaves are ranks with
intervals, over all and in each larger area, and never a count of those it happened to. The coefficients
stand beside the published ones, where given, and the model beside its held-out validation; the settings'
`caveats` are printed on the map and beneath the ranks.

Method: Iparraguirre 2016, Predicting the prevalence of loneliness at older ages (Age UK); synthetic
estimation after Rao and Molina 2015, Small Area Estimation, ch. 3; rank intervals by simulation from the
model's covariance (Goldstein and Spiegelhalter 1996).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import PlanError, Problem
from ..plan.expressions import Col, Expression, Lit, Value, call
from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Schema, Type
from ..plan.steps import Aggregate, Derive, Group, Keep, Stack, Step
from .areas.reading import AREA, OUTCOME, PEOPLE, PREDICTED, SURVEYED, TESTED, WEIGHT, WITHIN
from .areas.report import DISCRIMINATION, fit
from .areas.story import tell
from .registry import RECIPES

_ANY = (Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN)

SIGNATURE = Signature(
    name="small-area-prediction",
    question="In which areas are people likeliest to be {outcome_as}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("survey", "one row a respondent"), Input("people", "one row a person counted")),
    parameters=(
        Parameter("outcome", Takes.COLUMN, "what is predicted", True, of="survey", types=(Type.BOOLEAN,)),
        Parameter("outcome_as", Takes.TEXT, "the outcome, in words", True),
        Parameter(
            "predictors", Takes.COLUMNS, "what predicts it, and the census holds too", True, of="survey",
            types=_ANY,
        ),
        Parameter(
            "counted", Takes.COLUMNS, "the same columns of the people counted, in that order", True,
            of="people", types=_ANY,
        ),
        Parameter(
            "tested", Takes.COLUMNS, "what only the survey holds: tested and left out", default=(),
            of="survey", types=_ANY,
        ),
        Parameter("weight", Takes.COLUMN, "a respondent's weight", of="survey", types=(Type.NUMBER,)),
        Parameter("area", Takes.COLUMN, "the small area", True, of="people", types=(Type.TEXT,)),
        Parameter(
            "within", Takes.COLUMNS, "larger areas to rank within", default=(), of="people",
            types=(Type.TEXT,),
        ),
        Parameter(
            "references", Takes.MAPPING, "the value of a predictor that others compare with", default={}
        ),
        Parameter("published", Takes.MAPPING, "published log-odds, for comparison", default={}),
        Parameter(
            "sample", Takes.INTEGER, "respondents that the survey must hold; any number unless said",
            least=100,
        ),
        Parameter(
            "least", Takes.INTEGER, "fewest people counted in an area that is ranked", True, least=10
        ),
        Parameter(
            "top", Takes.NUMBER, "share of areas called the likeliest", default=0.1, least=0.01, most=0.25
        ),
        Parameter("folds", Takes.INTEGER, "parts held out in turn", default=10, least=2, most=50),
        Parameter("draws", Takes.INTEGER, "simulations of each rank", default=1000, least=100),
        Parameter("seed", Takes.INTEGER, "for folds and draws", default=0, least=0),
        Parameter("caveats", Takes.MAPPING, "sentences printed on the map and beneath the ranks", True),
    ),
    source="Iparraguirre 2016; Rao and Molina 2015; Goldstein and Spiegelhalter 1996",
    figures=(Figure("discrimination", "validation", "value", {"figure": DISCRIMINATION}, "low", "high"),),
)  # fmt: skip

_SAMPLE: dict[Type, Value] = {Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False}


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """Respondents a row each, and people counted a row each area and pattern (`areas.reading`).

    PlanError where the columns of the two do not pair.
    """
    survey, people = inputs["survey"], inputs["people"]
    theirs, ours = survey.shape.schema, people.shape.schema
    _check_pairs(params, theirs, ours)
    kinds = {name: theirs[column].type for name, column in _named(PREDICTED, params["predictors"])}
    kinds |= {name: theirs[column].type for name, column in _named(TESTED, params["tested"])}
    places = {AREA: Type.TEXT, **{name: Type.TEXT for name, _ in _named(WITHIN, params["within"])}}
    asked: dict[str, Expression] = {
        SURVEYED: Lit(True, Type.BOOLEAN),
        OUTCOME: Col(params["outcome"], Type.BOOLEAN),
        WEIGHT: Col(params["weight"], Type.NUMBER) if params["weight"] else Lit(1.0, Type.NUMBER),
        PEOPLE: Lit(1, Type.INTEGER),
        **{name: Col(column, kinds[name]) for name, column in _named(PREDICTED, params["predictors"])},
        **{name: Col(column, kinds[name]) for name, column in _named(TESTED, params["tested"])},
        **{name: _null(kind) for name, kind in places.items()},
    }
    by = tuple(dict.fromkeys((params["area"], *params["within"], *params["counted"])))
    counted = Group(people, by, (Aggregate(PEOPLE, "rows"),))
    found: dict[str, Expression] = {
        SURVEYED: Lit(False, Type.BOOLEAN),
        OUTCOME: _null(Type.BOOLEAN),
        WEIGHT: _null(Type.NUMBER),
        PEOPLE: Col(PEOPLE, Type.INTEGER),
        **{name: Col(column, kinds[name]) for name, column in _named(PREDICTED, params["counted"])},
        **{name: _null(kinds[name]) for name, _ in _named(TESTED, params["tested"])},
        AREA: Col(params["area"], Type.TEXT),
        **{name: Col(column, Type.TEXT) for name, column in _named(WITHIN, params["within"])},
    }
    return Stack((_kept(survey, asked), _kept(counted, {name: found[name] for name in asked})))


def _kept(of: Step, columns: Mapping[str, Expression]) -> Step:
    return Keep(Derive(of, tuple(columns.items())), tuple(columns))


def _named(prefix: str, columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """Columns under names of their place, so that a survey's cannot be taken for a census's."""
    return [(f"{prefix}{place}", column) for place, column in enumerate(columns)]


def _check_pairs(params: Params, theirs: Schema, ours: Schema) -> None:
    one, two = params["predictors"], params["counted"]
    if len(one) != len(two):
        what = f"{len(one)} predictors and {len(two)} columns counted"
        raise PlanError(Problem("PAIRS", what, "each needs its own", "name as many, in the same order"))
    differ = [a for a, b in zip(one, two, strict=True) if theirs[a].type is not ours[b].type]
    if differ:
        what = f"the survey and the people counted hold {', '.join(differ)} as different types"
        raise PlanError(Problem("TYPE", what, fix="derive it alike in both"))


def _null(kind: Type) -> Expression:
    """The language has no null constant: a case that never applies is one."""
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
