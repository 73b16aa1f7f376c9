"""ranked-list: who or what to look at first, by a score whose parts are written in the agreement.

`keep` says which rows are ranked at all; each part of `score` is a number over the row, times its weight;
the sum orders the list, and ties are settled by the subject, so that the same data give the same order.
The weights are judgements, not estimates: they stand in the agreement, where the parties and the public
can dispute them (multi-criteria scoring by weighted sum: Fishburn 1967, Operations Research 15:3).

Yields one row a subject: the subject, the columns shown, `place` (1 is first) and `score`.
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="ranked-list",
    question="Which {subject} come first, of those that meet the rule?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(Input("rows", "one row a subject"),),
    parameters=(
        Parameter(
            "subject", Takes.COLUMN, "the reference by which the recipient knows it", True, of="rows"
        ),
        Parameter("keep", Takes.EXPRESSION, "which rows are ranked", True, of="rows"),
        Parameter(
            "score", Takes.EXPRESSIONS, "the parts of the score, each a number, by name", True, of="rows"
        ),
        Parameter("weights", Takes.MAPPING, "what each part counts for, by name", True),
        Parameter("most", Takes.INTEGER, "longest list; all, unless said", least=1),
        Parameter("show", Takes.COLUMNS, "columns to carry over", default=(), of="rows"),
        Parameter("thresholds", Takes.MAPPING, "the values that expressions call :name", default={}),
    ),
    fits=False,
    source="Fishburn 1967",
    gives=(
        Given(named_by="subject"),
        Given(named_by="show"),
        Given("place", Type.INTEGER, Kind.SENSITIVE),
        Given("score", Type.NUMBER, Kind.SENSITIVE),
    ),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
