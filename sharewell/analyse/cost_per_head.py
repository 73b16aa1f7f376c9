"""cost-per-head: what was spent on each practice's people, by point of care, to the penny.

Costs are whole pence until the last division. Activity that belongs to nobody on a list stands in a row of
its own, so that assigned and unassigned together are the ledger. Standardised costs are direct, to the age
structure of all people (dos Santos Silva 1999, Cancer Epidemiology, ch. 4); control limits are those of a
funnel plot for means (Spiegelhalter 2005, Statistics in Medicine 24:1185).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ..plan.expressions import Col, Expression, Lit, call
from ..plan.finding import ALL
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Derive, Filter, Group, Join, Keep, Stack, Step
from .cost_report import NOBODY, UNKNOWN, fit, tell
from .registry import RECIPES

_TEXT = (Type.TEXT,)
_COLUMNS = ("practice", "band", "point_of_care", "contacts", "pence")

SIGNATURE = Signature(
    name="cost-per-head",
    question="What does care cost for each person registered, by practice and point of care?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("people", "one row a person registered with a practice"),
        Input("activity", "one row a contact, with its cost in whole pence"),
    ),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key", True, of="people", types=_TEXT),
        Parameter("practice", Takes.COLUMN, "the practice", True, of="people", types=_TEXT),
        Parameter("band", Takes.COLUMN, "the age band, to standardise by", True, of="people", types=_TEXT),
        Parameter("activity_of", Takes.COLUMN, "whose contact it was", True, of="activity", types=_TEXT),
        Parameter(
            "activity_on", Takes.COLUMN, "the day of the contact", True, of="activity", types=(Type.DATE,)
        ),
        Parameter("point_of_care", Takes.COLUMN, "the point of care", True, of="activity", types=_TEXT),
        Parameter(
            "cost", Takes.COLUMN, "the cost in whole pence", True, of="activity", types=(Type.INTEGER,)
        ),
        Parameter("year_from", Takes.DATE, "first day of the year counted", True),
        Parameter("year_to", Takes.DATE, "last day of the year counted", True),
        Parameter("denominator_on", Takes.DATE, "the day on which people were counted", True),
        Parameter("price_year", Takes.TEXT, "the year whose prices the costs are at", True),
    ),
    source="Spiegelhalter 2005",
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a person and point of care, one a person over all of them, and one a contact of nobody's.

    Columns practice, band, point_of_care ("All" for the person's total), contacts, pence; no key is kept.
    """
    day = Col(params["activity_on"], Type.DATE)
    year = call("and", call("<=", _day(params["year_from"]), day), call("<=", day, _day(params["year_to"])))
    of, place, cost = params["activity_of"], params["point_of_care"], Col(params["cost"], Type.INTEGER)
    person = params["person"]
    activity = Keep(Filter(inputs["activity"], year), (of, place, params["cost"]))
    people = Keep(inputs["people"], (person, params["practice"], params["band"]))
    mine = Join(activity, people, ((of, person),), how="semi")
    totals = (Aggregate("contacts", "rows"), Aggregate("pence", "sum", cost))
    whose = {"practice": _known(params["practice"], NOBODY), "band": _known(params["band"], UNKNOWN)}
    by_place = Join(Group(mine, (of, place), totals), people, ((of, person),))
    over_all = Join(people, Group(mine, (of,), totals), ((person, of),))
    lost = Join(activity, people, ((of, person),), how="anti")
    nobody: dict[str, Expression] = {
        "practice": _text(NOBODY),
        "band": _text(UNKNOWN),
        "contacts": Lit(1, Type.INTEGER),
    }
    pence = {"pence": _zero(cost)}
    return Stack(
        (
            _rows(by_place, {**whose, "point_of_care": _known(place, UNKNOWN), **_sums()}),
            _rows(over_all, {**whose, "point_of_care": _text(ALL), **_sums()}),
            _rows(lost, {**nobody, "point_of_care": _known(place, UNKNOWN), **pence}),
            _rows(lost, {**nobody, "point_of_care": _text(ALL), **pence}),
        )
    )


def _rows(of: Step, columns: dict[str, Expression]) -> Step:
    return Keep(Derive(of, tuple(columns.items())), _COLUMNS)


def _sums() -> dict[str, Expression]:
    return {name: _zero(Col(name, Type.INTEGER)) for name in ("contacts", "pence")}


def _zero(value: Expression) -> Expression:
    return call("coalesce", value, Lit(0, Type.INTEGER))


def _known(name: str, otherwise: str) -> Expression:
    return call("coalesce", Col(name, Type.TEXT), _text(otherwise))


def _text(value: str) -> Lit:
    return Lit(value, Type.TEXT)


def _day(value: dt.date) -> Lit:
    return Lit(value, Type.DATE)


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
