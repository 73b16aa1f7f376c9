"""ranked-list: who or what to look at first, by a score whose parts are written in the agreement.

`keep` says which rows are ranked at all; each part of `score` is a number over the row, times its weight;
the sum orders the list, and ties are settled by the subject, so that the same data give the same order.
The weights are judgements, not estimates: they stand in the agreement, where the parties and the public
can dispute them (multi-criteria scoring by weighted sum: Fishburn 1967, Operations Research 15:3).

Yields one row a subject: the subject, the columns shown, `place` (1 is first) and `score`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import PlanError, Problem
from ..plan.expressions import Expression, Lit, call
from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from ..plan.sql import parse_expression
from ..plan.steps import Derive, Filter, Keep, Rank, Step
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


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a subject that meets the rule: what is shown, its place and its score. PlanError as below."""
    rows = inputs["rows"]
    kept = rows
    if params["keep"] is not None:
        kept = Filter(rows, parse_expression(params["keep"], rows.shape.schema, params["thresholds"]))
    scored = Derive(kept, (("score", _score(rows, params)),))
    shown = tuple(dict.fromkeys((params["subject"], *params["show"], "score")))
    return Rank(Keep(scored, shown), "score", "place", params["most"])


def _score(rows: Step, params: Params) -> Expression:
    """The parts times their weights, what is not known counting nothing. PlanError WEIGHT where a part has
    no weight or a weight no part, TYPE where a part is no number."""
    parts, weights = params["score"], params["weights"]
    if odd := sorted(set(parts) ^ set(weights)):
        what = f"score and weights do not name the same parts: {', '.join(odd)}"
        raise PlanError(Problem("WEIGHT", what, "a part counted for nothing would mislead", "weigh each"))
    total: Expression = Lit(0.0, Type.NUMBER)
    for name in sorted(parts):
        part = parse_expression(parts[name], rows.shape.schema, params["thresholds"])
        if part.type not in (Type.INTEGER, Type.NUMBER):
            what = f"the part {name} of the score is {part.type}"
            raise PlanError(Problem("TYPE", what, "only numbers can be weighed", "derive a number"))
        number = call("number", part) if part.type is Type.INTEGER else part
        known = call("coalesce", number, Lit(0.0, Type.NUMBER))
        total = call("+", total, call("*", known, Lit(float(weights[name]), Type.NUMBER)))
    return total


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare))
