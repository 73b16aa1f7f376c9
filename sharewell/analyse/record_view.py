"""record-view: what one role may see of one person, on one screen, and nothing else of anybody.

One product a role: its `shows` are the fields of that role's column in the access matrix (role x field),
so that the matrix of an agreement is the list of its views. A view is of one person at a time, by the
reference that its reader already has; a row whose person objects is never shown. Breaking the glass (a
view without the relationship) is allowed or not by the agreement, needs a reason, and is told to the
person. Where the search for a person is less sure than `sure`, the reader is shown candidates to choose
from, and no record.

Method: role-based access with a legitimate relationship, after the NHS Care Record Guarantee (2011) and
Ferraiolo and Kuhn 1992.
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="record-view",
    question="What does {viewer_as} need to see of the person in front of them?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(Input("people", "one row a person, with all that may be shown of them"),),
    parameters=(
        Parameter("subject", Takes.COLUMN, "the reference by which a reader asks", True, of="people"),
        Parameter("shows", Takes.COLUMNS, "the fields that this role sees", True, of="people"),
        Parameter("viewer_as", Takes.TEXT, "the role, in words", True),
        Parameter(
            "team",
            Takes.COLUMN,
            "the team that has the person in its care; none where any of the role may ask",
            of="people",
            types=(Type.TEXT,),
        ),
        Parameter(
            "objects",
            Takes.COLUMN,
            "whether the person objects: then nothing is shown",
            of="people",
            types=(Type.BOOLEAN,),
        ),
        Parameter(
            "break_glass", Takes.BOOLEAN, "a view without the relationship, for a reason", default=False
        ),
        Parameter(
            "sure",
            Takes.NUMBER,
            "match probability from which a search shows one record",
            default=0.99,
            least=0.5,
            most=1,
        ),
        Parameter(
            "candidates", Takes.INTEGER, "most candidates told where it is not", default=5, least=1, most=20
        ),
    ),
    fits=False,
    source="NHS Care Record Guarantee 2011; Ferraiolo and Kuhn 1992",
    gives=(Given(named_by="subject"), Given(named_by="shows")),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
