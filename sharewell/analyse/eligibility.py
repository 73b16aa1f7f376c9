"""eligibility: a rule over a person's or customer's fields, answered yes or no and nothing else.

The rule is an expression; thresholds are its parameters (`:name`), so that a changed threshold is a changed
agreement. A rule that cannot be decided, because a field is missing, is a no. A subject with several rows
is eligible if any of them is.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import PlanError, Problem
from ..plan.expressions import Col, Lit, call
from ..plan.forms import IDENTIFIABLE, YES_NO
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.sql import parse_expression
from ..plan.steps import Aggregate, Derive, Filter, Group, Keep, Step
from .registry import RECIPES

FLAG = "eligible"

SIGNATURE = Signature(
    name="eligibility",
    question="Which {subject} meet the rule?",
    needs=IDENTIFIABLE,
    yields=YES_NO,
    inputs=(Input("subjects", "one row or more a subject"),),
    parameters=(
        Parameter(
            "subject", Takes.COLUMN, "the reference by which the recipient knows them", True, of="subjects"
        ),
        Parameter("rule", Takes.EXPRESSION, "a yes/no expression over the fields", True, of="subjects"),
        Parameter("thresholds", Takes.MAPPING, "the values that the rule calls :name", default={}),
    ),
    fits=False,
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """Exactly two columns: the subject and `eligible`. PlanError TYPE where the rule is not a yes/no."""
    subjects = inputs["subjects"]
    subject, schema = params["subject"], subjects.shape.schema
    rule = parse_expression(params["rule"], schema, params["thresholds"])
    if rule.type is not Type.BOOLEAN:
        raise PlanError(
            Problem("TYPE", "the rule is not a yes/no", fix="compare its value with a threshold")
        )
    known = Filter(subjects, call("not", call("is_null", Col(subject, schema[subject].type))))
    decided = Derive(known, ((FLAG, call("coalesce", rule, Lit(False, Type.BOOLEAN))),))
    answer = Aggregate(FLAG, "any", Col(FLAG, Type.BOOLEAN))
    return Group(Keep(decided, (subject, FLAG)), (subject,), (answer,))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare))
