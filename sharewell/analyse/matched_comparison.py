"""matched-comparison: did fewer of a programme's people reoffend than of people like them?

The index sentence of each participant is the last before the programme began; comparison people are drawn
from all sentenced in the same window, on a propensity score of what was known at the sentence. A *proven
reoffence* was committed within `follow_days` and led to a conviction or caution within them or
`settle_days` more. Three measures: the rate, the frequency, and the days to the first. Standardised
differences are coloured green, amber and red. The wording is fixed beforehand: an inconclusive result is
said to be so, and "should not be taken to mean that the programme fails to affect it".

A cohort under `least` is refused; time to reoffence is left out under `least_for_time` treated
reoffenders; a sentence on significance is withheld where n times p is under `least_expected`.

Method: Justice Data Lab methodology paper (Ministry of Justice 2013); Stuart 2010 (Statistical Science
25:1).
"""

from __future__ import annotations

from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .comparison.index_sentence import prepare
from .comparison.lab_report import fit
from .comparison.lab_story import tell
from .comparison.matching import ORDERS, TIES
from .comparison.reoffending import RATE
from .registry import RECIPES

_DAY, _KEY = (Type.DATE,), (Type.TEXT,)
SCALES, GAPS = ("logit", "propensity"), ("indicator", "drop")
_ANY = (Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN)

_COLUMNS = (
    Parameter("participant", Takes.COLUMN, "who took part", True, of="participants", types=_KEY),
    Parameter("began", Takes.COLUMN, "the day the programme began", True, of="participants", types=_DAY),
    Parameter("person", Takes.COLUMN, "who was sentenced", True, of="sentences", types=_KEY),
    Parameter("index_on", Takes.COLUMN, "the day that follow-up starts", True, of="sentences", types=_DAY),
    Parameter(
        "covariates", Takes.COLUMNS, "what was known at the sentence", True, of="sentences", types=_ANY
    ),
    Parameter(
        "exact", Takes.COLUMNS, "matches must agree on these", default=(), of="sentences", types=_ANY
    ),
    Parameter("region", Takes.COLUMN, "where the sentence is served", True, of="sentences", types=_KEY),
    Parameter("offence_of", Takes.COLUMN, "whose offence it was", True, of="offences", types=_KEY),
    Parameter("committed", Takes.COLUMN, "the day of the offence", True, of="offences", types=_DAY),
    Parameter("proven", Takes.COLUMN, "the day of conviction or caution", True, of="offences", types=_DAY),
)
_MATCHING = (
    Parameter(
        "controls",
        Takes.TEXT,
        "where comparison people are drawn from",
        True,
        choices=("regional", "national"),
    ),
    Parameter("ratio", Takes.INTEGER, "comparison people for each treated", default=5, least=1, most=20),
    Parameter("caliper", Takes.NUMBER, "widest distance, in standard deviations of the score", least=0.001),
    Parameter("replace", Takes.BOOLEAN, "use a comparison person more than once", default=False),
    Parameter("order", Takes.TEXT, "who chooses first, by score", default="largest", choices=ORDERS),
    Parameter("tie", Takes.TEXT, "whom to take of equally near people", default="first", choices=TIES),
    Parameter("distance", Takes.TEXT, "the scale of the score", default="logit", choices=SCALES),
    Parameter("missing", Takes.TEXT, "people with a missing covariate", default="indicator", choices=GAPS),
    Parameter("curves", Takes.BOOLEAN, "let a number enter with its square", default=True),
    Parameter("seed", Takes.INTEGER, "for random order and ties", default=0, least=0),
    Parameter(
        "false_links", Takes.NUMBER, "share of links to somebody else", default=0.002, least=0, most=0.5
    ),
    Parameter("missed_links", Takes.NUMBER, "share of the list not found", default=0.01, least=0, most=0.5),
    Parameter("green", Takes.NUMBER, "standardised difference up to which balance is good", True, least=0),
    Parameter("amber", Takes.NUMBER, "and up to which it is fair", True, least=0),
)
_REPORT = (
    Parameter("window_from", Takes.DATE, "first day of index sentences", True),
    Parameter("window_to", Takes.DATE, "last day of index sentences", True),
    Parameter("follow_days", Takes.INTEGER, "days in which an offence counts", True, least=1),
    Parameter("settle_days", Takes.INTEGER, "days more for it to be proven", True, least=0),
    Parameter("least", Takes.INTEGER, "fewest participants", True, least=10),
    Parameter(
        "least_for_time", Takes.INTEGER, "fewest treated reoffenders to tell the time", True, least=2
    ),
    Parameter("least_expected", Takes.INTEGER, "least n times p for words on significance", True, least=1),
    Parameter(
        "significance",
        Takes.NUMBER,
        "p at which a difference is said to be one",
        True,
        least=0.001,
        most=0.2,
    ),
    Parameter("per", Takes.INTEGER, "typical people that sentences speak of", default=100, least=10),
    Parameter("programme_as", Takes.TEXT, "the programme, in words", True),
    Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen"),
)

SIGNATURE = Signature(
    name="matched-comparison",
    question="Do fewer people reoffend after {programme_as} than people like them?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("participants", "one row a person who took part"),
        Input("sentences", "one row a sentence, with what was known at it"),
        Input("offences", "one row a proven offence"),
    ),
    parameters=(*_COLUMNS, *_MATCHING, *_REPORT),
    source="Ministry of Justice 2013; Stuart 2010",
    figures=(Figure("difference", "measures", "difference", {"measure": RATE}, "low", "high"),),
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
