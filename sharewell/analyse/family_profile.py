"""family-profile: what a lead worker is told of a family that was found eligible, and no more.

The criteria that hold, in words; the services that know somebody in the home; how many people and
children live there. No account of what happened, no diagnosis and no offence: a lead worker who needs
these asks the service. Only families that meet `least` criteria have a profile, so that nobody else's can
be opened. After the information-sharing guidance of the Troubled Families programme (DCLG 2015).

Yields one row a child of an eligible family: the subject, the columns shown, `criteria` (which, in
words), `met` (how many) and `agencies` (which, in words).
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .family_eligibility import FAMILY
from .registry import RECIPES

SIGNATURE = Signature(
    name="family-profile",
    question="Which criteria does an eligible family meet, and which services know it?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(Input("children", "one row a child, with the figures of the family"),),
    parameters=(
        *FAMILY,
        Parameter(
            "agencies",
            Takes.EXPRESSIONS,
            "whether each service knows the family, by name",
            True,
            of="children",
        ),
        Parameter("least", Takes.INTEGER, "fewest criteria", True, least=1, most=20),
        Parameter("show", Takes.COLUMNS, "columns to carry over", default=(), of="children"),
        Parameter("thresholds", Takes.MAPPING, "the values that expressions call :name", default={}),
    ),
    fits=False,
    source="DCLG 2015, Financial framework for the expanded Troubled Families programme",
    gives=(
        Given(named_by="subject"),
        Given(named_by="show"),
        Given("criteria", Type.TEXT, Kind.SENSITIVE),
        Given("met", Type.INTEGER, Kind.SENSITIVE),
        Given("agencies", Type.TEXT, Kind.SENSITIVE),
    ),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
