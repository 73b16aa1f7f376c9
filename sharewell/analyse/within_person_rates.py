"""within-person-rates: did the same people have fewer events after their home was changed than before?

Everybody's months at risk, from moving in to death, are compared within the person: those before each kind
of change to the home with those after, so that whatever does not change about somebody cannot confound.
All kinds enter one conditional Poisson model (`conditional`), since homes are seldom given one alone, with
calendar year, season and age; time before a change and homes never changed are the comparison; errors are
clustered by home. Beside it stand a negative binomial model (`dispersion`), other choices, the year before
each change taken for a change (placebo date) and an outcome that no change can move (placebo outcome).

Methods: Hausman, Hall and Griliches 1984 (Econometrica 52:909); Rodgers et al. 2018 (Public Health Research
6:12), the Carmarthenshire study of homes brought up to standard, whose design this follows.
"""

from __future__ import annotations

from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES
from .within_person.preparing import prepare
from .within_person.report import fit
from .within_person.story import tell

_KEY, _DAY, _TEXT = (Type.TEXT,), (Type.DATE,), (Type.TEXT,)
_COLUMN = Takes.COLUMN

SIGNATURE = Signature(
    name="within-person-rates",
    question="Do people have more or fewer {outcome_as} once their home has had {given_as}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("people", "one row a person"),
        Input("changes", "one row each time a home was changed, and how"),
        Input("outcomes", "one row an event"),
        Input("ends", "one row a person whose time at risk ended", optional=True),
        Input("placebo", "one row an event that no change can move", optional=True),
    ),
    parameters=(
        Parameter("person", _COLUMN, "the person's key", True, of="people", types=_KEY),
        Parameter(
            "home",
            _COLUMN,
            "the key of the home, by which errors are clustered",
            True,
            of="people",
            types=_KEY,
        ),
        Parameter("born", _COLUMN, "birth, as near as it is known", True, of="people", types=_DAY),
        Parameter(
            "since",
            _COLUMN,
            "the day since which the person has lived in the home",
            of="people",
            types=_DAY,
        ),
        Parameter(
            "sex", _COLUMN, "the person's sex, for the second model (F, M)", of="people", types=_TEXT
        ),
        Parameter(
            "region",
            _COLUMN,
            "where the home is: people elsewhere in a region with a changed home are the comparison",
            of="people",
            types=_TEXT,
        ),
        Parameter("changed", _COLUMN, "which home was changed", True, of="changes", types=_KEY),
        Parameter("kind", _COLUMN, "how it was changed", True, of="changes", types=_TEXT),
        Parameter("changed_on", _COLUMN, "when the change was complete", True, of="changes", types=_DAY),
        Parameter("outcome_of", _COLUMN, "whose event it was", True, of="outcomes", types=_KEY),
        Parameter("outcome_on", _COLUMN, "the day of the event", True, of="outcomes", types=_DAY),
        Parameter("ended_of", _COLUMN, "whose time at risk ended", of="ends", types=_KEY),
        Parameter("ended_on", _COLUMN, "the day on which it ended", of="ends", types=_DAY),
        Parameter("follow_from", Takes.DATE, "first day at risk", True),
        Parameter("follow_to", Takes.DATE, "last day at risk", True),
        Parameter("from_age", Takes.INTEGER, "youngest age counted", default=0, least=0, most=110),
        Parameter(
            "washout_months",
            Takes.INTEGER,
            "months after a change, the one of the change first, that are left out",
            default=0,
            least=0,
            most=24,
        ),
        Parameter(
            "comparison",
            Takes.INTEGER,
            "most people from homes never changed, taken in order of their keys",
            default=20_000,
            least=0,
        ),
        Parameter(
            "season", Takes.BOOLEAN, "adjust for the month of the year as well as the trend", default=True
        ),
        Parameter(
            "sensitivity",
            Takes.TEXT,
            "the second model",
            default="negative binomial",
            choices=("negative binomial", "none"),
        ),
        Parameter(
            "least",
            Takes.INTEGER,
            "fewest people with an event for a kind of change to be reported",
            default=60,
            least=10,
        ),
        Parameter("given_as", Takes.TEXT, "the changes in words", True),
        Parameter("outcome_as", Takes.TEXT, "what is counted, in words", True),
        Parameter("placebo_as", Takes.TEXT, "what no change can move, in words"),
        Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen"),
        Parameter(
            "promised", Takes.MAPPING, "the row that a benefit is promised of, by its columns", default={}
        ),
    ),
    source="Hausman, Hall and Griliches 1984; Rodgers et al. 2018; Wooldridge 1999",
    figures=(Figure("ratio", "ratios", "rate_ratio", {}, "low", "high", promised="promised"),),
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
