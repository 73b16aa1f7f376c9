"""A row a person from the three spans of time of a matched cohort: history, intake, follow-up.

Relational, so that any engine can do it where the data lie; nobody's dates are in what comes out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from ...errors import PlanError, Problem
from ...plan.expressions import Col, Expression, Lit, Value, call
from ...plan.recipe import Params
from ...plan.schema import Type
from ...plan.steps import Aggregate, Derive, Group, Join, Keep, Stack, Step
from .methods import agreeing

_ALWAYS = ("person", "home", "linked", "records", "records_of", "treated", "excluded", "years")
RESERVED = frozenset((*_ALWAYS, "history", "outcome", "days", "early", "late", "placebo"))
"""What the prepared columns are called, so that no covariate may be."""
_SAMPLE: dict[Type, Value] = {Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False}


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a person: person, home, treated, excluded, history, outcome, covariates.

    Where they are declared also days to the first outcome, the history before and after the placebo's date
    (early, late), and placebo outcomes. Besides, a row with `linked` false for each record of the service
    that matches nobody, for the flow to count. PlanError with all that the settings ask for and
    do not name.
    """
    if problems := list(_faults(inputs, params)):
        raise PlanError(problems)
    joined = params["person"] if params["unit"] == "person" else params["home"]
    known = (*params["covariates"], *agreeing(params))
    homes = (params["home"],) if params["home"] else ()
    people = Keep(inputs["people"], tuple(dict.fromkeys((params["person"], joined, *homes, *known))))
    whole = Join(people, _given(inputs["given"], params), ((joined, params["given_to"]),))
    whole = Join(whole, _events(inputs["outcomes"], params), ((params["person"], params["outcome_of"]),))
    if "placebo" in inputs:
        placebo = _placebo(inputs["placebo"], params)
        whole = Join(whole, placebo, ((params["person"], params["placebo_of"]),))
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
        **_declared(inputs, params),
        **{name: Col(name, schema[name].type) for name in known},
    }
    linked = Keep(Derive(whole, tuple(found.items())), tuple(found))
    lost = Join(inputs["given"], Keep(people, (joined,)), ((params["given_to"], joined),), how="anti")
    intake = _intake(params)
    blank = {name: _null(linked.shape.schema[name].type) for name in found}
    blank["linked"], blank["treated"] = Lit(False, Type.BOOLEAN), intake
    blank["records"] = call("case", intake, _integer(1), _integer(0))
    return Stack((linked, Keep(Derive(lost, tuple(blank.items())), tuple(found))))


def _faults(inputs: Mapping[str, Step], params: Params) -> Iterator[Problem]:
    """What the settings ask for and do not name."""
    needed = {
        "home": (params["unit"] == "home", "a service given to a home needs the people's home"),
        "region": (params["pool"] == "regional", "a regional pool needs where people live"),
        **{
            name: ("placebo" in inputs, f"a placebo outcome needs {name}")
            for name in ("placebo_of", "placebo_on", "placebo_as")
        },
    }
    for name, (asked, what) in needed.items():
        if asked and params[name] is None:
            yield Problem("PARAMETER", what, fix=f"name `{name}`")
    if params["placebo_as"] is not None and "placebo" not in inputs:
        fix = "add `placebo:` under `tables:`"
        yield Problem("INPUT", "a placebo outcome is named and no table of it given", fix=fix)
    if taken := sorted(RESERVED.intersection((*params["covariates"], *agreeing(params)))):
        what = f"{', '.join(taken)} cannot be the name of a covariate"
        yield Problem(
            "COLUMN", what, "the recipe counts a column of that name", "derive it by another name"
        )
    day = params["placebo_date"]
    if day is not None and not params["history_from"] < day < params["intake_from"]:
        yield Problem(
            "PARAMETER", "the placebo's date is not within the history", fix="give a day inside it"
        )


def _declared(inputs: Mapping[str, Step], params: Params) -> dict[str, Expression]:
    """Further columns of a person, each only where the settings ask for it."""
    found: dict[str, Expression] = {}
    if params["time"]:
        since = call("days_between", _day(params["follow_from"]), Col("first after", Type.DATE))
        found["days"] = call("+", since, _integer(1))
    if params["placebo_date"]:
        found |= {"early": _count("events early"), "late": _count("events late")}
    if "placebo" in inputs:
        found["placebo"] = _count("placebo events")
    return found


def _placebo(events: Step, params: Params) -> Step:
    """How many placebo events each person had in follow-up."""
    after = _within(params, "placebo_on", params["follow_from"], params["follow_to"])
    return Group(events, (params["placebo_of"],), (Aggregate("placebo events", "rows", where=after),))


def _given(given: Step, params: Params) -> Step:
    """How often each person or home was given the service in the intake, and otherwise up to the end."""
    intake = _intake(params)
    by_end = call("<=", Col(params["given_on"], Type.DATE), _day(params["follow_to"]))
    other = call("and", call("not", intake), by_end)
    counts = (
        Aggregate("given in intake", "rows", where=intake),
        Aggregate("given elsewhere", "rows", where=other),
    )
    return Group(given, (params["given_to"],), counts)


def _events(outcomes: Step, params: Params) -> Step:
    """How many events each person had in the history and in follow-up."""
    start, end, day = params["history_from"], _before(params["intake_from"]), params["outcome_on"]
    after = _within(params, "outcome_on", params["follow_from"], params["follow_to"])
    counts = [
        Aggregate("events before", "rows", where=_within(params, "outcome_on", start, end)),
        Aggregate("events after", "rows", where=after),
    ]
    if params["time"]:
        counts.append(Aggregate("first after", "least", Col(day, Type.DATE), where=after))
    if cut := params["placebo_date"]:
        early = _within(params, "outcome_on", start, _before(cut))
        late = _within(params, "outcome_on", cut, end)
        counts += [
            Aggregate("events early", "rows", where=early),
            Aggregate("events late", "rows", where=late),
        ]
    return Group(outcomes, (params["outcome_of"],), tuple(counts))


def _intake(params: Params) -> Expression:
    return _within(params, "given_on", params["intake_from"], _before(params["follow_from"]))


def _within(params: Params, column: str, first: dt.date, last: dt.date) -> Expression:
    """From the day `first` to the day `last`, both counted."""
    day = Col(params[column], Type.DATE)
    return call("and", call("<=", _day(first), day), call("<=", day, _day(last)))


def _before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=1)


def _day(value: dt.date) -> Lit:
    return Lit(value, Type.DATE)


def _integer(value: int) -> Lit:
    return Lit(value, Type.INTEGER)


def _count(name: str) -> Expression:
    return call("coalesce", Col(name, Type.INTEGER), _integer(0))


def _null(kind: Type) -> Expression:
    """The language has no null constant: a case that never applies is one."""
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))
