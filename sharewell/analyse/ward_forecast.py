"""ward-forecast: how many people of an age there will be in each ward in the years to come.

People known on one day of each past year are counted by ward and single year of age; each cohort is carried
forward by the ratio at which wards have gained or lost people of that age (Hamilton and Perry 1962; Smith,
Tayman and Swanson 2013). The fan is the error of the same method on years that are already known, and
beside it stands that of the naive forecast: as many as there are now. Where birth is known to the month
alone, the day of the count should be a month's last: on any other some are a year older than they are. The
statistics are in `forecasting.cohorts` and `forecasting.backtest`.

Yields the count of all wards by year with the fan, one row a ward, and the errors on known years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from ..plan.expressions import Col, Expression, Lit, call, years_between
from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Derive, Group, Step
from .forecasting.ward_report import OVERALL, column_of, fit
from .forecasting.ward_story import tell
from .registry import RECIPES

_TEXT, _DAY = (Type.TEXT,), (Type.DATE,)

SIGNATURE = Signature(
    name="ward-forecast",
    question="How many people aged {from_age} to {to_age} will live in each {area}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("people", "one row a person and home, with when they were known to live there"),),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key, where rows repeat", of="people", types=_TEXT),
        Parameter("area", Takes.COLUMN, "where they live", True, of="people", types=_TEXT),
        Parameter("born", Takes.COLUMN, "birth, as near as it is known", True, of="people", types=_DAY),
        Parameter("since", Takes.COLUMN, "first day they are known there", True, of="people", types=_DAY),
        Parameter("until", Takes.COLUMN, "the day they had left, if they have", of="people", types=_DAY),
        Parameter("from_age", Takes.INTEGER, "youngest age", True, least=0, most=110),
        Parameter("to_age", Takes.INTEGER, "oldest age", True, least=0, most=110),
        Parameter("at", Takes.DATE, "the day of the last count", True),
        Parameter("years", Takes.INTEGER, "years ahead", True, least=1, most=10),
        Parameter("history", Takes.INTEGER, "years back that are counted", default=8, least=2, most=20),
    ),
    source="Hamilton and Perry 1962; Smith, Tayman and Swanson 2013; Tashman 2000",
    figures=(
        Figure("error", "accuracy", "error", {"ahead": OVERALL}, "error_low", "error_high"),
        Figure("better", "accuracy", "better", {"ahead": OVERALL}),
    ),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a ward: people on the day of the count in each year (y0 the earliest), by single year of
    age.
    """
    area = call("coalesce", Col(params["area"], Type.TEXT), Lit("Not known", Type.TEXT))
    labelled = Derive(inputs["people"], (("area", area),))
    return Group(labelled, ("area",), tuple(_counts(params)))


def _counts(params: Params) -> Iterator[Aggregate]:
    how = "distinct" if params["person"] else "rows"
    person = Col(params["person"], Type.TEXT) if params["person"] else None
    for year in range(params["history"] + 1):
        day = _years_before(params["at"], params["history"] - year)
        for age in range(params["from_age"], params["to_age"] + 1):
            yield Aggregate(column_of(year, age), how, person, where=_there(params, day, age))


def _there(params: Params, day: dt.date, age: int) -> Expression:
    """Known to live there on the day, and of that age."""
    on, born = Lit(day, Type.DATE), Col(params["born"], Type.DATE)
    aged = call("=", years_between(born, on), Lit(age, Type.INTEGER))
    there = [call("<=", Col(params["since"], Type.DATE), on), call("<=", born, on), aged]
    if params["until"]:
        until = Col(params["until"], Type.DATE)
        there.append(call("or", call("is_null", until), call("<", on, until)))
    return call("and", *there)


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day of an earlier year; the last of February has none each year."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
