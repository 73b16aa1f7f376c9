"""pressure-forecast: how many attendances, spells or calls there will be in each month to come.

Events are counted by month and kind; each kind is carried on by exponential smoothing with trend and season
(Hyndman, Koehler, Ord and Snyder 2008). The fan is the error of the same method on months that are already
known, and beside it stands that of the seasonal naive forecast: the same month of the year before. The
statistics are in `forecasting.seasonal` and `forecasting.backtest`.

Yields the count by month with the fan, kind by kind, and the errors on known months.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..plan.expressions import Col, Lit, call
from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Derive, Filter, Group, Step
from .forecasting.pressure_report import EVERY, fit
from .forecasting.pressure_story import tell
from .registry import RECIPES

SIGNATURE = Signature(
    name="pressure-forecast",
    question="How many {events_as} will there be in each month to come?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("events", "one row an event"),),
    parameters=(
        Parameter("on", Takes.COLUMN, "the day of the event", True, of="events", types=(Type.DATE,)),
        Parameter("kind", Takes.COLUMN, "the kind of event", True, of="events", types=(Type.TEXT,)),
        Parameter("kinds", Takes.MAPPING, "kinds to forecast, each with its name in words", True),
        Parameter("from", Takes.DATE, "first day that is counted, of a month", True),
        Parameter("to", Takes.DATE, "last day that is counted, of a month", True),
        Parameter("months", Takes.INTEGER, "months ahead", default=12, least=1, most=24),
        Parameter(
            "origins", Takes.INTEGER, "known months tested at each step", default=12, least=6, most=36
        ),
        Parameter("events_as", Takes.TEXT, "the events in words", True),
    ),
    source="Hyndman, Koehler, Ord and Snyder 2008; Tashman 2000",
    figures=(
        Figure("error", "accuracy", "error", {"kind": EVERY}),
        Figure("better", "accuracy", "better", {"kind": EVERY}),
    ),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a kind, year and month: events."""
    day, kind = Col(params["on"], Type.DATE), Col(params["kind"], Type.TEXT)
    between = call(
        "and",
        call("<=", Lit(params["from"], Type.DATE), day),
        call("<=", day, Lit(params["to"], Type.DATE)),
        call("in", kind, *(Lit(name, Type.TEXT) for name in sorted(params["kinds"]))),
    )
    named = (("kind", kind), ("year", call("year", day)), ("month", call("month", day)))
    counted = Derive(Filter(inputs["events"], between), named)
    return Group(counted, ("kind", "year", "month"), (Aggregate("events", "rows"),))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
