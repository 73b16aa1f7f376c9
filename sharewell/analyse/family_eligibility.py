"""family-eligibility: which families meet two or more of the criteria that were declared before sharing?

A family is the people of one home among whom there is a dependent child. Each criterion is a yes/no over
the family's figures, by name; a family is eligible where at least `least` hold. A criterion that cannot
be decided, because a field is missing, does not hold. The criteria are part of the agreement: a changed
one is a changed agreement, so that nobody can be fitted to them afterwards. After the financial framework
of the Troubled Families programme, second phase (DCLG 2015).

Yields one row a child of an eligible family: the subject and `eligible`, and no reason.
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE, YES_NO
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

FAMILY = (
    Parameter(
        "subject", Takes.COLUMN, "the reference by which the recipient knows the child", True, of="children"
    ),
    Parameter(
        "family", Takes.COLUMN, "the key of the family's home", True, of="children", types=(Type.TEXT,)
    ),
    Parameter("dependent", Takes.EXPRESSION, "whether the child is dependent", True, of="children"),
    Parameter("criteria", Takes.EXPRESSIONS, "a yes/no for each criterion, by name", True, of="children"),
)
"""Who a family is and what is asked of it: the same in finding families and in profiling them."""

SIGNATURE = Signature(
    name="family-eligibility",
    question="Which families with a dependent child meet {least} or more of the criteria?",
    needs=IDENTIFIABLE,
    yields=YES_NO,
    inputs=(Input("children", "one row a child, with the figures of the family"),),
    parameters=(
        *FAMILY,
        Parameter("least", Takes.INTEGER, "fewest criteria", True, least=1, most=20),
        Parameter("thresholds", Takes.MAPPING, "the values that expressions call :name", default={}),
    ),
    fits=False,
    source="DCLG 2015, Financial framework for the expanded Troubled Families programme",
    gives=(Given(named_by="subject"), Given("eligible", Type.BOOLEAN, Kind.SENSITIVE)),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
