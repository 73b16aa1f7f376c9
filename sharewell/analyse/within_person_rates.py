"""within-person-rates: did the same people have fewer events after their home was changed than before?

Each person's months at risk are split at the day on which each kind of change was made to the home that
they live in; events are counted by month, and compared within the person by conditional Poisson
regression, so that whatever does not change about somebody cannot confound. All kinds of change enter
together, since homes are seldom given one alone, with calendar time and age; errors are clustered by
home. A negative binomial (NB2) model of the same counts is the sensitivity analysis. Time before the
change, and homes not yet changed, are the comparison.

Methods: Hausman, Hall and Griliches 1984 (Econometrica 52:4); Rodgers et al. 2018 (Public Health Research
6:12), the Carmarthenshire study of homes brought up to standard. Yields one rate ratio for each kind of
change with its interval, the flow of people, and both models side by side.
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

_KEY, _DAY, _TEXT = (Type.TEXT,), (Type.DATE,), (Type.TEXT,)

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
    ),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key", True, of="people", types=_KEY),
        Parameter(
            "home",
            Takes.COLUMN,
            "the key of the home, by which errors are clustered",
            True,
            of="people",
            types=_KEY,
        ),
        Parameter("born", Takes.COLUMN, "birth, as near as it is known", True, of="people", types=_DAY),
        Parameter(
            "covariates", Takes.COLUMNS, "what is shown of the people beforehand", default=(), of="people"
        ),
        Parameter("changed", Takes.COLUMN, "which home was changed", True, of="changes", types=_KEY),
        Parameter("kind", Takes.COLUMN, "how it was changed", True, of="changes", types=_TEXT),
        Parameter(
            "changed_on", Takes.COLUMN, "when the change was complete", True, of="changes", types=_DAY
        ),
        Parameter("outcome_of", Takes.COLUMN, "whose event it was", True, of="outcomes", types=_KEY),
        Parameter("outcome_on", Takes.COLUMN, "the day of the event", True, of="outcomes", types=_DAY),
        Parameter("ended_of", Takes.COLUMN, "whose time at risk ended", of="ends", types=_KEY),
        Parameter("ended_on", Takes.COLUMN, "the day on which it ended", of="ends", types=_DAY),
        Parameter("follow_from", Takes.DATE, "first day at risk", True),
        Parameter("follow_to", Takes.DATE, "last day at risk", True),
        Parameter("from_age", Takes.INTEGER, "youngest age counted", default=0, least=0, most=110),
        Parameter(
            "washout_months",
            Takes.INTEGER,
            "months after a change that are left out",
            default=0,
            least=0,
            most=24,
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
        Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen"),
    ),
    source="Hausman, Hall and Griliches 1984; Rodgers et al. 2018",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
