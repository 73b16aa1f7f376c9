"""frequent-callers: who calls often, counted over all services together.

Calls of one unit (a person or a home) are summed "irrespective of which service it is" over rolling
windows. A unit is told of when its count reaches a limit in any window that ends by the day of the run.
Each limit is a setting: adults, children and communal addresses (care homes, hostels) have their own, and
calls from a communal address count for the address and never for a person. With one row a unit goes the
reason: which limit, how many calls, in how many services, and when the last was.

Method: threshold rules for frequent callers (Frequent Caller National Network; Braunstone Blues), counted
exactly over rolling windows.
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

_YES_NO = (Type.BOOLEAN,)


def _limit(name: str, what: str) -> Parameter:
    return Parameter(name, Takes.INTEGER, f"{what}; none where it is not counted so", least=2)


SIGNATURE = Signature(
    name="frequent-callers",
    question="Which {unit_as} call the emergency services often, whichever service it is?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(Input("calls", "one row a call to any of the services"),),
    parameters=(
        Parameter("unit", Takes.COLUMN, "whose calls are summed", True, of="calls", types=(Type.TEXT,)),
        Parameter("unit_as", Takes.TEXT, "the unit, in words", True),
        Parameter("on", Takes.COLUMN, "the day of the call", True, of="calls", types=(Type.DATE,)),
        Parameter(
            "service", Takes.COLUMN, "the service that was called", True, of="calls", types=(Type.TEXT,)
        ),
        Parameter("child", Takes.COLUMN, "whether the caller is a child", of="calls", types=_YES_NO),
        Parameter(
            "communal", Takes.COLUMN, "whether the address is communal", True, of="calls", types=_YES_NO
        ),
        Parameter("shows", Takes.COLUMNS, "what is told beside the reason", True, of="calls"),
        Parameter(
            "month_days", Takes.INTEGER, "days that a month counts as", default=30, least=28, most=31
        ),
        _limit("adult_month", "calls of an adult or home in a month"),
        _limit("adult_quarter", "calls of an adult or home in three months"),
        _limit("child_half_year", "calls of a child in six months"),
        _limit("communal_month", "calls from a communal address in a month"),
        Parameter("expires_days", Takes.INTEGER, "days after which a row lapses", default=90, least=1),
    ),
    fits=False,
    source="Frequent Caller National Network",
    gives=(
        Given(named_by="unit"),
        Given(named_by="shows"),
        Given("reason", Type.TEXT, Kind.SENSITIVE),
        Given("calls", Type.INTEGER, Kind.SENSITIVE),
        Given("services", Type.INTEGER, Kind.SENSITIVE),
        Given("last_call", Type.DATE, Kind.SENSITIVE),
        Given("lapses_on", Type.DATE),
    ),
    subject="unit",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
