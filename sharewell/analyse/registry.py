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
        "sharewell.analyse.question",
        "sharewell.analyse.record_view",
        "sharewell.analyse.known_to",
        "sharewell.analyse.frequent_callers",
        "sharewell.analyse.alerts",
        "sharewell.analyse.risk_strata",
        "sharewell.analyse.outcome_groups",
        "sharewell.analyse.survival",
        "sharewell.analyse.matched_comparison",
        "sharewell.analyse.practice_weights",
        "sharewell.analyse.small_area_prediction",
        "sharewell.analyse.occupancy_review",
        "sharewell.analyse.ranked_list",
        "sharewell.analyse.within_person_rates",
        "sharewell.analyse.hot_spots",
        "sharewell.analyse.reporting_share",
        "sharewell.analyse.discrepancies",
        "sharewell.analyse.journeys",
        "sharewell.analyse.ward_forecast",
        "sharewell.analyse.association",
        "sharewell.analyse.pressure_forecast",
        "sharewell.analyse.family_eligibility",
        "sharewell.analyse.family_profile",
        "sharewell.analyse.progress",
        "sharewell.analyse.strategic_assessment",
        "sharewell.analyse.placed_incidents",
    ),
)
