"""The recipes that an agreement may name, one module each."""

from __future__ import annotations

from ..plan.recipe import Recipe
from ..registry import Registry

RECIPES: Registry[Recipe] = Registry(
    "analyse",
    "recipe",
    (
        "sharewell.analyse.matched_cohort",
        "sharewell.analyse.cost_per_head",
        "sharewell.analyse.needs_gap",
        "sharewell.analyse.eligibility",
    ),
)
