"""matched-cohort: did people who were given a service use less (or more) of another than similar people?

Three fixed spans of time: *history* (before, to match on), *intake* (who was given the service),
*follow-up* (what is counted). Being given it at any other time excludes a person from both arms.

Matching by propensity score, Mahalanobis distance or coarsened cells (`comparison.methods`), among
everybody or within a region; the ratio of rates with clustered errors (`rates`), and where declared counts,
the time to the first and the difference in differences (`measures`); other choices, a second method,
placebos and bounds on hidden bias (`sensitivity`, `bounds`). Design after Stuart 2010 (Statistical Science
25:1) and the Justice Data Lab (Ministry of Justice 2013).
"""

from __future__ import annotations

from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Recipe, Signature
from .comparison.choices import COLUMNS, DAYS, MATCHING, OUTCOMES, SENSITIVITY, WORDS
from .comparison.report import MAIN, fit
from .comparison.spans import prepare
from .comparison.story import tell
from .registry import RECIPES

SIGNATURE = Signature(
    name="matched-cohort",
    question="Do people who had {given_as} have more or fewer {outcome_as} than people like them?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("people", "one row a person"),
        Input("given", "one row each time the service was given to a person or home"),
        Input("outcomes", "one row an event"),
        Input("placebo", "one row an event that the service cannot change", optional=True),
    ),
    parameters=(*COLUMNS, *DAYS, *MATCHING, *OUTCOMES, *SENSITIVITY, *WORDS),
    source="Stuart 2010; Ho, Imai, King and Stuart 2007; VanderWeele and Ding 2017",
    figures=(Figure("rate_ratio", "effect", "rate_ratio", {"analysis": MAIN}, "low", "high"),),
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
