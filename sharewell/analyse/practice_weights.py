"""practice-weights: what each practice would get if its money followed the work its patients need.

Consultations are modelled by age, sex and deprivation (a log-linear rate model with the time on the list
as exposure); a practice's weight is what the model expects of its patients. Weights share out the same
total, to the penny, and stand beside those of the formula in force with the part that each of its
components plays. The rate ratio of the most against the least deprived is told with its interval whether
or not it differs from one, and so is every practice whose share would move by less than `least_move`.

Method: utilisation-based capitation (Carr-Hill et al. 1994, BMJ 309:1046); decomposition by Shapley's
value (Shorrocks 2013, Journal of Economic Inequality 11:99).
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

_TEXT, _WHOLE, _NUMBERS = (Type.TEXT,), (Type.INTEGER,), (Type.INTEGER, Type.NUMBER)

SIGNATURE = Signature(
    name="practice-weights",
    question="Does the formula pay practices for the work that deprivation brings?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("patients", "one row a registered patient"),
        Input("practices", "one row a practice, with what the formula in force gives it"),
    ),
    parameters=(
        Parameter("practice", Takes.COLUMN, "the patient's practice", True, of="patients", types=_TEXT),
        Parameter(
            "consultations", Takes.COLUMN, "consultations in the year", True, of="patients", types=_WHOLE
        ),
        Parameter(
            "exposure", Takes.COLUMN, "days on the list in the year", True, of="patients", types=_WHOLE
        ),
        Parameter("age_band", Takes.COLUMN, "the patient's age band", True, of="patients", types=_TEXT),
        Parameter("sex", Takes.COLUMN, "the patient's sex", True, of="patients", types=_TEXT),
        Parameter(
            "deprivation",
            Takes.COLUMN,
            "the quintile of where they live, 1 = most deprived",
            True,
            of="patients",
            types=_WHOLE,
        ),
        Parameter("paid_to", Takes.COLUMN, "the practice that is paid", True, of="practices", types=_TEXT),
        Parameter(
            "payment", Takes.COLUMN, "its yearly payment in pence", True, of="practices", types=_WHOLE
        ),
        Parameter(
            "components",
            Takes.COLUMNS,
            "the components of the formula in force",
            True,
            of="practices",
            types=_NUMBERS,
        ),
        Parameter(
            "model",
            Takes.TEXT,
            "how counts vary",
            default="negative binomial",
            choices=("poisson", "negative binomial"),
        ),
        Parameter("reference", Takes.INTEGER, "the quintile compared with", default=5, least=1, most=5),
        Parameter("expected_shares", Takes.MAPPING, "shares of the components as published", default={}),
        Parameter("total_within", Takes.INTEGER, "pence by which totals may differ", default=0, least=0),
        Parameter(
            "least_move", Takes.NUMBER, "share of its payment that counts as a move", True, least=0, most=1
        ),
        Parameter("least", Takes.INTEGER, "fewest patients of a practice shown", True, least=10),
        Parameter(
            "resamples", Takes.INTEGER, "practices resampled so often, for intervals", default=1000, least=0
        ),
        Parameter("seed", Takes.INTEGER, "for the resampling", default=0, least=0),
        Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen", True),
    ),
    source="Carr-Hill et al. 1994; Shorrocks 2013",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
