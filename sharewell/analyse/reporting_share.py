"""reporting-share: how many of the incidents that one service treats does another service record?

A treated incident counts as recorded where the other service has one at the same place within `days` and,
if both give it, `hours`; nobody's identity is compared. Two incidents at one place and time would be
taken for one, so the share expected by chance alone is estimated by shifting the dates by whole weeks and
taken off. Wilson's interval (1927, JASA 22) for each share; groups by place type, time and means.

Method after Sutherland et al. 2021 (European Journal on Criminal Policy and Research 27), who set
ambulance beside police records. Yields one row a group: treated, recorded, share with interval, chance
share.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from ..plan.figure import Figure
from ..plan.finding import Finding
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Story, Takes
from ..plan.schema import Type
from ..plan.steps import Step
from .registry import RECIPES

_DAY, _TEXT, _WHOLE = (Type.DATE,), (Type.TEXT,), (Type.INTEGER,)

SIGNATURE = Signature(
    name="reporting-share",
    question="What share of {treated_as} is in {recorded_as}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("treated", "one row an incident of the service that treats"),
        Input("recorded", "one row an incident of the service that records"),
        Input("places", "one row a name of a place, with its code", optional=True),
    ),
    parameters=(
        Parameter("treated_on", Takes.COLUMN, "the day", True, of="treated", types=_DAY),
        Parameter("treated_hour", Takes.COLUMN, "the hour", of="treated", types=_WHOLE),
        Parameter("treated_at", Takes.COLUMN, "the place as described", True, of="treated", types=_TEXT),
        Parameter("by", Takes.COLUMNS, "columns that make groups", default=(), of="treated"),
        Parameter("recorded_on", Takes.COLUMN, "the day", True, of="recorded", types=_DAY),
        Parameter("recorded_hour", Takes.COLUMN, "the hour", of="recorded", types=_WHOLE),
        Parameter("recorded_at", Takes.COLUMN, "the place as described", True, of="recorded", types=_TEXT),
        Parameter("name", Takes.COLUMN, "the name that people give to a place", of="places", types=_TEXT),
        Parameter("venue", Takes.COLUMN, "the code of the place", of="places", types=_TEXT),
        Parameter(
            "days", Takes.INTEGER, "days between the two that may be one incident", True, least=0, most=7
        ),
        Parameter(
            "hours",
            Takes.INTEGER,
            "hours between the two that may be one incident",
            True,
            least=1,
            most=168,
        ),
        Parameter(
            "shifts", Takes.INTEGER, "shifts of the dates, to see what chance gives", default=50, least=10
        ),
        Parameter("treated_as", Takes.TEXT, "what is treated, in words", True),
        Parameter("recorded_as", Takes.TEXT, "what records are looked in, in words", True),
        Parameter(
            "promised", Takes.MAPPING, "the row that a benefit is promised of, by its columns", default={}
        ),
    ),
    source="Sutherland et al. 2021; Wilson 1927",
    figures=(Figure("share", "by-*", "share", {}, "low", "high", promised="promised"),),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident of either service: place, day, hour, and the groups of those treated."""
    from .places.placing import prepare_two

    return prepare_two(inputs, params)


def fit(table: pa.Table, params: Params) -> Finding:
    """The share overall and by group. FitError EMPTY, PLACE or SPAN."""
    from .places.reporting_report import fit_share

    return fit_share(table, params)


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """How much is recorded, from the checked tables."""
    from .places.reporting_report import tell_share

    return tell_share(tables, params)


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
