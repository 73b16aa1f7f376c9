"""association: does one thing go with another, once what is known of both is taken into account?

A linear model of the outcome on the factor, adjusted for the covariates named beforehand, with a random
intercept for what people share, such as a home or a school (Laird and Ware 1982, Biometrics 38:963), or
clustered errors where that does not settle (Liang and Zeger 1986). The unadjusted figure stands beside it,
so that a reader sees what adjusting did. A yes/no outcome is a share of people, and the difference one
between shares. It is told as an association and never as a cause. The statistics
are in `association_model.mixed`.

Yields the difference with its interval, unadjusted and adjusted, and means by band of the factor.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..plan.expressions import Col, Expression
from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Derive, Keep, Step
from .association_model.report import MAIN, fit
from .association_model.story import tell
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
    source="Laird and Ware 1982; Liang and Zeger 1986",
    figures=(Figure("difference", "estimate", "difference", {"analysis": MAIN}, "low", "high"),),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a person: outcome, factor, what is shared (where it is named), and the covariates."""
    people = inputs["people"]
    schema = people.shape.schema
    told: dict[str, Expression] = {
        "outcome": Col(params["outcome"], schema[params["outcome"]].type),
        "factor": Col(params["factor"], schema[params["factor"]].type),
        **({"cluster": Col(params["cluster"], Type.TEXT)} if params["cluster"] else {}),
        **{name: Col(name, schema[name].type) for name in params["covariates"]},
    }
    return Keep(Derive(people, tuple(told.items())), tuple(told))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
