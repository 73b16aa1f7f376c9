"""What an agreement may choose of a matched cohort: the parameters of the recipe, by what they decide."""

from __future__ import annotations

from ...plan.recipe import Parameter, Takes
from ...plan.schema import Type
from .matching import ORDERS, TIES
from .methods import METHODS

_KEY, _DAY = (Type.TEXT,), (Type.DATE,)
_ANY = (Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN)
MISSING, SCALES = ("indicator", "drop"), ("logit", "propensity")
POOLS, UNITS = ("national", "regional"), ("person", "home")

COLUMNS = (
    Parameter("person", Takes.COLUMN, "the person's key", True, of="people", types=_KEY),
    Parameter(
        "home",
        Takes.COLUMN,
        "the home's key: people in one home are not independent",
        of="people",
        types=_KEY,
    ),
    Parameter(
        "covariates",
        Takes.COLUMNS,
        "what is known beforehand and may differ between the arms",
        True,
        of="people",
        types=_ANY,
    ),
    Parameter(
        "exact", Takes.COLUMNS, "columns on which matches must agree", default=(), of="people", types=_ANY
    ),
    Parameter(
        "region", Takes.COLUMN, "where the person lives, for a regional pool", of="people", types=_KEY
    ),
    Parameter("given_to", Takes.COLUMN, "whom or which home it was given to", True, of="given", types=_KEY),
    Parameter("given_on", Takes.COLUMN, "the day it was given", True, of="given", types=_DAY),
    Parameter(
        "unit", Takes.TEXT, "whether it is given to a person or a home", default="person", choices=UNITS
    ),
    Parameter("outcome_of", Takes.COLUMN, "whose event it was", True, of="outcomes", types=_KEY),
    Parameter("outcome_on", Takes.COLUMN, "the day of the event", True, of="outcomes", types=_DAY),
    Parameter("placebo_of", Takes.COLUMN, "whose placebo event it was", of="placebo", types=_KEY),
    Parameter("placebo_on", Takes.COLUMN, "the day of the placebo event", of="placebo", types=_DAY),
)
DAYS = (
    Parameter("history_from", Takes.DATE, "first day of the history", True),
    Parameter("intake_from", Takes.DATE, "first day of the intake; the history ends the day before", True),
    Parameter("follow_from", Takes.DATE, "first day of follow-up; the intake ends the day before", True),
    Parameter("follow_to", Takes.DATE, "last day of follow-up", True),
)
MATCHING = (
    Parameter("method", Takes.TEXT, "how like is found", default="propensity", choices=METHODS),
    Parameter(
        "pool", Takes.TEXT, "where comparison people are drawn from", default="national", choices=POOLS
    ),
    Parameter(
        "ratio", Takes.INTEGER, "comparison people for each treated person", default=3, least=1, most=10
    ),
    Parameter("caliper", Takes.NUMBER, "widest distance, in standard deviations of the score", least=0.001),
    Parameter("replace", Takes.BOOLEAN, "use a comparison person more than once", default=False),
    Parameter("order", Takes.TEXT, "who chooses first, by score", default="largest", choices=ORDERS),
    Parameter("tie", Takes.TEXT, "whom to take of equally near people", default="first", choices=TIES),
    Parameter(
        "bands", Takes.INTEGER, "bands of a number when coarsened, else by Sturges' rule", least=2, most=100
    ),
    Parameter("distance", Takes.TEXT, "the scale of the score", default="logit", choices=SCALES),
    Parameter(
        "missing", Takes.TEXT, "people with a missing covariate", default="indicator", choices=MISSING
    ),
    Parameter("curves", Takes.BOOLEAN, "let a number enter with its square", default=True),
    Parameter("adjust", Takes.BOOLEAN, "adjust the ratio for the covariates after matching", default=True),
    Parameter("least", Takes.INTEGER, "fewest treated people", default=60, least=10),
    Parameter("seed", Takes.INTEGER, "for random order and ties", default=0, least=0),
)
OUTCOMES = (
    Parameter(
        "counts", Takes.BOOLEAN, "also tell how many more or fewer a hundred people had", default=False
    ),
    Parameter("time", Takes.BOOLEAN, "also compare the time to the first", default=False),
    Parameter(
        "change", Takes.BOOLEAN, "also compare how each group changed since the history", default=False
    ),
)
SENSITIVITY = (
    Parameter("false_links", Takes.NUMBER, "share of wrong links", default=0.002, least=0, most=0.5),
    Parameter("missed_links", Takes.NUMBER, "share of missed links", default=0.01, least=0, most=0.5),
    Parameter("placebo_as", Takes.TEXT, "what the service cannot change, in words"),
    Parameter(
        "placebo_date", Takes.DATE, "a day in the history from which events are counted as a placebo"
    ),
)
WORDS = (
    Parameter("given_as", Takes.TEXT, "what was given, in words", required=True),
    Parameter("outcome_as", Takes.TEXT, "what is counted, in words", required=True),
    Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen"),
)
