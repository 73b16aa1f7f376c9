"""association: does one thing go with another, once what is known of both is taken into account?

A regression of the outcome on the factor, adjusted for the covariates named beforehand, with errors
clustered by `cluster` (children of one home are not independent); the unadjusted figure stands beside it,
so that a reader sees what adjusting did. It is told as an association and never as a cause. Linear for
numbers, logistic for a yes/no (McCullagh and Nelder 1989); clustered errors after Liang and Zeger 1986
(Biometrika 73:1).

Yields the difference or odds ratio with its interval, unadjusted and adjusted, and means by band of the
factor.
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

_NUMBER = (Type.INTEGER, Type.NUMBER, Type.BOOLEAN)

SIGNATURE = Signature(
    name="association",
    question="Does {factor_as} go with {outcome_as}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("people", "one row a person"),),
    parameters=(
        Parameter("outcome", Takes.COLUMN, "what may depend on it", True, of="people", types=_NUMBER),
        Parameter("factor", Takes.COLUMN, "what it may depend on", True, of="people", types=_NUMBER),
        Parameter("covariates", Takes.COLUMNS, "what else is taken into account", default=(), of="people"),
        Parameter(
            "cluster", Takes.COLUMN, "what people share, such as a home", of="people", types=(Type.TEXT,)
        ),
        Parameter("bands", Takes.MAPPING, "bands of the factor for the table of means: lower edge by name"),
        Parameter("least", Takes.INTEGER, "fewest people", default=60, least=10),
        Parameter("factor_as", Takes.TEXT, "the factor in words", True),
        Parameter("outcome_as", Takes.TEXT, "the outcome in words", True),
        Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen"),
    ),
    source="McCullagh and Nelder 1989; Liang and Zeger 1986",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
