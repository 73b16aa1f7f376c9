"""matched-cohort: did people who were given a service use less (or more) of another than similar people?

Three fixed spans of time: *history* (before, to match on), *intake* (who was given the service),
*follow-up* (what is counted). Being given it at any other time excludes a person from both arms. Propensity
score, greedy nearest-neighbour matching, rate ratio with clustered errors: see `propensity`, `matching`,
`rates`. Design after Stuart 2010 (Statistical Science 25:1) and the Justice Data Lab (Ministry of Justice
2013).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ..errors import PlanError, Problem
from ..plan.expressions import Col, Expression, Lit, Value, call
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Derive, Group, Join, Keep, Stack, Step
from .comparison.matching import ORDERS, TIES
from .comparison.report import fit
from .comparison.story import tell
from .registry import RECIPES

_KEY, _DAY = (Type.TEXT,), (Type.DATE,)
_FIT = (
    Parameter(
        "ratio", Takes.INTEGER, "comparison people for each treated person", default=3, least=1, most=10
    ),
    Parameter("caliper", Takes.NUMBER, "widest distance, in standard deviations of the score", least=0.001),
    Parameter("replace", Takes.BOOLEAN, "use a comparison person more than once", default=False),
    Parameter("order", Takes.TEXT, "who chooses first, by score", default="largest", choices=ORDERS),
    Parameter("tie", Takes.TEXT, "whom to take of equally near people", default="first", choices=TIES),
    Parameter(
        "distance", Takes.TEXT, "the scale of the score", default="logit", choices=("logit", "propensity")
    ),
    Parameter(
        "missing",
        Takes.TEXT,
        "people with a missing covariate",
        default="indicator",
        choices=("indicator", "drop"),
    ),
    Parameter("curves", Takes.BOOLEAN, "let a number enter with its square", default=True),
    Parameter("adjust", Takes.BOOLEAN, "adjust the ratio for the covariates after matching", default=True),
    Parameter("least", Takes.INTEGER, "fewest treated people", default=60, least=10),
    Parameter("seed", Takes.INTEGER, "for random order and ties", default=0, least=0),
    Parameter(
        "false_links",
        Takes.NUMBER,
        "share of wrong links, for sensitivity",
        default=0.002,
        least=0,
        most=0.5,
    ),
    Parameter(
        "missed_links",
        Takes.NUMBER,
        "share of missed links, for sensitivity",
        default=0.01,
        least=0,
        most=0.5,
    ),
    Parameter("given_as", Takes.TEXT, "what was given, in words", required=True),
    Parameter("outcome_as", Takes.TEXT, "what is counted, in words", required=True),
    Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen"),
)

SIGNATURE = Signature(
    name="matched-cohort",
    question="Do people who had {given_as} have more or fewer {outcome_as} than people like them?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("people", "one row a person"),
        Input("given", "one row each time the service was given to a person or home"),
        Input("outcomes", "one row an event"),
    ),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key", True, of="people", types=_KEY),
        Parameter(
            "home",
            Takes.COLUMN,
            "the home's key: people in one home are not independent",
            of="people",
            types=_KEY,
        ),
        Parameter(
            "covariates",
            Takes.COLUMNS,
            "what is known beforehand and may differ between the arms",
            True,
            of="people",
            types=(Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN),
        ),
        Parameter(
            "exact",
            Takes.COLUMNS,
            "columns on which matches must agree",
            default=(),
            of="people",
            types=(Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN),
        ),
        Parameter(
            "given_to", Takes.COLUMN, "whom or which home it was given to", True, of="given", types=_KEY
        ),
        Parameter("given_on", Takes.COLUMN, "the day it was given", True, of="given", types=_DAY),
        Parameter(
            "unit",
            Takes.TEXT,
            "whether it is given to a person or a home",
            default="person",
            choices=("person", "home"),
        ),
        Parameter("outcome_of", Takes.COLUMN, "whose event it was", True, of="outcomes", types=_KEY),
        Parameter("outcome_on", Takes.COLUMN, "the day of the event", True, of="outcomes", types=_DAY),
        Parameter("history_from", Takes.DATE, "first day of the history", True),
        Parameter(
            "intake_from", Takes.DATE, "first day of the intake; the history ends the day before", True
        ),
        Parameter(
            "follow_from", Takes.DATE, "first day of follow-up; the intake ends the day before", True
        ),
        Parameter("follow_to", Takes.DATE, "last day of follow-up", True),
        *_FIT,
    ),
    source="Stuart 2010; Ho, Imai, King and Stuart 2007; VanderWeele and Ding 2017",
)

_SAMPLE: dict[Type, Value] = {Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False}


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a person: person, home, treated, excluded, history, outcome, covariates.

    Besides, a row with `linked` false for each record of the service that matches nobody, for the flow to
    count.
    """
    joined = params["person"] if params["unit"] == "person" else params["home"]
    if joined is None:
        raise PlanError(
            Problem("PARAMETER", "a service given to a home needs the people's home", fix="name `home`")
        )
    known = (*params["covariates"], *params["exact"])
    homes = (params["home"],) if params["home"] else ()
    people = Keep(inputs["people"], tuple(dict.fromkeys((params["person"], joined, *homes, *known))))
    whole = Join(people, _given(inputs["given"], params), ((joined, params["given_to"]),))
    whole = Join(whole, _events(inputs["outcomes"], params), ((params["person"], params["outcome_of"]),))
    schema = people.shape.schema
    found: dict[str, Expression] = {
        "person": Col(params["person"], Type.TEXT),
        **({"home": Col(params["home"], Type.TEXT)} if params["home"] else {}),
        "linked": Lit(True, Type.BOOLEAN),
        "records": _count("given in intake"),
        "records_of": Col(joined, Type.TEXT),
        "treated": call("<", _integer(0), _count("given in intake")),
        "excluded": call("<", _integer(0), _count("given elsewhere")),
        "history": _count("events before"),
        "outcome": _count("events after"),
        **{name: Col(name, schema[name].type) for name in known},
    }
    linked = Keep(Derive(whole, tuple(found.items())), tuple(found))
    lost = Join(inputs["given"], Keep(people, (joined,)), ((params["given_to"], joined),), how="anti")
    intake = _within(params, "given_on", "intake_from", "follow_from")
    blank = {name: _null(linked.shape.schema[name].type) for name in found}
    blank["linked"], blank["treated"] = Lit(False, Type.BOOLEAN), intake
    blank["records"] = call("case", intake, _integer(1), _integer(0))
    return Stack((linked, Keep(Derive(lost, tuple(blank.items())), tuple(found))))


def _given(given: Step, params: Params) -> Step:
    """How often each person or home was given the service in the intake, and otherwise up to the end."""
    intake = _within(params, "given_on", "intake_from", "follow_from")
    by_end = call("<=", Col(params["given_on"], Type.DATE), _day(params["follow_to"]))
    other = call("and", call("not", intake), by_end)
    counts = (
        Aggregate("given in intake", "rows", where=intake),
        Aggregate("given elsewhere", "rows", where=other),
    )
    return Group(given, (params["given_to"],), counts)


def _events(outcomes: Step, params: Params) -> Step:
    """How many events each person had in the history and in follow-up."""
    before = _within(params, "outcome_on", "history_from", "intake_from")
    after = _within(params, "outcome_on", "follow_from", "follow_to", closed=True)
    counts = (
        Aggregate("events before", "rows", where=before),
        Aggregate("events after", "rows", where=after),
    )
    return Group(outcomes, (params["outcome_of"],), counts)


def _within(params: Params, column: str, first: str, last: str, closed: bool = False) -> Expression:
    """From the day `first` to the day before `last`, or with `closed` to `last` itself."""
    day = Col(params[column], Type.DATE)
    end = params[last] if closed else params[last] - dt.timedelta(days=1)
    return call("and", call("<=", _day(params[first]), day), call("<=", day, _day(end)))


def _day(value: dt.date) -> Lit:
    return Lit(value, Type.DATE)


def _integer(value: int) -> Lit:
    return Lit(value, Type.INTEGER)


def _count(name: str) -> Expression:
    return call("coalesce", Col(name, Type.INTEGER), _integer(0))


def _null(kind: Type) -> Expression:
    """The language has no null constant: a case that never applies is one."""
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
